"""How well the interrupted time series of the evaluation tells an effect that is known: `python -m bench.evaluation`.

Series of 48 hours on each side: a trend, noise that carries over from hour to hour, counts by Poisson, and a known change at
the answer. The bare difference of means is what a reader would take without a model.
"""

import numpy as np

from alerts.evaluation.interrupted import effect

HOURS = 48
RUNS = 1_000
TRUTHS = (1.0, 0.7, 0.4)
DECAYS = (0.0, 0.02, 0.05)
ALIKE = (0.2, 0.6)
"""How much of an hour's noise carries over to the next."""


def series(rng: np.random.Generator, ratio: float, decay: float, alike: float) -> tuple[list[int], list[int]]:
    """Counts before and after."""
    noise, level = 0.0, []
    for t in range(-HOURS, HOURS):
        noise = alike * noise + rng.normal(0, 0.2)
        level.append(30 * np.exp(-decay * t + noise) * (ratio if t >= 0 else 1))
    counts = rng.poisson(level).tolist()
    return counts[:HOURS], counts[HOURS:]


def main() -> None:
    """A row for each kind of series."""
    print(
        "| true ratio | trend an hour | carry-over | bare ratio | estimate | interval holds the truth | called clear |"
    )
    print("|---|---|---|---|---|---|---|")
    for ratio in TRUTHS:
        for decay in DECAYS:
            for alike in ALIKE:
                print(_row(ratio, decay, alike))


def _row(ratio: float, decay: float, alike: float) -> str:
    rng = np.random.default_rng(1)
    bare, found = [], []
    for _ in range(RUNS):
        before, after = series(rng, ratio, decay, alike)
        bare.append(np.mean(after) / np.mean(before))
        found.append(effect("posts", before, after))
    estimate = np.median([one.ratio for one in found if one.ratio is not None])
    holds = np.mean([(one.low or 0) <= ratio <= (one.high or 0) for one in found])
    clear = np.mean([one.clear for one in found])
    trend = f"{np.exp(-decay) - 1:.0%}"
    return f"| {ratio} | {trend} | {alike} | {np.median(bare):.2f} | {estimate:.2f} | {holds:.0%} | {clear:.0%} |"


if __name__ == "__main__":
    main()
