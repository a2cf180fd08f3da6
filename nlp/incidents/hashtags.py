"""Hashtags: what the authors of posts say that these are about.

`#停水#` (Weibo), `#停水[话题]#` (Xiaohongshu) and `#停水` (Mastodon, Douyin and most others). Their words are words of the
post like all others; as half of a short post, with the general terms of an epidemic in each, they would make everything
one. So posts that bear other hashtags must share more words. The same hashtag by itself unites nothing: a campaign
(#加油#) and a community have one, too.
"""

import re
from collections.abc import Collection
from math import sqrt

from msgspec import Struct, field

MOST = 3
"""Hashtags of a post that says something by them; with more it wants to be seen."""

_ALIKE = 0.5
"""Groups of posts whose hashtags have a smaller cosine bear others."""
_KEPT = 16
_LINK = re.compile(r"https?://[!-~]+")
_PAIRED = re.compile(r"(?<![0-9])#(?=\S)([^#]{1,60})(?<=\S)#")  # 3#楼 and 5#楼 are buildings
_SINGLE = re.compile(r"(?<![0-9a-z#&_])#([^\W\d]\w{1,39})")
_KIND = re.compile(r"(?:\[(?:话题|超话)\]|超话)$")


class Tags(Struct, array_like=True):
    """Posts by hashtag, of 16 to 32 hashtags the commonest, and how many posts bear any."""

    posts: dict[str, int] = field(default_factory=dict)
    tagged: int = 0

    def count(self, names: Collection[str]) -> None:
        """Count a post that bears these."""
        self.tagged += bool(names)
        for name in names:
            self.posts[name] = self.posts.get(name, 0) + 1
        self._prune()

    def absorb(self, other: "Tags") -> None:
        """Take in the posts of another group."""
        self.tagged += other.tagged
        for name, posts in other.posts.items():
            self.posts[name] = self.posts.get(name, 0) + posts
        self._prune()

    def are_in_most_of(self, posts: int) -> bool:
        """Whether more than half of so many posts bear one."""
        return 2 * self.tagged > posts

    def are_others(self, names: Collection[str]) -> bool:
        """Whether a post bears hashtags, and none of these."""
        return bool(names) and self.posts.keys().isdisjoint(names)

    def _prune(self) -> None:
        if len(self.posts) > 2 * _KEPT:
            kept = sorted(self.posts.items(), key=lambda name: (-name[1], name[0]))
            self.posts = dict(kept[:_KEPT])

    def differ(self, other: "Tags") -> bool:
        """Whether two groups bear others, by how many posts bear which."""
        dot = sum([posts * other.posts.get(name, 0) for name, posts in self.posts.items()])
        squares = [sum([posts * posts for posts in tags.posts.values()]) for tags in (self, other)]
        return dot < _ALIKE * sqrt(squares[0] * squares[1])


def hashtags(folded: str) -> tuple[str, ...]:
    """The distinct hashtags of a folded text, those between two signs first; none where there are more than three."""
    if "#" not in folded:
        return ()
    text = _LINK.sub(" ", folded)
    found = [*_PAIRED.findall(text), *_SINGLE.findall(_PAIRED.sub(" ", text))]
    names = tuple(dict.fromkeys(name for one in found if (name := _KIND.sub("", one).strip())))
    return names if len(names) <= MOST else ()


def are_apart(one: Tags, posts: int, other: Tags, others: int) -> bool:
    """Whether most of the posts (so many) of both bear hashtags, but not the same."""
    return one.are_in_most_of(posts) and other.are_in_most_of(others) and one.differ(other)
