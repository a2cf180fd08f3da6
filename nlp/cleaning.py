"""From what a source sends to plain text: no markup, no invisible characters, no wild blank space.

Markup comes from strangers, so it is read in one linear pass. Parsers that build a tree, or that look for the end of
every tag again, need minutes for a megabyte of nested or unclosed tags (selectolax and html.parser both did).
"""

import re
from html import unescape

_NOT_TEXT = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|noscript|template|iframe|head)\b[^<>]*>.*?(?:</\1\s*>|\Z)"
    r"|<[!?][^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(
    r"""</?([a-z][a-z0-9:-]*)((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+|[^<>]*)>""",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    "address|article|aside|blockquote|br|center|dd|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li"
    "|main|nav|ol|option|p|pre|section|table|tbody|thead|tr|ul"
)
_CELL = frozenset(("td", "th"))
_EMOTICON = re.compile(r"""\balt\s*=\s*["']?(\[[^\]\["'<>]{1,8}\])""", re.IGNORECASE)

_MARKED_UP = re.compile(
    r"<(?:/?(?:a|abbr|article|b|blockquote|body|br|center|div|em|figure|font|form|h[1-6]|head|hr|html|i|iframe|img|li"
    r"|ol|p|pre|script|section|small|span|strong|style|sub|sup|table|tbody|td|th|tr|u|ul|video)(?:\s*/?>|\s[^<>]*=[^<>]*>)|!--)",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|ldquo|rdquo|hellip|mdash|middot|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE
)

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U0001fffe\U0001ffff\U000e0000-\U000e0fff]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"  # the joiner has a use only inside an emoji
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(html: str) -> str:
    """The text of a page or fragment: block elements on lines of their own, scripts and styles gone.

    Emoticons that a site writes as a picture (`<img alt="[泪]">`) stay as their name. Unclosed or wrong markup never
    fails; the time taken grows linearly with the length.
    """
    flat = " ".join(_NOT_TEXT.sub(" ", html).split())
    return unescape(_TAG.sub(_tag_as_text, flat))


def _tag_as_text(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if _BLOCK.fullmatch(name):
        return "\n"
    if name in _CELL:
        return " "
    if name == "img" and (emoticon := _EMOTICON.search(tag[2])):
        return emoticon[1]
    return ""


def clean(text: str) -> str:
    """Readable plain text with its line breaks: markup read when there is any, invisible characters removed.

    Removed are controls, zero-width and bidirectional formatting characters, variation selectors (but not the emoji
    one), noncharacters and lone surrogates. Spaces collapse to one, blank lines to one. Letters stay as written; only
    `nlp.script.fold` changes them.
    """
    if "<" in text and _MARKED_UP.search(text):
        text = html_to_text(text)
    elif "&" in text and _ENTITY.search(text):
        text = unescape(text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    text = _INVISIBLE.sub("", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines).strip())


def clean_line(text: str) -> str:
    """`clean`, on one line: for titles, names and other short values."""
    return " ".join(clean(text).split())
