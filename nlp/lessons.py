"""What a labelling process knows of what people taught: asked of the Store every two seconds, or at once when told to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from time import monotonic
from typing import Protocol

import structlog

from core.records import AnalysedPost, Correction
from nlp.analyse import Analyser
from nlp.corrections import Corrections, told
from nlp.labels import Labeller, load_labeller

log = structlog.get_logger()

LOOK_EVERY_S = 2.0


class Lessonbook(Protocol):
    """What is asked of the Store (`core.ports.Teaching`)."""

    def taught(self) -> str: ...

    def standing_corrections(self, jurisdiction: str | None, /) -> Sequence[Correction]: ...

    def model_in_use(self) -> str | None: ...

    def weights(self, version: str, /) -> bytes | None: ...


class Lessons:
    """Corrections by jurisdiction and the model that was learnt, as the Store had them at the last look.

    Used by one thread; `look_again` may be called by any.
    """

    def __init__(self, store: Lessonbook, clock: Callable[[], float] = monotonic) -> None:
        self._store = store
        self._clock = clock
        self._looked = float("-inf")
        self._word: str | None = None
        self._by_jurisdiction: dict[str, Corrections] = {}
        self._version: str | None = None
        self._learnt: Labeller | None = None

    def look_again(self) -> None:
        """The next batch asks the Store, however recently another one did."""
        self._looked = float("-inf")

    def look(self) -> None:
        """Before a batch: see whether anything was taught since the last look."""
        now = self._clock()
        if now - self._looked < LOOK_EVERY_S:
            return
        self._looked = now  # before the question: what is taught while it is asked makes us look again
        word = self._store.taught()
        if word == self._word:
            return
        self._by_jurisdiction.clear()
        self._use(self._store.model_in_use())
        self._word = word

    def analyser(self, analyser: Analyser) -> Analyser:
        """The same with the fast tier that was learnt here, if there is one."""
        return analyser if self._learnt is None else replace(analyser, labeller=analyser.labeller.renewed(self._learnt))

    def tell(self, posts: Sequence[AnalysedPost], prints: dict[tuple[str, int], int]) -> list[AnalysedPost]:
        """The posts with the labels that people gave to their texts; `prints` has fingerprints by id and revision."""
        if not any(self._of(code) for code in {post.jurisdiction for post in posts}):
            return list(posts)
        return [
            told(post, self._of(post.jurisdiction).find(post.search, prints[post.id, post.revision])) for post in posts
        ]

    def _of(self, jurisdiction: str) -> Corrections:
        held = self._by_jurisdiction.get(jurisdiction)
        if held is None:
            held = Corrections.of(self._store.standing_corrections(jurisdiction))
            self._by_jurisdiction[jurisdiction] = held
        return held

    def _use(self, version: str | None) -> None:
        if version == self._version:
            return
        self._learnt = None if version is None else self._load(version)
        self._version = version
        log.info("model_in_use", version=version or "shipped")

    def _load(self, version: str) -> Labeller | None:
        """A model that cannot be used is none: posts are labelled by the one that ships rather than not at all."""
        weights = self._store.weights(version)
        try:
            return load_labeller(BytesIO(weights or b""))
        except ValueError as error:
            log.warning("learnt_model_unusable", version=version, reason=str(error))
            return None
