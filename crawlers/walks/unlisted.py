"""Things that a list had and has no more: each is looked for once at its own address, for lists move and cut what they show."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from crawlers.walks.memory import Known
from crawlers.walks.steps import Ask, Step

UNLISTED = "unlisted"
"""By what such a thing is known, among the values of the request that looks for it."""


class Unlisted:
    """Who looks for them. A thing whose page is not there (404, 410) is gone; one that is there only left the list."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._listed: set[str] = set()

    def looks(self, place: str, listed: Iterable[str], ask: Callable[[str], Ask], *, whole: bool = False) -> list[Ask]:
        """Requests for what was known in that place and is not there, now that these are listed in it.

        Of a list that is `whole`, whatever is not listed; of another one only what was known before something that still
        is: the rest may have fallen off its end.
        """
        self._listed |= {place + key for key in listed}
        missed = self._known.unlisted(place, self._listed, whole=whole)
        asks = [(key, ask(key.removeprefix(place))) for key in missed]
        return [
            replace(one, values={**one.values, UNLISTED: key}, optional=True, may_be_gone=True) for key, one in asks
        ]

    def found(self, ask: Ask) -> Step:
        """It is there: the list showed it no more, and need not again."""
        self._known.forget(ask.values[UNLISTED])
        return Step()

    def gone(self, ask: Ask, key: str) -> Step:
        """It is not there; `key` is that of its post."""
        self._known.lost(ask.values[UNLISTED])
        return Step(gone=[key])
