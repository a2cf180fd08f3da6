"""The audit's chains: what holds, and what each kind of tampering looks like."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import cli
from core.audit import walked
from core.effects import Effects
from core.records import AuditRow
from core.storage.sqlite import SqliteStorage, open_storage
from tests.records import NOON


def row(id_: str, who: str = "wang", jurisdiction: str = "990100") -> AuditRow:
    return AuditRow(id=id_, object="c1", at=NOON, who=who, action="case.level", jurisdiction=jurisdiction)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SqliteStorage]:
    storage = open_storage(tmp_path / "data")
    for n in range(5):
        storage.commit(Effects(changes=[row(f"a{n}"), row(f"b{n}", jurisdiction="")]))
    yield storage
    storage.close()


def told(storage: SqliteStorage) -> dict[str, str]:
    return {one.chain: one.why for one in walked(storage.store)}


def test_rows_that_were_written_and_left_alone_hold(office: SqliteStorage):
    assert told(office) == {"": "", "990100": ""}
    assert [(head.chain, head.number) for head in office.store.audit_heads()] == [("", 5), ("990100", 5)]


def test_a_row_that_comes_twice_is_linked_once(office: SqliteStorage):
    office.commit(Effects(changes=[row("a1", who="forger"), row("a9"), row("a9", who="forger")]))
    assert told(office)["990100"] == ""
    assert [a.who for a in office.store.audit("c1") if a.id in ("a1", "a9")] == ["wang", "wang"]


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        ("UPDATE audit SET body = replace(body, 'wang', 'lily') WHERE id = 'a2'", "row 3 is not what was written"),
        ("UPDATE audit SET object = 'c2' WHERE id = 'a2'", "row 3 is filed under another object"),
        ("DELETE FROM audit WHERE id = 'a2'", "row 3 is missing"),
        ("DELETE FROM audit WHERE id = 'a4'", "the newest row should be number 5, it is 4"),
        ("UPDATE audit SET number = 10 WHERE id = 'a4'", "row 5 is missing"),
        ("INSERT INTO audit (id, object, body, chain, number, hash) VALUES ('x', 'c1', '{}', '990100', 6, 'h')",
         "a row stands after the newest"),
        ("UPDATE audit_heads SET hash = 'h' WHERE chain = '990100'", "the head differs"),
    ],
)  # fmt: skip
def test_tampering_shows_where_it_was_done_and_not_in_the_other_chain(
    office: SqliteStorage, tmp_path: Path, tampering: str, why: str
):
    with sqlite3.connect(tmp_path / "data" / "huiying.db") as file:
        file.execute(tampering)
    assert told(office) == {"": "", "990100": why}


def test_the_command_says_what_it_found_and_ends_with_1_when_a_chain_is_broken(office: SqliteStorage, tmp_path: Path):
    where = ["audit", "verify", "--data-dir", str(tmp_path / "data")]
    fine = CliRunner().invoke(cli, where)
    assert fine.exit_code == 0
    assert [line.split("  ")[1] for line in fine.output.splitlines()] == ["holds", "holds"]
    noted = fine.output.splitlines()[1].split("  ")[0]
    assert CliRunner().invoke(cli, [*where, "--expect", noted]).exit_code == 0
    with sqlite3.connect(tmp_path / "data" / "huiying.db") as file:
        file.execute("DELETE FROM audit WHERE chain = '990100' AND number = 5")
        file.execute(
            "UPDATE audit_heads SET number = 4, hash = (SELECT hash FROM audit WHERE id = 'a3') WHERE chain <> ''"
        )
    assert CliRunner().invoke(cli, where).exit_code == 0, "the chain alone cannot show that its newest rows are gone"
    gone = CliRunner().invoke(cli, [*where, "--expect", noted])
    assert gone.exit_code == 1
    assert "does not hold what was noted" in gone.output
