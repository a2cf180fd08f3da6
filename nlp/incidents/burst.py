"""Is this more than usual? The tail of a Gamma-Poisson (negative binomial) count."""

import math

SHARE_POSTS = 0.5
SHARE_OF = 500.0
"""Before a matter has a history, it is expected to make one of a thousand posts; the prior is worth 500 posts."""

WINDOWS_H = (2, 24)
"""A burst is looked for in the last clock hours, and in a day of them: what rises slowly shows there."""
LEAST_SCORE = 3.0
"""However few posts there are, what is as likely as one in a thousand is no burst."""

_ENOUGH = 1e-12


def surprise(count: int, shape: float, exposure: float) -> float:
    """-log10 P(X >= count), 0 for nothing unusual.

    X is a count whose Poisson mean is `exposure` times a rate that is Gamma-distributed with `shape` and rate 1: X is
    negative binomial with size `shape` and success probability 1 / (1 + exposure) (Gelman et al., Bayesian Data Analysis,
    3rd edition, section 2.6). Terms beyond `count` are summed until they stop mattering.
    """
    if count <= 0 or exposure <= 0:
        return 0.0
    log_first = (
        math.lgamma(shape + count)
        - math.lgamma(shape)
        - math.lgamma(count + 1)
        + count * math.log(exposure / (1 + exposure))
        - shape * math.log1p(exposure)
    )
    term = total = 1.0
    number = count
    ratio = exposure / (1 + exposure)
    while term > _ENOUGH * total and number < count + 5000:
        term *= (shape + number) / (number + 1) * ratio
        total += term
        number += 1
    return max(0.0, -(log_first + math.log(total)) / math.log(10))
