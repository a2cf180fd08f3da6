"""Bilibili's search and comments want a signature of the query (wbi), whose recipe its clients publish.

Keys come from `/x/web-interface/nav`; a fixed permutation of both makes the salt; `w_rid` is MD5 over the sorted query and
the salt (bilibili-API-collect, docs/misc/sign/wbi.md).
"""

import hashlib
import json
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec.structs import replace

from core.records import Ending
from crawlers.walks.ruled import RuledWalk
from crawlers.walks.steps import Answer, Ask, Step, Trouble

NAV = "https://api.bilibili.com/x/web-interface/nav"
_ORDER = (
    46, 47, 18, 2, 53, 8, 23, 32, 15, 50, 10, 31, 58, 3, 45, 35, 27, 43, 5, 49, 33, 9, 42, 19, 29, 28, 14, 39, 12, 38, 41,
    13, 37, 48, 7, 16, 24, 55, 40, 61, 26, 17, 0, 1, 60, 51, 30, 4, 22, 25, 54, 21, 56, 59, 6, 63, 57, 62, 11, 36, 20, 34,
    44, 52,
)  # fmt: skip


def salt_of(image_key: str, sub_key: str) -> str:
    """The salt from both keys (32 hex digits each)."""
    both = image_key + sub_key
    return "".join(both[place] for place in _ORDER if place < len(both))[:32]


def signed(url: str, salt: str, now_s: int) -> str:
    """The address with `wts` and `w_rid`."""
    parts = urlsplit(url)
    query = dict(sorted([*parse_qsl(parts.query, keep_blank_values=True), ("wts", str(now_s))]))
    plain = urlencode({name: "".join(c for c in value if c not in "!'()*") for name, value in query.items()})
    digest = hashlib.md5((plain + salt).encode(), usedforsecurity=False).hexdigest()
    return parts._replace(query=f"{plain}&w_rid={digest}").geturl()


class WbiWalk(RuledWalk):
    """Asks for the keys first, then signs what it asks."""

    _salt = ""

    def first(self) -> Sequence[Ask]:
        base = self.task.source.options.get("nav") or NAV
        headers = {"Cookie": self.task.cookie} if self.task.cookie else {}
        return [Ask(url=base, role="keys", headers=headers)]

    def read(self, answer: Answer) -> Step:
        if answer.ask.role != "keys":
            step = super().read(answer)
            return replace(step, asks=[self._sign(ask) for ask in step.asks])
        try:
            images = json.loads(answer.body)["data"]["wbi_img"]
            names = [str(images[name]).rpartition("/")[2].partition(".")[0] for name in ("img_url", "sub_url")]
        except (ValueError, KeyError, TypeError) as error:
            raise Trouble(Ending.DRIFT, "The keys of the signature are not where they were.") from error
        self._salt = salt_of(*names)
        return Step(asks=[self._sign(ask) for ask in super().first()])

    def _sign(self, ask: Ask) -> Ask:
        return replace(ask, url=signed(ask.url, self._salt, int(self.task.now.timestamp())), conditional=False)
