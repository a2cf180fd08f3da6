"""Which rule an incident meets, with the reason of every yes and every no."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts.concerns import concerned, listed, spoken_of
from alerts.policy import Conditions, Policy, Rule
from core.records import UNSURE, Incident, Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gravest rule that matched, its level, and why; `failed` has the first reason against each rule that did not.

    `audiences` has the level of each unit whose own rules matched; these decide the case's level only where no other does.
    """

    rule: str | None
    level: int | None
    reasons: tuple[Reason, ...]
    failed: dict[str, Reason]
    audiences: dict[str, int] = field(default_factory=dict)


class Checked(NamedTuple):
    """Whether a condition holds, and the reason of that."""

    name: str
    holds: bool
    reason: Reason


def judge(incident: Incident, policy: Policy, ease: float = 1.0) -> Verdict:
    """Try every rule; the gravest level wins, among equals the first in the file.

    `ease` is the share of every threshold that has to be met: below one, whether the incident nearly meets a rule.
    """
    matched: list[tuple[Rule, tuple[Reason, ...]]] = []
    failed: dict[str, Reason] = {}
    for rule in policy.rules:
        reasons: list[Reason] = []
        for checked in conditions(rule, incident, policy, ease):
            if not checked.holds:
                failed[rule.id] = checked.reason
                break
            reasons.append(checked.reason)
        else:
            matched.append((rule, tuple(reasons)))
    if not matched:
        return Verdict(None, None, (), failed)
    matched.sort(key=lambda m: m[0].level)
    audiences = {rule.audience: rule.level for rule, _ in reversed(matched) if rule.audience}
    rule, reasons_ = next((m for m in matched if not m[0].audience), matched[0])
    return Verdict(rule.id, rule.level, reasons_, failed, audiences)


def conditions(rule: Rule, incident: Incident, policy: Policy, ease: float = 1.0) -> Iterator[Checked]:
    """What a rule asks, each with whether it holds and why; all must."""
    yield from _asked(rule.id, rule, incident, policy, ease)
    if rule.any_of:
        ways = [list(_asked(rule.id, way, incident, policy, ease)) for way in rule.any_of]
        met = next((n for n, way in enumerate(ways, 1) if all(one.holds for one in way)), 0)
        facts: dict[str, str | int | float] = {"rule": rule.id, "way": met}
        yield Checked("any_of", met > 0, Reason(code="rule.any_of" if met else "rule.none_met", facts=facts))
    for number, way in enumerate(rule.none_of, 1):
        met_all = all(one.holds for one in _asked(rule.id, way, incident, policy, ease))
        yield Checked("none_of", not met_all, Reason(code="rule.none_of", facts={"rule": rule.id, "way": number}))


def _asked(rule: str, asked: Conditions, incident: Incident, policy: Policy, ease: float) -> Iterator[Checked]:
    yield from _measures(rule, asked, incident, ease)
    yield from _matters(rule, asked, incident)
    if asked.reasons:
        given = next((one.code for one in incident.reasons if one.code in asked.reasons), "")
        yield Checked("reasons", bool(given), Reason(code="rule.reasons", facts={"rule": rule, "raised": given}))
    if asked.concerns or asked.lists:
        yield from _areas(rule, asked, incident, policy)


def negative_share(incident: Incident) -> float:
    """Share of the incident's judged posts that are negative; those of which the models are unsure are not judged."""
    judged = sum(posts for answer, posts in incident.sentiment.items() if answer != UNSURE)
    return incident.sentiment.get("negative", 0) / judged if judged else 0.0


_MEASURED: tuple[tuple[str, str, str, Callable[[Incident], float], float], ...] = tuple(
    (f"min_{name}", name, f"rule.{name}", measure, neutral)
    for name, measure, neutral in (
        ("posts", lambda i: i.posts, 1),
        ("authors", lambda i: i.authors, 1),
        ("copies", lambda i: i.copies, 1),
        ("sources", lambda i: len(i.sources), 1),
        ("heat", lambda i: i.heat, 0),
        ("speed", lambda i: i.speed, 0),
        ("ratio", lambda i: i.speed / max(i.baseline, 0.01), 0),
        ("burst", lambda i: i.burst, 0),
        ("negative", negative_share, 0),
        ("risk", lambda i: i.risk.score, 0),
    )
)
"""The thresholds that may be asked for, the measure of an incident behind each, and the threshold that asks nothing."""


def _measures(rule: str, asked: Conditions, incident: Incident, ease: float) -> Iterator[Checked]:
    for threshold, name, code, measure, neutral in _MEASURED:
        least = getattr(asked, threshold)
        if least > neutral or (name == "posts" and isinstance(asked, Rule)):
            value = measure(incident)
            facts = {"rule": rule, "value": round(value, 2), "threshold": least}
            yield Checked(name, value >= least * ease, Reason(code=code, facts=facts))


def _matters(rule: str, asked: Conditions, incident: Incident) -> Iterator[Checked]:
    def said(name: str, holds: bool, fact: str, value: str) -> Checked:
        return Checked(name, holds, Reason(code=f"rule.{name}", facts={"rule": rule, fact: value}))

    if asked.risks:
        word = next((hit.word for hit in incident.risk.hits if hit.category in asked.risks), "")
        yield said("risks", bool(word), "word", word)
    if asked.words or asked.without:
        spoken = spoken_of(incident).text
        if asked.words:
            found = _within(asked.words, spoken)
            yield said("words", bool(found), "word", found)
        if asked.without:
            excluded = _within(asked.without, spoken)
            yield said("without", not excluded, "word", excluded)
    if asked.domains:
        yield said("domains", incident.domain in asked.domains, "domain", incident.domain)
    if asked.places:
        named = next((p.name for p in incident.places for code in asked.places if p.code.startswith(code)), "")
        yield said("places", bool(named), "place", named)
    if asked.from_sources:
        source = next((s for s in incident.sources if s in asked.from_sources), "")
        yield said("from_sources", bool(source), "source", source)
    if asked.jurisdictions:
        here = any(incident.jurisdiction.startswith(code) for code in asked.jurisdictions)
        yield said("jurisdictions", here, "jurisdiction", incident.jurisdiction)


def _areas(rule: str, asked: Conditions, incident: Incident, policy: Policy) -> Iterator[Checked]:
    """One of the areas of concern, and one of the watch lists."""
    spoken = spoken_of(incident)
    for name, ids, found in (
        ("concerns", asked.concerns, [concerned(c, spoken) for c in policy.concerns if c.id in asked.concerns]),
        ("lists", asked.lists, [listed(w, spoken) for w in policy.lists if w.id in asked.lists]),
    ):
        if ids:
            yield _one_of(rule, name, found)


def _one_of(rule: str, name: str, found: Sequence[tuple[bool, Reason]]) -> Checked:
    holds, reason = next((one for one in found if one[0]), found[0] if found else (False, Reason(code=f"{name}.gone")))
    return Checked(name, holds, Reason(code=reason.code, facts={"rule": rule, **reason.facts}))


def _within(words: Sequence[str], text: str) -> str:
    return next((word for word in words if word in text), "")
