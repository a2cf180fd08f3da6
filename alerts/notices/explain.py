"""What each step of the pipeline decides of a notice, for people who ask why they were told, or were not. Tells nobody."""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

from alerts.notices.pipeline import PIPELINE, due, group, inhibitor_of, running, silences
from alerts.notices.scene import Bundle, Scene, Settled
from core.records import Notice, NoticeState

Facts = dict[str, str | int | float]
Verdict = Literal["passes", "holds", "drops"]


class Decided(Struct, frozen=True, kw_only=True):
    """What a step decided, and on what. `reason` is the step's own word where it held or dropped the notice."""

    step: str
    verdict: Verdict
    reason: str = ""
    facts: Facts = {}


class Explained(Struct, frozen=True, kw_only=True):
    """A notice and what the steps decide of it, in order, up to the one that keeps it back."""

    notice: Notice
    steps: list[Decided]


def explained(mine: Sequence[Notice], waiting: Sequence[Notice], scene: Scene) -> list[Explained]:
    """Of each of these, which are among `waiting`, what is decided when the steps look at the scene's time."""
    ids = {one.id for one in mine}
    bundles = [one for one in group(waiting, scene) if ids.intersection(n.id for n in one.notices)]
    steps: dict[str, list[Decided]] = {}
    for notice, bundle in _with(mine, bundles):
        steps[notice.id] = [Decided(step="group", verdict="passes", facts=_together(bundle))]
    settled = Settled()
    for step in PIPELINE:
        before, name = _with(mine, bundles), step.__name__
        bundles = step(bundles, scene, settled)
        for notice, bundle in before:
            facts = _FACTS[name](notice, bundle, scene, settled) if name in _FACTS else {}
            steps[notice.id].append(_decided(name, notice, settled, facts))
    return [Explained(notice=one, steps=steps[one.id]) for one in mine]


def _with(mine: Sequence[Notice], bundles: Sequence[Bundle]) -> list[tuple[Notice, Bundle]]:
    """Those that are still on their way, each with what it is told together with."""
    found = {notice.id: bundle for bundle in bundles for notice in bundle.notices}
    return [(one, found[one.id]) for one in mine if one.id in found]


def _decided(step: str, notice: Notice, settled: Settled, facts: Facts) -> Decided:
    if notice.id in settled.held:
        return Decided(step=step, verdict="holds", reason=settled.held[notice.id], facts=facts)
    dropped = [n for n in settled.notices if n.id == notice.id and n.state is NoticeState.DROPPED]
    if dropped:
        return Decided(step=step, verdict="drops", reason=dropped[0].reason, facts=facts)
    return Decided(step=step, verdict="passes", facts=facts)


def _together(bundle: Bundle) -> Facts:
    return {"route": bundle.route.id, "group": bundle.group, "notices": len(bundle.notices)}


def _inhibited(notice: Notice, bundle: Bundle, scene: Scene, settled: Settled) -> Facts:
    other = inhibitor_of(scene.cases.get(notice.case or ""), scene)
    return {"case": other.id} if other is not None else {}


def _silenced(notice: Notice, bundle: Bundle, scene: Scene, settled: Settled) -> Facts:
    case = scene.cases.get(notice.case or "")
    fitting = [one for one in running(scene) if silences(one, notice, case)]
    last = max(fitting, key=lambda one: one.until, default=None)
    return {"silence": last.id, "who": last.who, "why": last.why, "until": last.until.isoformat()} if last else {}


def _quiet(notice: Notice, bundle: Bundle, scene: Scene, settled: Settled) -> Facts:
    return {"since": scene.plan.quiet.since, "until": scene.plan.quiet.until} if notice.id in settled.held else {}


def _waits(notice: Notice, bundle: Bundle, scene: Scene, settled: Settled) -> Facts:
    return {"until": due(bundle, scene).isoformat()}


def _sent(notice: Notice, bundle: Bundle, scene: Scene, settled: Settled) -> Facts:
    """To whom, why now, and until when the slowest channel puts it off."""
    told = next((n for n in settled.notices if n.id == notice.id and n.state is NoticeState.TOLD), None)
    made = [one for one in settled.deliveries if told is not None and one.id in told.deliveries]
    if told is None or not made:
        return {}
    names = {channel.id: channel.name for channel in scene.channels}
    said: Facts = {"why": told.reason, "channels": "、".join(names[one.target] for one in made)}
    last = max(one.next_at for one in made)
    return said | ({"throttled_until": last.isoformat()} if last > scene.now else {})


_FACTS: dict[str, Callable[[Notice, Bundle, Scene, Settled], Facts]] = {
    "inhibit": _inhibited,
    "silence": _silenced,
    "quiet_hours": _quiet,
    "wait": _waits,
    "deliver": _sent,
}
