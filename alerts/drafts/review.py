"""What people do to a draft: change its sentences, approve, reject. Pure; every change is over the version that was seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher

from msgspec.structs import replace

from alerts.drafts.check import unsupported
from alerts.drafts.evidence import written
from alerts.drafts.tone import forbidden
from core.errors import IllegalMove, Refused
from core.records import AnalysedPost, Approval, Case, Draft, Edit, Evidence, Sentence

GRAVE = 2
"""At this level and graver two persons approve."""
MOST_SENTENCES = 200
LONGEST_SENTENCE = 2_000


def needed(case: Case) -> int:
    """How many different persons must approve a draft of the case."""
    return 2 if case.level <= GRAVE else 1


def as_grave_as(draft: Draft, case: Case) -> Draft:
    """The draft with as many persons to approve it as its case asks for now; a case that became milder asks for no fewer."""
    return replace(draft, needed=max(draft.needed, needed(case)))


def checked(sentence: Sentence, evidence: Mapping[tuple[str, str], str]) -> Sentence:
    """The sentence with what its own evidence does not support, and what the tone rules forbid."""
    held = [evidence[c.kind, c.id] for c in sentence.cites if (c.kind, c.id) in evidence]
    return replace(sentence, unsupported=tuple(unsupported(sentence.text, held)), forbidden=forbidden(sentence.text))


def with_posts(draft: Draft, posts: Sequence[AnalysedPost]) -> Draft:
    """The draft with the words of its posts, as far as they are still stored."""
    texts = {post.id: post for post in posts}

    def filled(one: Evidence) -> Evidence:
        post = texts.get(one.id) if one.kind == "post" else None
        return one if post is None else replace(one, title=post.title, text=written(post))

    return replace(draft, evidence=tuple(map(filled, draft.evidence)))


def without_posts(draft: Draft) -> Draft:
    """The draft as it is stored: what people wrote is deleted where it lies."""
    bare = (replace(one, title="", text="") if one.kind == "post" else one for one in draft.evidence)
    return replace(draft, evidence=tuple(bare))


def evidence_of(draft: Draft) -> dict[tuple[str, str], str]:
    """The texts that a draft's sentences may cite, by kind and id."""
    return {(one.kind, one.id): f"{one.title}\n{one.text}" for one in draft.evidence}


def edited(draft: Draft, sentences: Sequence[Sentence], who: str, why: str, now: datetime) -> Draft:
    """The draft with other sentences, each checked anew; approvals are taken back, and every change is kept."""
    if draft.status == "refused":
        raise IllegalMove("A refused draft has nothing to edit: answer its questions and draft again.", ("draft",))
    if not 0 < len(sentences) <= MOST_SENTENCES or any(
        not 0 < len(s.text.strip()) <= LONGEST_SENTENCE for s in sentences
    ):
        raise Refused(
            "bad_sentences", f"A draft has 1 to {MOST_SENTENCES} sentences of 1 to {LONGEST_SENTENCE} characters."
        )
    evidence = evidence_of(draft)
    strange = [c for s in sentences for c in s.cites if (c.kind, c.id) not in evidence]
    if strange:
        raise Refused("no_such_evidence", f"The draft has no evidence {strange[0].kind} {strange[0].id}.")
    known = {(s.text, s.part): s for s in draft.sentences}
    made = tuple(
        replace(checked(s, evidence), edited_by=known[s.text, s.part].edited_by if (s.text, s.part) in known else who)
        for s in sentences
    )
    edits = _changes([s.text for s in draft.sentences], [s.text for s in made], who, why, now)
    if not edits and made == draft.sentences:
        return draft
    return replace(
        draft, sentences=made, edits=(*draft.edits, *edits), status="proposed", approvals=(), version=draft.version + 1
    )


def approved(draft: Draft, who: str, why: str, accept: bool, now: datetime) -> Draft:
    """The draft with one more approval; `approved` once enough different persons gave theirs.

    Raises `Refused` (`findings`) while a sentence says more than its evidence or what is forbidden, unless the approver
    accepts that with a reason; `approved_already` for the same person again.
    """
    if draft.status != "proposed":
        raise IllegalMove(f"A draft that is {draft.status} cannot be approved.", ("edit",))
    found = [word for s in draft.sentences for word in (*s.unsupported, *s.forbidden)]
    if found and not (accept and why.strip()):
        said = "；".join(found[:10])
        raise Refused("findings", f"Not supported, or forbidden: {said}. Change it, or accept it with a reason.")
    if any(one.who == who for one in draft.approvals):
        raise Refused("approved_already", "You have approved this draft: somebody else has to.")
    given = (*draft.approvals, Approval(at=now, who=who, approved=True, version=draft.version, why=why))
    status = "approved" if len(given) >= draft.needed else "proposed"
    return replace(draft, approvals=given, status=status, version=draft.version + 1)


def rejected(draft: Draft, who: str, why: str, now: datetime) -> Draft:
    """The draft, rejected with a reason; an edit opens it again."""
    if draft.status not in ("proposed", "approved"):
        raise IllegalMove(f"A draft that is {draft.status} cannot be rejected.", ("edit",))
    if not why.strip():
        raise Refused("missing_reason", "Say why the draft is rejected.")
    given = (*draft.approvals, Approval(at=now, who=who, approved=False, version=draft.version, why=why))
    return replace(draft, approvals=given, status="rejected", version=draft.version + 1)


def _changes(before: list[str], after: list[str], who: str, why: str, now: datetime) -> list[Edit]:
    made = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        old, new = before[a:b], after[c:d]
        for n in range(max(len(old), len(new))):
            was, now_is = old[n] if n < len(old) else "", new[n] if n < len(new) else ""
            made.append(Edit(at=now, who=who, before=was, after=now_is, why=why))
    return made
