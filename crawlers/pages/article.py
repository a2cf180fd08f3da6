"""The main text of a page: where the software of Chinese sites puts it, else where the words are dense and the links few.

Government sites describe their pages in meta elements of their own (《政府网站发展指引》 annex: ArticleTitle, PubDate,
ContentSource, ColumnName); these are read first. The measure of density is Readability's: paragraphs vote for their parents.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy
from typing import Any
from urllib.parse import urljoin

from lxml import etree, html
from msgspec import Struct

from crawlers.pages.encoding import page_text
from nlp.cleaning import clean, html_to_text

Element = Any  # lxml.html ships no types

ENOUGH = 20
"""Letters that a place must hold to be taken for the main text."""
SOMETHING = 5
"""The same where software is known to put it: notices can be short."""
MOST_ATTACHMENTS = 3

_PLACES = (
    "//*[@id='UCAP-CONTENT']", "//*[contains(@class,'TRS_Editor')]", "//*[contains(@class,'TRS_UEDITOR')]",
    "//*[@id='zoom' or @id='Zoom' or @id='zoomcon']", "//*[@id='js_content']", "//*[contains(@class,'pages_content')]",
    "//*[contains(@class,'v_news_content') or @id='vsb_content']", "//*[contains(@class,'wp_articlecontent')]",
    "//*[@itemprop='articleBody']", "//*[contains(@class,'Custom_UnionStyle')]",
    "//*[@id='rwb_zw' or contains(@class,'rm_txt_con')]", "//*[@id='detailContent' or @id='news_content']",
    "//*[@id='article-content' or contains(concat(' ',@class,' '),' article-content ')]",
    "//*[contains(concat(' ',@class,' '),' entry-content ')]", "//*[contains(concat(' ',@class,' '),' post-content ')]",
)  # fmt: skip
"""Places of the text in common software: TRS, 大汉 (zoom), 博达 (v_news_content), 苏迪 (wp_articlecontent), gov.cn,
people.com.cn, WeChat, WordPress."""

_DROPPED = "//script|//style|//noscript|//template|//iframe|//form|//nav|//footer|//aside|//button|//select"
_BAD = re.compile(
    r"comment|footer|foot_|\bfoot\b|copyright|sidebar|\bside\b|related|recommend|share|breadcrumb|crumb|\bnav|menu|position"
    r"|\bhot|rank|\bad(?:s|vert)?\b|login|search|tool|print|prev|next|pager|qrcode|ewm|bottom|\btop\b|banner|location|dqwz|xgxw",
    re.IGNORECASE,
)
_GOOD = re.compile(r"article|content|text|body|main|detail|zoom|editor|news|conten|nr\b|zw\b|wz\b", re.IGNORECASE)
_STOP = re.compile(
    r"^[\s【\[（(]*(?:责任编辑|責任編輯|编辑[:：]|责编|审核[:：]|校对[:：]|分享(?:到|至|：)|打印本页|关闭(?:窗口|本页)|返回顶部|扫一扫|上一[篇页条]"
    r"|下一[篇页条]|相关(?:阅读|新闻|链接|文章|稿件)|推荐阅读|延伸阅读|热门推荐|版权所有|主办单位|网站标识码|免责声明|点击下载附件)"
)
_HEAD = re.compile(
    r"^\s*(?:来源|信息来源|发布机构|发布时间|发布日期|日期|时间|作者|浏览次数|浏览量|点击数|阅读|字号|字体|【?字体|当前位置|您所在的位置|您的位置|分享)[:：\s\[【]"
)
_TIME = re.compile(
    r"(?:20|19)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:\s*T?\s*\d{1,2}[:：时]\d{1,2}(?:[:：分]\d{1,2}秒?)?(?:\s*(?:Z|[+-]\d\d:?\d\d))?)?"
)
_TIME_WORD = re.compile(
    r"(?:发布|發布|发表|发稿|更新|刊发|成文|公开|创建)?(?:时间|時間|日期)[:：\s]*" + f"({_TIME.pattern})"
)
_SOURCE = re.compile(r"(?:信息来源|稿件来源|来源|來源|发布机构|发布单位)[:：]\s*([^\s|｜<>【\[（(]{2,30})")
_META_TIMES = (
    "pubdate", "publishdate", "article:published_time", "og:published_time", "publication_date", "dc.date", "datepublished",
    "date", "weibo: article:create_at",
)  # fmt: skip
_FILES = re.compile(r"\.(pdf|docx)(?:$|[?#])", re.IGNORECASE)
_SUFFIX = re.compile(r"\s*[-_|—–｜·]+\s*[^-_|—–｜]{2,30}$")


class Article(Struct, frozen=True, kw_only=True):
    """What a page says. `at` is as written; `author` is who published it; `attachments` are addresses of its files."""

    title: str = ""
    text: str = ""
    at: str = ""
    author: str = ""
    attachments: tuple[str, ...] = ()


def read_article(body: bytes, content_type: str, url: str) -> Article:
    """The article of a page; its text is empty where the page has none."""
    text = page_text(body, content_type)
    try:
        tree: Element = html.document_fromstring(
            text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.ParserError, ValueError):
        return Article()
    metas = _metas(tree)
    title = _title(tree, metas)
    shown = tree.text_content() if tree.body is None else tree.body.text_content()
    at, author = _at(tree, metas, shown), metas.get("contentsource") or _found(_SOURCE, shown)
    for gone in tree.xpath(_DROPPED):
        gone.drop_tree()
    place = _known_place(tree)
    if place is None:
        place = _with_siblings(_densest(tree))
    if place is None:
        return Article(title=title, at=at, author=author)
    files = tuple(
        dict.fromkeys(urljoin(url, a.get("href")) for a in tree.iter("a") if _FILES.search(a.get("href") or ""))
    )
    return Article(title=title, text=_words(place, title), at=at, author=author, attachments=files[:MOST_ATTACHMENTS])


def _metas(tree: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
        content = (meta.get("content") or "").strip()
        if name and content:
            found.setdefault(name, content)
    return found


def _title(tree: Element, metas: dict[str, str]) -> str:
    for name in ("articletitle", "og:title"):
        if metas.get(name):
            return clean(metas[name])
    headings = [clean(h.text_content()) for h in tree.iter("h1")]
    long = [h for h in headings if len(h) >= 4]
    named = clean(tree.findtext(".//title") or "")
    for heading in long:
        if heading in named or len(long) == 1:
            return heading
    return _SUFFIX.sub("", named) or named


def _at(tree: Element, metas: dict[str, str], shown: str) -> str:
    for name in _META_TIMES:
        if metas.get(name) and any(c.isdigit() for c in metas[name]):
            return metas[name]
    for time in tree.iter("time"):
        if time.get("datetime"):
            return str(time.get("datetime"))
    scripted = re.search(r"""\bvar\s+ct\s*=\s*["'](\d{10})["']""", "".join(s.text or "" for s in tree.iter("script")))
    if scripted:
        return scripted[1]
    return _found(_TIME_WORD, shown) or (hit[0].strip() if (hit := _TIME.search(shown)) else "")


def _found(pattern: re.Pattern[str], text: str) -> str:
    hit = pattern.search(text)
    return hit[1].strip() if hit else ""


def _known_place(tree: Element) -> Element | None:
    for path in _PLACES:
        best = max(tree.xpath(path), key=_length, default=None)
        if best is not None and _length(best) >= SOMETHING:
            return best
    return None


def _length(element: Element) -> int:
    return len("".join(element.text_content().split()))


def _link_share(element: Element) -> float:
    linked = sum(_length(a) for a in element.iter("a"))
    return linked / max(_length(element), 1)


def _densest(tree: Element) -> Element | None:
    scores: dict[Element, float] = defaultdict(float)
    for block in _paragraphs(tree):
        length = _length(block)
        if length < 10 or _link_share(block) > 0.4:
            continue
        text = block.text_content()
        score = 1 + sum(text.count(c) for c in "，。；、！？,.;!?") + min(length / 50, 6)
        parent = block.getparent()
        if parent is not None:
            scores[parent] += score
            if (grand := parent.getparent()) is not None and grand.tag != "html":
                scores[grand] += score / 2
        scores[block] += score / 2
    weighed = {e: score * (1 - _link_share(e)) * _standing(e) for e, score in scores.items()}
    best = max(weighed, key=lambda e: weighed[e], default=None)
    return best if best is not None and _length(best) >= ENOUGH else None


def _with_siblings(place: Element | None) -> Element | None:
    """A text may stand in several places side by side: a letter and its answer."""
    parent = None if place is None else place.getparent()
    if parent is None or place is None:
        return place
    parts = [one for one in parent if one is place or _tells(one)]
    if len(parts) == 1:
        return place
    joined = html.Element("div")
    joined.extend(deepcopy(parts))
    return joined


def _tells(element: Element) -> bool:
    if element.tag not in ("div", "section", "p", "blockquote", "article"):
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    ends = any(mark in element.text_content() for mark in "。！？")
    return ends and _length(element) >= ENOUGH and _link_share(element) < 0.3 and not _BAD.search(names)


def _paragraphs(tree: Element) -> Iterable[Element]:
    """Elements with words of their own."""
    for element in tree.iter("p", "div", "td", "section", "article", "pre", "blockquote", "span", "dd"):
        if element.tag in ("p", "pre", "blockquote"):
            yield element
            continue
        own = (element.text or "") + "".join(child.tail or "" for child in element)
        if len("".join(own.split())) >= 10:
            yield element


def _standing(element: Element) -> float:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    standing = 1.0
    if _BAD.search(names):
        standing *= 0.3
    if _GOOD.search(names):
        standing *= 1.3
    return standing * (0.6 if element.tag in ("body", "ul", "ol", "span") else 1.0)


def _words(place: Element, title: str) -> str:
    for part in list(place.iter("div", "ul", "ol", "table", "p", "dl")):
        if part is place or part.getparent() is None:
            continue
        names = f"{part.get('class') or ''} {part.get('id') or ''}"
        linky = _link_share(part) > 0.6 and not any(_FILES.search(a.get("href") or "") for a in part.iter("a"))
        if _length(part) and (linky or (_BAD.search(names) and not _GOOD.search(names) and _length(part) < 200)):
            part.drop_tree()
    text = clean(html_to_text(etree.tostring(place, encoding="unicode", method="html")))
    return "\n".join(_lines(text, title))


def _lines(text: str, title: str) -> Iterable[str]:
    lines = [line.strip() for line in text.split("\n")]
    begun = False
    for number, line in enumerate(lines):
        if not line or (not begun and (line == title or _HEAD.match(line))):
            continue
        if _STOP.match(line) and number > len(lines) * 0.4:
            return
        begun = True
        yield line
