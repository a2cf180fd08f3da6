"""What the benches divide by what."""

from collections.abc import Sequence

from bench.timing import seconds_of


def test_texts_take_what_they_take_together_without_what_every_call_takes() -> None:
    """A call takes a minute, the first ten texts of it two seconds each, for they get more care; others one."""
    clock = [0.0]

    def work(texts: Sequence[str]) -> None:
        clock[0] += 60 + len(texts) + len(texts[:10])

    assert seconds_of(work, ["路灯坏了"] * 100, lambda: clock[0]) == 110
