"""Runs the benchmarks named (or all): `python -m bench [NAME]...`, the names being those of `BENCHES`."""

import sys
import tempfile
from pathlib import Path

from bench import board, crawl, decide, distributed, drafts, latency, million, pipeline, routing, teaching
from bench.report import Report

BENCHES = {
    "pipeline": pipeline.run,
    "decide": decide.run,
    "latency": latency.run,
    "million": million.run,
    "board": board.run,
    "drafts": drafts.run,
    "distributed": distributed.run,
    "teaching": teaching.run,
    "routing": routing.run,
    "crawl": crawl.run,
}


def main() -> None:
    """One table at the end; each bench has a directory of its own."""
    names = sys.argv[1:] or list(BENCHES)
    report = Report()
    for name in names:
        print(f"--- {name}", flush=True)
        with tempfile.TemporaryDirectory(prefix=f"huiying-bench-{name}-") as folder:
            BENCHES[name](Path(folder), report)
    print(report.table())


main()
