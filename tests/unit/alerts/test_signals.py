"""Every kind of signal, as the documentation shows it: when it holds, when not, and the reason of both."""

import re
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import yaml

from alerts.concerns import Concern, WatchList
from alerts.fields import Search, matches
from alerts.policy import default_policy
from alerts.rulebook import read_item
from alerts.signals import Heard, Listened, Signal, heard, of_interest
from core.records import AnalysedPost, Place
from tests.records import NOON, labels, post

DOCS = Path(__file__).resolve().parents[3] / "docs" / "signals.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(), re.DOTALL)
SHOWN = {one["kind"]: msgspec.convert(one, Signal) for block in BLOCKS for one in yaml.safe_load(block)}
HOUR, DAY = 60, 24 * 60
_ids = count()


def some(number: int, minutes: float = -30, text: str = "停水了", **more: object) -> list[AnalysedPost]:
    """Posts of `minutes` after noon; `sentiment`, `domain` and `place` go into their labels."""
    places = (Place(code=str(more.pop("place")), name="云湾路", text="云湾路"),) if "place" in more else ()
    given = labels(str(more.pop("sentiment", "negative")), str(more.pop("domain", "城乡建设")), places)
    return [post(f"p{next(_ids)}", text, minutes, labels=given, **more) for _ in range(number)]


def before(number: int, **more: object) -> list[AnalysedPost]:
    """Posts of a day and a half before noon: in no window of the examples, in each reference time of more than a day."""
    return some(number, -20 * HOUR, **more)


def in_weeks(number: int, **more: object) -> list[AnalysedPost]:
    """Posts in the two hours before noon of each of the four weeks before."""
    return [post for week in range(1, 5) for post in some(number, -week * 7 * DAY - HOUR - 10, **more)]


CASES: list[tuple[str, list[AnalysedPost], list[AnalysedPost], dict[str, object]]] = [
    # kind, posts with which it holds, posts with which it does not, facts of the yes
    ("any", some(1), [], {"posts": 1}),
    ("blacklist", some(2, source="rumour.example"), some(2), {"value": "rumour.example", "posts": 2}),
    ("whitelist", some(1, source="pub.example"), some(1, source="edu.example"), {"value": "pub.example", "posts": 1}),
    ("change", before(5, sentiment="neutral") + some(5), before(5) + some(5), {"from": "neutral", "to": "negative"}),
    ("frequency", some(10, place="990100"), some(9, place="990100"), {"posts": 10, "least": 10}),
    ("spike", before(24) + some(6), before(96) + some(6), {"now": 6.0, "before": 1.0}),
    ("flatline", before(20), before(20) + some(1), {"posts": 0, "before": 20}),
    ("silence", in_weeks(10), in_weeks(10) + some(8, -70), {"posts": 0, "usual": 10.0, "weeks": 4}),
    ("new_term", some(1, text="有人中毒"), before(1, text="中毒") + some(1, text="有人中毒"), {"value": "中毒", "posts": 1}),
    ("cardinality", [p for n in range(5) for p in some(1, source=f"s{n}")], some(9), {"values": 5, "most": 4.0}),
    ("metric", some(3, comments=201), some(3, comments=200), {"value": 201.0, "most": 200.0}),
    ("percentage", some(6) + some(3, sentiment="neutral"), some(4) + some(4, sentiment="neutral"), {"share": 0.667}),
    ("spike_aggregation", before(24, likes=9) + some(5, likes=9), before(24, likes=9) + some(5), {"now": 50.0}),
]  # fmt: skip


def judged(kind: str, posts: list[AnalysedPost]) -> list[Heard]:
    return heard(SHOWN[kind], Listened(posts), NOON, 0.5)


@pytest.mark.parametrize(("kind", "yes", "no", "facts"), CASES, ids=[case[0] for case in CASES])
def test_a_signal_of_the_documentation_holds_and_does_not_with_the_reason_of_both(kind, yes, no, facts):
    (held, *_) = judged(kind, yes)
    assert held.holds
    assert held.reason.code == f"signal.{kind}"
    assert facts.items() <= held.reason.facts.items()
    (not_held, *_) = judged(kind, no)
    assert not not_held.holds
    assert not_held.reason.code == f"signal.{kind}"


def test_every_kind_is_in_the_documentation_and_in_the_table_above_and_passes_the_check_of_the_api():
    kinds = set(get_args(Signal.__annotations__["kind"]))
    assert kinds == set(SHOWN) == {case[0] for case in CASES}
    for signal in SHOWN.values():
        body = msgspec.json.encode(signal)
        assert read_item("signal", signal.id, body, default_policy()) == signal


def test_the_window_and_the_reference_are_half_open_and_lie_before_now():
    at = [some(1, minutes)[0] for minutes in (0, -1, -60, -61)]
    (found,) = heard(SHOWN["any"], Listened(at), NOON, 0.5)
    assert [p.at for p in found.posts] == [NOON - timedelta(minutes=1), NOON - timedelta(minutes=60)]


def test_with_a_key_each_value_is_judged_by_itself_and_those_that_hold_come_first():
    found = judged(
        "flatline", before(20, source="a") + before(20, source="b") + some(3, source="b") + before(5, source="c")
    )
    assert [(one.key, one.holds) for one in found] == [("a", True), ("b", False), ("c", False)]


def test_silence_where_nothing_was_ever_said_is_no_news():
    (found,) = judged("flatline", [])
    assert not found.holds


def test_where_nothing_is_usual_at_that_hour_silence_is_no_news():
    elsewhere = [p for week in range(1, 5) for p in some(50, -week * 7 * DAY - 9 * HOUR)]
    (found,) = heard(SHOWN["silence"], Listened(elsewhere), NOON, 0.5)
    assert (found.holds, found.reason.facts["usual"]) == (False, 0.0)


def test_each_source_that_is_missed_is_told_and_more_sources_ask_for_more():
    one = heard(SHOWN["silence"], Listened(in_weeks(8, source="a")), NOON, 0.5)
    many = [p for n in range(30) for p in in_weeks(8, source=f"s{n}") + some(8, -70, source=f"s{n}")]
    among = heard(SHOWN["silence"], Listened(in_weeks(8, source="a") + many), NOON, 0.5)
    assert [(found.key, found.holds) for found in one] == [("a", True)]
    assert not any(found.holds for found in among)


def test_a_silence_without_weeks_to_compare_with_is_refused():
    for more in ({"reference": "13d"}, {"window": "8d"}):
        with pytest.raises(ValueError, match="week"):
            msgspec.structs.replace(SHOWN["silence"], **more)


def test_a_spike_may_also_be_a_fall():
    down = msgspec.structs.replace(SHOWN["spike"], way="down")
    (found,) = heard(down, Listened(before(240) + some(3)), NOON, 0.5)
    assert found.holds
    assert not heard(down, Listened(before(72) + some(3)), NOON, 0.5)[0].holds


def test_an_area_of_concern_and_a_watch_list_keep_only_their_posts():
    area = Concern(id="meals", name={}, source="s", words=("食堂",), without=("招聘",))
    words = WatchList(id="w", name={}, source="s", of="words", values=("发霉",))
    posts = some(1, text="食堂的饭发霉") + some(1, text="食堂招聘，发霉") + some(1, text="食堂不错")
    signal = msgspec.structs.replace(SHOWN["any"], concern="meals", watch_list="w")
    assert of_interest(signal, posts, [area], [words]) == posts[:1]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(words="停水 两天"), True),
        (Search(words="停电"), False),
        (Search(source="forum.example", sentiment="negative", domain="城乡建设", place="9901"), True),
        (Search(place="3301"), False),
        (Search(lang="en"), False),
    ],
)
def test_a_narrower_search_looks_at_words_and_labels(search: Search, found: bool):
    (one,) = some(1, text="停水了，两天了", place="990100")
    assert matches(search, one) is found
