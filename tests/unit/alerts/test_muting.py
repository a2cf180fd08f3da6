"""What silences and inhibition keep back, against matchers written from Alertmanager's documentation."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notices import Plan, dispatch, load_plan
from alerts.notices.plan import Inhibition, Quiet, Route
from alerts.notices.scene import Scene
from core.errors import ConfigurationError
from core.records import Case, Channel, Silence
from tests.records import NOON, case
from tests.unit.alerts.matchers import InhibitRule, Silenced
from tests.unit.alerts.test_notices_pipeline import notice
from tests.unit.alerts.translated import PARTS_WAIT, TABLE, labels_of, matchers_of

CASES: dict[str, Case] = {name: case(name, **given) for name, given in TABLE["cases"].items()}
SECOND = timedelta(seconds=1)
FOR_EVER = 10**6
INHIBITIONS = [(table, row) for table in TABLE["inhibitions"] for row in table["rows"]]


def held(
    cases: Iterable[Case], silence: Silence | None = None, rule: Inhibition | None = None, at: float = 0
) -> list[str]:
    """The cases of which the pipeline keeps the news back at that second."""
    there = list(cases)
    plan = Plan(
        routes=(Route(id="r", group_by=("case",)),),
        quiet=Quiet(since="00:00", until="00:00"),
        inhibit=() if rule is None else (rule,),
    )
    scene = Scene(
        plan=plan,
        now=NOON + at * SECOND,
        cases={one.id: one for one in there},
        open_cases=there,
        channels=(Channel(id="group", name="值班群", url="json://receiver.example"),),
        silences=() if silence is None else (silence,),
    )
    news = [notice(one.id, case=one.id, unit=one.unit, level=one.level) for one in there]
    return sorted(dispatch(news, scene).held)


def silence_of(given: Mapping[str, Any], since: int = 0, until: int = FOR_EVER) -> Silence:
    what = {name: value if isinstance(value, str) else tuple(value) for name, value in given.items()}
    return Silence(id="q", since=NOON + since * SECOND, until=NOON + until * SECOND, who="w", why="y", **what)


@pytest.mark.parametrize("row", TABLE["silences"], ids=lambda row: row["name"])
def test_a_silence_keeps_back_what_its_matchers_fit_or_says_why_it_cannot_be_said(row: dict[str, Any]):
    theirs = Silenced(row["matchers"], 0, FOR_EVER)
    assert sorted(name for name, one in CASES.items() if theirs.mutes(labels_of(one), 1)) == sorted(row["mutes"])
    assert ("ours" in row) != ("because" in row)
    if "ours" in row:
        assert held(CASES.values(), silence_of(row["ours"])) == sorted(row["mutes"])


@pytest.mark.parametrize("row", TABLE["spans"], ids=lambda row: row["name"])
def test_a_silence_holds_from_its_beginning_until_its_end(row: dict[str, Any]):
    theirs = Silenced([], row["since"], row["until"])
    ours = silence_of({"jurisdiction": "990100"}, row["since"], row["until"])
    for second, holds in row["holds"].items():
        assert theirs.mutes({}, second) == holds
        assert bool(held([CASES["town"]], ours, at=second)) == holds


@pytest.mark.parametrize(("table", "row"), INHIBITIONS, ids=[row["name"] for _, row in INHIBITIONS])
def test_a_case_speaks_for_others_as_a_source_does_for_its_targets(table: dict[str, Any], row: dict[str, Any]):
    known = CASES | {name: case(name, **given) for name, given in table.get("also", {}).items()}
    open_ = [known[name] for name in row["open"]]
    theirs = [InhibitRule(**one) for one in table["theirs"]]
    firing = [labels_of(one) for one in open_]
    muted = [one.id for one in open_ if any(rule.mutes(labels_of(one), firing) for rule in theirs)]
    assert sorted(muted) == sorted(row["mutes"])
    assert held(open_, rule=msgspec.convert({"id": "r", **table["rule"]}, Inhibition)) == sorted(row["mutes"])


UNITS, DOMAINS = ("water", "street-1", "education"), ("城乡建设", "教育文体", "none")
PLACES = ("990100", "990100001", "990100001001", "990100001002", "990100002", None)
CASE = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(UNITS),
        "level": st.integers(1, 4),
        "domain": st.sampled_from(DOMAINS),
        "place": st.sampled_from(PLACES),
    }
)
SOME = st.lists(CASE, max_size=6).map(lambda many: [case(f"c{n}", **given) for n, given in enumerate(many)])
WORDS = st.fixed_dictionaries(
    {},
    optional={
        "units": st.sets(st.sampled_from(UNITS), min_size=1).map(sorted),
        "levels": st.sets(st.integers(1, 4), min_size=1).map(sorted),
        "domains": st.sets(st.sampled_from(DOMAINS), min_size=1).map(sorted),
        "places": st.sets(st.sampled_from(PLACES[:-1]), min_size=1).map(sorted),
        "cases": st.sets(st.sampled_from(["c0", "c1", "c2"]), min_size=1).map(sorted),
    },
)


@given(SOME, WORDS)
def test_any_silence_keeps_back_what_alertmanager_would(cases: list[Case], words: dict[str, list[Any]]):
    theirs = Silenced(matchers_of(words), 0, FOR_EVER)
    muted = sorted(one.id for one in cases if theirs.mutes(labels_of(one), 1))
    assert held(cases, silence_of(words)) == muted


@given(SOME)
def test_any_cases_inhibit_each_other_as_in_alertmanager(cases: list[Case]):
    firing = [labels_of(one) for one in cases]
    muted = sorted(one.id for one in cases if any(rule.mutes(labels_of(one), firing) for rule in PARTS_WAIT))
    assert held(cases, rule=Inhibition(id="part", same=("jurisdiction", "domain"), parts_of_place=True)) == muted


@pytest.mark.parametrize("label", ["case", "event"])
def test_what_no_two_cases_share_cannot_be_the_same_in_them(label: str, tmp_path: Path):
    plan = (
        "routes: [{id: r, group_by: [case]}]\nquiet: {since: '22:00', until: '07:00'}\n"
        f"inhibit: [{{id: i, same: [{label}]}}]"
    )
    (tmp_path / "notices.yaml").write_text(plan, "utf-8")
    with pytest.raises(ConfigurationError, match="same"):
        load_plan(tmp_path)
