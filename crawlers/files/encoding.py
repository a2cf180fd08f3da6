"""The encoding of a table file, told from its first bytes."""

import codecs

import charset_normalizer

from core.errors import Refused

SAMPLE = 262_144
CHINESE = ("gb18030", "big5hkscs")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TOLERATED = 0.01
"""Share of the non-ASCII letters that may be broken in a file that is otherwise of an encoding; their rows are refused."""


def detect_encoding(sample: bytes) -> str:
    """Python's name of the encoding; `Refused` (`unknown_encoding`, `binary_file`) when it cannot be told.

    A byte order mark decides; then UTF-16 by its zero bytes, UTF-8 by its strictness, and GB 18030 or Big5 by which reads
    more like Chinese.
    """
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    if sample.count(0) > len(sample) // 50:
        return _by_zeros(sample)
    if broken(sample, "utf-8") <= TOLERATED:
        return "utf-8"
    likely = charset_normalizer.from_bytes(sample, cp_isolation=list(CHINESE)).best()
    if likely is not None:
        return likely.encoding
    share, encoding = min((broken(sample, name), name) for name in CHINESE)
    if share <= TOLERATED:
        return encoding
    raise Refused("unknown_encoding", "The encoding cannot be told: save the file as UTF-8 and try again.")


def broken(sample: bytes, encoding: str) -> float:
    """Share of the letters beyond ASCII that are no text in this encoding; a letter cut at the end does not count."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    beyond = sum(1 for letter in text if letter > "\x7f")
    return text.count("\N{REPLACEMENT CHARACTER}") / beyond if beyond else 0.0


def _by_zeros(sample: bytes) -> str:
    """Commas, digits and line ends are half zero in UTF-16: at odd places little-endian, at even ones big-endian."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 10 > max(even, odd):
        raise Refused("binary_file", "The file is not text; tables are read as CSV, JSON Lines or xlsx.")
    return "utf-16-le" if odd > even else "utf-16-be"
