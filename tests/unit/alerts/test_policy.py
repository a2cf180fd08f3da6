import re
from pathlib import Path

import pytest

from alerts.policy import Policy, default_policy, load_policy
from core.errors import ConfigurationError

CLOCK = "{kind: a, name: {zh-Hans: 甲}, limit: 48h, start: occurred, source: s, grade: A"
RULE = "{id: a, name: {zh-Hans: 甲}, source: s, level: 3"
CHECKLIST = "{id: c, name: {zh-Hans: 清单}, source: s, steps: [{id: a, text: {zh-Hans: 甲}}]"
UNIT = "{id: u, name: 水务, tier: district, jurisdiction: '1'}"
REFUTED = "{id: a, name: {zh-Hans: 甲}, source: s, date: 2026-03-02"
LEVEL = "{level: 1, color: red, name: {zh-Hans: 一级}, meaning: m, source: s, grade: A}"


def loaded(folder: Path, **files: str) -> Policy:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_policy(folder)


def test_nothing_ships_that_was_only_remembered():
    policy = default_policy()
    assert not [row.grade for row in (*policy.levels, *policy.clocks) if "M" in row.grade]


def test_every_name_that_ships_is_in_three_languages():
    policy = default_policy()
    for row in (*policy.levels, *policy.clocks, *policy.rules):
        assert set(row.name) == {"zh-Hans", "zh-Hant", "en"}
    for checklist in policy.checklists:
        for words in (checklist.name, *(step.text for step in checklist.steps)):
            assert set(words) == {"zh-Hans", "zh-Hant", "en"}


def test_the_same_files_have_the_same_version_and_a_changed_one_another(tmp_path):
    assert load_policy().version == default_policy().version
    assert loaded(tmp_path, clocks=f"clocks:\n- {CLOCK}}}\n").version != default_policy().version


def test_a_later_folder_replaces_rules_and_keeps_the_rest(tmp_path):
    policy = loaded(tmp_path, rules=f"rules:\n- {RULE}}}\n")
    assert [rule.id for rule in policy.rules] == ["a"]
    assert policy.clocks == default_policy().clocks


def test_units_are_added_and_a_jurisdiction_with_its_own_uses_only_those(tmp_path):
    policy = loaded(tmp_path, units=f"- {UNIT}\n")
    assert [unit.id for unit in policy.units_of("1")] == ["u"]
    assert policy.units_of("2") == default_policy().units


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("clocks", f"clocks:\n- {CLOCK}}}\n- {CLOCK}}}\n", 3, "a second time"),
        ("clocks", f"clocks:\n- {CLOCK.replace('48h', '2 days')}}}\n", 2, "is no limit"),
        ("clocks", f"clocks:\n- {CLOCK.replace('48h', '251wd')}}}\n", 2, "longer than a year"),
        ("clocks", f"clocks:\n- {CLOCK.replace('48h', '9' * 5000 + 'h')}}}\n", 2, "longer than a year"),
        ("clocks", f"clocks:\n- {CLOCK}, warn: [1.5]}}\n", 2, "between 0 and 1"),
        ("clocks", f"clocks:\n- {CLOCK}, warn: [.nan]}}\n", 2, "between 0 and 1"),
        ("clocks", f"clocks:\n- {CLOCK}, levels: [5]}}\n", 2, "level 5 is not in levels.yaml"),
        ("clocks", f"clocks:\n- {CLOCK}, begin: x}}\n", 2, "begin"),
        ("clocks", f"clocks:\n- {CLOCK.replace('occurred', 'whenever')}}}\n", 2, "whenever"),
        ("clocks", f"clocks:\n- {CLOCK.replace('source: s', 'source: ')}}}\n", 2, "source"),
        ("clocks", f"clocks:\n- {CLOCK.replace('zh-Hans', 'en')}}}\n", 2, "no name in zh-Hans"),
        ("clocks", "clocks: []\n", 1, "there are no clocks"),
        ("clocks", "", 1, "expected a list under 'clocks'"),
        ("rules", f"rules:\n- {RULE}, min_posts: many}}\n", 2, "min_posts"),
        ("rules", f"rules:\n- {RULE}, reasons: [rumour]}}\n", 2, "rumour"),
        ("rules", f"rules:\n- {RULE}}}\n- [1\n", 4, "expected"),
        ("rules", "rules:\n- !!python/object:os.system {}\n", 2, "could not determine a constructor"),
        ("levels", f"levels:\n- {LEVEL}\n- {LEVEL.replace('level: 1', 'level: 7')}\n", None, "level"),
        ("levels", f"levels:\n- {LEVEL[:-1]}, quiet_share: 1}}\n", 2, "quiet_share 1 is not a share"),
        ("checklists", f"- {CHECKLIST}}}\n- {CHECKLIST.partition('{id: a')[0]}]}}\n", 2, "at least one step"),
        ("checklists", f"- {CHECKLIST.replace('text: {zh-Hans', 'text: {en')}}}\n", 1, "no text in zh-Hans"),
        ("checklists", f"- {CHECKLIST.replace('}]', '}, {id: a, text: {zh-Hans: 乙}}]')}}}\n", 1, "twice"),
        ("checklists", f"- {CHECKLIST.replace('id: a', 'done_by: luck, id: a')}}}\n", 1, "done_by"),
        ("refuted", f"- {REFUTED}, claims: []}}\n", 1, "claims"),
        ("refuted", f"- {REFUTED}, claims: [水厂被人投毒], right: ''}}\n", 1, "right"),
        ("units", f"- {UNIT.replace('district', 'village')}\n", 1, "village"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_and_the_reason(tmp_path, name, text, line, reason):
    with pytest.raises(ConfigurationError, match=re.escape(reason)) as raised:
        loaded(tmp_path, **{name: text})
    assert f"{name}.yaml" in str(raised.value)
    assert line is None or f"line {line}:" in str(raised.value)


def test_a_folder_that_is_not_there_and_a_file_that_is_not_text_are_said(tmp_path):
    with pytest.raises(ConfigurationError, match="not a folder"):
        load_policy(tmp_path / "nowhere")
    (tmp_path / "rules.yaml").write_bytes("rules: 规则".encode("gbk"))
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_policy(tmp_path)


SIGNAL = "{id: a, name: {zh-Hans: 甲}, source: s, level: 3, kind: flatline, jurisdiction: '99'"


def test_a_signal_that_could_never_be_judged_is_refused_with_its_line(tmp_path):
    with pytest.raises(ConfigurationError, match=r"signals.yaml, line 2: .*shorter than the window"):
        loaded(tmp_path, signals=f"- {SIGNAL}}}\n- {SIGNAL}, window: 8d, reference: 1d}}\n")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"rules": f"rules:\n- {RULE}, concerns: [gone]}}\n"}, "rule a names concern gone"),
        ({"rules": f"rules:\n- {RULE}, none_of: [{{lists: [gone]}}]}}\n"}, "rule a names list gone"),
        ({"signals": f"- {SIGNAL}, search: gone}}\n"}, "signal a names search gone"),
        ({"checklists": f"- {CHECKLIST}, levels: [7]}}\n"}, "checklist c names level 7"),
    ],
)
def test_a_name_that_is_nowhere_is_refused(tmp_path, files, says):
    with pytest.raises(ConfigurationError, match=says):
        loaded(tmp_path, **files)
