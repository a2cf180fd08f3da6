"""`python -m tests.chaos.skewed SECONDS ARGS...`: the `huiying` command with a clock that is so many seconds wrong."""

import sys
import time
from datetime import UTC, datetime, timedelta

import core.clock


def main(seconds: float, arguments: list[str]) -> None:
    """Shift what processes of ours tell the time by, before anything of the product is imported."""
    right = time.time
    time.time = lambda: right() + seconds
    core.clock.utc_now = lambda: datetime.now(UTC) + timedelta(seconds=seconds)
    sys.argv = ["huiying", *arguments]
    from app.cli import main as huiying

    huiying()


main(float(sys.argv[1]), sys.argv[2:])
