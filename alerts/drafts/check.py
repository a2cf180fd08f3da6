"""What a sentence claims beyond its evidence. Errs on the side of refusing: a claim written otherwise counts as missing."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from alerts.drafts.figures import figures, holds, normalised

_HAN = "\u3400-\u9fff"
_QUOTED = re.compile(r"[“「『《\"]([^”」』》\"]+)[”」』》\"]")
_LATIN = re.compile(r"[a-z][a-z0-9_.@/:-]*")
_ENDING = re.compile(
    "派出所|检察院|居委会|村委会|委员会|办事处|管理处|卫生院|幼儿园|指挥部|网信办|信访办|办公室|社区|小区|街道|大道|花园|雅苑|大厦|广场|公园"
    "|集团|公司|企业|银行|医院|学校|学院|大学|中学|小学|中心|大队|支队|中队|政府|部门|机场|车站|水库|工业园|产业园|协会|商场|超市|酒店"
    "|先生|女士|同志|主任|局长|处长|科长|书记|市长|县长|区长|镇长|乡长|院长|校长|所长|队长|经理|老师|医生"
    "|局|厅|镇|乡|村|街|路|区|市|县|州|桥|省|旗|委(?![托派屈])|院|所(?![有以谓在反需涉述提])"
)
_LINK = re.compile(
    "目前|截至|现在|近日|今日|已经|正在|随后|立即|经核实|经|已|现|由|在|的|与|和|同|向|对|于|到|至|是|为|被|把|将|让|请|及|并|了|着|过|该|从|给|等|或|因|我"
)
_NEVER_OPENS = frozenset("由的与被把让请及并了着过该或到至是")
_LONGEST_NAME = 14
_DENIALS = re.compile("[不未没無无非勿莫否]")
_MODES = re.compile(
    "预计|计划|拟|力争|正在|即将|将|已|可能|疑似|初步|基本|全部|部分|约|左右|以上|以下|以内|至少|最多|超过|不足|近"
)
_POINTS = re.compile(r"[，。；：、！？\s]")
_FILLING = re.compile(
    "(?:发生|进行|开展|予以|给予|作出|做出|关于|对于|有关|相关|情况|网友|网民|我们|以及|同时|此外|[的地得了着对于在并且而其该此这为是由与和及以之您我请已经将把])*"
)


def _names(text: str) -> Iterator[str]:
    """Words that end as a place, an organisation or a person with a title, as far left as the name may reach."""
    for run in re.finditer(f"[{_HAN}]+", text):
        words = run.group()
        for ending in _ENDING.finditer(words):
            yield _name(words, ending.start(), ending.end())


def _name(words: str, ending: int, end: int) -> str:
    start = max(0, end - _LONGEST_NAME)
    for link in _LINK.finditer(words, start, ending):
        # 和平区, 向阳路: before a single character the link word is part of the name, if names begin so
        if ending - link.end() != 1 or link.group() in _NEVER_OPENS:
            start = link.end()
    return words[start:end]


def unsupported(sentence: str, evidence: Sequence[str]) -> list[str]:
    """Numbers, dates, times, quotations, Latin words, persons, places and organisations that no evidence text holds.

    Numbers are compared whole, with their unit, and as often as they stand: evidence of 120户 supports neither 12户 nor
    120人, and 3户 said twice needs it twice. A name must stand in the evidence as far left as it reaches in the sentence:
    evidence of 乙市水务局 does not support 甲市水务局, but it does support 水务局. Empty when nothing is missing.
    """
    said, known = normalised(sentence), [normalised(text) for text in evidence]
    left = Counter(figure for text in known for figure in figures(text))
    missing = []
    for figure in figures(said):
        held = figure if left[figure] else next((one for one in left if left[one] and holds(figure, one)), None)
        if held is None:
            missing.append(figure)
        else:
            left[held] -= 1
    words = [word for form in (_QUOTED, _LATIN) for word in form.findall(said)] + list(_names(said))
    return missing + [word for word in dict.fromkeys(words) if not any(word in text for text in known)]


def same_claims(phrased: str, original: str) -> bool:
    """Whether a sentence says neither more nor less than its original, by everything this module can see.

    The same figures, quotations, Latin words and names stand in both, figures and names in the same order (who did what
    to whom); as many denials; the same words of certainty and measure (预计 must not become 已); and each is made of
    pieces of the other and words that say nothing (发生, 进行, 的). Other words fail, synonyms among them.
    """
    if unsupported(phrased, [original]) or unsupported(original, [phrased]):
        return False
    said, meant = normalised(phrased), normalised(original)
    places = [said.find(name) for name in _names(meant)]
    if figures(said) != figures(meant) or places != sorted(places):
        return False
    if len(_DENIALS.findall(phrased)) != len(_DENIALS.findall(original)):
        return False
    if Counter(_MODES.findall(phrased)) != Counter(_MODES.findall(original)):
        return False
    return _close(phrased, original) and _close(original, phrased)


def _close(text: str, other: str) -> bool:
    """Whether `text` is made of pieces of `other` (two characters or more, in any order) and words that say nothing."""
    plain, place, rest = _POINTS.sub("", text), 0, ""
    while place < len(plain):
        length = 0
        while place + length < len(plain) and plain[place : place + length + 1] in other:
            length += 1
        rest += plain[place] if length < 2 else " "
        place += 1 if length < 2 else length
    return all(_FILLING.fullmatch(words) for words in rest.split())
