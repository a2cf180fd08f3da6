"""The letters of a page whose encoding is declared wrongly or not at all, as on many older Chinese sites."""

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

GREATER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs"}
"""Sites declare the older set and use letters of the newer one."""


def page_text(body: bytes, content_type: str = "") -> str:
    """The text of a page, without a byte order mark and without control characters that XML forbids.

    Tried in turn, strictly: byte order mark, Content-Type, XML declaration, UTF-8, GB 18030, Big5. When none fits, the
    declared one (or UTF-8) with replacement characters.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _clean(body[len(mark) :].decode(encoding, "replace"))
    declared = [name for name in (_from_header(content_type), _from_declaration(body)) if name]
    for encoding in (*declared, "utf-8", "gb18030", "big5hkscs"):
        try:
            return _clean(body.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _clean(body.decode(declared[0] if declared else "utf-8", "replace"))


def _from_header(content_type: str) -> str | None:
    found = _CHARSET.search(content_type)
    return _known(found[1]) if found else None


def _from_declaration(body: bytes) -> str | None:
    found = _DECLARED.match(body[:200])
    return _known(found[1].decode("ascii", "replace")) if found else None


def _known(name: str) -> str | None:
    """A codec of text that Python has under this name; Latin names are no evidence, they are servers' defaults."""
    name = GREATER.get(name.lower(), name.lower())
    try:
        found = codecs.lookup(name).name
        "".encode(found)
    except LookupError:
        return None
    return None if found in {"iso8859-1", "ascii", "cp1252"} else found


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
