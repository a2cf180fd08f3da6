"""Near-duplicates: copies find their first post, different posts do not, and memory stays bounded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.effects import Seen
from nlp import duplicates
from nlp.duplicates import AGREEING, Window, agreeing, essence, fingerprints
from nlp.script import fold

STORED = [3306661837916869826, -4690323717978350257]  # of NOTICE and of a short text

AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NOTICE = "桃溪街道通知：因供水管道抢修，11月24日8时至20时桃溪路沿线小区停水，请居民提前储水，给您带来不便敬请谅解。"


def fingerprint(text: str) -> int:
    return int(fingerprints([fold(text)])[0])


def alike(one: str, other: str) -> bool:
    window = Window(size=16)
    window.group_of("first", fingerprint(one), AT)
    return window.group_of("second", fingerprint(other), AT) == "first"


@pytest.mark.parametrize(
    "copy",
    [
        NOTICE,
        f"//@桃溪发布:{NOTICE}",
        f"又停水//@小区业主:真的吗//@桃溪发布: {NOTICE}",
        f"转发微博//@桃溪发布:{NOTICE}",
        f"{NOTICE} https://example.com/a1b2c3",
        f"#桃溪停水# {NOTICE}",
        NOTICE.replace("，", " "),
        NOTICE.replace("给您带来不便敬请谅解", "给您带来不便请谅解"),
        NOTICE + "快看",
        NOTICE.replace("小区停水", "小區停水").replace("请居民", "請居民"),
    ],
)
def test_a_copy_is_found(copy: str) -> None:
    assert alike(NOTICE, copy)


@pytest.mark.parametrize(
    "other",
    [
        "桃溪路积水严重，车都熄火了，有没有人管一管，打了三次电话都说在处理。",
        "桃溪街道通知：本周六上午在社区广场举行义诊，欢迎居民参加，请带好身份证件。",
        "这条路停水",
        "",
    ],
)
def test_another_post_is_not(other: str) -> None:
    assert not alike(NOTICE, other)


def test_a_comment_of_one_s_own_is_not_a_copy_of_what_it_answers() -> None:
    comment = "我们这栋楼已经三天没有水了，老人上下楼提水太难，打电话只说等，请尽快派水车过来。"
    assert not alike("停水通知，请大家储水，谢谢配合工作", f"{comment}//@桃溪发布:停水通知，请大家储水，谢谢配合工作")


def test_short_texts_are_copies_only_when_they_are_equal() -> None:
    assert alike("路灯坏了！", "路灯坏了。")
    assert not alike("路灯坏了", "路灯坏")
    assert not alike("#东桥积水#真好", "#西桥通车#真好")
    assert not alike("😀😀", "👍👍")


def test_a_text_has_one_fingerprint_alone_or_in_any_batch() -> None:
    texts = [fold(text) for text in (NOTICE, "短", NOTICE[:30], "", "路灯坏了三天还没有人来修理，晚上走路很危险")]
    assert fingerprints(texts).tolist() == [fingerprint(text) for text in texts]
    assert fingerprints([]).tolist() == []


def test_fingerprints_do_not_change_between_versions_because_they_are_stored() -> None:
    assert fingerprints([fold(NOTICE), "路灯坏了"]).tolist() == STORED


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_agreement_counts_equal_nibbles(one: int, other: int) -> None:
    nibbles = [(one >> shift & 15) == (other >> shift & 15) for shift in range(0, 64, 4)]
    assert agreeing(one, other) == sum(nibbles)


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_text_has_a_fingerprint(texts: list[str]) -> None:
    assert len(fingerprints([fold(text) for text in texts])) == len(texts)


@pytest.mark.parametrize(
    ("folded", "rest"),
    [
        ("真的?//@某人:路灯坏了,没人修//@另一人:", "路灯坏了没人修"),
        ("看 https://example.com/x 这里", "看这里"),
        ("#话题#正文", "正文"),
    ],
)
def test_essence_is_what_copies_share(folded: str, rest: str) -> None:
    assert essence(folded) == rest


def test_a_group_is_forgotten_after_the_horizon_unless_it_goes_on() -> None:
    quiet, busy = Window(size=16, horizon=timedelta(hours=72)), Window(size=16, horizon=timedelta(hours=72))
    for window in (quiet, busy):
        window.group_of("first", fingerprint(NOTICE), AT)
    for hours in (40, 80):
        assert busy.group_of("again", fingerprint(NOTICE), AT + timedelta(hours=hours)) == "first"
    assert quiet.group_of("late", fingerprint(NOTICE), AT + timedelta(hours=80)) == "late"


def test_the_window_keeps_the_newest_groups_and_no_more() -> None:
    window = Window(size=8)
    for number in range(100):
        window.group_of(str(number), number << 1 | 1, AT)
    assert window.group_of("new", 99 << 1 | 1, AT) == "99"
    assert window.group_of("new", 50 << 1 | 1, AT) == "new"


@given(st.lists(st.integers(0, 40), max_size=60))
def test_how_many_posts_it_holds_changes_no_group(drawn: list[int]) -> None:
    """Where the buckets are few, in between, and many."""
    found = []
    for few in (1, 10, 1000):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(duplicates, "_FEW", few)
            window = Window(size=16)
            found.append([window.group_of(str(n), number << 14 | 1, AT) for n, number in enumerate(drawn)])
            assert len(window) <= 16
    assert found[0] == found[1] == found[2]


def test_a_restored_window_answers_like_the_one_that_went_on() -> None:
    texts = [f"{NOTICE[: 30 + number % 3]}{'甲乙丙丁戊'[number % 5] * 9}" for number in range(40)]
    prints = [fingerprint(text) for text in texts]
    going = Window(size=64)
    groups = [going.group_of(str(number), print_, AT) for number, print_ in enumerate(prints)]
    rows = [
        Seen(str(number), "990100", AT, "", print_, group)
        for number, (print_, group) in enumerate(zip(prints, groups, strict=True))
    ]
    restored = Window(size=64)
    restored.restore(rows)
    again = [restored.group_of("x", print_, AT) for print_ in prints]
    assert again == [going.group_of("x", print_, AT) for print_ in prints]
    assert len(set(groups)) > 1


def test_the_least_agreement_is_what_separates() -> None:
    window = Window(size=8)
    base = 0x1111_1111_1111_1110
    window.group_of("first", base, AT)
    near = base ^ int("F" * (16 - AGREEING), 16) << 48
    far = base ^ int("F" * (17 - AGREEING), 16) << 44
    assert window.group_of("near", _signed(near), AT) == "first"
    assert window.group_of("far", _signed(far), AT) == "far"


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits
