"""The words that a day has more of than the days before: by keyness, not by count, so that 我们 never leads.

Chinese has no blanks and the product no segmenter: candidates are runs of two to six characters that many posts hold, kept
whole as long as they always occur together (食物中 is only ever a part of 食物中毒, so it is none).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

LONGEST = 6
FEWEST = 3
"""Posts that must hold a word."""
TOGETHER = 0.75
"""A candidate that is this often part of one and the same longer candidate is no word of its own."""
CERTAIN = 10.83
"""Log-likelihood from which a difference is no chance once in a thousand (chi-squared, one degree of freedom)."""

_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z][a-z0-9]{2,19}")
_NOISE = re.compile(r"https?://\S+|@[^\s:：@]{1,30}|\[[^\W_]{1,8}\]")
_EDGES = frozenset(
    "的了在是和这那就也都又还有没不我你他她它们个着过被把给让向对与及而吗呢吧啊呀嘛么很太说到得地之其为等再才吧会要"
    "能可以上下里从去来啥咋谁怎如何已经将并但却只最更比较该应当"
)
"""Function words, with which no word of content begins or ends."""
_JOINTS = frozenset("的了又就都也还没吗呢吧啊我你他她")
"""Those that stand in no word of content at all."""


class KeyTerm(Struct, frozen=True, kw_only=True):
    """A word with how many of the posts looked at hold it, now and before, and its keyness (log-likelihood, G2).

    `ratio` is how many times more frequent it is than before (half a post stands for none).
    """

    text: str
    posts: int
    before: int
    keyness: float
    ratio: float


def key_terms(now: Sequence[str], before: Sequence[str], most: int) -> list[KeyTerm]:
    """The words of the folded texts `now` that are surprisingly frequent against `before`, most surprising first.

    A text counts once for each word, however often it repeats it. Log-likelihood after Dunning (1993), over texts.
    Empty without anything to compare with.
    """
    if not now or not before:
        return []
    texts = [_NOISE.sub(" ", text) for text in now]
    counts = _whole(_candidates(texts))
    old = _holding(before, counts)
    scored = [_scored(word, n, len(now), old[word], len(before)) for word, n in counts.items()]
    wanted = sorted((t for t in scored if t.keyness >= CERTAIN), key=lambda t: (-t.keyness, t.text))
    return _apart(wanted, most)


def _candidates(texts: Iterable[str]) -> Counter[str]:
    """Runs that enough texts hold; a longer one can only be there where both its shorter ones are."""
    pieces = [(_HAN.findall(text), set(_LATIN.findall(text))) for text in texts]
    found: Counter[str] = Counter()
    for _, words in pieces:
        found.update(words)
    found = Counter({word: n for word, n in found.items() if n >= FEWEST})
    kept: set[str] = set()
    for length in range(2, LONGEST + 1):
        counts: Counter[str] = Counter()
        for runs, _ in pieces:
            grams = {run[i : i + length] for run in runs for i in range(len(run) - length + 1)}
            counts.update(grams if length == 2 else {g for g in grams if g[1:] in kept and g[:-1] in kept})
        level = {gram: n for gram, n in counts.items() if n >= FEWEST}
        if not level:
            break
        kept = set(level)
        found.update(level)
    return found


def _whole(found: Counter[str]) -> dict[str, int]:
    """Without what is (nearly) always part of one longer candidate, and without what begins or ends in a function word."""
    part: set[str] = set()
    for word, n in found.items():
        for shorter in (word[1:], word[:-1]):
            if shorter in found and n >= TOGETHER * found[shorter]:
                part.add(shorter)
    return {w: n for w, n in found.items() if w not in part and _is_content(w)}


def _is_content(word: str) -> bool:
    return word[0] not in _EDGES and word[-1] not in _EDGES and _JOINTS.isdisjoint(word)


def _holding(texts: Sequence[str], words: Iterable[str]) -> Counter[str]:
    """How many texts hold each word."""
    wanted = set(words)
    lengths = sorted({len(w) for w in wanted})
    found: Counter[str] = Counter()
    for text in texts:
        grams = {text[i : i + length] for length in lengths for i in range(len(text) - length + 1)}
        found.update(grams & wanted)
    return found


def _scored(word: str, now: int, texts_now: int, before: int, texts_before: int) -> KeyTerm:
    share = (now + before) / (texts_now + texts_before)
    more = now / texts_now > before / texts_before
    g2 = 2 * (_part(now, texts_now * share) + _part(before, texts_before * share))
    ratio = (now / texts_now) / (max(before, 0.5) / texts_before)
    return KeyTerm(text=word, posts=now, before=before, keyness=round(g2, 1) if more else 0.0, ratio=round(ratio, 1))


def _part(seen: int, expected: float) -> float:
    return seen * math.log(seen / expected) if seen else 0.0


def _apart(terms: Iterable[KeyTerm], most: int) -> list[KeyTerm]:
    """The first `most` that do not say the same: none is a part of, or shares three characters with, one before it."""
    chosen: list[KeyTerm] = []
    for term in terms:
        if not any(_alike(term.text, other.text) for other in chosen):
            chosen.append(term)
            if len(chosen) == most:
                break
    return chosen


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    size = min(3, len(short))
    return any(short[i : i + size] in long for i in range(len(short) - size + 1))
