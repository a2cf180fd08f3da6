"""Which facts and posts a reply to a case may rest on, and what it may say was reported."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from core.records import AnalysedPost, Case, FactCard, Incident

MOST_TOPICS = 2
_MASK = re.compile(r"\[[^\[\]]{1,12}\]")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_IDENTITY = re.compile(
    r"(?<!\d)\d{6}(?:(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d{4}[\dXx]|\d{2}(?:0[1-9]|1[0-2])[0-3]\d{4})(?![\dXx])"
)
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def holds_personal_number(text: str) -> bool:
    """Whether a text holds what can be a mobile number or an identity number (15 or 18 characters), checksum or not."""
    narrow = unicodedata.normalize("NFKC", text)
    return bool(_MOBILE.search(narrow) or _IDENTITY.search(narrow))


def applies(card: FactCard, case: Case, posts: Sequence[AnalysedPost], now: datetime) -> bool:
    """Whether a card is valid now and meant for this case; a card that names no terms needs a domain or a place."""
    if card.withdrawn or card.jurisdiction != case.jurisdiction:
        return False
    if (card.valid_from and now < card.valid_from) or (card.valid_until and now >= card.valid_until):
        return False
    if (card.domain and card.domain != case.domain) or (card.place and card.place != case.place):
        return False
    if not card.terms:
        return bool(card.domain or card.place)
    said = "\n".join([case.title, *map(written, posts)])
    return any(term in said for term in card.terms)


def written(post: AnalysedPost) -> str:
    """Title and text of a post, without the marks of what was masked in them."""
    return _MASK.sub(" ", f"{post.title}\n{post.text}")


def may_be_name(term: str) -> bool:
    """Whether two or three characters begin with a surname. Takes 高温 for a name, too: a unit's card may still name it."""
    return len(term) in (2, 3) and term[0] in _SURNAMES


def topics(incident: Incident, posts: Sequence[AnalysedPost], cards: Iterable[FactCard]) -> tuple[str, ...]:
    """What the posts report, in at most two words: terms of the cards, as a unit chose these; else of the incident.

    Every word stands in a post, most posts first. Terms of an incident are statistics, so what may be a person's name is
    left out; two words that share a character (停水, 断水) say the same once.
    """
    chosen = [term for card in cards for term in card.terms]
    found = [term.text for term in incident.terms if term.text.isalpha() and not may_be_name(term.text)]
    texts = [written(post) for post in posts]
    for terms in (chosen, found):
        spread = {term: sum(term in text for text in texts) for term in dict.fromkeys(terms) if len(term) > 1}
        kept: list[str] = []
        for term in sorted(filter(spread.__getitem__, spread), key=lambda term: -spread[term]):
            if not any(set(term) & set(other) for other in kept):
                kept.append(term)
        if kept:
            return tuple(kept[:MOST_TOPICS])
    return ()
