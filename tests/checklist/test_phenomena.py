"""No phenomenon may fail more often than its ceiling in the cases says."""

import pytest

from app.judgement import build_analyser, build_gazetteer
from core.settings import Settings
from tests.checklist.cases import CASES, HELD_OUT, load
from tests.checklist.run import Row, run, table

SMALLEST = 360
SMALLEST_HELD_OUT = 60


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return run(load(CASES), build_analyser(Settings(), build_gazetteer(Settings())))


def test_the_suite_is_large_enough_and_its_table_is_shown(rows: list[Row], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\n" + table(rows))  # noqa: T201  the figures are for the log of whoever runs the tests
    assert sum(row.cases for row in rows) >= SMALLEST


@pytest.mark.parametrize(
    "phenomenon", sorted({(case.capability, case.phenomenon) for case in load(CASES)}), ids=" / ".join
)
def test_failures_stay_below_the_ceiling(rows: list[Row], phenomenon: tuple[str, str]) -> None:
    row = next(row for row in rows if (row.capability, row.phenomenon) == phenomenon)
    told = "\n".join(f"{' -> '.join(case.texts)}: {fault}" for case, fault in row.failures)
    assert row.rate <= row.ceiling, told


def test_what_is_held_out_is_asked_too_but_holds_nobody_to_anything() -> None:
    analyser = build_analyser(Settings(), build_gazetteer(Settings()))
    assert sum(row.cases for row in run(load(HELD_OUT), analyser)) >= SMALLEST_HELD_OUT
