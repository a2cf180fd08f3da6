"""The checklist of a case, as its file has it."""

from msgspec.structs import replace

from alerts.checklists import CaseRecord, checked, checklist_for
from alerts.drafts.evidence import why_applies
from api.parts import Parts
from api.views import CaseFile
from core.records import Case, FactCard


def with_checklist(parts: Parts, file: CaseFile) -> CaseFile:
    """The file with the list that is its case's, if there is one, and what is done of it."""
    case = file.case
    chosen = checklist_for(case, file.incident, parts.policy.checklists) if case is not None else None
    if case is None or chosen is None:
        return file
    record = CaseRecord(case=case, audit=file.audit, drafts=file.drafts, card=_card(parts, case, file))
    return replace(file, checklist=checked(chosen, record))


def _card(parts: Parts, case: Case, file: CaseFile) -> FactCard | None:
    """A fact card that is meant for the case and valid now."""
    posts = [found.post for found in file.posts]
    cards = {card.id: card for card in (*parts.policy.facts, *parts.storage.store.facts(case.jurisdiction))}
    return next((card for card in cards.values() if why_applies(card, case, posts, parts.now())), None)
