"""Which rule an incident meets, with the reason of every yes."""

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.policy import Policy, Rule
from core.records import UNSURE, Incident, Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gravest rule that matched, its level, and why; `failed` names the first condition of each rule that did not."""

    rule: str | None
    level: int | None
    reasons: tuple[Reason, ...]
    failed: dict[str, str]


def judge(incident: Incident, policy: Policy) -> Verdict:
    """Try every rule; the gravest level wins, among equals the first in the file."""
    matched: list[tuple[Rule, tuple[Reason, ...]]] = []
    failed: dict[str, str] = {}
    for rule in policy.rules:
        reasons: list[Reason] = []
        for name, holds, reason in _conditions(rule, incident):
            if not holds:
                failed[rule.id] = name
                break
            reasons.append(reason)
        else:
            matched.append((rule, tuple(reasons)))
    if not matched:
        return Verdict(None, None, (), failed)
    rule, reasons_ = min(matched, key=lambda m: m[0].level)
    return Verdict(rule.id, rule.level, reasons_, failed)


Condition = tuple[str, bool, Reason]


def _conditions(rule: Rule, incident: Incident) -> Iterator[Condition]:
    """The conditions that a rule makes, each with its name, whether it holds, and the reason it would give."""
    yield from _measures(rule, incident)
    yield from _matters(rule, incident)


def _measures(rule: Rule, incident: Incident) -> Iterator[Condition]:
    measured: tuple[tuple[str, float, float, float], ...] = (
        ("posts", incident.posts, rule.min_posts, 1),
        ("authors", incident.authors, rule.min_authors, 1),
        ("heat", incident.heat, rule.min_heat, 0),
        ("burst", incident.burst, rule.min_burst, 0),
        ("negative", negative_share(incident), rule.min_negative, 0),
        ("risk", incident.risk.score, rule.min_risk, 0),
    )
    for name, value, least, neutral in measured:
        if least > neutral or name == "posts":
            facts = {"value": round(value, 2), "threshold": least}
            yield name, value >= least, Reason(code=f"rule.{name}", facts={"rule": rule.id, **facts})


def _matters(rule: Rule, incident: Incident) -> Iterator[Condition]:
    if rule.risks:
        hits = [hit for hit in incident.risk.hits if hit.category in rule.risks]
        word = hits[0].word if hits else ""
        yield "risks", bool(hits), Reason(code="rule.risks", facts={"rule": rule.id, "word": word})
    spoken = " ".join([incident.title, *(term.text for term in incident.terms)])
    if rule.words:
        found = next((word for word in rule.words if word in spoken), "")
        yield "words", bool(found), Reason(code="rule.words", facts={"rule": rule.id, "word": found})
    if rule.without:
        excluded = any(word in spoken for word in rule.without)
        yield "without", not excluded, Reason(code="rule.without", facts={"rule": rule.id})
    if rule.domains:
        fits = incident.domain in rule.domains
        yield "domains", fits, Reason(code="rule.domains", facts={"rule": rule.id, "domain": incident.domain})
    if rule.places:
        named = next((p.name for p in incident.places for code in rule.places if p.code.startswith(code)), "")
        yield "places", bool(named), Reason(code="rule.places", facts={"rule": rule.id, "place": named})


def negative_share(incident: Incident) -> float:
    """Share of the incident's judged posts that are negative; those of which the models are unsure are not judged."""
    judged = sum(posts for answer, posts in incident.sentiment.items() if answer != UNSURE)
    return incident.sentiment.get("negative", 0) / judged if judged else 0.0
