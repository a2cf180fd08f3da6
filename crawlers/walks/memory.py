"""What a source remembers between two visits: validators of pages, and a mark for everything it listed."""

import hashlib
from collections.abc import Container, Mapping

import msgspec

from core.clock import derived_id
from crawlers.walks.steps import Answer, Ask

MOST_KNOWN = 400
"""Listed things that are remembered; a list shows at most a few pages of them."""
MOST_PAGES = 60
GONE = "gone"
SOUGHT = "sought"
"""Marks of a thing that a list no longer had: it is not there any more, or nobody has seen yet whether it is."""

_dict = msgspec.json.Decoder(dict[str, str])


def _loaded(text: str | None) -> dict[str, str]:
    try:
        return _dict.decode(text) if text else {}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


class Validators:
    """ETag, Last-Modified and a digest of each page, so that what has not changed is neither sent nor read again."""

    KEY = "validators"

    def __init__(self, state: Mapping[str, str]) -> None:
        self._before = _loaded(state.get(self.KEY))
        self._now: dict[str, str] = dict(self._before)

    def headers(self, ask: Ask) -> dict[str, str]:
        """Conditions for a request, none where nothing is known of the page."""
        etag, modified, _ = self._of(ask)
        found = {"If-None-Match": etag, "If-Modified-Since": modified} if ask.conditional else {}
        return {name: value for name, value in found.items() if value}

    def unchanged(self, answer: Answer) -> bool:
        """Whether the page is as it was at the last good visit: the server says so, or its bytes do."""
        if not answer.ask.conditional:
            return False
        return answer.status == 304 or (answer.status == 200 and self._of(answer.ask)[2] == _digest(answer.body))

    def note(self, answer: Answer) -> None:
        """Remember a page that was read."""
        if answer.ask.conditional and answer.status == 200:
            fields = (answer.headers.get("etag", ""), answer.headers.get("last-modified", ""), _digest(answer.body))
            key = _page(answer.ask)
            self._now.pop(key, None)
            self._now[key] = "\n".join(fields)

    def state(self) -> dict[str, str]:
        """What to keep, the newest pages of it."""
        kept = dict(list(self._now.items())[-MOST_PAGES:])
        return {self.KEY: msgspec.json.encode(kept).decode()} if kept else {}

    def _of(self, ask: Ask) -> tuple[str, str, str]:
        fields = (self._before.get(_page(ask), "") + "\n\n").split("\n")
        return fields[0], fields[1], fields[2]


def _page(ask: Ask) -> str:
    return derived_id(ask.method, ask.url, *(f"{k}={v}" for k, v in sorted(ask.form.items())))


def _digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=12).hexdigest()


class Known:
    """A mark for every thing that a source listed: it is new, or changed, when its mark is another one."""

    KEY = "known"

    def __init__(self, state: Mapping[str, str], most: int = MOST_KNOWN) -> None:
        self._marks = _loaded(state.get(self.KEY))
        self._most = most
        self._fresh: dict[str, str] = {}

    def changed(self, key: str, *facts: str) -> bool:
        """Whether the thing is new or has other facts than before; remembers them."""
        mark = hashlib.blake2b("\x1f".join(facts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        before = self._fresh.get(key) or self._marks.get(key)
        self._fresh[key] = mark
        return before != mark

    def has_room(self, key: str) -> bool:
        """Whether the thing would be remembered."""
        return key in self._fresh or len(self._fresh) < self._most

    def returned(self, key: str) -> bool:
        """Whether the thing was missed at an earlier visit."""
        return self._marks.get(key) == GONE

    def lost(self, key: str) -> None:
        """The thing is gone; it stays known as that."""
        self._fresh[key] = GONE

    def unlisted(self, prefix: str, listed: Container[str], *, whole: bool) -> list[str]:
        """What was known under the prefix and is not listed: all of it, or what stood before something that still is.

        Each is named once in a visit, and at every visit until it is `lost` or forgotten.
        """
        before = [key for key in self._marks if key.startswith(prefix)]
        last = max((place for place, key in enumerate(before) if key in listed), default=0)
        some = [key for place, key in enumerate(before) if whole or place < last or self._marks[key] == SOUGHT]
        missed = [key for key in some if not (key in listed or key in self._fresh or self._marks[key] == GONE)]
        self._fresh |= dict.fromkeys(missed, SOUGHT)
        return missed

    def missing(self, prefix: str) -> list[str]:
        """What was known under the prefix and is not listed now, though all is listed; it stays known as missing.

        Nothing, when most of it is not there: that is no list that somebody deleted from.
        """
        there = [key for key in self._fresh if key.startswith(prefix)]
        missed = [key for key in self._marks if key.startswith(prefix) and key not in self._fresh]
        if len(missed) > len(there):
            return []
        self._fresh |= dict.fromkeys(missed, GONE)
        return missed

    def __contains__(self, key: str) -> bool:
        return key in self._marks or key in self._fresh

    def __bool__(self) -> bool:
        return bool(self._marks)

    def forget(self, key: str) -> None:
        """Look at it again next time: what hangs on it was not read."""
        self._fresh.pop(key, None)
        self._marks.pop(key, None)

    def state(self) -> dict[str, str]:
        """What to keep: this visit's first, then the newest of before."""
        older = {key: mark for key, mark in self._marks.items() if key not in self._fresh}
        kept = dict([*self._fresh.items(), *older.items()][: self._most])
        return {self.KEY: msgspec.json.encode(kept).decode()} if kept else {}
