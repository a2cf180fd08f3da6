"""Does a matter rise slowly? A Gamma-Poisson CUSUM over its posts.

A run of posts, since the last moment that spoke against a rise, is weighed against what came before it: how much likelier the
run is if the matter's share of the jurisdiction's posts has doubled than if it is what it was, that being Gamma-distributed by
the posts before the run. When it is no likelier, the run is over and becomes part of what came before. This is Page's
cumulative sum (Biometrika 1954) with the count model of `nlp.incidents.burst`.

Where nothing rises, a likelihood ratio reaches x with a chance of at most 1/x, be it looked at after every post (Ville's
inequality), and a post begins at most one run. So its log10 is a score like that of a burst, and a bar keeps the same promise.
"""

import math

from msgspec import Struct

from nlp.incidents.burst import SHARE_POSTS

_TIMES = 2.0
_DAY = 86400.0
_LONGEST = 28 * _DAY  # a rise that has lasted so long is what is usual
_MEMORY = 56 * _DAY
LEAST_RISE = 2.0
LEAST_DAYS = 2.0
"""What rises faster is a burst."""


class Rise(Struct, array_like=True):
    """The run of a matter's posts that may be a rise, and what came before it.

    `before` posts (fading) of `of` posts of the jurisdiction came before. The run has `posts`; it began `since` (stream time),
    when the jurisdiction had had `total` posts and `due` had been usual. At its newest post it had lasted `days` and `exposure`
    posts of the jurisdiction; `score` is the evidence then, in orders of magnitude.
    """

    before: float = 0.0
    of: float = 0.0
    posts: int = 0
    since: float = 0.0
    total: int = 0
    due: float = 0.0
    days: float = 0.0
    exposure: float = 0.0
    score: float = 0.0

    def count(self, now: float, total: int, due: float) -> None:
        """Take in the newest post.

        Where the whole jurisdiction grows, nothing rises: a run is as long as the longer of what is usual and what came from
        others. Where sources fail and come back, nothing rises either: what came before is worth the shorter.
        """
        usual, came = due - self.due, total - self.total
        self.posts += 1
        self.days, self.exposure = (now - self.since) / _DAY, max(usual, float(came - self.posts), 0.0)
        self.score = evidence(self.posts, SHARE_POSTS + self.before, self.of, self.exposure)
        if self.score <= 0 or now - self.since > _LONGEST:
            kept = math.exp((self.since - now) / _MEMORY)
            self.before = kept * self.before + self.posts
            self.of = kept * self.of + min(usual, came)
            self.posts, self.since, self.total, self.due, self.score = 0, now, total, due, 0.0

    def absorb(self, before: float, posts: int, now: float, total: int) -> None:
        """Take over another matter's posts, those that came before the run and those that came since; the newest came `now`."""
        self.before += before
        self.posts += posts
        self.days, self.exposure = (now - self.since) / _DAY, max(self.exposure, float(total - self.total - self.posts))
        self.score = evidence(self.posts, SHARE_POSTS + self.before, self.of, self.exposure)

    @property
    def known(self) -> float:
        """Posts of the jurisdiction that came in all the time that it knows of."""
        return self.of + self.exposure

    def counted_in(self, known: float) -> float:
        """The posts that it counted; only their part if that took longer than so many posts of the jurisdiction."""
        return (self.before + self.posts) * (known / self.known if 0 < known < self.known else 1.0)

    @property
    def usual(self) -> float:
        """Posts usual in the time of the run."""
        return self.exposure * self.before / self.of if self.of else 0.0


def evidence(posts: int, shape: float, of: float, exposure: float) -> float:
    """Orders of magnitude by which so many posts are likelier if a rate has doubled that was Gamma(`shape`, `of`).

    0 where there is no history.
    """
    if of <= 0:
        return 0.0
    ratio = posts * math.log(_TIMES) - (shape + posts) * math.log((of + _TIMES * exposure) / (of + exposure))
    return ratio / math.log(10)
