"""Kinds of drafts beside the reply: which lines they have and what they need, as data."""

from functools import cache
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from core.errors import ConfigurationError

SHIPPED = Path(__file__).parent.parent / "data" / "kinds.yaml"
REPLY = "reply"
BLANKS = ("topic", "title", "unit", "date", "time", "jurisdiction", "level", "posts", "authors", "heat", "due")


class Law(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passage of law or policy that a draft may cite."""

    id: str
    text: str
    source: str


class Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the form. `posts`: it cites posts; `due`: only while a clock runs; `otherwise`: said when no card is there."""

    part: str
    text: str = ""
    cards: str = ""
    law: str = ""
    lead: str = ""
    otherwise: str = ""
    posts: bool = False
    due: bool = False


class Kind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of draft. `internal` ones go to leaders, not to the public."""

    id: str
    name: dict[str, str]
    needs: tuple[str, ...]
    lines: tuple[Line, ...]
    internal: bool = False


class Kinds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All kinds, and the passages that they cite."""

    laws: tuple[Law, ...]
    kinds: tuple[Kind, ...]

    def find(self, id_: str) -> Kind | None:
        """The kind of that id."""
        return next((kind for kind in self.kinds if kind.id == id_), None)


@cache
def load_kinds(path: Path = SHIPPED) -> Kinds:
    """Read the file; `ConfigurationError` names it and what is wrong."""
    try:
        found = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Kinds)
        laws = {law.id for law in found.laws}
        for line in (line for kind in found.kinds for line in kind.lines):
            line.text.format(**dict.fromkeys(BLANKS, ""))
            if line.law and line.law not in laws:
                raise ConfigurationError(f"{path}: there is no law {line.law}")
    except (OSError, ValueError, KeyError, IndexError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return found
