"""Which facts and posts a reply to a case may rest on, and what it may say was reported."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from core.records import AnalysedPost, Case, FactCard, Incident, Reason

MOST_TOPICS = 2
HANDLED = 0.1
"""A rumour within a matter may be told by a tenth of its posts; the unit that handles the case has a card against it."""
OTHERS = 1 / 3
"""Of the posts, for a card of a unit that does not handle the case."""
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


def why_applies(card: FactCard, case: Case, posts: Sequence[AnalysedPost], now: datetime) -> tuple[Reason, ...]:
    """Why a card is meant for this case; empty when it is not, or is not valid now.

    All that a card names must fit: the matter, the place (its own or one within), and one of its terms. A term that a few
    posts mention by the way is of another matter: it must stand in the title or in a share of the posts, a smaller one
    where the card's unit handles the case. A card that names no terms needs a domain or a place.
    """
    if card.withdrawn or card.jurisdiction != case.jurisdiction:
        return ()
    if (card.valid_from and now < card.valid_from) or (card.valid_until and now >= card.valid_until):
        return ()
    if card.domain and card.domain != case.domain:
        return ()
    if card.place and not (case.place or "").startswith(card.place):
        return ()
    reasons = [Reason(code="fact.domain", facts={"domain": card.domain})] if card.domain else []
    reasons += [Reason(code="fact.place", facts={"place": card.place})] if card.place else []
    if card.terms:
        said = _said(card, case, posts)
        reasons = [said, *reasons] if said is not None else []
    return tuple(reasons)


def _said(card: FactCard, case: Case, posts: Sequence[AnalysedPost]) -> Reason | None:
    """The term by which a card is meant for a case: one of the title, else the one that most posts hold."""
    titled = next((term for term in card.terms if term in case.title), None)
    if titled is not None:
        return Reason(code="fact.title", facts={"term": titled})
    texts = [written(post) for post in posts]
    holding = sum(any(term in text for term in card.terms) for text in texts)
    if not holding or holding < len(texts) * (HANDLED if card.unit in _handling(case) else OTHERS):
        return None
    most = max(card.terms, key=lambda term: sum(term in text for text in texts))
    return Reason(code="fact.term", facts={"term": most, "posts": holding, "of": len(texts)})


def _handling(case: Case) -> set[str]:
    """The units that work on a case."""
    return {*filter(None, (case.unit,)), *case.support, *(task.unit for task in case.tasks)}


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
