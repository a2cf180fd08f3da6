"""Small real records for tests. The cast: 云湾区 (990100), an imagined district."""

from datetime import UTC, datetime, timedelta

from core.records import (
    JURISDICTION_SAMPLE,
    AnalysedPost,
    Case,
    CaseState,
    Correction,
    Delivery,
    Incident,
    Label,
    Labels,
    Offence,
    Place,
)

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
"""Noon in Shanghai on 1 June 2026, a Monday."""


def label(name: str, *others: str, prob: float = 0.8) -> Label:
    """A label with `prob`, the rest spread over the other classes."""
    rest = {o: (1 - prob) / len(others) for o in others} if others else {}
    return Label(label=name, probs={name: prob if others else 1.0, **rest})


def labels(sentiment: str = "negative", domain: str = "城乡建设", places: tuple[Place, ...] = ()) -> Labels:
    """Labels of a complaint."""
    others = [s for s in ("negative", "neutral", "positive") if s != sentiment]
    return Labels(
        sentiment=label(sentiment, *others),
        emotion=label("angry", "neutral"),
        domain=label(domain, "none"),
        intent=label("complaint", "none"),
        offensive=Offence(label="clean", prob=0.1),
        danger=label("none", "danger"),
        places=places,
        model="test",
    )


def post(id_: str = "p1", text: str = "滨江路的路灯坏了", minutes: float = 0, **more: object) -> AnalysedPost:
    """A post of noon plus `minutes`; `more` overrides any field."""
    given: dict[str, object] = {
        "id": id_,
        "source": "forum.example",
        "platform": "forum",
        "at": NOON + timedelta(minutes=minutes),
        "seen_at": NOON + timedelta(minutes=minutes),
        "jurisdiction": JURISDICTION_SAMPLE,
        "text": text,
        "search": text,
        "lang": "zh-Hans",
        "group": id_,
        "author": f"author-of-{id_}",
        "labels": labels(),
    }
    return AnalysedPost(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of AnalysedPost


def incident(id_: str = "i1", **more: object) -> Incident:
    """An incident of 12 posts, raised at noon."""
    given: dict[str, object] = {
        "id": id_,
        "jurisdiction": JURISDICTION_SAMPLE,
        "title": "云湾花园停水两天",
        "first_at": NOON - timedelta(hours=1),
        "last_at": NOON,
        "raised_at": NOON,
        "posts": 12,
        "copies": 15,
        "authors": 10,
        "heat": 20.0,
        "speed": 12.0,
        "baseline": 1.0,
        "burst": 6.0,
        "sentiment": {"negative": 9, "neutral": 3},
        "domain": "城乡建设",
    }
    return Incident(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Incident


def case(id_: str = "c1", **more: object) -> Case:
    """A case of level 3, just opened."""
    given: dict[str, object] = {
        "id": id_,
        "incident": "i1",
        "jurisdiction": JURISDICTION_SAMPLE,
        "title": "云湾花园停水两天",
        "state": CaseState.EMERGING,
        "level": 3,
        "rule": "volume",
        "opened_at": NOON,
        "updated_at": NOON,
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Case


def correction(id_: str = "k1", **more: object) -> Correction:
    """Wang says at noon that post p1 is neutral, which the model took for negative."""
    given: dict[str, object] = {
        "id": id_,
        "jurisdiction": JURISDICTION_SAMPLE,
        "post": "p1",
        "published": NOON,
        "head": "sentiment",
        "label": "neutral",
        "given": label("negative", "neutral", "positive"),
        "model": "test",
        "who": "wang",
        "at": NOON,
        "fingerprint": 6,
        "text": "滨江路的路灯坏了",
    }
    return Correction(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Correction


def delivery(id_: str = "d1", **more: object) -> Delivery:
    """A delivery due at noon."""
    given: dict[str, object] = {
        "id": id_,
        "kind": "webhook",
        "target": "w1",
        "event": "case.opened",
        "body": "{}",
        "created_at": NOON,
        "next_at": NOON,
    }
    return Delivery(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Delivery
