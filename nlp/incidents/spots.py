"""Spots: names of estates, roads, stations and schools that no list knows, learnt from the posts of a jurisdiction.

A name ends in what such names end in (园, 大道, 中学). Where it begins no text says, so its mentions decide: it is read to the
left as long as six in ten mentions go on alike. 滨河苑, of which most posts write 伊景园滨河苑, is that spot too: an alias.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from nlp.incidents.features import IDF_SCALE, Bytes, name_buckets

_END = re.compile(
    "幼儿园|地铁站|火车站|公交站|小区|花园|国际(?![上化社大性贸城小])|家园|佳园|公寓|公馆|广场|新城|新村|大厦|学校|小学|中学|大学|学院|医院|车站|公园|市场"
    "|大道|大街|大桥|立交|隧道|社区|名都|名邸|豪庭|[苑湾巷郡邸]|(?<![铁公道马线电网跑])路(?![人过线段况政基灯面费])|街(?!道)"
    "|城(?![市镇管区乡际中轨])|村(?![民委里支干])|园(?![区林])|站(?![点台在])|(?<!政)府|桥(?![梁上下])|庭(?!审)"
)
_ESTATE = re.compile("(?:小区|社区)$")
_NO_STEM = re.compile(
    "配套|公办|公立|民办|民营|私立|普惠|附属|周边|附近|开办|开设|建设|新建|安置|居民|商品|违规|临时|垃圾|水泥|泥巴|政府|门户"
)
"""Before the end of a name they say what kind of place it is, or what happens there."""
_NO_NAME = frozenset(
    "的了是在住于与和到从由我您你他她这那一不有对向往及或请问关们为把被给让就也都要会能可来去说看等后前内外旁边附近进出位处该此"
    "其每各某个条座家栋号第次将已经没无很太因而使但所以还只再又跟同沿距离至过如即区县市镇乡省"
)
"""Characters before which a name does not go on: particles, verbs of everyday talk, the ends of divisions."""
_WHERE = frozenset("在于住到从至与和及往沿距离区县市镇乡")
"""Of these, those after which places stand."""
_LONGER = 5
_KEPT = 12
_ENOUGH = 3
_ALIKE = 0.6
_LOCATED = 0.2
_RARE = 9.0
MOST = 5_000


class Mention(NamedTuple):
    """What stands before the end of a name: its last two characters and that end, all that may belong to it, and whether it
    stands after a word of place."""

    anchor: str
    longest: str
    located: bool


class Spot(Struct, array_like=True):
    """The distinct posts that mention an anchor: how many, how many after a word of place, how many in each longer form."""

    posts: int = 0
    located: int = 0
    forms: dict[str, int] = field(default_factory=dict)
    touched: int = 0


def mentions(text: str) -> Iterator[Mention]:
    """Each anchor of a folded text once, where it is first."""
    seen = set()
    for end in _END.finditer(text):
        begin = end.start()
        while begin > max(0, end.start() - _LONGER) and _goes_on(text[begin - 1]):
            begin -= 1
        anchor = text[end.start() - 2 : end.end()]
        if end.start() - begin < 2 or anchor in seen or _NO_STEM.match(anchor):
            continue
        seen.add(anchor)
        yield Mention(anchor, text[begin : end.end()], text[begin - 1 : begin] in _WHERE and begin > 0)


def _goes_on(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" and character not in _NO_NAME


class Spots:
    """The spots of a jurisdiction. At most `MOST` anchors are held; the one longest not mentioned goes."""

    def __init__(self, table: Bytes, known: Iterable[tuple[str, Spot]] = ()) -> None:
        """`table` is the IDF of every bucket (`nlp.incidents.features`), `known` what was given out so far."""
        self._table = table
        self._spots = OrderedDict(sorted(known, key=lambda one: one[1].touched))
        self._turn = max((spot.touched for spot in self._spots.values()), default=0)
        self.changed: dict[str, Spot | None] = {}

    def read(self, text: str, places: Sequence[str] = ()) -> list[str]:
        """Learn from a distinct post, and the spots it names; what lies over one of its `places` is none."""
        found = [one for one in mentions(text) if not any(p in one.longest or one.anchor in p for p in places)]
        for one in found:
            self._learn(one)
        return list(dict.fromkeys(name for one in found if (name := self.name(one.anchor)) is not None))

    def name(self, anchor: str) -> str | None:
        """What an anchor's spot is called; None for one that few posts mention, or that is no name."""
        spot = self._spots.get(anchor)
        if spot is None or spot.posts < _ENOUGH or spot.located < _LOCATED * spot.posts:
            return None
        name = anchor
        while longer := [form for form in spot.forms if len(form) == len(name) + 1 and form.endswith(name)]:
            most = max(longer, key=lambda form: (spot.forms[form], form))
            if spot.forms[most] < _ALIKE * spot.forms.get(name, spot.posts):
                break
            name = most
        return short_of(name) if is_rare(name, self._table) else None

    def _learn(self, mention: Mention) -> None:
        spot = self._spots.setdefault(mention.anchor, Spot())
        self._turn += 1
        spot.touched = self._turn
        spot.posts += 1
        spot.located += mention.located
        for length in range(len(mention.anchor) + 1, len(mention.longest) + 1):
            form = mention.longest[-length:]
            spot.forms[form] = spot.forms.get(form, 0) + 1
        if len(spot.forms) > 2 * _KEPT:
            kept = sorted(spot.forms.items(), key=lambda form: (-form[1], form[0]))[:_KEPT]
            spot.forms = dict(kept)
        self._spots.move_to_end(mention.anchor)
        self.changed[mention.anchor] = spot
        if len(self._spots) > MOST:
            forgotten, _ = self._spots.popitem(last=False)
            self.changed[forgotten] = None


def is_rare(name: str, table: Bytes) -> bool:
    """Whether a pair of its characters is rare in text in general: 安置小区 is no name, 伊景园 is."""
    stem = name if len(name) == 3 else name[:-1]
    return max((int(table[bucket]) for bucket in name_buckets(stem)), default=0) >= _RARE * IDF_SCALE


def short_of(name: str) -> str:
    """A name without the word for an estate, unless it is hardly more than that."""
    short = _ESTATE.sub("", name)
    return short if len(short) > 2 else name
