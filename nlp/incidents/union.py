"""Two clusters counted as one."""

from msgspec.structs import replace

from nlp.incidents.accounts import COUNTED, RiskCount, add
from nlp.incidents.cluster import EXEMPLARS, MEMBERS, Cluster
from nlp.incidents.voices import KNOWN, Kind, Voice, faded, met


def absorb(cluster: Cluster, other: Cluster) -> None:
    """Let a cluster take over all that another, which stays as it is, has counted."""
    held = {feature: cluster.holders.get(feature, 0) + posts for feature, posts in other.holders.items()}
    cluster.move(other.terms)
    cluster.holders |= held
    surplus = _surplus(cluster, other)
    _rise(cluster, other, surplus)
    _times(cluster, other)
    cluster.posts += other.posts
    cluster.copies += other.copies
    cluster.coordinated += other.coordinated
    cluster.young += other.young
    cluster.surplus += other.surplus + surplus
    cluster.author_bits = met(cluster.author_bits, int.from_bytes(other.author_bits))
    _counts(cluster, other)
    cluster.letters.absorb(other.letters)
    cluster.tags.absorb(other.tags)
    _hours(cluster, other)
    _voices(cluster, other)
    kept = {exemplar.sentence for exemplar in cluster.exemplars}
    cluster.exemplars += [exemplar for exemplar in other.exemplars if exemplar.sentence not in kept]
    cluster.exemplars[1:] = sorted(cluster.exemplars[1:], key=lambda one: -one.closeness)[: EXEMPLARS - 1]
    cluster.members = [*cluster.members, *other.members][:MEMBERS]


def _surplus(cluster: Cluster, other: Cluster) -> int:
    """By how many posts authors of both were heard too often."""
    both = cluster.voices.keys() & other.voices.keys()
    return sum(cluster.voices[author].surplus(other.voices[author]) for author in both)


def _rise(cluster: Cluster, other: Cluster, surplus: int) -> None:
    """Keep the run of one, with a history and the longer: the other's, of another time, is no part of it.

    All posts of a cluster that was opened since the run began came in it. Those of an older one count as what came before, so
    that a union alone is no sign of a rise.
    """
    kept, added = sorted((cluster, other), key=lambda each: (not each.rise.of, each.rise.since))
    is_younger = added.first_seen >= kept.rise.since
    before, since = (0.0, added.heard - surplus) if is_younger else (added.rise.counted_in(kept.rise.known), 0)
    cluster.rise = replace(kept.rise)
    cluster.rise.absorb(
        before, since, max(cluster.touched, other.touched), max(cluster.touched_total, other.touched_total)
    )


def _times(cluster: Cluster, other: Cluster) -> None:
    cluster.first_at = min(cluster.first_at, other.first_at)
    cluster.first_seen = min(cluster.first_seen, other.first_seen)
    cluster.last_at, cluster.touched = max(cluster.last_at, other.last_at), max(cluster.touched, other.touched)
    if other.touched_total > cluster.touched_total:
        cluster.touched_total, cluster.per_day = other.touched_total, other.per_day
        cluster.expected, cluster.usual, cluster.prior = other.expected, other.usual, other.prior


def _counts(cluster: Cluster, other: Cluster) -> None:
    for name in ("sentiment", "domains", "intents", "sources", "spots"):
        own = getattr(cluster, name)
        for value, posts in getattr(other, name).items():
            add(own, value, posts)
    for code, (name, posts) in other.places.items():
        if code in cluster.places or len(cluster.places) < COUNTED:
            cluster.places[code] = (name, cluster.places.get(code, ("", 0))[1] + posts)
    for category, risk in other.risks.items():
        own_risk = cluster.risks.setdefault(category, RiskCount(risk.word, risk.weight, 0, risk.danger))
        own_risk.posts += risk.posts
        if risk.weight > own_risk.weight:
            own_risk.word, own_risk.weight = risk.word, risk.weight


def _hours(cluster: Cluster, other: Cluster) -> None:
    for own, others in ((cluster.hours, other.hours), (cluster.echoes, other.echoes)):
        for hour, posts in others.items():
            own[hour] = own.get(hour, 0) + posts


def _voices(cluster: Cluster, other: Cluster) -> None:
    """An author who was heard in both is heard no more than in one."""
    cluster.age(max(cluster.step, other.step))
    behind = cluster.step - other.step
    cluster.distinct += faded(other.distinct, behind)
    cluster.repeats += faded(other.repeats, behind)
    cluster.interactions += faded(other.interactions, behind)
    for author, theirs in other.voices.items():
        own = cluster.voices.setdefault(author, Voice())
        for (kind, hour), posts in own.join(theirs.after(behind)).items():
            by_hour = cluster.echoes if kind is Kind.ECHOED else cluster.hours
            if hour in by_hour:
                by_hour[hour] -= posts
    cluster.know_at_most(KNOWN)
