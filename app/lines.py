"""JSON Lines in: each line is an item, or a reason why it is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import msgspec

from core.errors import Refused

FIELDS = ("text", "at", "title", "author", "source", "platform", "jurisdiction")
"""What the offline commands read of a line besides its id; more is allowed and ignored."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of input: `number` counts from 1, `value` is what it holds, `broken` why it is no JSON."""

    number: int
    value: Any
    broken: str = ""

    @property
    def given_id(self) -> object:
        """The id of the line, or its number where it has none."""
        return self.value.get("id", self.number) if isinstance(self.value, dict) else self.number

    def item(self) -> dict[str, object]:
        """The line as an item for admission; raises `Refused` when it is not an object."""
        if self.broken:
            raise Refused("broken_json", f"This line is not JSON: {self.broken}")
        if not isinstance(self.value, dict):
            raise Refused("not_an_object", "A line is a JSON object with `id` and `text`.")
        item = {name: self.value[name] for name in FIELDS if self.value.get(name) is not None}
        # Two lines of the same id are still two lines: each gets its answer.
        return {**item, "id": f"{self.number}"}


def read_lines(stream: IO[bytes]) -> Iterator[Line]:
    """Every line that is not blank."""
    decode = msgspec.json.Decoder().decode
    for number, raw in enumerate(stream, 1):
        stripped = raw.lstrip(b"\xef\xbb\xbf").strip()
        if not stripped:
            continue
        try:
            yield Line(number, decode(stripped))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Line(number, None, str(error))


def batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    """Lists of at most `size` lines."""
    while batch := list(islice(lines, size)):
        yield batch
