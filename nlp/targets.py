"""What a sentiment is about: the unit or place named by the clause that carries it, or nearest before it.

The clause is the one whose words speak most for the sentiment (the label's own reasons); units are noun phrases that end as
units do (`派出所`, `物业`), places are those that the gazetteer found. To whom a post turns, or where its writer stood, is not
what it is about: `向住建局反映`, `在公园门口看见`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.records import Ngram, Place, Target
from nlp.matcher import alternation

_DEPARTMENTS = (
    "教育|公安|城管|城市管理|住建|住房|环保|生态环境|交通|交通运输|民政|人社|人力资源|卫生|卫健|水利|水务|农业|林业|园林|税务|工商|市场监管|市场监督|质监|"
    "食药监|药监|财政|审计|司法|信访|国土|自然资源|规划|房管|房产|执行|应急|文旅|文化|体育|统计|物价|商务|粮食|邮政|铁路|电力|气象|医保|社保|公积金管理|"
    "执法|综合执法|发改|建设|城建|国资|安监"
)
_NAMED = (
    "街道办事处|街道办|办事处|社区居委会|社区居民委员会|居民委员会|居委会|村民委员会|村委会|村委|社区卫生服务中心|社区服务中心|社区|派出所|卫生院|卫生所|养老院|敬老院|福利院|医院|"
    "中学|小学|幼儿园|大学|学院|学校|物业公司|物业|政务服务中心|行政服务中心|服务中心|政务大厅|办事大厅|车管所|交警大队|交警支队|交警队|交警|城管队|城管|"
    "消防队|消防站|自来水公司|供水公司|水务公司|供电公司|电力公司|燃气公司|天然气公司|热力公司|供暖公司|供热公司|公交公司|客运公司|房产公司|开发公司|开发商|"
    "人民政府|市政府|县政府|区政府|镇政府|乡政府|政府|法院|检察院|纪委|图书馆|体育馆|博物馆|菜市场|农贸市场|市场|公园|殡仪馆|火车站|汽车站|高铁站|驾校"
)
_OFFICES = frozenset(d + kind for d in _DEPARTMENTS.split("|") for kind in ("局", "分局", "委", "委员会", "厅"))
_UNIT = re.compile(
    f"(?:{alternation([*_OFFICES, *_NAMED.split('|')])})(?!员|费|税|价|化|生|里(?!的)|经济|规律|建设|工作者|医生)"
)
_LEVEL = re.compile(
    r"(?:[省市区县镇乡村]|第[一二三四五六七八九十\d]{1,3}|[一二三四五六七八九十]|人民|中心|实验|附属|妇幼|中医|儿童|社区)+\Z"
)
_BOUNDARY = re.compile(
    r".*(?:感谢|谢谢|投诉|举报|反映|表扬|点赞|建议|希望|恳请|请求|要求|咨询|联系|致电|拨打|路过|经过|对面|旁边|附近|隔壁|邻居|我们|你们|他们|咱们|大家|现在|今天|昨天|"
    r"可是|但是|而且|还有|因为|所以|如果|虽然|原来|终于|居然|竟然|这个|那个|这家|那家|这所|那所|有个|某个|孩子|老人|业主|居民|听说|看见|知道|不知|肯求|违反|严惩|违规|没有|严重|应该|阻止|督促|每个|全国|几名|一名|最烦|就是|还是|当初|"
    r"[的了在和到去把被给向找从对是有我你他她它们这那很都也就还请问让叫由跟与及或说讲来往至为着过查管祝名个些家位所当])"
)
_TO_WHOM = re.compile(
    r"(?:向|给|请|希望|恳请|肯求|盼望|望|建议|要求|求|联系了?|找了?|致电|拨打|告到|反映到|反映给|投诉到|说找|@|，?问)\Z|(?:向|给|打|请).{0,3}\Z"
)
_WHERE_BEFORE = re.compile(r"(?:路过|经过|住在|途经)\Z")
_WHERE_BEHIND = re.compile(r"的?(?:门口|旁|附近|对面|边上|后面|前面|外面|楼下|出发|出来)")
_VISITED = re.compile(r"(?:在|去了?|到了?|来|从|听.{0,3}说)\Z")
_CLAUSE = re.compile(r"[^,，。.!！?？;；、…~#\s]+")
_TAIL = re.compile(r"[一-鿿\d]*\Z")
_NAME = 4
"""Characters of a unit's own name before what kind of unit it is."""
_NOT_MEANT = 9.0
_FAR = 3.5
"""Clauses between a feeling and what it is about."""


class _Mention(NamedTuple):
    start: int
    target: Target
    strays: float
    """How little it is likely to be meant, in clauses of distance."""


def find_target(text: str, reasons: Sequence[Ngram], places: Sequence[Place]) -> Target | None:
    """What the sentiment that `reasons` explain is about, None where the text names no unit and no place near it."""
    mentions = [*_units(text), *_places(text, places)]
    clauses = list(_CLAUSE.finditer(text)) if mentions else []
    if not clauses or not reasons:
        return None
    starts = [clause.start() for clause in clauses]
    weights = [sum(reason.weight for reason in reasons if reason.text in clause[0]) for clause in clauses]
    telling = weights.index(max(weights))

    def far(mention: _Mention) -> tuple[float, int]:
        return _distance(bisect_right(starts, mention.start) - 1, telling) + mention.strays, -mention.start

    nearest = min(mentions, key=far)
    return nearest.target if far(nearest)[0] <= _FAR else None


def _distance(clause: int, telling: int) -> float:
    """Clauses away; what is named only afterwards is less likely meant."""
    return telling - clause if clause <= telling else 2.0 * (clause - telling)


def _units(text: str) -> Iterator[_Mention]:
    for found in _UNIT.finditer(text):
        start = _start(text, found)
        before, behind = text[max(0, start - 4) : start], text[found.end() : found.end() + 4]
        yield _Mention(start, Target(kind="unit", text=text[start : found.end()]), _strays(before, behind))


def _start(text: str, found: re.Match[str]) -> int:
    """Where a unit's name begins: an office has only a level before it, others a name of their own."""
    tail = _TAIL.search(text[max(0, found.start() - 8) : found.start()])
    window = tail[0] if tail else ""
    if found[0] in _OFFICES:
        level = _LEVEL.search(window)
        return found.start() - len(level[0] if level else "")
    own = _BOUNDARY.sub("", window, count=1)
    if len(own) > _NAME:
        level = _LEVEL.search(own)
        own = level[0] if level else ""
    return found.start() - len(own)


def _strays(before: str, behind: str) -> float:
    if _TO_WHOM.search(before) or _WHERE_BEFORE.search(before) or _WHERE_BEHIND.match(behind):
        return _NOT_MEANT
    return 0.4 if _VISITED.search(before) else 0.0


def _places(text: str, places: Sequence[Place]) -> Iterator[_Mention]:
    """Places that are no unit: a little less likely meant than a unit of the same clause."""
    for place in places:
        start = text.find(place.text)
        if start >= 0:
            behind = text[start + len(place.text) : start + len(place.text) + 4]
            strays = 0.6 + _strays(text[max(0, start - 4) : start], behind)
            yield _Mention(start, Target(kind="place", text=place.text, code=place.code), strays)
