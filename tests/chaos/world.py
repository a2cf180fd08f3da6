"""The posts of an ordeal: real talk in six districts, and complaints that open cases; and what they must lead to."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.storage.sqlite import open_storage
from tests import real
from tests.e2e.answers import everything
from tests.e2e.product import ROOT, command, environment

DISTRICTS = ("330102", "330105", "330106", "330108", "330109", "330110")
MATTERS = 8
VOICES = 16
SALT = "chaos"


def posts(number: int) -> list[dict[str, Any]]:
    """So many posts of the last half hour, in time order, and among them eight complaints in sixteen voices each."""
    items = real.posts(number)
    for n, item in enumerate(items):
        item["jurisdiction"] = DISTRICTS[n % len(DISTRICTS)]
    every = number // MATTERS
    for n, voices in enumerate(real.matters(MATTERS, VOICES)):
        place = n * (every + VOICES)
        items[place:place] = [_said(n, voice, text) for voice, text in enumerate(voices)]
    begin, step = datetime.now(UTC) - timedelta(minutes=35), timedelta(minutes=30) / len(items)
    return [{**item, "at": (begin + n * step).isoformat()} for n, item in enumerate(items)]


def _said(matter: int, voice: int, text: str) -> dict[str, Any]:
    ids = {"id": f"m{matter}-{voice}", "source": "letters", "author": f"v{matter}-{voice}"}
    return {**ids, "text": text, "jurisdiction": DISTRICTS[matter % len(DISTRICTS)]}


def untouched(items: list[dict[str, Any]], home: Path) -> dict[str, Any]:
    """What one process on one machine finds of them."""
    home.mkdir()
    file = real.write_lines(home / "posts.jsonl", items)
    args = command("import", "--data-dir", home / "data", file)
    subprocess.run(args, env=environment(HUIYING_SALT=SALT), check=True, timeout=600, cwd=ROOT, capture_output=True)
    storage = open_storage(home / "data")
    try:
        return everything(storage)
    finally:
        storage.close()
