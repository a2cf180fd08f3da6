"""What every Store promises: stage state, cases, outbox, accounts."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from core.audit import walked
from core.effects import (
    Change,
    Effects,
    LearntModel,
    RemoveCredential,
    RemoveJurisdiction,
    RemoveModel,
    Revise,
    SaveCase,
    Seen,
    Spread,
    StateRow,
    use_model,
)
from core.errors import Conflict
from core.ports import CaseQuery, CorrectionQuery, Storage
from core.records import (
    AuditRow,
    CaseState,
    Channel,
    Credential,
    DeliveryState,
    Draft,
    FactCard,
    ModelCard,
    Role,
    User,
    Webhook,
)
from core.records.audit import AuditQuery
from tests.records import NOON, case, correction, delivery

MINUTE = timedelta(minutes=1)
MUCH_LATER = NOON + timedelta(days=900)
KINDS = ("token", "session", "locked", "invite", "pairing", "screen")
"""Of credentials."""


def save(storage: Storage, *changes: Change) -> None:
    storage.commit(Effects(changes=list(changes)))


def seen(id_: str, minutes: int = 0, **more: object) -> Seen:
    given: dict[str, object] = {
        "id": id_,
        "jurisdiction": "990100",
        "at": NOON + timedelta(minutes=minutes),
        "digest": "d",
        "fingerprint": -(2**63),
        "group": id_,
    }
    return Seen(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Seen


def test_what_was_seen_is_remembered_and_replaced(storage: Storage) -> None:
    save(storage, seen("a"), seen("b"), seen("a", digest="new", revision=1))
    found = storage.store.seen(["a", "b", "c"])
    assert set(found) == {"a", "b"}
    assert found["a"] == seen("a", digest="new", revision=1)


def test_thousands_of_ids_can_be_asked_for_at_once(storage: Storage) -> None:
    save(storage, seen("a"))
    assert set(storage.store.seen([f"x{n}" for n in range(40_000)] + ["a"])) == {"a"}


def test_the_newest_seen_posts_come_oldest_first(storage: Storage) -> None:
    save(storage, *(seen(str(n), n) for n in range(5)), seen("far", 9, jurisdiction="330106"))
    window = storage.store.seen_since("990100", NOON + timedelta(minutes=1), 3)
    assert [s.id for s in window] == ["2", "3", "4"]


def test_state_rows_are_written_replaced_and_deleted(storage: Storage) -> None:
    save(storage, StateRow("detect", "990100", "b", b"1"), StateRow("detect", "990100", "a", b"2"))
    save(storage, StateRow("detect", "990100", "b", b"3"), StateRow("detect", "330106", "a", b"4"))
    rows = storage.store.state("detect", "990100")
    assert [(r.key, r.value) for r in rows] == [("a", b"2"), ("b", b"3")]
    save(storage, StateRow("detect", "990100", "a", None))
    assert [r.key for r in storage.store.state("detect", "990100")] == ["b"]


def test_cases_come_gravest_and_newest_first_and_page(storage: Storage) -> None:
    minute = timedelta(minutes=1)
    for n in range(7):
        save(storage, SaveCase(case(f"c{n}", level=4 - n % 2, opened_at=NOON + n * minute, incident=f"i{n}"), 0))
    first = storage.store.cases(CaseQuery(limit=4))
    second = storage.store.cases(CaseQuery(limit=4, cursor=first.cursor))
    assert [c.id for c in (*first.items, *second.items)] == ["c5", "c3", "c1", "c6", "c4", "c2", "c0"]
    assert second.cursor is None
    assert storage.store.cases(CaseQuery(cursor="nonsense")).items == []


def test_cases_are_filtered_by_state_unit_and_whether_they_are_open(storage: Storage) -> None:
    save(storage, SaveCase(case("a", unit="u1"), 0), SaveCase(case("b", state=CaseState.CLOSED), 0))
    assert [c.id for c in storage.store.cases(CaseQuery(open=True)).items] == ["a"]
    assert [c.id for c in storage.store.cases(CaseQuery(state=CaseState.CLOSED)).items] == ["b"]
    assert [c.id for c in storage.store.cases(CaseQuery(unit="u1")).items] == ["a"]
    assert storage.store.cases(CaseQuery(jurisdiction="330106")).items == []


def test_cases_are_found_by_when_they_were_opened(storage: Storage) -> None:
    save(storage, SaveCase(case("old", opened_at=NOON - timedelta(days=2)), 0), SaveCase(case("new", incident="i2"), 0))
    assert [c.id for c in storage.store.cases(CaseQuery(opened_since=NOON)).items] == ["new"]
    assert len(storage.store.cases(CaseQuery(opened_since=NOON - timedelta(days=2))).items) == 2


def test_the_newest_case_of_each_incident_is_found(storage: Storage) -> None:
    save(storage, SaveCase(case("old"), 0), SaveCase(case("new", opened_at=NOON + timedelta(days=9)), 0))
    assert {i: c.id for i, c in storage.store.cases_of(["i1", "i2"]).items()} == {"i1": "new"}


def test_drafts_come_newest_first_audit_oldest_first_and_audit_is_never_rewritten(storage: Storage) -> None:
    save(storage, *(Draft(id=f"d{n}", case="c1", at=NOON + timedelta(hours=n), status="refused") for n in range(2)))
    save(storage, AuditRow(id="a1", object="c1", at=NOON, who="x", action="opened"))
    save(storage, AuditRow(id="a2", object="c1", at=NOON, who="y", action="closed"))
    save(storage, AuditRow(id="a1", object="c1", at=NOON, who="forger", action="nothing"))
    assert [d.id for d in storage.store.drafts("c1")] == ["d1", "d0"]
    assert [(a.who, a.action) for a in storage.store.audit("c1")] == [("x", "opened"), ("y", "closed")]


def test_the_audit_is_read_newest_first_in_pages_by_object_person_kind_and_chain(storage: Storage) -> None:
    rows = [
        AuditRow(
            id=f"a{n}",
            object=f"c{n % 2}",
            at=NOON,
            who="x" if n < 3 else "y",
            action="case.opened" if n % 3 else "fact.added",
            jurisdiction="990100" if n else "",
        )
        for n in range(6)
    ]
    save(storage, *rows)
    store = storage.store

    def found(**asked: Any) -> list[str]:
        return [row.id for row in store.audit_rows(AuditQuery(**asked)).items]

    assert found() == ["a5", "a4", "a3", "a2", "a1", "a0"]
    assert found(object="c1") == ["a5", "a3", "a1"]
    assert found(who="x", action="case") == ["a2", "a1"]
    assert found(action="case.open") == []
    assert found(jurisdiction="") == ["a0"]
    first = store.audit_rows(AuditQuery(limit=4))
    rest = store.audit_rows(AuditQuery(limit=4, cursor=first.cursor))
    assert [row.id for row in (*first.items, *rest.items)] == found()
    assert rest.cursor is None
    assert store.audit_rows(AuditQuery(cursor="nonsense")).items == []


def test_fact_cards_belong_to_a_jurisdiction(storage: Storage) -> None:
    card = FactCard(id="f", jurisdiction="990100", part="known", text="水管已修复", unit="u", source="s")
    save(storage, card)
    assert storage.store.facts("990100") == [card]
    assert storage.store.facts("330106") == []


def test_a_due_delivery_is_claimed_once_and_comes_back_after_its_lease(storage: Storage) -> None:
    save(storage, delivery("a"), delivery("later", next_at=NOON + timedelta(hours=1)))
    assert [d.id for d in storage.store.claim(NOON, 30, 10)] == ["a"]
    assert storage.store.claim(NOON, 30, 10) == []
    assert [d.id for d in storage.store.claim(NOON + timedelta(seconds=31), 30, 10)] == ["a"]


def test_the_oldest_due_delivery_is_neither_settled_nor_claimed_nor_still_to_come(storage: Storage) -> None:
    assert storage.store.oldest_due(NOON) is None
    early, late = NOON - timedelta(minutes=5), NOON - timedelta(minutes=1)
    save(storage, delivery("early", next_at=early), delivery("late", next_at=late))
    save(storage, delivery("later", next_at=NOON + timedelta(hours=1)))
    assert storage.store.oldest_due(NOON) == early
    (claimed,) = storage.store.claim(NOON, 30, 1)
    assert storage.store.oldest_due(NOON) == late
    storage.store.settle(replace(claimed, state=DeliveryState.DONE))
    assert storage.store.oldest_due(NOON + timedelta(minutes=1)) == late


def test_a_delivery_written_twice_is_one_and_a_settled_one_stays_settled(storage: Storage) -> None:
    save(storage, delivery("a"))
    (claimed,) = storage.store.claim(NOON, 30, 10)
    storage.store.settle(replace(claimed, state=DeliveryState.DONE, attempts=1))
    save(storage, delivery("a"))
    assert storage.store.claim(NOON + timedelta(days=9), 30, 10) == []
    (stored,) = storage.store.deliveries("w1", DeliveryState.DONE, 10)
    assert stored.attempts == 1


def test_two_couriers_never_claim_the_same_delivery(storage: Storage) -> None:
    save(storage, *(delivery(f"d{n}") for n in range(60)))
    taken: list[str] = []

    def courier() -> None:
        for _ in range(6):
            taken.extend(d.id for d in storage.store.claim(NOON, 600, 5))

    threads = [threading.Thread(target=courier) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"d{n}" for n in range(60))


def test_settled_deliveries_are_deleted_some_time_after_they_were_last_due_those_to_come_never(
    storage: Storage,
) -> None:
    old = {"created_at": NOON - MINUTE, "next_at": NOON - MINUTE}
    given_up = delivery("given up", state=DeliveryState.DEAD, **old)
    done = [delivery(f"done {n}", state=DeliveryState.DONE, **old) for n in range(600)]
    save(storage, *done, given_up, delivery("waits", **old))
    save(
        storage, replace(given_up, id="tried later", next_at=NOON), delivery("arrived later", state=DeliveryState.DONE)
    )
    while storage.retain(NOON, NOON, NOON):
        pass
    left = storage.store.deliveries("w1", None, 1000)
    assert {d.id for d in left} == {"waits", "tried later", "arrived later"}


def test_webhooks_and_channels_are_replaced_by_id(storage: Storage) -> None:
    hook = Webhook(id="w", url="https://a.example", secrets=("whsec_x",), created_at=NOON)
    save(storage, hook, Channel(id="c", name="值班群", url="json://a.example"))
    save(storage, replace(hook, enabled=False))
    assert [w.enabled for w in storage.store.webhooks()] == [False]
    assert [c.name for c in storage.store.channels()] == ["值班群"]


def test_users_are_found_by_name_and_credentials_by_hash(storage: Storage) -> None:
    user = User(id="u", name="张主任", role=Role.LEADER, created_at=NOON, password="$argon2")
    token = Credential(hash="h", kind="token", name="大屏", role=Role.VIEWER, created_at=NOON)
    save(storage, user, token)
    assert storage.store.user("张主任") == user
    assert storage.store.user("李主任") is None
    assert storage.store.users() == [user]
    assert storage.store.credential("h") == token
    assert storage.store.credentials("token") == [token]
    save(storage, RemoveCredential("h"))
    assert storage.store.credential("h") is None


def test_credentials_that_are_over_are_deleted_and_those_without_an_end_stay(storage: Storage) -> None:
    def made(kind: str, hash_: str, expires_at: datetime | None) -> Credential:
        return Credential(
            hash=hash_, kind=kind, name="x", role=Role.VIEWER, created_at=NOON - MINUTE, expires_at=expires_at
        )

    over = [made(kind, f"{kind} over", NOON) for kind in KINDS]
    good = [made(kind, f"{kind} good", NOON + MINUTE) for kind in KINDS]
    save(storage, *over, *good, made("token", "forever", None))
    while storage.retain(NOON - MINUTE, NOON - MINUTE, NOON):
        pass
    left = {c.hash for kind in KINDS for c in storage.store.credentials(kind)}
    assert left == {"forever", *(c.hash for c in good)}


def test_a_person_is_saved_over_the_version_before_and_no_other(storage: Storage) -> None:
    user = User(id="u", name="张主任", role=Role.LEADER, created_at=NOON, password="$argon2")
    save(storage, user)
    save(storage, replace(user, role=Role.VIEWER, version=2))
    with pytest.raises(Conflict):
        save(storage, replace(user, role=Role.ADMIN, version=2))
    assert [one.role for one in storage.store.users()] == [Role.VIEWER]


def test_a_credential_is_removed_once_and_what_came_with_the_second_removal_is_not_written(storage: Storage) -> None:
    save(storage, Credential(hash="h", kind="invite", name="link", role=Role.ADMIN, created_at=NOON))
    save(storage, RemoveCredential("h"), User(id="u1", name="a", role=Role.ADMIN, created_at=NOON, password="$"))
    with pytest.raises(Conflict):
        save(storage, RemoveCredential("h"), User(id="u2", name="b", role=Role.ADMIN, created_at=NOON, password="$"))
    assert [user.name for user in storage.store.users()] == ["a"]


def test_corrections_come_newest_first_by_post_and_page_and_keep_what_was_withdrawn(storage: Storage) -> None:
    save(storage, *(correction(f"k{n}", at=NOON + n * MINUTE, post=f"p{n % 2}") for n in range(5)))
    save(storage, correction("far", jurisdiction="330106", post="p9"))
    gone = correction("k4", at=NOON + 4 * MINUTE, withdrawn_at=NOON + 9 * MINUTE, withdrawn_by="li")
    save(storage, gone)
    first = storage.store.corrections(CorrectionQuery(jurisdiction="990100", limit=3))
    second = storage.store.corrections(CorrectionQuery(jurisdiction="990100", limit=3, cursor=first.cursor))
    assert [c.id for c in (*first.items, *second.items)] == ["k4", "k3", "k2", "k1", "k0"]
    assert (second.cursor, first.items[0]) == (None, gone)
    assert storage.store.corrections(CorrectionQuery(cursor="nonsense")).items == []
    assert [c.id for c in storage.store.corrections(CorrectionQuery(post="p0", active=True)).items] == ["k2", "k0"]
    assert [c.id for c in storage.store.standing_corrections("990100")] == ["k0", "k1", "k2", "k3"]
    assert len(storage.store.standing_corrections(None)) == 5
    assert storage.store.correction("k4") == gone
    assert storage.store.correction("k9") is None


def test_the_word_for_what_was_taught_changes_with_every_lesson_and_only_then(storage: Storage) -> None:
    words = [storage.store.taught()]
    lessons: list[Change] = [
        correction("a"),
        correction("b"),
        correction("a", withdrawn_at=NOON + MINUTE),
        use_model("fast-1"),
        use_model(None),
    ]
    for lesson in lessons:
        save(storage, lesson)
        words.append(storage.store.taught())
    save(storage, seen("a"), StateRow("detect", "990100", "b", b"1"))
    assert storage.store.taught() == words[-1]
    assert all(one != other for one, other in pairwise(words))


def test_a_correction_waits_to_be_spread_until_that_very_change_is(storage: Storage) -> None:
    save(storage, correction("a"), correction("b", at=NOON + MINUTE))
    assert [c.id for c in storage.store.unspread(NOON + 2 * MINUTE, 9)] == ["a", "b"]
    assert [c.id for c in storage.store.unspread(NOON + MINUTE, 9)] == ["a"]
    save(storage, correction("a", withdrawn_at=NOON + 5 * MINUTE))
    save(storage, Spread("a", NOON), Spread("b", NOON + MINUTE))
    assert [c.id for c in storage.store.unspread(MUCH_LATER, 9)] == ["a"]
    save(storage, Spread("a", NOON + 5 * MINUTE))
    assert storage.store.unspread(MUCH_LATER, 9) == []


def test_a_post_is_revised_only_over_the_revision_that_was_read(storage: Storage) -> None:
    save(storage, seen("a", revision=2))
    save(storage, Revise("a", 3, 2))
    assert storage.store.seen(["a"])["a"].revision == 3
    with pytest.raises(Conflict):
        save(storage, Revise("a", 3, 2), correction("k"))
    assert storage.store.correction("k") is None


def test_seen_posts_are_walked_backwards_none_twice_and_none_left_out(storage: Storage) -> None:
    save(storage, *(seen(f"s{n}", n // 3) for n in range(10)), seen("far", 1, jurisdiction="330106"))
    walked, before = [], (NOON + timedelta(days=1), "")
    while page := storage.store.seen_before("990100", before, NOON + MINUTE, 2):
        walked += [s.id for s in page]
        before = (page[-1].at, page[-1].id)
    assert walked == ["s9", "s8", "s7", "s6", "s5", "s4", "s3"]


def test_corrections_go_with_their_posts(storage: Storage) -> None:
    save(storage, correction("old"), correction("new", published=MUCH_LATER), seen("p1"))
    storage.retain(NOON, NOON + timedelta(days=1), NOON)
    assert [c.id for c in storage.store.standing_corrections(None)] == ["new"]
    audit = AuditRow(id="a", object="p1", at=NOON, who="x", action="label.corrected", jurisdiction="990100")
    save(storage, audit, correction("far", jurisdiction="330106", post="p9"))
    save(storage, RemoveJurisdiction("990100"))
    assert [c.id for c in storage.store.standing_corrections(None)] == ["far"]
    assert storage.store.audit("p1") == []


def test_removing_a_jurisdiction_takes_its_own_chain_of_the_audit_and_leaves_the_others_whole(
    storage: Storage,
) -> None:
    save(storage, SaveCase(case("c1"), 0), correction("k"))
    rows = [
        AuditRow(id=f"{object_}{code}{n}", object=object_, at=NOON, who="x", action="a", jurisdiction=code)
        for n in range(2)
        for object_ in ("c1", "p1", "u1")
        for code in ("", "990100", "330106")
    ]
    save(storage, *rows)
    save(storage, RemoveJurisdiction("990100"))
    assert [(one.chain, one.rows, one.why) for one in walked(storage.store)] == [("", 6, ""), ("330106", 6, "")]


def test_models_are_kept_with_their_cards_and_one_is_in_use(storage: Storage) -> None:
    weights = bytes(range(256)) * 30_000
    cards = [
        ModelCard(version=f"fast-{n}", parent="", base="fast-0", at=NOON + n * MINUTE, corrections=n) for n in (1, 2)
    ]
    assert storage.store.model_in_use() is None
    save(storage, *(LearntModel(card, weights) for card in cards), use_model("fast-2"))
    assert storage.store.models() == cards[::-1]
    assert storage.store.weights("fast-1") == weights
    assert storage.store.model_in_use() == "fast-2"
    save(storage, RemoveModel("fast-2"), use_model(None))
    assert storage.store.weights("fast-2") is None
    assert storage.store.models() == cards[:1]
    assert storage.store.model_in_use() is None
