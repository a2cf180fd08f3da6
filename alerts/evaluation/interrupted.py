"""An interrupted time series: what changed at the answer beyond the trend that there was, with its uncertainty.

Segmented regression of ln(1 + y) by the hour, y = a + b t + c after + d t after (Bernal, Cummins and Gasparrini 2017, Int. J.
Epidemiol. 46(1), doi:10.1093/ije/dyw098). Neighbouring hours are alike, so the errors are taken for autoregressive of order
one (Prais and Winsten 1954), the correlation corrected upward for its bias in short series (after Kendall 1954), and the
variance is the larger of the usual and the robust one (HC3, MacKinnon and White 1985). The band is the 95 % interval by
Student's t. How often it holds the truth is measured by `python -m bench.evaluation`.
"""

from collections.abc import Sequence
from math import exp
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

LEAST_HOURS = 8
"""On each side: four coefficients from fewer hours say nothing."""
MOST_AFTER = 72
"""Hours after the answer that are looked at: later ones are of other causes."""
MOST_BEFORE = 72
LEVEL, SLOPE = 2, 3
"""Where the coefficients of the change stand."""
ROUNDS = 3
MOST_CARRIED = 0.9
TINY = 1e-12
Z95 = 1.959964
"""The two-sided 95 % quantile of the normal distribution."""


class Effect(Struct, frozen=True, kw_only=True):
    """What the answer changed at once: `ratio` is what there is against what the trend before would have given (0.5: half).

    `low` to `high` is its 95 % interval, `clear` whether that leaves 1 out. `slope` is the change of the hourly trend
    (per hour, as a ratio) with its interval. Without an estimate `why` says what was missing, and the figures are null.
    """

    measure: str
    hours_before: int
    hours_after: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    slope: float | None = None
    slope_low: float | None = None
    slope_high: float | None = None
    clear: bool = False
    why: str = ""


def effect(measure: str, before: Sequence[float], after: Sequence[float]) -> Effect:
    """The effect at the border between two stretches of hours of one series."""
    before, after = before[-MOST_BEFORE:], after[:MOST_AFTER]
    none = Effect(measure=measure, hours_before=len(before), hours_after=len(after))
    if min(len(before), len(after)) < LEAST_HOURS:
        return replace(none, why="too_few_hours")
    if not any(before):
        return replace(none, why="nothing_before")
    y = np.log1p(np.asarray([*before, *after], dtype=np.float64))
    x = _design(len(before), len(after))
    beta, errors = _fitted(x, y)
    t = _t95(len(y) - x.shape[1])
    (level, low, high), (slope, slope_low, slope_high) = (
        tuple(_ratio(beta[k] + sign * t * errors[k]) for sign in (0, -1, 1)) for k in (LEVEL, SLOPE)
    )
    return replace(
        none,
        ratio=level,
        low=low,
        high=high,
        slope=slope,
        slope_low=slope_low,
        slope_high=slope_high,
        clear=not low <= 1 <= high,
    )


def _design(before: int, after: int) -> Any:
    t = np.arange(-before, after, dtype=np.float64)
    late = (t >= 0).astype(np.float64)
    return np.column_stack([np.ones_like(t), t, late, t * late])


def _fitted(x: Any, y: Any) -> tuple[Any, Any]:
    """Coefficients and their standard errors."""
    n, k = x.shape
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    white_x, white_y = x, y
    for _ in range(ROUNDS):
        rho = _carried(y - x @ beta, k)
        first = np.sqrt(1 - rho * rho)
        white_x = np.vstack([first * x[0], x[1:] - rho * x[:-1]])
        white_y = np.concatenate([[first * y[0]], y[1:] - rho * y[:-1]])
        beta = np.linalg.lstsq(white_x, white_y, rcond=None)[0]
    rest = white_y - white_x @ beta
    inverse = np.linalg.inv(white_x.T @ white_x)
    leverage = np.einsum("ij,jk,ik->i", white_x, inverse, white_x)
    scores = white_x * (rest / np.maximum(1 - leverage, TINY))[:, None]
    robust = inverse @ scores.T @ scores @ inverse
    usual = inverse * (rest @ rest) / (n - k)
    return beta, np.sqrt(np.maximum(np.diag(robust), np.diag(usual)))


def _carried(rest: Any, k: int) -> float:
    """How much of an hour's error carries over to the next, corrected for the bias of a short series."""
    power = float(rest @ rest)
    if power < TINY:
        return 0.0
    rho = float(rest[1:] @ rest[:-1]) / power
    return min(MOST_CARRIED, max(0.0, rho + (k + 3 * rho) / len(rest)))


def _t95(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's t, by the expansion of Cornish and Fisher (error below 1 % from 6 on)."""
    z, v = Z95, float(freedom)
    return z + (z**3 + z) / (4 * v) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)


def _ratio(log_ratio: float) -> float:
    return round(exp(min(max(log_ratio, -20.0), 20.0)), 4)
