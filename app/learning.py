"""What `huiying learn` does with a storage: gather, study, keep; and go back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import structlog

from app.sample import load_sample
from core.clock import Now, random_id
from core.effects import Change, Effects, LearntModel, RemoveModel, use_model
from core.errors import Refused
from core.ports import PostQuery, Storage, Teaching
from core.records import AuditRow, ModelCard
from nlp.analyse import KNOWN
from nlp.labels import load_labeller
from nlp.linear import LinearModel, save
from nlp.script import fold
from nlp.study import MOST_TEXTS, Study, study

log = structlog.get_logger()

KEPT = 5
"""Models that are kept to go back to."""
SAMPLED = 1_000
PAGE = 200
WHO = "huiying learn"


@dataclass(frozen=True, slots=True)
class Before:
    """The model that ships, and the one in use (the same, unless another was learnt)."""

    shipped: LinearModel
    used: LinearModel


def models_of(store: Teaching) -> Before:
    """As they are now."""
    shipped = load_labeller().model
    version = store.model_in_use()
    weights = None if version is None else store.weights(version)
    return Before(shipped, shipped if weights is None else _usable(weights, shipped))


def _usable(weights: bytes, shipped: LinearModel) -> LinearModel:
    """The model of these weights; the one that ships, which labels meanwhile, where they cannot be read."""
    try:
        return load_labeller(BytesIO(weights)).model
    except ValueError as error:
        log.warning("learnt_model_unusable", reason=str(error))
        return shipped


def examine(storage: Storage, before: Before, now: datetime) -> Study:
    """Learn and judge; nothing is written."""
    corrections = storage.store.standing_corrections(None)
    if not corrections:
        return Study(before.used, [])
    texts = list(_recent(storage))
    if len(texts) < SAMPLED:  # a young office has few posts of its own; the sample's are of the same kind
        texts += _sampled(now)
    return study(before.shipped, before.used, corrections, texts)


def _sampled(now: datetime) -> list[str]:
    """Folded texts of the bundled sample, from all over it."""
    items = load_sample(now)
    return [fold(f"{item.get('title', '')}\n{item['text']}") for item in items[:: max(1, len(items) // SAMPLED)]]


def _recent(storage: Storage) -> Iterator[str]:
    """Folded texts of the newest posts that nobody corrected, in languages that are judged."""
    storage.index.catch_up()
    cursor, left = None, MOST_TEXTS
    while left > 0:
        page = storage.index.posts(PostQuery(fold=True, cursor=cursor, limit=PAGE))
        for found in page.items:
            if found.post.lang in KNOWN and not found.post.labels.told:
                left -= 1
                yield found.post.search
        cursor = page.cursor
        if cursor is None:
            return


def keep(storage: Storage, before: Before, found: Study, now: Now) -> ModelCard:
    """Put the model where all processes find it and use it from now on: one commit, so half a model is never in use.

    One that was learnt before keeps its card, and so what it goes back to.
    """
    at, version, cards = now(), found.model.version, _cards(storage)
    changes: list[Change] = []
    if version not in cards:
        file = BytesIO()
        save(found.model, file)
        cards[version] = _card(before, found, at, cards)
        changes.append(LearntModel(cards[version], file.getvalue()))
    changes.append(use_model(version))
    changes += [RemoveModel(other) for other in _spare(cards, version, before.used.version)]
    changes.append(_audit(at, "model.learnt", version, before.used.version))
    storage.commit(Effects(changes=changes))
    return cards[version]


def _card(before: Before, found: Study, at: datetime, cards: Mapping[str, ModelCard]) -> ModelCard:
    version, used, shipped = found.model.version, before.used.version, before.shipped.version
    return ModelCard(
        version=version,
        # What was learnt, removed and is learnt again may be before the one in use: a way back must not lead in a circle.
        parent=shipped if version in _line(used, cards) else used,
        base=shipped,
        at=at,
        corrections=found.corrections,
        figures=_figures(found),
    )


def _line(version: str, cards: Mapping[str, ModelCard]) -> Iterator[str]:
    """The version and those before it, one after the other, as far as they are known."""
    yield version
    while version in cards:
        version = cards[version].parent
        yield version


def _spare(cards: Iterable[str], version: str, used: str) -> list[str]:
    """Of the models, newest first, those that are not kept; never the one in use and the one used before it."""
    others = [other for other in cards if other != version]
    return sorted(others, key=lambda other: other != used)[KEPT - 1 :]


def _cards(storage: Storage) -> dict[str, ModelCard]:
    """By version, the newest first."""
    return {card.version: card for card in storage.store.models()}


def roll_back(storage: Storage, before: Before, now: Now) -> str:
    """Use the model before the present one again: the version that it replaced, else the one that ships; which it is."""
    cards = _cards(storage)
    present = storage.store.model_in_use()
    if present is None:
        raise Refused("nothing_before", f"{before.shipped.version}, which ships, is in use: nothing is before it.")
    parent = cards[present].parent if present in cards else before.shipped.version
    to = parent if parent in cards else None
    back = to or before.shipped.version
    storage.commit(Effects(changes=[use_model(to), _audit(now(), "model.rolled_back", back, present)]))
    return back


def _figures(found: Study) -> dict[str, float]:
    figures: dict[str, float] = {}
    for v in found.verdicts:
        if v.renewed:
            figures[f"{v.head}.corrections"] = v.corrections
            figures[f"{v.head}.held"] = v.held
            figures[f"{v.head}.right_before"] = v.right_before
            figures[f"{v.head}.right_after"] = v.right_after
            figures[f"{v.head}.agreement"] = v.agreement
    return figures


def _audit(at: datetime, action: str, to: str, was: str) -> AuditRow:
    return AuditRow(id=random_id(), object="model", at=at, who=WHO, action=action, detail={"from": was, "to": to})
