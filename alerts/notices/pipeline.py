"""How notices become messages. The list below is the whole of it, in order.

The meaning of grouping, inhibition, silences, deduplication and repeats is Alertmanager's (a case stands for an alert, its
answer or closing for `resolved`), with a route per level in the place of labels; tests/unit/alerts/grouping.yaml holds the
comparison. What is inhibited, silenced or out of hours waits, and is told when that ends, unless it is over by then.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from msgspec.structs import replace as changed

from alerts.notices.address import messages
from alerts.notices.plan import Inhibition, Route, is_quiet, next_digest
from alerts.notices.scene import Bundle, Heard, Scene, Settled, said
from alerts.notices.words import OPEN, RESOLVING
from core.records import Case, Notice, Silence

Step = Callable[[Sequence[Bundle], Scene, Settled], list[Bundle]]
"""Takes bundles, hands on those that are to be told, and settles or holds the others with its own name as the reason."""

GRAVEST_WAIT = timedelta(days=30)
"""A notice that waited so long (a silence for ever) is dropped."""


def inhibit(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Hold what a graver or wider open case speaks for."""
    kept = []
    for bundle in bundles:
        quiet = [n for n in bundle.notices if inhibitor_of(scene.cases.get(n.case or ""), scene) is not None]
        settled.hold(quiet, "inhibited")
        kept.append(_without(bundle, quiet))
    return _left(kept)


def silence(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Hold what somebody has silenced for a time."""
    now = running(scene)
    kept = []
    for bundle in bundles:
        quiet = [n for n in bundle.notices if any(silences(s, n, scene.cases.get(n.case or "")) for s in now)]
        settled.hold(quiet, "silenced")
        kept.append(_without(bundle, quiet))
    return _left(kept)


def quiet_hours(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Hold everything at night but the gravest level and what may not wait."""
    quiet = scene.plan.quiet
    if not is_quiet(quiet, scene.now, scene.people.zone):
        return list(bundles)
    kept = []
    for bundle in bundles:
        loud = quiet.but_events
        held = [n for n in bundle.notices if _level(n, scene) not in quiet.but_levels and n.event not in loud]
        settled.hold(held, "quiet_hours")
        kept.append(_without(bundle, held))
    return _left(kept)


def over_before_told(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Drop what is over before anybody was told of it: its beginning and its end cancel each other out."""
    kept = []
    for bundle in bundles:
        heard = scene.heard.get(bundle.group)
        told = set(heard.firing) if heard else set()
        over = _ended(bundle.notices) - told
        gone = [n for n in bundle.notices if n.case is not None and n.case in over]
        settled.drop(gone, "over_before_told", scene.now)
        kept.append(_without(bundle, gone))
    return _left(kept)


def wait(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Hold a group until its time: the first wait, the next step of its interval, or the next digest."""
    kept = []
    for bundle in bundles:
        if due(bundle, scene) <= scene.now or not bundle.notices:
            kept.append(bundle)
        else:
            settled.hold(bundle.notices, "digest" if bundle.route.digest else "group_wait")
    return kept


def deduplicate(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Drop what the group has heard already; name the reason for telling the rest. News stand for a reminder due."""
    kept = []
    for bundle in bundles:
        heard = scene.heard.get(bundle.group)
        fresh: list[Notice] = []
        again: list[Notice] = []
        seen = {(case, one) for case, told in (heard.firing if heard else {}).items() for one in told}
        for notice in bundle.notices:
            what = (notice.case or notice.id, said(notice))
            (again if what in seen else fresh).append(notice)
            seen.add(what)
        settled.drop(again, "said_before", scene.now)
        if fresh or not bundle.notices:
            kept.append(replace(bundle, notices=tuple(fresh), why=why_now(heard, fresh)))
    news = {bundle.group for bundle in kept if bundle.notices}
    return [bundle for bundle in kept if bundle.notices or bundle.group not in news]


def why_now(heard: Heard | None, fresh: Sequence[Notice]) -> str:
    """Why a group is told now, in the words of Alertmanager's `needsUpdate`."""
    if not fresh:
        return "repeat"
    if heard is None:
        return "first"
    ended = _ended(fresh)
    if ended and len(ended) == len({n.case for n in fresh}):
        return "all_clear" if set(heard.firing) <= ended else "resolved"
    return "new_in_group" if any(n.case not in heard.firing for n in fresh) else "changed"


def deliver(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Write the messages, for each channel what concerns it, put off where the channel takes no more just now."""
    kept = []
    for bundle in bundles:
        made = messages(bundle, scene, settled)
        if made or not bundle.notices:
            settled.tell(bundle, made, scene.now)
            kept.append(bundle)
        else:
            settled.drop(bundle.notices, "no_channel", scene.now)
    return kept


def record(bundles: Sequence[Bundle], scene: Scene, settled: Settled) -> list[Bundle]:
    """Remember what each group has been told."""
    for bundle in bundles:
        settled.heard[bundle.jurisdiction, bundle.group] = _remembered(bundle, scene)
    over = {case for bundle in bundles for case in _ended(bundle.notices)}
    told = {bundle.group for bundle in bundles}
    for group, heard in scene.heard.items():
        left = {case: said for case, said in heard.firing.items() if case not in over}
        if group not in told and len(left) < len(heard.firing):
            settled.heard[heard.jurisdiction, group] = changed(heard, firing=left) if left else None
    return list(bundles)


PIPELINE: tuple[Step, ...] = (
    inhibit,
    silence,
    quiet_hours,
    over_before_told,
    wait,
    deduplicate,
    deliver,
    record,
)


def dispatch(waiting: Sequence[Notice], scene: Scene) -> Settled:
    """One round over all that waits, and over groups that are to be told again."""
    settled = Settled()
    stale = [n for n in waiting if scene.now - n.at > GRAVEST_WAIT]
    settled.drop(stale, "too_old", scene.now)
    bundles = [*group([n for n in waiting if n not in stale], scene), *repeats(scene)]
    for step in PIPELINE:
        bundles = step(bundles, scene, settled)
    return settled


def group(notices: Sequence[Notice], scene: Scene) -> list[Bundle]:
    """Notices in the groups of their routes, oldest first."""
    keyed = [(_key(n, scene), n) for n in sorted(notices, key=lambda n: (n.at, n.id))]
    ordered = sorted(keyed, key=lambda pair: pair[0][0])
    made = []
    for key, pairs in groupby(ordered, key=lambda pair: pair[0][0]):
        together = list(pairs)
        route = together[0][0][1]
        made.append(Bundle(key, together[0][1].jurisdiction, route, tuple(n for _, n in together)))
    return made


def repeats(scene: Scene) -> list[Bundle]:
    """Groups in which nobody has taken up what was told, once their time to repeat has come."""
    made = []
    routes = {route.id: route for route in scene.plan.routes}
    for key, heard in scene.heard.items():
        route = routes.get(key.partition(" ")[0])
        if route is None or not route.repeat_s or scene.now < heard.told_at + timedelta(seconds=route.repeat_s):
            continue
        untaken = [scene.cases[c] for c in heard.firing if c in scene.cases and scene.cases[c].state is OPEN[0]]
        if untaken:
            made.append(Bundle(key, untaken[0].jurisdiction, route, (), "repeat"))
    return made


def _ended(notices: Sequence[Notice]) -> set[str | None]:
    """Cases of which the last that is said is that they are over."""
    last = {n.case: n.event for n in notices}
    return {case for case, event in last.items() if event in RESOLVING}


def _level(notice: Notice, scene: Scene) -> int:
    """The level to tell it by: the case may have become graver since."""
    case = scene.cases.get(notice.case or "")
    return notice.level if case is None else min(notice.level, case.level)


def _key(notice: Notice, scene: Scene) -> tuple[str, Route]:
    """Where the notice belongs. A case stays in the group in which it was told first, so that its end is heard there too."""
    case = scene.cases.get(notice.case or "")
    if notice.event in RESOLVING:
        told = [(key, h.firing[notice.case]) for key, h in scene.heard.items() if notice.case in h.firing]
        told.sort(key=lambda pair: not any(one.startswith("case.opened") for one in pair[1]))
        for key, _ in told:
            routes = {route.id: route for route in scene.plan.routes}
            return key, routes.get(key.partition(" ")[0], scene.plan.routes[-1])
    route = scene.plan.route(notice.event, _level(notice, scene))
    values = {
        "case": notice.case or notice.id,
        "event": notice.event,
        "unit": notice.unit or "",
        "jurisdiction": notice.jurisdiction,
        "level": str(notice.level),
        "domain": case.domain if case else "",
        "place": (case.place if case else "") or "",
    }
    return " ".join([route.id, *(values[label] for label in route.group_by)]), route


def due(bundle: Bundle, scene: Scene) -> datetime:
    """When the oldest notice of the bundle may be told."""
    first = min((n.at for n in bundle.notices), default=scene.now)
    route, heard = bundle.route, scene.heard.get(bundle.group)
    if route.digest:
        return next_digest(route, first, scene.people.zone)
    if heard is None or not heard.firing:
        return first + timedelta(seconds=route.wait_s)
    if not route.interval_s:
        return first
    step = timedelta(seconds=route.interval_s)
    passed = max(1, -((heard.began - first) // step))
    return heard.began + passed * step


def _remembered(bundle: Bundle, scene: Scene) -> Heard | None:
    """What the group knows after this message; None when nothing is going on in it any more."""
    before = scene.heard.get(bundle.group)
    alive = before is not None and bool(before.firing)
    firing = dict(before.firing) if before else {}
    for notice in bundle.notices:
        if notice.case is None:
            continue
        if notice.event in RESOLVING:
            firing.pop(notice.case, None)
        else:
            firing[notice.case] = (*firing.get(notice.case, ()), said(notice))
    if not firing:
        return None
    began = before.began if before is not None and alive else scene.now
    if before is not None:
        return changed(before, began=began, told_at=scene.now, firing=firing)
    return Heard(jurisdiction=bundle.jurisdiction, began=began, told_at=scene.now, firing=firing)


def inhibitor_of(case: Case | None, scene: Scene) -> Case | None:
    """The open case that speaks for this one, if any."""
    if case is None:
        return None
    for rule in scene.plan.inhibit:
        for other in scene.open_cases:
            if other.id != case.id and other.state in OPEN and _speaks_for(other, case, rule):
                return other
    return None


def _speaks_for(other: Case, case: Case, rule: Inhibition) -> bool:
    if any(getattr(other, label, None) != getattr(case, label, None) for label in rule.same):
        return False
    if not rule.parts_of_place:
        return other.level < case.level
    if rule.not_graver and case.level < other.level:
        return False
    return bool(other.place and case.place and case.place != other.place and case.place.startswith(other.place))


def running(scene: Scene) -> list[Silence]:
    """The silences that hold at the scene's time."""
    return [one for one in scene.silences if one.since <= scene.now < one.until]


def silences(one: Silence, notice: Notice, case: Case | None) -> bool:
    """Whether all that the silence names fits the notice and its case."""
    place = (case.place if case else None) or notice.jurisdiction
    named = (
        (one.jurisdiction, notice.jurisdiction == one.jurisdiction),
        (one.cases, notice.case in one.cases),
        (one.units, notice.unit in one.units),
        (one.levels, notice.level in one.levels),
        (one.domains, case is not None and case.domain in one.domains),
        (one.places, place.startswith(one.places)),
    )
    return all(fits for wanted, fits in named if wanted)


def _without(bundle: Bundle, notices: Sequence[Notice]) -> Bundle | None:
    """The bundle without these; None when they were all it had."""
    if not notices:
        return bundle
    gone = {n.id for n in notices}
    left = tuple(n for n in bundle.notices if n.id not in gone)
    return replace(bundle, notices=left) if left else None


def _left(bundles: Sequence[Bundle | None]) -> list[Bundle]:
    return [bundle for bundle in bundles if bundle is not None]
