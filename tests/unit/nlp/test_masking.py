"""Masking: what leads to a person goes, whatever its spelling; what tells the incident stays. All numbers are invented."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp.masking import hash_author, mask

IDENTITY = "110101199003070134"  # an invented birthday and order, with its right check character


def check_character(first_17: str) -> str:
    return "10X98765432"[sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(first_17)) % 11]


def luhn(digits: str) -> str:
    doubled = [sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits))]
    return digits + str(-sum(doubled) % 10)


CARD = luhn("622200000000000123")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打我电话13812345678谢谢", "打我电话[手机号]谢谢"),
        ("手机:138 1234 5678。", "手机:[手机号]。"),
        ("138-1234-5678", "[手机号]"),
        ("138.1234.5678", "[手机号]"),
        ("+86 13812345678", "[手机号]"),
        ("8613812345678", "[手机号]"),
        ("１３８１２３４５６７８联系", "[手机号]联系"),
        ("1 3 8 1 2 3 4 5 6 7 8", "[手机号]"),
        ("①③⑧①②③④⑤⑥⑦⑧", "[手机号]"),
        ("1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", "[手机号]️⃣"),
        ("一三八零零零零零零零零打给我", "[手机号]打给我"),
        ("1381234567813987654321", "[手机号]"),
        ("13812345678/13987654321", "[手机号]/[手机号]"),
        (f"身份证{IDENTITY[:17]}{check_character(IDENTITY[:17])}", "身份证[身份证号]"),
        (f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:17]}{check_character(IDENTITY[:17])}", "[身份证号]"),
        ("证号110101900307123", "证号[身份证号]"),
        (f"卡号{CARD}", "卡号[银行卡号]"),
        (f"{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:16]} {CARD[16:]}", "[银行卡号]"),
        ("浙A12345闯红灯", "[车牌号]闯红灯"),
        ("浙A·12345", "[车牌号]"),
        ("新能源车粤BD12345违停", "新能源车[车牌号]违停"),
        ("沪A12345D", "[车牌号]"),
        ("浙a8k123乱停", "[车牌号]乱停"),
        ("邮箱zhang.san_01@example.com收", "邮箱[邮箱]收"),
        ("zhangsan＠example．com", "[邮箱]"),
        ("我住3栋2单元501室", "我住[门牌号]"),
        ("12号楼1803漏水", "[门牌号]漏水"),
        ("12号楼一单元301", "[门牌号]"),
        ("三幢二单元五零一室", "[门牌号]"),
        ("3-2-501室漏水", "[门牌号]漏水"),
        ("桃溪路12号501室", "桃溪路[门牌号]"),
        ("A座1203室", "[门牌号]"),
        ("3棟2單元501室", "[门牌号]"),
        ("住3幢二单元一零一", "住[门牌号]"),
        ("第3栋第2单元501号", "第[门牌号]"),
        ("3座1203室", "[门牌号]"),
        ("3栋18楼1803室", "[门牌号]"),
        ("加我微信：abc_12345聊", "加我微信：[微信号]聊"),
        ("vx:taoxi2026", "vx:[微信号]"),
        ("加V taoxi2026", "加V [微信号]"),
        ("微信号 wodeweixin88", "微信号 [微信号]"),
        ("QQ：123456789", "QQ：[QQ号]"),
        ("微信号是zhang-san", "微信号是[微信号]"),
        ("V：taoxi2026", "V：[微信号]"),
        ("q群：12345678", "q群：[QQ号]"),
        ("QQ群12345678", "QQ群[QQ号]"),
        ("扣扣123456", "扣扣[QQ号]"),
        ("电话0571-88886666转801", "电话[座机号]"),
        ("(010)66668888", "[座机号]"),
        ("物业电话：88886666", "物业电话：[座机号]"),
        ("电话：8888666，8888667、8888668", "电话：[座机号]，[座机号]、[座机号]"),
    ],
)
def test_what_leads_to_a_person_is_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026年11月23日15:00，2026-11-23 10:11:12",
        "房价12800元每平米，总价1280000元，涨了12.5%",
        "打12345没人接，110、119、120都打了",
        "客服400-123-4567，95588，10086，8008208820",
        "工单号20261123000123456，快递SF1234567890123",
        "案号（2026）浙01民初12345号",
        "地铁2号线3号口，国道320，桃溪路12号",
        "3栋2号电梯坏了，12号楼1号门进不去",
        "12号楼着火了，3栋停水，2单元电梯坏了，5栋3单元水管爆了",
        "501室",
        "3栋100多户停水，12号楼300户",
        "身份证号110101199003070135是错的",
        "2020-02-14到2020-02-18，共1234567人次",
        "新iPhone发布，京东方，川A股，云ABCDE",
        "微信支付，微信群里说的，QQ音乐，微信公众号",
        "@桃溪发布 //@小区业主: 转发微博",
        "https://weibo.com/status/4912345678901234",
        "13 14 15 16 17 18 19 20",
        "比分3-2-1，第5-2-301条",
        "一二三四五六七八九十",
        "时间戳1795400000123",
        "面积89.5平，单价13.25 14.55 123",
        "",
    ],
)
def test_what_tells_the_incident_stays(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).kinds == {}


def test_kinds_are_counted() -> None:
    masked = mask("13812345678，13987654321，浙A12345，3栋2单元501室")
    assert masked.kinds == {"mobile": 2, "plate": 1, "house": 1}


not_digits = st.text(st.characters(exclude_categories=["Nd", "Nl", "No", "Cs"]), max_size=12)
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(not_digits, mobiles, not_digits)
def test_no_mobile_survives_among_any_other_text(before: str, mobile: str, after: str) -> None:
    assert mobile not in mask(before + mobile + after).text


@given(st.integers(0, 99999), mobiles, st.sampled_from([" ", "，", "-", "/", "号", "转"]), st.integers(0, 99999))
def test_no_mobile_survives_beside_other_numbers(before: int, mobile: str, between: str, after: int) -> None:
    assert mobile not in mask(f"{before}{between}{mobile}{between}{after}").text


@given(mobiles, st.sampled_from(["", " ", "-", "\u3000", "  ", " - "]), st.booleans())
def test_no_mobile_survives_in_pieces_or_full_width(mobile: str, gap: str, wide: bool) -> None:
    written = f"{mobile[:3]}{gap}{mobile[3:7]}{gap}{mobile[7:]}"
    if wide:
        written = written.translate({0x30 + i: 0xFF10 + i for i in range(10)})
    assert mask(f"找我{written}吧").text == "找我[手机号]吧"


@given(st.dates(), st.from_regex(r"(11|33|44|51)[0-9]{4}", fullmatch=True), st.from_regex(r"[0-9]{3}", fullmatch=True))
def test_every_valid_identity_number_is_masked_and_one_wrong_digit_is_not(born: object, area: str, order: str) -> None:
    first = f"{area}{str(born).replace('-', '')}{order}"
    if first[6:10] < "1850":
        return
    right = check_character(first)
    wrong = "0" if right != "0" else "1"
    assert mask(f"证{first}{right}。").text == "证[身份证号]。"
    assert "[身份证号]" not in mask(f"证{first}{wrong}。").text


parts = st.sampled_from(
    ["13812345678", "浙A", "12345", "3栋", "2单元", "501", "室", "QQ", "微信", "：", "a@b.cn", "@", "0571", "-", " ", "66",
     "电话", "号", "abc_1", "x", "1", "８", "[手机号]", "座"],
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(parts, max_size=12).map("".join)))
@example("a@b.cn13812345678")
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once
    assert mask(once).kinds == {}


def test_an_author_is_a_pseudonym_that_depends_on_source_and_salt() -> None:
    assert hash_author("热心市民", "weibo", "s") == hash_author("热心市民", "weibo", "s")
    others = {
        hash_author("热心市民", "weibo", "t"),
        hash_author("热心市民", "forum", "s"),
        hash_author("市民", "weibo", "s"),
    }
    assert hash_author("热心市民", "weibo", "s") not in others
    assert len(hash_author("\ud800", "weibo", "s")) == 16
