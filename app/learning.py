"""What `huiying learn` does with a storage: gather, study, keep; and go back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from app.sample import load_sample
from core.clock import Now, random_id
from core.effects import Change, Effects, LearntModel, RemoveModel, use_model
from core.errors import Refused
from core.ports import PostQuery, Storage, Teaching
from core.records import AuditRow, ModelCard
from nlp.analyse import KNOWN
from nlp.labels import load_labeller
from nlp.linear import LinearModel, load, save
from nlp.script import fold
from nlp.study import MOST_TEXTS, Study, study

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
    return Before(shipped, shipped if weights is None else load(BytesIO(weights)))


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
    """Put the model where all processes find it and use it from now on: one commit, so half a model is never in use."""
    at = now()
    card = ModelCard(
        version=found.model.version,
        parent=before.used.version,
        base=before.shipped.version,
        at=at,
        corrections=found.corrections,
        figures=_figures(found),
    )
    file = BytesIO()
    save(found.model, file)
    changes: list[Change] = [LearntModel(card, file.getvalue()), use_model(card.version)]
    others = [card_.version for card_ in storage.store.models() if card_.version != card.version]
    changes += [RemoveModel(version) for version in others[KEPT - 1 :]]
    changes.append(_audit(at, "model.learnt", card.version, card.parent))
    storage.commit(Effects(changes=changes))
    return card


def roll_back(storage: Storage, before: Before, now: Now) -> str:
    """Use the model before the present one again: the version that it replaced, else the one that ships; which it is."""
    cards = {card.version: card for card in storage.store.models()}
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
