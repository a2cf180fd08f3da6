"""What a sentence claims beyond its evidence. Errs on the side of refusing: a claim written otherwise counts as missing."""

import re
import unicodedata
from collections.abc import Sequence

_DIGITS = str.maketrans("零〇一二两三四五六七八九", "001223456789")
_CHINESE_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+(?=[年月日天时点分个人户起家次处条万元米吨])")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*%?")
_QUOTED = re.compile(r"[“「『《\"]([^”」』》\"]+)[”」』》\"]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@-]*")
_ENDINGS = "集团|公司|街道|大道|社区|小区|医院|学校|中心|大队|法院|局|委|厅|院|所|镇|乡|村|路|街|区|市|县|省|州"
_NAME = re.compile(rf"[\u4e00-\u9fff]{{2}}(?:{_ENDINGS})")
_PERSON = re.compile(r"[\u4e00-\u9fff]{2}(?:先生|女士|同志|主任|局长|书记|市长|县长|区长|镇长)")


def _plain(found: re.Match[str]) -> str:
    text = found.group()
    if re.search("[百千万亿]", text):
        return text
    if "十" not in text:
        return text.translate(_DIGITS)
    tens, _, ones = text.partition("十")
    return (tens or "一").translate(_DIGITS) + (ones or "零").translate(_DIGITS)


def normalised(text: str) -> str:
    """Half-width, without spaces, simple Chinese numerals before a measure word as digits."""
    narrow = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return _CHINESE_NUMBER.sub(_plain, narrow)


def unsupported(sentence: str, evidence: Sequence[str]) -> list[str]:
    """Numbers, dates, quotations, Latin tokens, persons, places and organisations that no evidence text holds.

    Numbers are compared whole: evidence of 120 does not support 12.
    """
    said, known = normalised(sentence), [normalised(text) for text in evidence]
    numbers = {number for text in known for number in _NUMBER.findall(text)}
    missing = [number for number in _NUMBER.findall(said) if number not in numbers]
    chinese = _CHINESE_NUMBER.findall(said)
    words = chinese + [word for form in (_QUOTED, _LATIN) for word in form.findall(said)]
    for form in (_NAME, _PERSON):
        words += form.findall(said)
    return missing + [word for word in words if not any(word in text for text in known)]
