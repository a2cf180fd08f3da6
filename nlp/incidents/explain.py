"""What a person is told of a cluster: its record with title, terms and reasons, all taken from its posts."""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby, pairwise

from core.records import AnalysedPost, Incident, PlaceCount, Reason, Risk, RiskHit, Term
from nlp.incidents.burst import SHARE_OF, SHARE_POSTS, surprise
from nlp.incidents.cluster import HOUR, SERIES_H, Cluster
from nlp.incidents.config import DetectorConfig
from nlp.incidents.features import IDF_SCALE, Bytes, bigram_hashes, code_points, vectors
from nlp.incidents.heat import heat, negative_share
from nlp.script import fold

_TITLE = 40
_SENTENCE = 8
_TERMS = 8
_TERM_LETTERS = 4
_HEAVY = 0.3  # of the heaviest bigram: below it a bigram belongs to no term
_JOINT = 2.0  # in units of IDF
_PLACES = 8
_EXAMPLES = 5
_BREAKS = re.compile(r"[。！？!?；;\n\r【】]+|https?://[!-~]+|/{0,2}@[^\s:：/@]{1,30}[:：]?|#[^#\n]{1,60}#")
_PAUSES = re.compile(r"[，,、：:\s]")


# --- words -----------------------------------------------------------------------------------------------------------


def sentence_of(post: AnalysedPost) -> str:
    """The title, or else the first sentence of some length; at most 40 characters, cut at a pause if there is one."""
    if post.title.strip():
        return _cut(post.title.strip())
    pieces = [piece.strip(" ，,、：:") for piece in _BREAKS.split(post.text[:400])]
    telling = (piece for piece in pieces if len(piece) >= _SENTENCE)
    return _cut(next(telling, max(pieces, key=len)))


def _cut(sentence: str) -> str:
    if len(sentence) <= _TITLE:
        return sentence
    pauses = [match.start() for match in _PAUSES.finditer(sentence, _SENTENCE, _TITLE + 1)]
    return sentence[: pauses[-1] if pauses else _TITLE]


def titles(clusters: Sequence[Cluster], table: Bytes) -> list[str]:
    """The sentence nearest to the centroid of each cluster, the earliest of equals."""
    sentences = [exemplar.sentence for cluster in clusters for exemplar in cluster.exemplars]
    found = iter(vectors([fold(sentence) for sentence in sentences], table))
    chosen = []
    for cluster in clusters:
        closeness = [(cluster.cosine(next(found), 1.0), -place) for place in range(len(cluster.exemplars))]
        chosen.append(cluster.exemplars[-max(closeness)[1]].sentence if closeness else "")
    return chosen


def terms(cluster: Cluster, table: Bytes) -> tuple[Term, ...]:
    """Words of two to four characters, of overlapping heavy bigrams of its sentences; weight: share of the centroid.

    The centroid weighs a bigram by how often its posts have it and by its IDF in general text, so this is keyness.
    """
    words: dict[str, float] = {}
    for exemplar in cluster.exemplars:
        _collect(words, fold(exemplar.sentence), cluster, table)
    length = math.sqrt(max(1, cluster.squares))
    chosen: list[Term] = []
    covered: set[str] = set()
    for word, weight in sorted(words.items(), key=lambda item: (-item[1], item[0])):
        pairs = {one + other for one, other in pairwise(word)}
        if not pairs & covered:
            covered |= pairs
            chosen.append(Term(text=word, weight=round(weight / length, 3)))
            if len(chosen) == _TERMS:
                break
    return tuple(chosen)


def _collect(words: dict[str, float], text: str, cluster: Cluster, table: Bytes) -> None:
    """Add the runs of heavy bigrams of a text, each with its mean weight times the root of its length."""
    buckets = bigram_hashes(code_points(text)).tolist()
    weights = [cluster.terms.get(bucket, 0) for bucket in buckets]
    least = max(1.0, _HEAVY * max(cluster.terms.values(), default=0))
    place = 0
    for heavy, run in groupby(weights, key=lambda weight: weight >= least):
        length = len(list(run))
        if heavy:
            for start, end in _split(weights, place, place + length):
                if end - start == 1 and _joins(buckets, start, table):
                    continue
                word = text[start : end + 1]
                words[word] = max(words.get(word, 0.0), sum(weights[start:end]) / math.sqrt(end - start))
        place += length


def _joins(buckets: Sequence[int], place: int, table: Bytes) -> bool:
    """Whether a bigram is the joint of two words: both neighbours are far more common in general text."""
    if not 0 < place < len(buckets) - 1:
        return False
    before, own, after = (
        int(table[buckets[near]]) if buckets[near] >= 0 else 255 for near in range(place - 1, place + 2)
    )
    return max(before, after) < own - _JOINT * IDF_SCALE


def _split(weights: Sequence[int], start: int, end: int) -> list[tuple[int, int]]:
    """A run of bigrams cut at its weakest, the middle one of equals, until every piece is a word's length."""
    if end - start < _TERM_LETTERS:
        return [(start, end)] if end > start else []
    middle = (start + end - 1) / 2
    weakest = min(range(start, end), key=lambda place: (weights[place], abs(place - middle), place))
    return [*_split(weights, start, weakest), *_split(weights, weakest + 1, end)]


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
    """Whether it should be raised: enough distinct posts by enough authors, and a reason."""
    if cluster.posts < 2 or cluster.authors < config.min_authors:
        return False
    if cluster.risk >= config.grave_risk:
        return True
    return cluster.posts >= config.min_posts and bool(reasons(cluster, config))


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
