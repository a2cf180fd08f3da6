"""`python -m tests.checklist [--held-out] [--failures]`: the failures of every phenomenon, for docs/models.md."""

import argparse
import sys

from app.judgement import build_analyser, build_gazetteer
from core.settings import Settings
from tests.checklist.cases import CASES, HELD_OUT, load
from tests.checklist.run import run, table


def main() -> None:
    """Print the table; with `--failures` every failing case and why."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="the cases that nothing was fitted to")
    parser.add_argument("--failures", action="store_true", help="list what fails")
    parser.add_argument("--encoder", default="shipped", help="`off` for the fast tier alone, or a folder")
    chosen = parser.parse_args()
    settings = Settings(encoder=chosen.encoder)
    rows = run(load(HELD_OUT if chosen.held_out else CASES), build_analyser(settings, build_gazetteer(settings)))
    sys.stdout.write(table(rows) + "\n")
    if chosen.failures:
        for row in rows:
            for case, fault in row.failures:
                sys.stdout.write(f"{row.capability} / {row.phenomenon}: {' -> '.join(case.texts)}: {fault}\n")


main()
