"""Who gets a bundle by which channel, in which words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.notices import tokens
from alerts.notices.scene import Bundle, Scene, Settled
from alerts.notices.words import OPEN, about, listed, title_of
from core.clock import derived_id
from core.records import Case, Channel, Delivery, Notice

PLATFORMS = ("wecom", "dingtalk", "mobile", "feishu")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a message to people. `text` is everything but the title and the links; who cannot make its own form of
    it sends all of them one after the other. `mentions` are names by platform.
    """

    title: str
    text: str
    link: str = ""
    ack: str = ""
    mentions: dict[str, tuple[str, ...]] = {}


def messages(bundle: Bundle, scene: Scene, settled: Settled) -> list[Delivery]:
    """One message per channel that the bundle concerns; the same bundle makes the same ids."""
    made = []
    for channel in scene.channels:
        mine = _mine(bundle, channel, scene)
        if mine:
            addressed = _addressed(mine, channel, scene)
            made.append(_message(bundle, channel, _words(bundle, mine, addressed, channel, scene), scene, settled))
    return made


def _mine(bundle: Bundle, channel: Channel, scene: Scene) -> list[tuple[Notice, Case | None]]:
    """Of the bundle's notices those that concern the channel, each with its case."""
    notices: Sequence[Notice] = bundle.notices or _again(bundle, scene)
    pairs = [(n, scene.cases.get(n.case or "")) for n in notices]
    return [(n, case) for n, case in pairs if channel.enabled and _concerned(channel, n, case, scene)]


def _again(bundle: Bundle, scene: Scene) -> list[Notice]:
    """What a group was told and nobody has taken up, as notices of now."""
    untaken = [scene.cases[c] for c in scene.heard[bundle.group].firing if c in scene.cases]
    return [
        Notice(
            id=derived_id("repeat", case.id, scene.now.isoformat()),
            event="case.opened",
            at=scene.now,
            jurisdiction=case.jurisdiction,
            level=case.level,
            case=case.id,
            unit=case.unit,
            why="仍未确认",
        )
        for case in untaken
        if case.state is OPEN[0]
    ]


def _concerned(channel: Channel, notice: Notice, case: Case | None, scene: Scene) -> bool:
    if channel.member is not None:
        duty = scene.people.on_duty(notice.unit, scene.now) if case is not None else ()
        return channel.member in notice.members or channel.member in duty
    units = {notice.unit, *((*case.support, *case.supervisors) if case else ())} | {
        scene.people.members[m].unit for m in notice.members if m in scene.people.members
    }
    level = _level_for(channel, case) if case else notice.level
    return (not channel.units or bool(units.intersection(channel.units))) and level in channel.levels


def _level_for(channel: Channel, case: Case) -> int:
    """The case's level, or that which the channel's units gave it by rules of their own."""
    return min((case.audiences[unit] for unit in channel.units if unit in case.audiences), default=case.level)


def _addressed(mine: Sequence[tuple[Notice, Case | None]], channel: Channel, scene: Scene) -> tuple[str, ...]:
    """Members who are meant: those whom the notices name, else those on duty of the units."""
    named = [m for n, _ in mine for m in n.members]
    duty = [m for n, case in mine if case is not None for m in scene.people.on_duty(n.unit, scene.now)]
    found = dict.fromkeys(named or duty)
    return (channel.member,) if channel.member is not None else tuple(m for m in found if m in scene.people.members)


def _words(
    bundle: Bundle,
    mine: Sequence[tuple[Notice, Case | None]],
    addressed: tuple[str, ...],
    channel: Channel,
    scene: Scene,
) -> Words:
    names = [scene.people.members[m].name for m in addressed if m in scene.people.members]
    duty = [f"值班：{'、'.join(names)}"] if names else []
    of_cases = [(n, case) for n, case in mine if case is not None]
    mentions = _mentions(addressed, scene)
    if not of_cases:
        texts = [line for n, _ in mine for line in (n.title, n.text) if line][1:]
        return Words(title=mine[0][0].title, text="\n".join([*texts, *duty]), link=scene.link, mentions=mentions)
    if len({case.id for _, case in of_cases}) == 1:
        notice, case = of_cases[-1]
        why = "；".join(dict.fromkeys(n.why for n, _ in of_cases if n.why and n.who != "system"))
        more = [title_of(n.event, case) for n, _ in of_cases[:-1]]
        return Words(
            title=title_of(notice.event, case),
            text="\n".join(
                [*more, *about(case, why or (notice.why if notice.event == "case.escalated" else "")), *duty]
            ),
            link=f"{scene.link}/#/incidents/{case.incident}",
            ack=_ack(case, addressed, channel, scene),
            mentions=mentions,
        )
    title = f"【{len({case.id for _, case in of_cases})} 个事件】"
    lines = listed(of_cases, len(of_cases))
    return Words(title=title, text="\n".join([*lines, *duty]), link=f"{scene.link}/#/cases", mentions=mentions)


def _ack(case: Case, addressed: tuple[str, ...], channel: Channel, scene: Scene) -> str:
    """The link by which this receiver takes the case up; none where nobody is asked to."""
    if case.state is not OPEN[0] or not scene.key or not scene.link:
        return ""
    only = scene.people.members.get(addressed[0]) if len(addressed) == 1 else None
    who = only.name if only else channel.name
    token = tokens.issue(scene.key, case.id, who, scene.now, scene.plan.ack_hours)
    return f"{scene.link}/api/v1/acknowledge/{token}"


def _mentions(addressed: tuple[str, ...], scene: Scene) -> dict[str, tuple[str, ...]]:
    handles: list[Mapping[str, str]] = [scene.people.members[m].handles for m in addressed if m in scene.people.members]
    found = {p: tuple(dict.fromkeys(h[p] for h in handles if h.get(p))) for p in PLATFORMS}
    return {platform: names for platform, names in found.items() if names}


def _message(bundle: Bundle, channel: Channel, words: Words, scene: Scene, settled: Settled) -> Delivery:
    first = bundle.notices[0] if bundle.notices else None
    parts = [n.id for n in bundle.notices] or [scene.heard[bundle.group].told_at.isoformat()]
    return Delivery(
        id="msg_" + derived_id("message", bundle.group, channel.id, *parts),
        kind="person",
        target=channel.id,
        event=first.event if first else "case.opened",
        body=msgspec.json.encode(words).decode(),
        created_at=scene.now,
        next_at=_free_at(channel.id, scene, settled),
    )


def _free_at(channel: str, scene: Scene, settled: Settled) -> datetime:
    """When the channel takes one more message; that time is taken by this call."""
    throttle = scene.plan.throttle
    span = timedelta(seconds=throttle.in_s)
    lately = [at for at in settled.sent.get(channel, scene.sent.get(channel, ())) if at > scene.now - span]
    at = scene.now if len(lately) < throttle.messages else max(scene.now, sorted(lately)[-throttle.messages] + span)
    settled.sent[channel] = (*lately, at)
    return at
