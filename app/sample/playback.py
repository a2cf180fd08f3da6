"""Reading the made sample, moved to the present."""

import gzip
import json
from datetime import datetime
from pathlib import Path

from nlp.places import PlaceEntry, load_place_list

FILE = Path(__file__).parent / "sample.jsonl.gz"
POLICY = Path(__file__).parent / "policy"
"""Folder of `units.yaml`, `facts.yaml` and `places.yaml` of the imagined district."""


def load_sample(end: datetime, file: Path = FILE) -> list[dict[str, object]]:
    """The posts in time order, all moved by the same span so that the last one is published at `end` (aware)."""
    posts: list[dict[str, object]] = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    shift = end - _at(posts[-1])
    return [post | {"at": (_at(post) + shift).isoformat()} for post in posts]


def sample_places() -> list[PlaceEntry]:
    """Places of the imagined district, for the gazetteer."""
    return load_place_list(POLICY / "places.yaml")


def _at(post: dict[str, object]) -> datetime:
    return datetime.fromisoformat(str(post["at"]))
