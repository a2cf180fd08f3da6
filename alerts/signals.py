"""Signals: rules over the posts of a search in a window of time, as ElastAlert 2 knows them, silence among them.

`heard` is a pure function of posts: those of the window that ends now, and those of the reference time before it. Its answer
has a reason for every yes and every no. docs/signals.md has an example of each kind.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum
from statistics import fmean
from typing import Literal, NamedTuple

from msgspec import Struct

from alerts.absence import LEAST_WEEKS, WEEK, absence, bar, same_hours
from alerts.concerns import Concern, WatchList, concerned, listed, spoken_by
from alerts.fields import Field, Measure, Search, matches, measured, values_of
from alerts.limits import natural
from core.records import AnalysedPost, Reason


class Signal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule over posts. `window` and `reference` are limits as clocks have them (`1h`, `7d`).

    `search` names a saved search or is one; `concern` keeps only posts of an area of concern, `watch_list` those of a watch
    list. What each kind reads of the rest stands in docs/signals.md.
    """

    id: str
    name: dict[str, str]
    level: int
    source: str
    kind: Literal[
        "any",
        "blacklist",
        "whitelist",
        "change",
        "frequency",
        "spike",
        "flatline",
        "silence",
        "new_term",
        "cardinality",
        "metric",
        "percentage",
        "spike_aggregation",
    ]
    jurisdiction: str
    search: Search | str = Search()
    concern: str = ""
    watch_list: str = ""
    window: str = "1h"
    reference: str = "24h"
    key: Field | None = None
    field: Field = "source"
    values: tuple[str, ...] = ()
    measure: Measure = "reach"
    how: Literal["mean", "sum", "min", "max"] = "mean"
    share_of: Search | None = None
    least: float | None = None
    most: float | None = None
    height: float = 3.0
    way: Literal["up", "down", "both"] = "up"
    min_posts: int = 1

    def __post_init__(self) -> None:
        """A signal that could never be judged is refused wherever it is read."""
        if natural(self.reference) < natural(self.window):
            raise ValueError("the reference time is shorter than the window")
        if not self.jurisdiction.isdecimal():
            raise ValueError("a signal is for one jurisdiction: its code of 2 to 12 digits")
        if self.kind in ("blacklist", "whitelist") and not self.values:
            raise ValueError(f"a {self.kind} needs values")
        if self.kind == "percentage" and self.share_of is None:
            raise ValueError("a percentage needs share_of")
        if self.kind in ("cardinality", "metric", "percentage") and self.least is None and self.most is None:
            raise ValueError(f"a {self.kind} needs least or most")
        if "word" in (self.field, self.key) and not self.values:
            raise ValueError("a signal on words needs values: the words")
        if self.kind == "silence" and self.weeks < LEAST_WEEKS:
            raise ValueError(f"a silence needs a reference of {LEAST_WEEKS} weeks or more")
        if self.kind == "silence" and natural(self.window) > WEEK:
            raise ValueError("the window of a silence is a week at most")

    @property
    def weeks(self) -> int:
        """Whole weeks of the reference time."""
        return natural(self.reference) // WEEK


HOUR = timedelta(hours=1)
SHOWN = 50


class Listened(NamedTuple):
    """The posts by which a signal is judged.

    Of a silence those of the last `stretch` of every span that it compares (None: of all of it). So many more posts are
    `waiting` to be understood: only what would be a silence with all of them is one.
    """

    posts: Sequence[AnalysedPost]
    stretch: timedelta | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """Whether the signal holds, why or why not, and for which value of its key.

    `posts` are those of the window, or of its last `stretch` where no more was looked at; where posts are missing, `earlier`
    are some that were there before. Both newest first.
    """

    holds: bool
    reason: Reason
    key: str = ""
    posts: tuple[AnalysedPost, ...] = ()
    earlier: tuple[AnalysedPost, ...] = ()
    stretch: timedelta | None = None

    @property
    def examples(self) -> tuple[AnalysedPost, ...]:
        """Posts that show it."""
        return (*self.posts[:SHOWN], *self.earlier)[:SHOWN]


Group = tuple[str, list[AnalysedPost], list[AnalysedPost]]
"""A value of the key with its posts of the window and of the reference time."""
Said = tuple[bool, str, dict[str, str | int | float]]


def of_interest(
    signal: Signal, posts: Sequence[AnalysedPost], concerns: Sequence[Concern], lists: Sequence[WatchList]
) -> list[AnalysedPost]:
    """Those of the search's posts that are of the signal's area of concern and watch list."""
    area = [one for one in concerns if one.id == signal.concern]
    watched = [one for one in lists if one.id == signal.watch_list]
    return [
        post
        for post in posts
        if all(concerned(one, spoken_by(post))[0] for one in area)
        and all(listed(one, spoken_by(post))[0] for one in watched)
    ]


def heard(signal: Signal, told: Listened, now: datetime, false_a_day: float) -> list[Heard]:
    """One answer, or one for each value of the key; those that hold first.

    Of a silence business as usual makes at most `false_a_day` false ones a day, all values of the key together.
    """
    posts = told.posts
    if signal.kind == "silence":
        return sorted(_silences(signal, told, now, false_a_day), key=lambda one: not one.holds)
    since = now - natural(signal.window)
    old = [post for post in posts if since - natural(signal.reference) <= post.at < since]
    new = [post for post in posts if since <= post.at < now]
    judged = [_judged(signal, *group) for group in _groups(signal, new, old)]
    if not judged:
        judged = [_judged(signal, "", [], [])]
    return sorted(judged, key=lambda one: not one.holds)


def _silences(signal: Signal, told: Listened, now: datetime, false_a_day: float) -> Iterator[Heard]:
    """Whether there were fewer posts up to the last full hour than in the same hours of the weeks before."""
    window = natural(signal.window)
    hours = (window if told.stretch is None else told.stretch) / HOUR
    spans = same_hours(now, window, signal.weeks)
    groups = _by_key(signal, told.posts)
    counts = {key: [sum(begin <= p.at < end for p in own) for begin, end in spans] for key, own in groups.items()}
    keys = sorted(key for key, count in counts.items() if any(count)) or [""]
    least = bar(false_a_day, len(keys))
    for key in keys:
        number, *before = counts.get(key, [0] * len(spans))
        found = absence(number + told.waiting, before)
        facts: dict[str, str | int | float] = {
            "signal": signal.id, **({"key": key} if key else {}), "posts": number, "usual": round(found.usual, 1),
            "hours": round(hours, 1), "weeks": signal.weeks, "score": round(found.score, 1),
        }  # fmt: skip
        (since, until), *_ = spans
        own = groups.get(key, [])
        new, old = [p for p in own if since <= p.at < until], [p for p in own if p.at < since]
        holds = found.score > 0 and found.score >= least
        reason = Reason(code="signal.silence", facts=facts)
        yield Heard(holds, reason, key, _newest(new), _newest(old)[:SHOWN], told.stretch)


def _groups(signal: Signal, new: list[AnalysedPost], old: list[AnalysedPost]) -> Iterator[Group]:
    now_, then = _by_key(signal, new), _by_key(signal, old)
    for value in sorted({*now_, *then}):
        yield value, now_.get(value, []), then.get(value, [])


def _by_key(signal: Signal, posts: Sequence[AnalysedPost]) -> dict[str, list[AnalysedPost]]:
    """The posts of every value of the key; all under an empty one where there is no key."""
    if signal.key is None:
        return {"": list(posts)}
    groups: dict[str, list[AnalysedPost]] = defaultdict(list)
    for post in posts:
        for value in values_of(post, signal.key, signal.values):
            groups[value].append(post)
    return groups


def _judged(signal: Signal, key: str, new: list[AnalysedPost], old: list[AnalysedPost]) -> Heard:
    holds, code, facts = _KINDS[signal.kind](signal, new, old)
    told = {"signal": signal.id, **({"key": key} if key else {}), **facts}
    earlier = () if new else _newest(old)[:SHOWN]
    return Heard(holds, Reason(code=f"signal.{code}", facts=told), key, _newest(new), earlier)


def _newest(posts: Sequence[AnalysedPost]) -> tuple[AnalysedPost, ...]:
    return tuple(sorted(posts, key=lambda post: (post.at, post.id), reverse=True))


def _any(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    return bool(new), "any", {"posts": len(new)}


def _blacklist(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    found = Counter(value for post in new for value in _seen(signal, post) if value in signal.values)
    value, posts = found.most_common(1)[0] if found else ("", 0)
    return bool(found), "blacklist", {"value": value, "posts": posts}


def _whitelist(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    found = Counter(value for post in new for value in values_of(post, signal.field) if value not in signal.values)
    value, posts = found.most_common(1)[0] if found else ("", 0)
    return bool(found), "whitelist", {"value": value, "posts": posts}


def _change(signal: Signal, new: list[AnalysedPost], old: list[AnalysedPost]) -> Said:
    """The value that most posts have is another one than before."""
    before, after = (_leading(signal, posts) for posts in (old, new))
    enough = min(len(new), len(old)) >= signal.min_posts
    return bool(enough and before and after and before != after), "change", {"from": before, "to": after}


def _leading(signal: Signal, posts: list[AnalysedPost]) -> str:
    found = Counter(value for post in posts for value in _seen(signal, post))
    return min(found, key=lambda value: (-found[value], value)) if found else ""


def _frequency(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    least = signal.least if signal.least is not None else 1
    return len(new) >= least, "frequency", {"posts": len(new), "least": least}


def _spike(signal: Signal, new: list[AnalysedPost], old: list[AnalysedPost]) -> Said:
    return _rose(signal, float(len(new)), len(old) / _spans(signal), "spike", enough=max(len(new), len(old)))


def _spike_aggregation(signal: Signal, new: list[AnalysedPost], old: list[AnalysedPost]) -> Said:
    now_, then = (_figure(signal, posts) for posts in (new, old))
    spans = _spans(signal) if signal.how == "sum" else 1
    return _rose(signal, now_, then / spans, "spike_aggregation", enough=min(len(new), len(old)))


def _spans(signal: Signal) -> float:
    """How many windows the reference time holds."""
    return natural(signal.reference) / natural(signal.window)


def _rose(signal: Signal, now_: float, then: float, code: str, enough: int) -> Said:
    facts: dict[str, str | int | float] = {
        "now": round(now_, 2), "before": round(then, 2), "height": signal.height, "posts": enough,
    }  # fmt: skip
    up = now_ > 0 and now_ >= signal.height * then
    down = then > 0 and now_ * signal.height <= then
    moved = {"up": up, "down": down, "both": up or down}[signal.way]
    return moved and enough >= signal.min_posts, code, facts


def _flatline(signal: Signal, new: list[AnalysedPost], old: list[AnalysedPost]) -> Said:
    """Fewer than usual is no news where nothing was usual: the reference time must hold `min_posts`."""
    least = signal.least if signal.least is not None else 1
    return len(new) < least and len(old) >= signal.min_posts, "flatline", {
        "posts": len(new), "least": least, "before": len(old),
    }  # fmt: skip


def _new_term(signal: Signal, new: list[AnalysedPost], old: list[AnalysedPost]) -> Said:
    known = {value for post in old for value in _seen(signal, post)}
    found = Counter(value for post in new for value in _seen(signal, post) if value not in known)
    value, posts = found.most_common(1)[0] if found else ("", 0)
    return posts >= signal.min_posts, "new_term", {"value": value, "posts": posts}


def _cardinality(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    number = len({value for post in new for value in _seen(signal, post)})
    return _outside(signal, number), "cardinality", {"values": number, **_bounds(signal)}


def _metric(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    if len(new) < signal.min_posts:
        return False, "too_few", {"posts": len(new), "least": signal.min_posts}
    value = _figure(signal, new)
    return _outside(signal, value), "metric", {"value": round(value, 3), **_bounds(signal)}


def _percentage(signal: Signal, new: list[AnalysedPost], _: list[AnalysedPost]) -> Said:
    if len(new) < signal.min_posts:
        return False, "too_few", {"posts": len(new), "least": signal.min_posts}
    part = signal.share_of or Search()
    share = sum(matches(part, post) for post in new) / max(len(new), 1)
    return _outside(signal, share), "percentage", {"share": round(share, 3), "posts": len(new), **_bounds(signal)}


def _figure(signal: Signal, posts: list[AnalysedPost]) -> float:
    figures = [measured(post, signal.measure) for post in posts]
    return _HOW[signal.how](figures) if figures else 0.0


_HOW: dict[str, Callable[[list[float]], float]] = {"mean": fmean, "sum": fsum, "min": min, "max": max}


def _outside(signal: Signal, value: float) -> bool:
    below = signal.least is not None and value < signal.least
    return below or (signal.most is not None and value > signal.most)


def _bounds(signal: Signal) -> Mapping[str, float]:
    bounds = {"least": signal.least, "most": signal.most}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _seen(signal: Signal, post: AnalysedPost) -> tuple[str, ...]:
    return values_of(post, signal.field, signal.values)


_KINDS: dict[str, Callable[[Signal, list[AnalysedPost], list[AnalysedPost]], Said]] = {
    "any": _any,
    "blacklist": _blacklist,
    "whitelist": _whitelist,
    "change": _change,
    "frequency": _frequency,
    "spike": _spike,
    "flatline": _flatline,
    "new_term": _new_term,
    "cardinality": _cardinality,
    "metric": _metric,
    "percentage": _percentage,
    "spike_aggregation": _spike_aggregation,
}
