"""What all records share."""

from msgspec import Struct


class Record(Struct, frozen=True, kw_only=True):
    """What every record on the log carries."""

    v: int = 1


JURISDICTION_SAMPLE = "990100"
"""Code of the imagined district of the bundled sample: no administrative division of China starts with 99."""
