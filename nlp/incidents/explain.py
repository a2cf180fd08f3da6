"""What a person is told of a cluster: why it is an incident, and the record with its figures."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.records import Incident, Passage, PlaceCount, Reason, Risk, RiskHit, Why
from nlp.incidents.burst import SHARE_POSTS, WINDOWS_H, surprise
from nlp.incidents.cluster import HOUR, Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.features import Bytes
from nlp.incidents.heat import heat, negative_share, speed
from nlp.incidents.rising import LEAST_DAYS, Rise
from nlp.incidents.voices import SERIES_H
from nlp.incidents.wording import terms, titles

_PLACES = 8
_EXAMPLES = 5


# --- figures ---------------------------------------------------------------------------------------------------------


class Burst(NamedTuple):
    """`score` of the posts of the last `hours` clock hours, `posts`, against those `usual` in an hour."""

    score: float
    usual: float
    hours: int
    posts: int


def burst(cluster: Cluster) -> Burst:
    """The sharpest burst over the windows of `nlp.incidents.burst`.

    Usual is the jurisdiction's expected number of posts times the cluster's share of them so far, which starts from a
    prior (`nlp.incidents.burst`).
    """
    return max((_burst(cluster, window) for window in range(len(WINDOWS_H))), key=lambda one: one.score)


def _burst(cluster: Cluster, window: int) -> Burst:
    hours, expected, hour = WINDOWS_H[window], cluster.usual[window], int(cluster.touched // HOUR)
    recent = cluster.posts_within(hour - hours + 1, hour)
    shape = SHARE_POSTS + max(0, cluster.heard + min(cluster.copies - cluster.posts, cluster.heard) - recent)
    of = cluster.prior + max(0.0, cluster.touched_total - cluster.born_total - expected)
    return Burst(surprise(recent, shape, expected / of), cluster.expected * shape / of, hours, recent)


def reasons(cluster: Cluster, config: DetectorConfig) -> tuple[Reason, ...]:
    """Why this is an incident, or would be if it had posts and authors enough; empty for no reason."""
    found = []
    sharpest = burst(cluster)
    if sharpest.score >= config.burst_score(cluster.per_day):
        found.append(_burst_reason(cluster, sharpest))
    if is_rising(cluster, config):
        found.append(_rising_reason(cluster.rise))
    if cluster.heard >= config.volume_posts:
        found.append(Reason(code=Why.VOLUME, facts={"posts": cluster.posts, "authors": cluster.authors}))
    if cluster.risk >= config.risk_score:
        counting = cluster.counting_risks.items()
        category, risk = max(counting, key=lambda item: (item[1].weight, item[1].posts, item[0]))
        found.append(Reason(code=Why.RISK, facts={"word": risk.word, "category": category, "posts": risk.posts}))
    if len(cluster.sources) >= config.spread_sources:
        found.append(Reason(code=Why.SPREAD, facts={"sources": len(cluster.sources)}))
    return tuple(found)


def _burst_reason(cluster: Cluster, sharpest: Burst) -> Reason:
    facts: dict[str, str | int | float] = {
        "posts_last_hour": round(speed(cluster), 1),
        "baseline": round(sharpest.usual, 3),
        "score": round(sharpest.score, 1),
        "hours": sharpest.hours,
        "posts": sharpest.posts,
    }
    return Reason(code=Why.BURST, facts=facts)


def is_rising(cluster: Cluster, config: DetectorConfig) -> bool:
    """Whether it has risen for days above what it was."""
    rise = cluster.rise
    is_slow = rise.days >= LEAST_DAYS and rise.before >= config.min_posts
    return is_slow and rise.score >= config.rising_score(cluster.per_day)


def _rising_reason(rise: Rise) -> Reason:
    facts: dict[str, str | int | float] = {
        "posts": rise.posts,
        "days": round(rise.days),
        "usual": round(rise.usual, 1),
        "score": round(rise.score, 1),
    }
    return Reason(code=Why.RISING, facts=facts)


def is_incident(cluster: Cluster, config: DetectorConfig) -> bool:
    """Whether it should be raised: enough posts by enough authors, and a reason; much talk alone only if of concern.

    Of an author three posts are heard. Of two, the other must say more than one thing: one author and a bystander are none.
    """
    if cluster.heard < 2 or cluster.authors < config.min_authors:
        return False
    if cluster.risk >= config.grave_risk:
        return True
    if cluster.heard < config.min_posts or (cluster.authors == 2 and cluster.heard_of_others < 2):
        return False
    if cluster.risk >= config.risk_score or _is_sharp(cluster, config):
        return True
    return cluster.is_of_concern and bool(reasons(cluster, config))


def _is_sharp(cluster: Cluster, config: DetectorConfig) -> bool:
    """Whether so many posts came within the hour that it is an incident whatever it is about; a slow rise is not."""
    return _burst(cluster, 0).score >= config.burst_score(cluster.per_day) + config.sharp


# --- the record ------------------------------------------------------------------------------------------------------


def records(clusters: Sequence[Cluster], jurisdiction: str, config: DetectorConfig, table: Bytes) -> list[Incident]:
    """The incident of each raised cluster, as of its last post."""
    return [
        _record(cluster, title, jurisdiction, config, table)
        for cluster, title in zip(clusters, titles(clusters, table), strict=True)
    ]


def _record(cluster: Cluster, title: str, jurisdiction: str, config: DetectorConfig, table: Bytes) -> Incident:
    sharpest = burst(cluster)
    found = list(reasons(cluster, config))
    share = negative_share(cluster)
    if share >= 0.5:
        found.append(Reason(code=Why.NEGATIVE, facts={"share": round(share, 2)}))
    if cluster.coordinated:
        found.append(Reason(code=Why.COORDINATED, facts={"posts": cluster.coordinated}))
    if cluster.young:
        found.append(Reason(code=Why.YOUNG_ACCOUNTS, facts={"posts": cluster.young}))
    return Incident(
        id=cluster.id,
        jurisdiction=jurisdiction,
        title=title,
        first_at=moment(cluster.first_at),
        last_at=moment(cluster.last_at),
        raised_at=moment(cluster.touched if cluster.raised_at is None else cluster.raised_at),
        posts=cluster.posts,
        copies=cluster.copies,
        authors=cluster.authors,
        heat=round(heat(cluster), 2),
        speed=round(speed(cluster), 2),
        baseline=round(sharpest.usual, 4),
        burst=round(sharpest.score, 2),
        sentiment=dict(sorted(cluster.sentiment.items())),
        domain=_domain(cluster),
        domains=dict(sorted(cluster.domains.items())),
        sources=dict(sorted(cluster.sources.items())),
        places=_places(cluster),
        spots=_often(cluster.spots, cluster.posts),
        hashtags=_often(cluster.tags.posts, cluster.understood),
        terms=terms(cluster, table),
        risk=_risk(cluster),
        examples=_examples(cluster),
        series=_series(cluster),
        reasons=tuple(found),
        version=cluster.version,
        parted_from=cluster.parted_from or None,
        history=_history(cluster),
        continues=tuple(dict.fromkeys(cluster.continues.values())),
        dismissed=cluster.is_dismissed,
    )


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)


def _domain(cluster: Cluster) -> str:
    named = {domain: posts for domain, posts in cluster.domains.items() if domain != "none"}
    return min(named, key=lambda domain: (-named[domain], domain)) if named else "none"


def _places(cluster: Cluster) -> tuple[PlaceCount, ...]:
    ordered = sorted(cluster.places.items(), key=lambda place: (-place[1][1], place[0]))
    return tuple(PlaceCount(code=code, name=name, posts=posts) for code, (name, posts) in ordered[:_PLACES])


def _often(counts: dict[str, int], posts: int) -> dict[str, int]:
    """The names that a tenth of so many posts have, and two of them, most first."""
    least = max(2, posts / 10)
    ordered = sorted(counts.items(), key=lambda name: (-name[1], name[0]))
    return {name: having for name, having in ordered[:_PLACES] if having >= least}


def _risk(cluster: Cluster) -> Risk:
    ordered = sorted(cluster.counting_risks.items(), key=lambda risk: (-risk[1].posts, risk[0]))
    hits = tuple(
        RiskHit(category=category, word=risk.word, weight=risk.weight, danger=risk.danger) for category, risk in ordered
    )
    return Risk(score=round(cluster.risk, 3), hits=hits)


def _examples(cluster: Cluster) -> tuple[str, ...]:
    """Sentences are kept once each, so that the closest of them are already different."""
    ordered = sorted(cluster.exemplars, key=lambda exemplar: (-exemplar.closeness, exemplar.id))
    return tuple(exemplar.id for exemplar in ordered[:_EXAMPLES])


def _history(cluster: Cluster) -> tuple[Passage, ...]:
    return tuple(
        Passage(kind=one.kind, other=one.other, posts=one.posts, at=moment(one.at)) for one in cluster.passages
    )


def _series(cluster: Cluster) -> tuple[int, ...]:
    last = int(cluster.last_at // HOUR)
    first = max(int(cluster.first_at // HOUR), last - SERIES_H + 1)
    by_hour = cluster.by_hour
    return tuple(by_hour.get(hour, 0) for hour in range(first, last + 1))
