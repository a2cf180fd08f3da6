"""How long work over texts takes."""

from collections.abc import Callable, Sequence
from time import perf_counter


def seconds_of(
    work: Callable[[Sequence[str]], None], texts: Sequence[str], clock: Callable[[], float] = perf_counter
) -> float:
    """What the texts take, without what every call takes however many there are: models are loaded in it.

    That is timed without texts. A few would not do: they may get more care than as many of a full batch.
    """
    work(texts[:20])  # loads what is loaded once
    times = [clock()]
    for given in (texts[:0], texts):
        work(given)
        times.append(clock())
    start, ready, done = times
    return (done - ready) - (ready - start)
