"""Applies the changes of a commit to the Store's tables, inside the caller's transaction. SQLAlchemy Core, both engines."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Table, delete, select, update

from core.audit import Head, beginning, hash_of
from core.codec import decode, encode
from core.effects import (
    AskCrawl,
    Change,
    Consumed,
    Keep,
    LearntModel,
    RemoveCredential,
    RemoveJurisdiction,
    RemoveModel,
    RemoveSource,
    RestHost,
    Revise,
    SaveCase,
    SaveCookie,
    Seen,
    SettleNotice,
    Spread,
    StateRow,
    Visited,
)
from core.errors import Conflict, Overtaken
from core.records import (
    AuditRow,
    Case,
    Channel,
    Correction,
    Credential,
    Delivery,
    Draft,
    FactCard,
    Notice,
    PolicyItem,
    Source,
    User,
    Webhook,
)
from core.storage import crawling
from core.storage import tables as t
from core.storage.office import KINDS
from core.storage.reading import IDS_PER_QUERY
from core.storage.rows import Row, insert, insert_new, upsert


def claim(connection: Connection, consumed: Consumed) -> bool:
    """Take the offset of a batch for this transaction; False when the batch was committed before.

    Raises `Overtaken` when the offset is neither where the batch begins nor behind its end: another worker is at it.
    """
    o = t.offsets
    row = {"consumer": consumed.consumer, "topic": consumed.topic.value, "partition": consumed.partition}
    empty = insert(connection, o).on_conflict_do_nothing(index_elements=[*row])
    connection.execute(empty, {**row, "position": 0, "sequence": 0})
    where = [o.c[name] == value for name, value in row.items()]
    position = connection.execute(select(o.c.position).where(*where).with_for_update()).scalar_one()
    if position >= consumed.position:
        return False
    if position != consumed.after:
        raise Overtaken(
            f"{consumed.consumer} of {consumed.topic.value}/{consumed.partition} is at {position}, not at {consumed.after}"
        )
    done = {"position": consumed.position, "sequence": consumed.sequence}
    connection.execute(update(o).where(*where).values(**done))
    return True


def apply(connection: Connection, changes: Iterable[Change]) -> None:
    """Write all changes, grouped by kind; raises `Conflict` when a case is not as expected, or a credential gone."""
    groups: dict[type, list[Any]] = defaultdict(list)
    for change in changes:
        groups[type(change)].append(change)
    # The audit last: its heads are locks that all writers want, so nobody waits for anything else while holding one.
    for kind, group in sorted(groups.items(), key=lambda item: item[0] is AuditRow):
        _APPLY[kind](connection, group)


def _save_seen(connection: Connection, group: list[Seen]) -> None:
    upsert(connection, t.seen, [_seen_row(s) for s in {s.id: s for s in group}.values()])


def _seen_row(s: Seen) -> Row:
    return {
        "id": s.id,
        "jurisdiction": s.jurisdiction,
        "at": t.millis(s.at),
        "digest": s.digest,
        "fingerprint": s.fingerprint,
        "grp": s.group,
        "revision": s.revision,
    }


def _revise(connection: Connection, group: list[Revise]) -> None:
    s = t.seen
    for one in group:
        where = (s.c.id == one.id, s.c.revision == one.expected)
        if connection.execute(update(s).where(*where).values(revision=one.revision)).rowcount != 1:
            raise Conflict(f"post {one.id} was seen again meanwhile")


def _save_corrections(connection: Connection, group: list[Correction]) -> None:
    upsert(connection, t.corrections, [_correction_row(c) for c in group])


def _correction_row(c: Correction) -> Row:
    return {
        "id": c.id,
        "jurisdiction": c.jurisdiction,
        "post": c.post,
        "head": c.head,
        "at": t.millis(c.at),
        "published": t.millis(c.published),
        "withdrawn_at": None if c.withdrawn_at is None else t.millis(c.withdrawn_at),
        "unspread": t.millis(c.changed_at),
        "body": encode(c),
    }


def _mark_spread(connection: Connection, group: list[Spread]) -> None:
    c = t.corrections
    for one in group:
        where = (c.c.id == one.correction, c.c.unspread == t.millis(one.changed))
        connection.execute(update(c).where(*where).values(unspread=None))


def _save_models(connection: Connection, group: list[LearntModel]) -> None:
    rows = [
        {"version": m.card.version, "at": t.millis(m.card.at), "body": encode(m.card), "weights": m.weights}
        for m in group
    ]
    upsert(connection, t.models, rows)


def _remove_models(connection: Connection, group: list[RemoveModel]) -> None:
    connection.execute(delete(t.models).where(t.models.c.version.in_([m.version for m in group])))


def _save_state(connection: Connection, group: list[StateRow]) -> None:
    last = {(r.stage, r.jurisdiction, r.key): r for r in group}
    rows = [{"stage": s, "jurisdiction": j, "key": k, "value": r.value} for (s, j, k), r in last.items() if r.value]
    if rows:
        upsert(connection, t.stage_state, rows)
    s = t.stage_state
    for row in last.values():
        if row.value is None:
            where = (s.c.stage == row.stage, s.c.jurisdiction == row.jurisdiction, s.c.key == row.key)
            connection.execute(delete(s).where(*where))


def _save_cases(connection: Connection, group: list[SaveCase]) -> None:
    for change in group:
        row = _case_row(change.case)
        if change.expected == 0:
            statement = insert(connection, t.cases).values(**row).on_conflict_do_nothing(index_elements=["id"])
        else:
            where = (t.cases.c.id == change.case.id, t.cases.c.version == change.expected)
            statement = update(t.cases).where(*where).values(**row)
        if connection.execute(statement.returning(t.cases.c.id)).first() is None:
            raise Conflict(f"case {change.case.id} was changed by somebody else")


def _case_row(case: Case) -> Row:
    return {
        "id": case.id,
        "incident": case.incident,
        "jurisdiction": case.jurisdiction,
        "state": case.state.value,
        "level": case.level,
        "unit": case.unit,
        "opened_at": t.millis(case.opened_at),
        "version": case.version,
        "body": encode(case),
    }


def _save_policy_items(connection: Connection, group: list[PolicyItem]) -> None:
    for item in group:
        row = {
            "kind": item.kind,
            "id": item.id,
            "version": item.version,
            "jurisdiction": item.jurisdiction,
            "at": t.millis(item.at),
            "body": encode(item),
        }
        keys = ["kind", "id", "version"]
        statement = insert(connection, t.policy_items).values(**row).on_conflict_do_nothing(index_elements=keys)
        if connection.execute(statement.returning(t.policy_items.c.id)).first() is None:
            raise Conflict(f"version {item.version} of {item.kind} {item.id} was written by somebody else")


def _save_drafts(connection: Connection, group: list[Draft]) -> None:
    upsert(connection, t.drafts, [_draft_row(d) for d in group])


def _draft_row(d: Draft) -> Row:
    return {"id": d.id, "case_id": d.case, "at": t.millis(d.at), "version": d.version, "body": encode(d)}


def _keep(connection: Connection, group: list[Keep]) -> None:
    for change in group:
        table, row = _kept_row(change.thing)
        if change.expected == 0:
            keys = [column.name for column in table.primary_key]
            statement = insert(connection, table).values(**row).on_conflict_do_nothing(index_elements=keys)
        else:
            where = [column == row[column.name] for column in table.primary_key]
            statement = update(table).where(*where, table.c.version == change.expected).values(**row)
        if connection.execute(statement.returning(table.c.id)).first() is None:
            raise Conflict(f"{change.thing.id} was changed meanwhile: look at it again")


def _kept_row(thing: Any) -> tuple[Table, Row]:
    if isinstance(thing, Draft):
        return t.drafts, _draft_row(thing)
    row = {"id": thing.id, "version": thing.version, "body": encode(thing)}
    if isinstance(thing, FactCard):
        return t.facts, {**row, "jurisdiction": thing.jurisdiction}
    return t.office, {**row, "kind": KINDS[type(thing)], "jurisdiction": getattr(thing, "jurisdiction", "")}


def _add_notices(connection: Connection, group: list[Notice]) -> None:
    insert_new(connection, t.notices, [_notice_row(n) for n in group])


def _settle_notices(connection: Connection, group: list[SettleNotice]) -> None:
    n = t.notices
    for change in group:
        where = (n.c.id == change.notice.id, n.c.state == change.expected.value)
        if connection.execute(update(n).where(*where).values(**_notice_row(change.notice))).rowcount != 1:
            raise Conflict(f"notice {change.notice.id} was settled by another process")


def _notice_row(n: Notice) -> Row:
    row = {"id": n.id, "jurisdiction": n.jurisdiction, "case_id": n.case, "state": n.state.value}
    return {**row, "at": t.millis(n.at), "body": encode(n)}


def _add_audit(connection: Connection, group: list[AuditRow]) -> None:
    """Add the rows that are not there yet to their chains."""
    heads = _locked_heads(connection, {a.jurisdiction for a in group})
    once = {a.id: a for a in reversed(group)}
    known = _known_audit(connection, list(once))
    rows = [_linked(a, heads) for a in reversed(once.values()) if a.id not in known]
    if rows:
        connection.execute(insert(connection, t.audit), rows)
        changed = {row["chain"] for row in rows}
        upsert(connection, t.audit_heads, [structs.asdict(heads[chain]) for chain in sorted(changed)])


def _locked_heads(connection: Connection, chains: set[str]) -> dict[str, Head]:
    """The heads of the chains, which nobody else moves until this transaction ends; in one order, so nobody waits in a ring."""
    h = t.audit_heads
    empty = [{"chain": chain, "number": 0, "hash": beginning(chain)} for chain in sorted(chains)]
    connection.execute(insert(connection, h).on_conflict_do_nothing(index_elements=["chain"]), empty)
    query = select(h).where(h.c.chain.in_(chains)).order_by(h.c.chain).with_for_update()
    return {row.chain: Head(chain=row.chain, number=row.number, hash=row.hash) for row in connection.execute(query)}


def _known_audit(connection: Connection, ids: list[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(ids), IDS_PER_QUERY):
        query = select(t.audit.c.id).where(t.audit.c.id.in_(ids[start : start + IDS_PER_QUERY]))
        known.update(connection.execute(query).scalars())
    return known


def _linked(a: AuditRow, heads: dict[str, Head]) -> Row:
    """The row as the next of its chain, whose head moves on to it."""
    before, body = heads[a.jurisdiction], encode(a)
    number = before.number + 1
    digest = hash_of(before.hash, number, body)
    heads[a.jurisdiction] = Head(chain=a.jurisdiction, number=number, hash=digest)
    row = {"id": a.id, "object": a.object, "body": body}
    return {**row, "chain": a.jurisdiction, "number": number, "hash": digest}


def _enqueue(connection: Connection, group: list[Delivery]) -> None:
    insert_new(connection, t.outbox, [delivery_row(d) for d in group])


def delivery_row(d: Delivery) -> Row:
    """The outbox row of a delivery."""
    row = {"target": d.target, "state": d.state.value, "next_at": t.millis(d.next_at), "body": encode(d)}
    return {"id": d.id, **row}


def _save_webhooks(connection: Connection, group: list[Webhook]) -> None:
    upsert(connection, t.webhooks, [{"id": w.id, "body": encode(w)} for w in group])


def _save_channels(connection: Connection, group: list[Channel]) -> None:
    upsert(connection, t.channels, [{"id": c.id, "body": encode(c)} for c in group])


def _save_facts(connection: Connection, group: list[FactCard]) -> None:
    upsert(connection, t.facts, [_kept_row(f)[1] for f in group])


def _save_users(connection: Connection, group: list[User]) -> None:
    for user in group:
        stored = select(t.users.c.body).where(t.users.c.id == user.id).with_for_update()
        found = connection.execute(stored).scalar_one_or_none()
        if found is not None and decode(found, User).version != user.version - 1:
            raise Conflict(f"{user.name} was changed meanwhile: look at it again")
    upsert(connection, t.users, [{"id": u.id, "name": u.name, "body": encode(u)} for u in group])


def _save_credentials(connection: Connection, group: list[Credential]) -> None:
    upsert(connection, t.credentials, [{"hash": c.hash, "kind": c.kind, "body": encode(c)} for c in group])


def _remove_credentials(connection: Connection, group: list[RemoveCredential]) -> None:
    hashes = {c.hash for c in group}
    if connection.execute(delete(t.credentials).where(t.credentials.c.hash.in_(hashes))).rowcount != len(hashes):
        raise Conflict("this credential was used or revoked already")


def _remove_jurisdictions(connection: Connection, group: list[RemoveJurisdiction]) -> None:
    codes = [g.jurisdiction for g in group]
    gone = select(t.cases.c.id).where(t.cases.c.jurisdiction.in_(codes))
    corrected = select(t.corrections.c.post).where(t.corrections.c.jurisdiction.in_(codes))
    connection.execute(delete(t.drafts).where(t.drafts.c.case_id.in_(gone)))
    # A row of another chain stays, whatever it is about: without it that chain would never hold again.
    loose = t.audit.c.object.in_(gone) | t.audit.c.object.in_(corrected)
    connection.execute(delete(t.audit).where(t.audit.c.chain.is_(None), loose))
    connection.execute(delete(t.audit).where(t.audit.c.chain.in_(codes)))
    connection.execute(delete(t.audit_heads).where(t.audit_heads.c.chain.in_(codes)))
    crawling.forget_crawls(connection, crawling.sources_of(connection, codes))
    for table in (t.cases, t.facts, t.office, t.notices, t.sources, t.seen, t.stage_state, t.corrections):
        connection.execute(delete(table).where(table.c.jurisdiction.in_(codes)))


_APPLY: dict[type, Callable[[Connection, list[Any]], None]] = {
    Seen: _save_seen,
    StateRow: _save_state,
    SaveCase: _save_cases,
    PolicyItem: _save_policy_items,
    Draft: _save_drafts,
    AuditRow: _add_audit,
    Delivery: _enqueue,
    Notice: _add_notices,
    SettleNotice: _settle_notices,
    Keep: _keep,
    Webhook: _save_webhooks,
    Channel: _save_channels,
    FactCard: _save_facts,
    Source: crawling.save_sources,
    Visited: crawling.save_visits,
    RestHost: crawling.rest_hosts,
    AskCrawl: crawling.ask_crawls,
    SaveCookie: crawling.save_cookies,
    RemoveSource: crawling.remove_sources,
    User: _save_users,
    Credential: _save_credentials,
    Correction: _save_corrections,
    Revise: _revise,
    Spread: _mark_spread,
    LearntModel: _save_models,
    RemoveModel: _remove_models,
    RemoveCredential: _remove_credentials,
    RemoveJurisdiction: _remove_jurisdictions,
}
