"""What every Store promises about who handles and who is told."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from core.effects import Change, Effects, Keep, RemoveJurisdiction, SettleNotice
from core.errors import Conflict
from core.office import NoticeQuery
from core.ports import Storage
from core.records import Draft, FactCard, Member, Notice, NoticeState, Roster, Unit
from tests.records import NOON, case

WATER = Unit(id="water", name="区水务局", tier="district", jurisdiction="990100")


def save(storage: Storage, *changes: Change) -> None:
    storage.commit(Effects(changes=list(changes)))


def notice(id_: str, minutes: int = 0, **more: object) -> Notice:
    given: dict[str, object] = {
        "id": id_,
        "event": "case.opened",
        "at": NOON + timedelta(minutes=minutes),
        "jurisdiction": "990100",
        "level": 3,
        "case": case().id,
    }
    return Notice(**{**given, **more})  # type: ignore[arg-type]  # the caller names fields of Notice


def test_objects_of_the_office_are_kept_by_kind_and_id(storage: Storage) -> None:
    member = Member(id="water", unit="water", name="甲", jurisdiction="990100")
    save(storage, Keep(WATER, 0), Keep(member, 0), Keep(Roster(id="water", jurisdiction="990100"), 0))
    assert storage.store.kept(Unit) == [WATER]
    assert storage.store.kept_one(Member, "water") == member
    assert storage.store.kept_one(Roster, "other") is None


def test_who_changes_an_object_that_was_changed_meanwhile_gets_a_conflict_and_nothing_is_written(
    storage: Storage,
) -> None:
    save(storage, Keep(WATER, 0))
    renamed = replace(WATER, name="水务局", version=2)
    for late in (Keep(renamed, 0), Keep(renamed, 7)):
        with pytest.raises(Conflict):
            save(storage, notice("n1"), late)
    assert storage.store.kept_one(Unit, "water") == WATER
    assert storage.store.waiting(10) == []
    before = storage.store.office_version()
    save(storage, Keep(renamed, 1))
    assert storage.store.kept_one(Unit, "water") == renamed
    assert storage.store.office_version() != before


def test_fact_cards_and_drafts_are_kept_by_version_too(storage: Storage) -> None:
    card = FactCard(id="f1", jurisdiction="990100", part="known", text="t", unit="water", source="s")
    draft = Draft(id="d1", case="c1", at=NOON, status="proposed")
    save(storage, Keep(card, 0), draft)
    changed = replace(card, withdrawn=True, version=2)
    save(storage, Keep(changed, 1), Keep(replace(draft, version=2, status="approved"), 1))
    assert storage.store.fact("f1") == changed
    assert storage.store.all_facts() == storage.store.facts("990100") == [changed]
    found = storage.store.draft("d1")
    assert found is not None
    assert (found.status, found.version) == ("approved", 2)
    with pytest.raises(Conflict):
        save(storage, Keep(draft, 1))


def test_a_notice_is_written_once_and_settled_once(storage: Storage) -> None:
    save(storage, notice("n2", 1), notice("n1"))
    save(storage, notice("n1", title="again"))
    assert storage.store.waiting(10) == [notice("n1"), notice("n2", 1)]
    assert storage.store.waiting(1) == [notice("n1")]
    told = replace(notice("n1"), state=NoticeState.TOLD, reason="first")
    save(storage, SettleNotice(told, NoticeState.WAITING))
    with pytest.raises(Conflict):
        save(storage, SettleNotice(told, NoticeState.WAITING))
    assert storage.store.waiting(10) == [notice("n2", 1)]
    assert storage.store.notices_by_id(["n1", "nothing"]) == [told]


def test_notices_come_newest_first_in_pages_by_case_and_state(storage: Storage) -> None:
    many = [notice(f"n{n}", n % 3) for n in range(7)]
    save(storage, *many, notice("other", case=None, jurisdiction="330106", state=NoticeState.DROPPED))
    found: list[Notice] = []
    cursor = None
    while True:
        page = storage.store.notices(NoticeQuery(jurisdiction="990100", cursor=cursor, limit=2))
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    assert found == sorted(sorted(many, key=lambda n: n.id), key=lambda n: n.at, reverse=True)
    assert [n.id for n in storage.store.notices(NoticeQuery(state=NoticeState.DROPPED)).items] == ["other"]
    assert len(storage.store.notices(NoticeQuery(case=case().id)).items) == 7
    assert storage.store.notices(NoticeQuery(cursor="no cursor of ours")).items == []


def test_a_removed_jurisdiction_takes_its_office_and_its_notices_along(storage: Storage) -> None:
    save(storage, Keep(WATER, 0), notice("n1"), Keep(replace(WATER, id="w2", jurisdiction="330106"), 0))
    save(storage, RemoveJurisdiction("990100"))
    assert [u.id for u in storage.store.kept(Unit)] == ["w2"]
    assert storage.store.waiting(10) == []


def test_settled_notices_are_deleted_with_the_posts_of_their_time_waiting_ones_stay(storage: Storage) -> None:
    told = {"state": NoticeState.TOLD}
    save(storage, notice("old", -60, **told), notice("waits", -60), notice("new", 60, **told))
    storage.retain(NOON, NOON, NOON)
    assert sorted(n.id for n in storage.store.notices(NoticeQuery()).items) == ["new", "waits"]
