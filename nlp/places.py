"""Places named in a text, by a gazetteer of China's divisions and a deployment's own list.

Only what supports itself is returned: a province, a city or a unique full name alone; everything else needs the post's
jurisdiction, a parent directly before it, or a parent elsewhere in the text. Roads named after places are not places.
"""

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from core.errors import ConfigurationError
from core.records import Place
from core.tables import mistake, read_rows
from nlp.matcher import Matcher, Span, leftmost
from nlp.place_names import AREA, CITY, LEVELS, PROVINCE, STREET, is_inside, short_form
from nlp.script import fold

SHIPPED = Path(__file__).parent / "data" / "places.txt.gz"
ORDINARY = Path(__file__).parent / "data" / "places_ordinary.yaml"

_ROAD_AFTER = re.compile(r"[东西南北中一二三四五六七八九十]?(?:路(?!人)|街(?!道)|大道|大街|巷|胡同)")
_BANK_AFTER = frozenset("岸门侧边麓坡")
_BETWEEN = frozenset(" ·-的")


class PlaceEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place of a deployment's own list: an estate, a road, a school. `code` begins with the code of what it lies in."""

    code: str
    name: str
    aliases: list[str] = field(default_factory=list)


class OrdinaryWords(NamedTuple):
    """Names that are also `words` of the language, and `phrases` in which a name is no place (`钟南山`, `大同小异`)."""

    words: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()


class Gazetteer:
    """Places by name and by code. Immutable, so safe to share between threads."""

    def __init__(self, official: dict[str, str], own: Sequence[PlaceEntry], ordinary: OrdinaryWords) -> None:
        self._names = official | {entry.code: entry.name for entry in own}
        self._full = _by_name((name, code) for code, name in official.items())
        self._short = _by_name(_short_forms(official))
        self._own = _by_name((name, entry.code) for entry in own for name in (entry.name, *entry.aliases))
        self._ordinary = ordinary.words
        self._no_place = ordinary.phrases - self._full.keys() - self._short.keys() - self._own.keys()
        self._alone = dict(_understood_alone(self._full, self._short, official, ordinary.words))
        self._children = _children(self._names)
        self._matcher = Matcher(self._full.keys() | self._short.keys() | self._own.keys() | self._no_place)

    def find(self, text: str, jurisdiction: str) -> tuple[Place, ...]:
        """Distinct places named in `text` (folded: Simplified, lower case), in the order of their first mention.

        `jurisdiction` is the division code of the office that reads, with or without trailing zeros; empty for none.
        """
        spans = self._candidate_spans(text)
        if not spans:
            return ()
        codes = self._resolve(text, spans, self._home(jurisdiction))
        places: dict[str, Place] = {}
        for span in leftmost(span for span in spans if span in codes):
            code = codes[span]
            places.setdefault(code, Place(code=code, name=self._names[code], text=span.phrase))
        return tuple(places.values())

    def name(self, code: str) -> str | None:
        """Official name of a division or own place, None where the code is unknown."""
        return self._names.get(code)

    def parts(self, code: str) -> list[tuple[str, str]]:
        """Code and name of what lies directly in `code`, by code; `""` gives the provinces."""
        return [(part, self._names[part]) for part in self._children.get(code, ())]

    def _home(self, jurisdiction: str) -> str:
        if jurisdiction in self._names:
            return jurisdiction
        for zeros in ("0000", "00"):
            if len(jurisdiction) == AREA and jurisdiction.endswith(zeros):
                return jurisdiction.removesuffix(zeros)
        return jurisdiction

    def _candidate_spans(self, text: str) -> list[Span]:
        spans = self._matcher.all(text)
        masked = {at for span in spans if span.phrase in self._no_place for at in range(span.start, span.end)}
        if masked:
            spans = [span for span in spans if not (span.start in masked and span.end - 1 in masked)]
        return [span for span in spans if not self._is_road(text, span)]

    def _is_road(self, text: str, span: Span) -> bool:
        if span.phrase in self._full and span.phrase not in self._short:
            return False
        if _ROAD_AFTER.match(text, span.end):
            return True
        return span.phrase[-1] in "东西南北" and text[span.end : span.end + 1] in _BANK_AFTER

    def _resolve(self, text: str, spans: Sequence[Span], home: str) -> dict[Span, str]:
        """The code of every span that something supports: what stands before it, the jurisdiction, other mentions."""
        codes: dict[Span, str] = {}
        ends: dict[int, str] = {}
        for span in spans:
            code = self._after_parent(text, span, ends) or self._near(span.phrase, home)
            code = code or self._alone.get(span.phrase)
            if code is not None:
                codes[span] = ends[span.end] = code
        for _ in LEVELS:
            mentioned = frozenset(codes.values())
            found = {span: code for span in spans if span not in codes and (code := self._among(span, mentioned))}
            if not found:
                break
            codes |= found
        return codes

    def _candidates(self, phrase: str) -> tuple[str, ...]:
        return self._own.get(phrase, ()) + self._full.get(phrase, ()) + self._short.get(phrase, ())

    def _after_parent(self, text: str, span: Span, ends: dict[int, str]) -> str | None:
        parent = ends.get(span.start)
        if parent is None and span.start and text[span.start - 1] in _BETWEEN:
            parent = ends.get(span.start - 1)
        if parent is None:
            return None
        top = len(self._alone.get(span.phrase, "")) in (PROVINCE, CITY)
        candidates = self._full.get(span.phrase, ()) if top else self._candidates(span.phrase)
        exact = self._full.get(span.phrase, ())
        return _only_shallowest(
            code
            for code in candidates
            if is_inside(code, parent) and (len(code) <= AREA or code in exact or len(parent) >= AREA)
        )

    def _near(self, phrase: str, home: str) -> str | None:
        if not home:
            return None
        candidates = self._candidates(phrase)
        around = [code for code in candidates if home.startswith(code)]
        if around:
            return max(around, key=len)
        top = self._alone.get(phrase)
        if top is not None and len(top) <= CITY:
            return top
        inside = [code for code in candidates if is_inside(code, home) and self._is_meant(phrase, code, home)]
        beside = [code for code in candidates if self._is_beside(phrase, code, home)]
        return _only_shallowest(inside) or _only_shallowest(beside)

    def _is_meant(self, phrase: str, code: str, home: str) -> bool:
        """Whether a place inside the jurisdiction may be called so there: short forms of small places far below not."""
        if code in self._own.get(phrase, ()) or code in self._full.get(phrase, ()):
            return True
        return phrase not in self._ordinary and LEVELS.index(len(code)) - _depth(home) <= 2

    def _is_beside(self, phrase: str, code: str, home: str) -> bool:
        return len(code) == AREA <= len(home) and code[:CITY] == home[:CITY] and phrase not in self._ordinary

    def _among(self, span: Span, mentioned: frozenset[str]) -> str | None:
        """The one candidate that lies in something else the text names; the nearest such parent decides."""
        if span.phrase in self._ordinary:
            return None
        parents: dict[str, int] = {}
        exact = self._full.get(span.phrase, ())
        for code in self._candidates(span.phrase):
            depth = max((len(parent) for parent in mentioned if is_inside(code, parent)), default=0)
            if depth and (len(code) <= AREA or (code in exact and depth >= CITY)):
                parents[code] = depth
        nearest = max(parents.values(), default=0)
        return _only_shallowest(code for code, depth in parents.items() if depth == nearest)


def load_gazetteer(extra: Iterable[PlaceEntry] = (), shipped: Path = SHIPPED) -> Gazetteer:
    """The national gazetteer down to streets and towns, with a deployment's own places."""
    try:
        lines = gzip.decompress(shipped.read_bytes()).decode().splitlines()
    except (OSError, EOFError) as error:
        raise ConfigurationError(f"{shipped}: the gazetteer cannot be read: {error}") from error
    official = dict(line.split(" ", 1) for line in lines)
    words, phrases = (
        frozenset(word for _, line in read_rows(ORDINARY, str, key) for word in line.split())
        for key in ("words", "phrases")
    )
    return Gazetteer(official, tuple(extra), OrdinaryWords(words, phrases))


def load_place_list(path: Path) -> list[PlaceEntry]:
    """A deployment's own places: a list of `code`, `name` and, if it has any, `aliases` (they come back folded).

    Raises `ConfigurationError` with file, line and reason.
    """
    entries = []
    for line, entry in read_rows(path, PlaceEntry):
        if not (entry.code.isdecimal() and entry.code.isascii() and len(entry.code) in LEVELS):
            raise mistake(path, line, f"code {entry.code!r} is not of 2, 4, 6, 9 or 12 digits")
        if any(len(name) < 2 for name in (entry.name, *entry.aliases)):
            raise mistake(path, line, "names and aliases need two characters or more")
        folded = dict.fromkeys(fold(name) for name in (entry.name, *entry.aliases))
        aliases = [name for name in folded if name != entry.name]
        entries.append(PlaceEntry(code=entry.code, name=entry.name, aliases=aliases))
    return entries


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for name, code in pairs:
        if code not in codes[name]:
            codes[name].append(code)
    return {name: tuple(sorted(found)) for name, found in codes.items() if len(name) > 1}


def _short_forms(official: dict[str, str]) -> Iterable[tuple[str, str]]:
    for code, name in official.items():
        short = short_form(code, name)
        if short is not None:
            yield short, code


def _understood_alone(
    full: dict[str, tuple[str, ...]], short: dict[str, tuple[str, ...]], names: dict[str, str], ordinary: frozenset[str]
) -> Iterable[tuple[str, str]]:
    """Names that need no support: provinces and cities, county-level cities, unique full names of some length."""
    for phrase, codes in short.items():
        code = _only_shallowest(codes)
        if phrase in ordinary or code is None:
            continue
        if len(code) in (PROVINCE, CITY) or (len(code) == AREA and names[code].endswith("市")):
            yield phrase, code
    for phrase, codes in full.items():
        code = _only_shallowest(codes)
        letters = 3 if len(code or "") < STREET else 4
        if code is not None and phrase not in ordinary and len(phrase) >= letters:
            yield phrase, code


def _only_shallowest(codes: Iterable[str]) -> str | None:
    """The code of the highest level, None when several share it."""
    ordered = sorted(codes, key=len)
    if not ordered or (len(ordered) > 1 and len(ordered[0]) == len(ordered[1])):
        return None
    return ordered[0]


def _depth(code: str) -> int:
    return max((depth for depth, length in enumerate(LEVELS) if length <= len(code)), default=0)


def _children(names: dict[str, str]) -> dict[str, tuple[str, ...]]:
    children: defaultdict[str, list[str]] = defaultdict(list)
    for code in sorted(names):
        parents = (code[:length] for length in reversed(LEVELS) if length < len(code))
        children[next((parent for parent in parents if parent in names), "")].append(code)
    return {parent: tuple(codes) for parent, codes in children.items()}
