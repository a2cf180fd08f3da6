"""What the posts of an incident tell beyond its figures: how it began, how feelings moved, who speaks for it, what is unsure.

Nothing is judged true or false: a claim that is doubted, denied, or told with other figures is 'unverified', for a person.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, permutations
from typing import NamedTuple

from core.ports import Bucket
from core.records import AnalysedPost

_DENIED = re.compile(
    r"辟谣|谣言|不实(?![行施用现际])|(?<!真的)假的|假消息|并非|没有的事|不属实|澄清|rumou?r|hoax|fake|not true|debunk",
    re.IGNORECASE,
)
_DOUBTED = re.compile(
    r"真的吗|真的假的|是真的|真假|求证|求证实|有没有官方|听说|据说|网传|传言|疑似|is it true|unconfirmed|allegedly",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<!\d[.,])(?<![\d第])(\d{1,3}(?:,\d{3})+|\d{1,7})(?!\d)\s*(人(?!民)|[名例起死伤户栋米吨辆]|people|dead|killed|injured)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_CLAUSE_ENDS = re.compile(r"(?:[，。！？!?；;：、\n]|(?<!\d)[,:]|[,:](?!\d))+|(?<=[\u3400-\u9fff])\s+")
_COUNTING = re.compile(
    r"目前|至少|已经|已有|造成|导致|大约|左右|超过|一共|共计|总共|共有|现有|还有|累计|现场|据悉|听说|记者|官方|通报|其中|有的|只有|多达|以上|[的了在是有共约近超已致达和与]"
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z]{4,}", re.IGNORECASE)
_SPEAKING = {"死", "伤", "dead", "killed", "injured"}
_AROUND = 12
_SHARE = 0.1
_LEAST = 2
_DIFFERENT = 0.6


@dataclass(frozen=True, slots=True)
class Signal:
    """Why a claim is unverified: `denied`, `doubted` or `figures_differ`; how many posts say so, and some of them."""

    code: str
    posts: int
    examples: tuple[str, ...]
    figures: tuple[str, ...] = ()


def signals(posts: Sequence[AnalysedPost]) -> list[Signal]:
    """The signals among distinct posts; a denial or doubt needs two posts and a tenth of all."""
    found = []
    for code, words in (("denied", _DENIED), ("doubted", _DOUBTED)):
        said = [post.id for post in posts if words.search(post.search)]
        if len(said) >= max(_LEAST, _SHARE * len(posts)):
            found.append(Signal(code, len(said), tuple(said[:3])))
    return found + _differing(posts)


class _Told(NamedTuple):
    """A figure told in a post, with the words of its clause."""

    post: str
    words: frozenset[str]


def _differing(posts: Sequence[AnalysedPost]) -> list[Signal]:
    """Figures of one unit of which two different ones are each told by two posts, about what shares a word."""
    told: dict[str, dict[int, list[_Told]]] = {}
    for post in posts:
        for figure, unit, words in set(_figures(post.search)):
            told.setdefault(unit, {}).setdefault(figure, []).append(_Told(post.id, words))
    found = []
    for unit, figures in sorted(told.items()):
        against = {
            (figure, one.post): None
            for (figure, own), (other, others) in permutations(sorted(figures.items()), 2)
            for one in _about_the_same(own, others)
            if len(_about_the_same(others, own)) >= _LEAST
        }
        if against:
            ids = dict.fromkeys(post for _, post in against)
            said = tuple(f"{figure} {unit}" for figure in dict.fromkeys(figure for figure, _ in against))
            found.append(Signal("figures_differ", len(ids), tuple(ids)[:3], said))
    return found


def _about_the_same(own: Sequence[_Told], others: Sequence[_Told]) -> list[_Told]:
    """Those that share a word with another post of the others; none if only one does."""
    found = [one for one in own if any(one.words & other.words and one.post != other.post for other in others)]
    return found if len({one.post for one in found}) >= _LEAST else []


def _figures(text: str) -> Iterator[tuple[int, str, frozenset[str]]]:
    """Each figure with its unit and the words of its clause: pairs of Chinese characters and longer words of Latin letters.

    Of several figures in a clause, each has what follows it, and the first what is before. Words of counting say nothing of
    what is counted; a unit that does (死, injured) is a word itself.
    """
    for clause in _CLAUSE_ENDS.split(text):
        for match in _COUNT.finditer(clause):
            figure, unit = int(match[1].replace(",", "")), match[2].lower()
            before, after = clause[: match.start()], _DIGIT.split(clause[match.end() :])[0]
            around = ["" if _DIGIT.search(before) else before[-_AROUND:], after[:_AROUND]]
            words = {
                run[at : at + 2]
                for part in around
                for run in _HAN.findall(_COUNTING.sub(" ", part))
                for at in range(len(run) - 1)
            }
            words |= {word.lower() for part in around for word in _LATIN.findall(part)}
            yield figure, unit, frozenset(words | ({unit} & _SPEAKING))


def negative_shares(hours: Sequence[Bucket]) -> tuple[float, float] | None:
    """Share of negative posts in the earlier and the later half of all, cut where hours meet; None where none can be told.

    That is below four posts, or when all came within one hour of the clock.
    """
    total = sum(hour.posts for hour in hours)
    if len(hours) < 2 or total < 2 * _LEAST:
        return None
    ordered = sorted(hours, key=lambda hour: hour.at)
    before = list(accumulate(hour.posts for hour in ordered))
    cut = min(range(1, len(ordered)), key=lambda place: abs(2 * before[place - 1] - total))
    early, late = (
        sum(hour.negative for hour in half) / sum(hour.posts for hour in half)
        for half in (ordered[:cut], ordered[cut:])
    )
    return round(early, 3), round(late, 3)


def representatives(posts: Iterable[AnalysedPost], count: int) -> list[AnalysedPost]:
    """The first posts in the order given of which none says nearly what one before it says (pairs of characters, 0.6)."""
    chosen: list[tuple[AnalysedPost, set[str]]] = []
    for post in posts:
        pairs = {post.search[place : place + 2] for place in range(len(post.search) - 1)}
        if all(len(pairs & other) <= _DIFFERENT * min(len(pairs), len(other)) for _, other in chosen):
            chosen.append((post, pairs))
        if len(chosen) == count:
            break
    return [post for post, _ in chosen]
