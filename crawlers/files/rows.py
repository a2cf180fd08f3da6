"""What every reader of a format gives, and the limits they share."""

from collections.abc import Iterator, Mapping

from core.errors import Refused

Row = Mapping[str, object]
"""A row by column name. Values are text in CSV, anything JSON in JSON Lines, text or numbers in xlsx."""

Numbered = tuple[int, Row | Refused]
"""A row with its number: of its first line (CSV, JSON Lines), of the sheet (xlsx), or among the elements (JSON array)."""

Rows = Iterator[Numbered]

LONGEST_LINE = 1_048_576
"""Letters in one line or one record; a post is cut far below that, so what is longer is damage."""
