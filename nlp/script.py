"""One spelling for what people write in many: Traditional or Simplified, full width or half, any case."""

import unicodedata
from functools import cache

import opencc


@cache
def _converter(config: str) -> opencc.OpenCC:
    """OpenCC takes 30 ms to load a table and may be called from several threads afterwards."""
    return opencc.OpenCC(config)


def _convert(text: str, config: str) -> str:
    if text.isascii():
        return text
    try:
        return str(_converter(config).convert(text))
    except UnicodeEncodeError:  # half of a surrogate pair, as broken JSON escapes give
        return str(_converter(config).convert(text.encode("utf-8", "replace").decode("utf-8")))


def to_simplified(text: str) -> str:
    """The text with Traditional characters as Simplified ones; words stay (計程車 becomes 计程车, not 出租车)."""
    return _convert(text, "t2s")


def to_traditional(text: str) -> str:
    """The text with Simplified characters as Traditional ones."""
    return _convert(text, "s2t")


def fold(text: str) -> str:
    """The copy that search, detection and models read: NFKC, Simplified, case-folded, single spaces, trimmed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(to_simplified(text).casefold().split())
