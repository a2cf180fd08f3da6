"""Which language and script a post is in: by its letters first, by a classifier only for Latin and Cyrillic text."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from nlp.script import to_simplified, to_traditional

UNDETERMINED = "und"

_READ = 600  # letters; what a post is written in shows in its beginning

_NOT_WORDS = re.compile(r"https?://[!-~]+|[@＠][^\s:：#@]{1,30}|#[^#\s]{1,60}#?|\[[^\]\s]{1,8}\]")
_LETTERS = re.compile(
    r"(?P<han>[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+)"
    r"|(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+)"
    r"|(?P<ja>[\u3041-\u3096\u30a1-\u30fa]+)"
    r"|(?P<ko>[\u1100-\u11ff\uac00-\ud7af]+)"
    r"|(?P<arabic>[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdfb\ufe70-\ufefc]+)"
    r"|(?P<bo>[\u0f40-\u0fbc]+)"
    r"|(?P<mn>[\u1820-\u18aa]+)"
    r"|(?P<ii>[\ua000-\ua48c]+)"
    r"|(?P<cyrillic>[\u0400-\u052f]+)"
    r"|(?P<th>[\u0e01-\u0e3a\u0e40-\u0e4e]+)"
)
_FOREIGN = re.compile("[A-Za-z\u00c0-\u1fff\u3041-\u30fa\ua000-\ua48c\uac00-\ud7af\ufb50-\ufefc]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_UYGHUR = re.compile("[ەېۆۇۈۋڭ]")

_TAGS_OF_SCRIPT = {
    "latin": ("en", "de", "es", "fr", "id", "it", "ms", "nl", "pt", "tr", "vi"),
    "cyrillic": ("ru", "kk", "ky", "mn", "uk"),
}
_CONFIDENT = 0.7

_USED_IN_BOTH = frozenset("乾著藉瞭夥覆徵於麼甚祇嘆噁週餘鍾閒併証")
"""Traditional forms that Simplified text uses too (乾隆, 著名 in quotations, surnames), so they prove nothing."""


@cache
def _only_in(script: str) -> frozenset[str]:
    """Characters that the other script writes differently, by OpenCC's own tables: `Hant` or `Hans`."""
    block = [chr(code) for code in range(0x4E00, 0xA000)]
    convert = to_simplified if script == "Hant" else to_traditional
    other = convert("\n".join(block)).split("\n")
    return frozenset(char for char, twin in zip(block, other, strict=True) if char != twin) - _USED_IN_BOTH


@cache
def _classifier(tags: tuple[str, ...]) -> LanguageIdentifier:
    """py3langid takes 0.3 s to load, so Chinese posts never ask for it."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(tags))
    return identifier


def detect(text: str) -> str:
    """`zh-Hans`, `zh-Hant` or another BCP 47 tag; `und` when too little is written to tell.

    Han text counts as Traditional when more of its distinct characters exist in that script only than in Simplified
    only; text that both would write alike is `zh-Hans`.
    """
    text = text[:_READ]
    if _FOREIGN.search(text) is None:
        return _chinese(text) if _HAN.search(text) else UNDETERMINED
    words = _NOT_WORDS.sub(" ", text)
    script, letters = _weigh(words)
    if script in ("han", None):
        return _chinese(text) if _HAN.search(text) else UNDETERMINED
    if script == "arabic":
        return "ug" if _UYGHUR.search(words) else "ar"
    if script not in _TAGS_OF_SCRIPT:
        return str(script)
    tag = _classified(words, _TAGS_OF_SCRIPT[script]) if letters > 3 else UNDETERMINED
    return _chinese(text) if tag == UNDETERMINED and _HAN.search(text) else tag


def _weigh(words: str) -> tuple[str | None, int]:
    """The script that carries the text and its letters. A Han character says about as much as four Latin letters."""
    letters: dict[str, int] = {}
    for run in _LETTERS.finditer(words):
        script = str(run.lastgroup)
        letters[script] = letters.get(script, 0) + run.end() - run.start()
    if not letters:
        return None, 0
    if (kana := letters.get("ja", 0)) and kana * 4 >= letters.get("han", 0) and kana >= 2:
        return "ja", kana  # a lone の is an ornament of Chinese shop names
    weights = {script: count * 4 if script == "han" else count for script, count in letters.items()}
    script = max(weights, key=lambda name: weights[name])
    return script, letters[script]


def _chinese(text: str) -> str:
    traditional = len(_only_in("Hant").intersection(text))
    return "zh-Hant" if traditional and traditional > len(_only_in("Hans").intersection(text)) else "zh-Hans"


def _classified(words: str, tags: tuple[str, ...]) -> str:
    tag, probability = _classifier(tags).classify(words)
    return str(tag) if probability >= _CONFIDENT else UNDETERMINED
