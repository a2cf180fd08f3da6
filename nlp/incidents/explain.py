"""What a person is told of a cluster: why it is an incident, and the record with its figures."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.records import Incident, PlaceCount, Reason, Risk, RiskHit
from nlp.incidents.burst import SHARE_OF, SHARE_POSTS, surprise
from nlp.incidents.cluster import HOUR, SERIES_H, Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.features import Bytes
from nlp.incidents.heat import heat, negative_share
from nlp.incidents.wording import terms, titles

_PLACES = 8
_EXAMPLES = 5


# --- figures ---------------------------------------------------------------------------------------------------------


def burst(cluster: Cluster) -> tuple[float, float]:
    """Score of the posts of this clock hour and the one before against what is usual, and what is usual in an hour.

    Usual is the jurisdiction's expected number of posts times the cluster's share of them so far, which starts from a
    prior (`nlp.incidents.burst`).
    """
    hour, second = divmod(cluster.touched, HOUR)
    recent = cluster.posts_in_hour(int(hour)) + cluster.posts_in_hour(int(hour) - 1)
    shape = SHARE_POSTS + max(0, cluster.copies - recent)
    of = SHARE_OF + cluster.touched_total - cluster.born_total
    score = surprise(recent, shape, cluster.expected * (1 + second / HOUR) / of)
    return score, cluster.expected * shape / of


def reasons(cluster: Cluster, config: DetectorConfig) -> tuple[Reason, ...]:
    """Why this is an incident, or would be if it had posts and authors enough; empty for no reason."""
    found = []
    score, usual = burst(cluster)
    if score >= config.burst_score:
        facts = {"posts_last_hour": round(cluster.speed, 1), "baseline": round(usual, 3), "score": round(score, 1)}
        found.append(Reason(code="burst", facts=dict(facts)))
    if cluster.posts >= config.volume_posts:
        found.append(Reason(code="volume", facts={"posts": cluster.posts, "authors": cluster.authors}))
    if cluster.risk >= config.risk_score:
        counting = cluster.counting_risks.items()
        category, risk = max(counting, key=lambda item: (item[1].weight, item[1].posts, item[0]))
        found.append(Reason(code="risk", facts={"word": risk.word, "category": category, "posts": risk.posts}))
    if len(cluster.sources) >= config.spread_sources:
        found.append(Reason(code="spread", facts={"sources": len(cluster.sources)}))
    return tuple(found)


def is_incident(cluster: Cluster, config: DetectorConfig) -> bool:
    """Whether it should be raised: enough posts by enough authors, and a reason; much talk alone only if of concern."""
    if cluster.posts < 2 or cluster.authors < config.min_authors:
        return False
    if cluster.risk >= config.grave_risk:
        return True
    if cluster.posts < config.min_posts:
        return False
    if cluster.risk >= config.risk_score or burst(cluster)[0] >= config.sharp_burst_score:
        return True
    return cluster.is_of_concern and bool(reasons(cluster, config))


# --- the record ------------------------------------------------------------------------------------------------------


def records(clusters: Sequence[Cluster], jurisdiction: str, config: DetectorConfig, table: Bytes) -> list[Incident]:
    """The incident of each raised cluster, as of its last post."""
    return [
        _record(cluster, title, jurisdiction, config, table)
        for cluster, title in zip(clusters, titles(clusters, table), strict=True)
    ]


def _record(cluster: Cluster, title: str, jurisdiction: str, config: DetectorConfig, table: Bytes) -> Incident:
    score, usual = burst(cluster)
    found = list(reasons(cluster, config))
    share = negative_share(cluster)
    if share >= 0.5:
        found.append(Reason(code="negative", facts={"share": round(share, 2)}))
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
        speed=round(cluster.speed, 2),
        baseline=round(usual, 4),
        burst=round(score, 2),
        sentiment=dict(sorted(cluster.sentiment.items())),
        domain=_domain(cluster),
        domains=dict(sorted(cluster.domains.items())),
        sources=dict(sorted(cluster.sources.items())),
        places=_places(cluster),
        terms=terms(cluster, table),
        risk=_risk(cluster),
        examples=_examples(cluster),
        series=_series(cluster),
        reasons=tuple(found),
        version=cluster.version,
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


def _risk(cluster: Cluster) -> Risk:
    ordered = sorted(cluster.counting_risks.items(), key=lambda risk: (-risk[1].posts, risk[0]))
    hits = tuple(RiskHit(category=category, word=risk.word, weight=risk.weight) for category, risk in ordered)
    return Risk(score=round(cluster.risk, 3), hits=hits)


def _examples(cluster: Cluster) -> tuple[str, ...]:
    """Sentences are kept once each, so that the closest of them are already different."""
    ordered = sorted(cluster.exemplars, key=lambda exemplar: (-exemplar.closeness, exemplar.id))
    return tuple(exemplar.id for exemplar in ordered[:_EXAMPLES])


def _series(cluster: Cluster) -> tuple[int, ...]:
    last = int(cluster.last_at // HOUR)
    first = max(int(cluster.first_at // HOUR), last - SERIES_H + 1)
    return tuple(cluster.posts_in_hour(hour) for hour in range(first, last + 1))
