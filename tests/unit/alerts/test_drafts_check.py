import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.drafts.check import same_claims, unsupported
from alerts.drafts.figures import figures, normalised

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
WRITTEN = st.text(
    st.one_of(HAN, st.sampled_from("0123456789，、：:./-%年月日时点分万百十一二三户人“”《》A b")), max_size=40
)


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("共12户", "共120户"),
        ("共120户", "共12户"),
        ("共12户", "共12人"),
        ("三天内", "两天内"),
        ("两三天", "两天"),
        ("3户受损，3户迁出", "3户受损"),
        ("3月2日恢复", "3月1日恢复"),
        ("6月2日恢复", "2月6日恢复"),
        ("六月二日恢复", "六月三日恢复"),
        ("2026年6月2日", "6月2日"),
        ("2026年6月2日", "2025年6月2日"),
        ("15:30恢复", "15:20恢复"),
        ("下午三点恢复", "上午三点恢复"),
        ("下午三点半恢复", "下午三点恢复"),
        ("投入3万元", "投入3元"),
        ("投入1.2亿元", "投入1.2万元"),
        ("三百二十户", "三百二十五户"),
        ("一千零五户", "一千零五十户"),
        ("占35%", "占35户"),
        ("百分之三十", "百分之三"),
        ("完成三成", "完成四成"),
        ("完成三分之一", "完成四分之一"),
        ("增长3.5倍", "增长35倍"),
        ("由甲市水务局负责", "由乙市水务局负责"),
        ("甲市水务局负责", "水务局负责"),
        ("由水务局负责", "由住建局负责"),
        ("和平区停水", "太平区停水"),
        ("向阳路停水", "朝阳路停水"),
        ("人民东路", "人民西路"),
        ("由区教育局答复", "由区水务局答复"),
        ("张局长到场", "李局长到场"),
        ("王建国同志", "王建军同志"),
        ("东湖派出所", "西湖派出所"),
        ("滨江花园", "滨河花园"),
        ("称“马上修好”", "称会修"),
        ("依据《供水条例》", "依据《物业条例》"),
        ("管径DN400", "管径DN300"),
        ("见 www.b.example", "见 www.a.example"),
        ("拨打12345", "拨打12315"),
        ("第三中学", "第四中学"),
        ("3号楼停水", "5号楼停水"),
    ],
)
def test_a_claim_beyond_the_evidence_is_named(sentence: str, evidence: str):
    assert unsupported(sentence, [evidence])


@pytest.mark.parametrize(
    ("sentence", "evidence"),
    [
        ("共１２户", "12户"),
        ("十二天", "12天"),
        ("共 320 户", "三百二十户"),
        ("一千零五户", "1005户"),
        ("3万元", "30,000元"),
        ("两百三十万元", "230万元"),
        ("1.2亿元", "12000万元"),
        ("百分之三十五点六", "35.6%"),
        ("完成三成", "完成30%"),
        ("六月二日", "6月2日"),
        ("6月2日", "2026年6月2日"),
        ("2026-06-02", "二〇二六年六月二日"),
        ("6月2号", "6月2日"),
        ("下午三点半", "15:30"),
        ("15时30分", "下午3点30分"),
        ("晚8点", "20：00"),
        ("十点一刻", "10:15"),
        ("3名学生", "3位学生"),
        ("水务局", "某市水务局"),
        ("由区水务局办理", "区水务局"),
        ("将与街道办事处联系", "云麓街道办事处"),
        ("和平区停水", "昨日和平区停水"),
        ("依据《供水条例》", "《供水条例》第三条"),
        ("管径DN400", "管径dn 400"),
        ("进一步加强巡查", ""),
        ("我们十分重视", ""),
        ("统一部署，万一再停", ""),
        ("", ""),
    ],
)
def test_the_same_claim_in_another_spelling_is_supported(sentence: str, evidence: str):
    assert unsupported(sentence, [evidence]) == []


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("二〇二六年六月二日下午三点半", {"〔2026/6/2〕", "〔15:30〕"}),
        ("2026-06-02 15:30:05", {"〔2026/6/2〕", "〔15:30:05〕"}),
        ("百分之百", {"100%"}),
        ("两三天", {"2~3天"}),
        ("三分之一", {"1", "3"}),
        ("五一路", set()),
        ("3小时20分钟", {"3小时", "20分钟"}),
        ("国办发〔2016〕61号", {"2016", "61号"}),
    ],
)
def test_figures_come_out_in_one_spelling(text: str, spelt: set[str]):
    assert set(figures(normalised(text))) == spelt


@given(st.integers(1, 10**12))
def test_chinese_numerals_say_the_number_they_spell(number: int):
    assert figures(normalised(f"{_spell(number)}户")) == [f"{number}户"]


def _spell(number: int) -> str:
    """A number below 10^16 as it is written out, by the rules for 零."""
    parts = []
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, number = divmod(number, scale)
        if group:
            zero = "零" if parts and group < scale_floor(scale) else ""
            parts.append(zero + (_spell(group) if group >= 10**4 else _four(group)) + name)
    return "".join(parts)


def scale_floor(scale: int) -> int:
    return 10**3 if scale < 10**8 else 1


def _four(number: int) -> str:
    said = ""
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            said += "零一二三四五六七八九"[digit] + name
        elif said and number and not said.endswith("零"):
            said += "零"
    return said


@given(WRITTEN, WRITTEN, WRITTEN)
def test_a_sentence_copied_from_evidence_is_supported(before: str, sentence: str, after: str):
    assert unsupported(sentence, [f"{before}。{sentence}。{after}"]) == []


@given(st.text())
def test_any_text_supports_itself(text: str):
    assert unsupported(text, [text]) == []


@given(WRITTEN, st.permutations("0123456789"), WRITTEN)
def test_a_changed_digit_is_caught(before: str, digits: list[str], after: str):
    assert unsupported(f"{before}{digits[0]}{after}", [f"{before}{digits[1]}{after}"])


@pytest.mark.parametrize(
    ("phrased", "original", "same"),
    [
        ("区水务局已将上下游阀门关闭。", "区水务局已关闭上下游阀门。", False),
        ("区水务局已关闭了上下游阀门。", "区水务局已关闭上下游阀门。", True),
        ("抢修人员已经关闭阀门。", "抢修人员已关闭阀门。", True),
        ("水质符合标准。", "水质不符合标准。", False),
        ("今晚已恢复供水。", "今晚预计恢复供水。", False),
        ("今晚恢复供水，并赔偿损失。", "今晚恢复供水。", False),
        ("3人受伤。", "3人受伤，1人死亡。", False),
        ("1人受伤，3人死亡。", "3人受伤，1人死亡。", False),
        ("由东城区移交给西城区。", "由西城区移交给东城区。", False),
        ("约3户停水。", "3户停水。", False),
        ("区水务局已关闭上下游阀门并开挖破损管段，全额理赔。", "区水务局已关闭上下游阀门并开挖破损管段。", False),
        ("抢修队正在免费更换管道。", "抢修队正在更换管道。", False),
        ("抢修队正在更换管道。", "抢修队正在免费更换管道。", False),
        ("对该管道，抢修队正在进行更换。", "抢修队正在更换该管道。", True),
        ("市督查专班由专人查处停水班次。", "由专人查处停水班次。", False),
        ("感谢您的支持。", "感谢您的支持、理解与监督。", False),
        ("今晚对主管道进行更换。", "今晚更换主管道。", True),
    ],
)
def test_a_wording_may_neither_add_nor_drop_nor_turn_a_claim(phrased: str, original: str, same: bool):
    assert same_claims(phrased, original) is same
