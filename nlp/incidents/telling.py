"""What the posts of an incident tell beyond its figures: how it began, how feelings moved, who speaks for it, what is unsure.

Nothing is judged true or false: a claim that is doubted, denied, or told with other figures is 'unverified', for a person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from core.ports import Bucket
from core.records import AnalysedPost

_DENIED = re.compile(
    r"辟谣|谣言|不实|(?<!真的)假的|假消息|并非|没有的事|不属实|澄清|rumou?r|hoax|fake|not true|debunk", re.IGNORECASE
)
_DOUBTED = re.compile(
    r"真的吗|真的假的|是真的|真假|求证|求证实|有没有官方|听说|据说|网传|传言|疑似|is it true|unconfirmed|allegedly",
    re.IGNORECASE,
)
_COUNT = re.compile(r"(\d{1,7})\s*([人名例起死伤户栋米吨辆]|people|dead|killed|injured)", re.IGNORECASE)
_SHARE = 0.1
_LEAST = 2
_DIFFERENT = 0.6


@dataclass(frozen=True, slots=True)
class Signal:
    """Why a claim is unverified: `denied`, `doubted` or `figures_differ`; how many posts say so, and some of them."""

    code: str
    posts: int
    examples: tuple[str, ...]
    figures: tuple[str, ...] = ()


def signals(posts: Sequence[AnalysedPost]) -> list[Signal]:
    """The signals among distinct posts; a denial or doubt needs two posts and a tenth of all."""
    found = []
    for code, words in (("denied", _DENIED), ("doubted", _DOUBTED)):
        said = [post.id for post in posts if words.search(post.search)]
        if len(said) >= max(_LEAST, _SHARE * len(posts)):
            found.append(Signal(code, len(said), tuple(said[:3])))
    return found + _differing(posts)


def _differing(posts: Sequence[AnalysedPost]) -> list[Signal]:
    """Figures of one kind of which two different ones are each said by two posts or more."""
    told: dict[str, dict[str, list[str]]] = {}
    for post in posts:
        for figure, unit in set(_COUNT.findall(post.search)):
            told.setdefault(unit.lower(), {}).setdefault(figure.lstrip("0") or "0", []).append(post.id)
    found = []
    for unit, figures in sorted(told.items()):
        repeated = {figure: ids for figure, ids in figures.items() if len(ids) >= _LEAST}
        if len(repeated) > 1:
            ids = [id_ for own in repeated.values() for id_ in own]
            said = tuple(f"{figure} {unit}" for figure in sorted(repeated, key=int))
            found.append(Signal("figures_differ", len(set(ids)), tuple(dict.fromkeys(ids))[:3], said))
    return found


def negative_shares(hours: Sequence[Bucket]) -> tuple[float, float] | None:
    """Share of negative posts in the earlier and the later half of all, cut where hours meet; None where none can be told.

    That is below four posts, or when all came within one hour of the clock.
    """
    total = sum(hour.posts for hour in hours)
    if len(hours) < 2 or total < 2 * _LEAST:
        return None
    ordered = sorted(hours, key=lambda hour: hour.at)
    before = list(accumulate(hour.posts for hour in ordered))
    cut = min(range(1, len(ordered)), key=lambda place: abs(2 * before[place - 1] - total))
    early, late = (
        sum(hour.negative for hour in half) / sum(hour.posts for hour in half)
        for half in (ordered[:cut], ordered[cut:])
    )
    return round(early, 3), round(late, 3)


def representatives(posts: Iterable[AnalysedPost], count: int) -> list[AnalysedPost]:
    """The first posts in the order given of which none says nearly what one before it says (pairs of characters, 0.6)."""
    chosen: list[tuple[AnalysedPost, set[str]]] = []
    for post in posts:
        pairs = {post.search[place : place + 2] for place in range(len(post.search) - 1)}
        if all(len(pairs & other) <= _DIFFERENT * min(len(pairs), len(other)) for _, other in chosen):
            chosen.append((post, pairs))
        if len(chosen) == count:
            break
    return [post for post, _ in chosen]
