"""Reading the material and speaking with it: templates whose `{slots}` are filled from lists, never the same twice in a row."""

import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import msgspec
import yaml
from msgspec import Struct, field

FOLDER = Path(__file__).parent / "material"

Slots = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"\{(\w+)\}")


class Registers(Struct, frozen=True, forbid_unknown_fields=True):
    """How people write: templates by platform, and fragments that serve every subject."""

    platforms: dict[str, list[str]]
    shared: dict[str, list[str]]


class Phase(Struct, frozen=True, kw_only=True, rename={"since": "from"}, forbid_unknown_fields=True):
    """A stretch of an incident, in hours since the beginning; `beta` shapes when within it the `posts` arrive."""

    since: float
    until: float
    beta: tuple[float, float]
    posts: dict[str, int]
    fact: list[str] = field(default_factory=list)
    headline: list[str] = field(default_factory=list)
    bulletin: list[str] = field(default_factory=list)


class Happening(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident of the sample: its hashtag, the places it is told of, its fragments and its phases.

    `platforms` holds templates where it is told in another manner than the rest (praise is no complaint).
    """

    id: str
    tag: str
    where: list[str]
    shared: dict[str, list[str]]
    phases: list[Phase]
    platforms: dict[str, list[str]] = field(default_factory=dict)


class Topic(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something people talk about every day. `repeats`: the same text comes again and again (adverts)."""

    name: str
    weight: int
    platforms: list[str]
    texts: list[str]
    repeats: bool = False


class Everyday(Struct, frozen=True, forbid_unknown_fields=True):
    """The noise of the district."""

    shared: dict[str, list[str]]
    topics: list[Topic]


class Material(Struct, frozen=True):
    """All that the sample is made of."""

    registers: Registers
    happenings: list[Happening]
    everyday: Everyday


def load_material(folder: Path = FOLDER) -> Material:
    """Read and check the material; raises `msgspec.ValidationError` naming the field that is wrong."""

    def table(name: str) -> object:
        return yaml.safe_load((folder / name).read_text(encoding="utf-8"))

    happenings = [
        happening
        for name in ("incidents_livelihood.yaml", "incidents_urgent.yaml")
        for happening in msgspec.convert(table(name), list[Happening])
    ]
    return Material(
        registers=msgspec.convert(table("registers.yaml"), Registers),
        happenings=happenings,
        everyday=msgspec.convert(table("noise.yaml"), Everyday),
    )


class Voice:
    """Fills templates at random. Each list is dealt like a pack of cards, so it repeats only when it is used up."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._packs: dict[int, tuple[Sequence[str], list[str]]] = {}

    def pick(self, options: Sequence[str]) -> str:
        """The next card of this list."""
        _, pack = self._packs.setdefault(id(options), (options, []))
        if not pack:
            pack.extend(options)
            self._random.shuffle(pack)
        return pack.pop()

    def fill(self, template: str, *slots: Slots) -> str:
        """The template with every slot filled, from the first of `slots` that knows it; `KeyError` if none does.

        A text tells of one place: `{where}` is the same wherever it stands.
        """
        known: ChainMap[str, Sequence[str]] = ChainMap({}, *(dict(layer) for layer in slots))
        if "where" in known:
            known["where"] = [self.pick(known["where"])]
        text = template
        while _SLOT.search(text):
            text = _SLOT.sub(lambda slot: self.pick(known[slot[1]]), text)
        return text.strip(" ，")
