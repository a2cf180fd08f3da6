"""Makes the shipped gazetteer, and place lists of communities for a deployment.

    python -m nlp.training.places ship --data ../shared/data/places
    python -m nlp.training.places communities --data ../shared/data/places --under 330106 --out places.yaml

`ship` writes every province, city, area and street of the country (2023). The 620 000 communities are not shipped: a
deployment takes those of its own jurisdiction with `communities`, in the format of its own place list.
"""

import argparse
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import yaml

from nlp.place_names import community_aliases
from nlp.places import SHIPPED

_PLACEHOLDERS = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Rows of the official table that hold a code and name no place."""


def rows(path: Path) -> Iterator[tuple[str, str]]:
    """Code and name of every row of a gzipped table."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["code"], row["name"].strip()


def ship(data: Path, out: Path) -> int:
    """Write `code name` lines ordered by code; the same input gives the same bytes. Returns how many."""
    entries = sorted(
        (code, name)
        for table in ("provinces", "cities", "areas", "streets")
        for code, name in rows(data / f"{table}.csv.gz")
        if name not in _PLACEHOLDERS
    )
    text = "".join(f"{code} {name}\n" for code, name in entries)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as packed:
        packed.write(text.encode())
    out.write_bytes(buffer.getvalue())
    return len(entries)


def communities(data: Path, under: str, out: Path) -> int:
    """Write the communities inside the division `under` as a place list. Returns how many."""
    entries = [
        {"code": code, "name": name, "aliases": list(community_aliases(name))}
        for code, name in rows(data / "communities.csv.gz")
        if code.startswith(under)
    ]
    out.write_text(yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return len(entries)


def main() -> None:
    """Command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("ship", "communities"):
        command = commands.add_parser(name)
        command.add_argument("--data", type=Path, default=Path("../shared/data/places"))
        command.add_argument("--out", type=Path, default=SHIPPED if name == "ship" else Path("places.yaml"))
        if name == "communities":
            command.add_argument("--under", required=True, help="division code of 2, 4, 6 or 9 digits")
    options = parser.parse_args()
    if options.command == "ship":
        count = ship(options.data, options.out)
    else:
        count = communities(options.data, options.under, options.out)
    print(f"{count} places, {options.out.stat().st_size / 1e3:.0f} kB -> {options.out}")


if __name__ == "__main__":
    main()
