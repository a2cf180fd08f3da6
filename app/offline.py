"""The stages without a storage: for commands that read a file and write lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.lines import Line
from core.clock import utc_now
from core.effects import Seen, StateRow
from core.errors import Refused
from core.records import AnalysedPost, RawPost
from nlp.admission import Admission, admit
from nlp.analyse import Analyser, analyse
from nlp.prepare import Windows, prepare


class NoMemory:
    """A `StageState` that remembers nothing: a file is read once, from an empty state."""

    def seen(self, ids: Sequence[str]) -> dict[str, Seen]:
        return {}

    def seen_since(self, jurisdiction: str, since: datetime, limit: int) -> list[Seen]:
        return []

    def state(self, stage: str, jurisdiction: str) -> list[StateRow]:
        return []


@dataclass(frozen=True, slots=True)
class Understood:
    """A line's post with its labels, and the id that the line gave it."""

    id: object
    post: AnalysedPost


@dataclass(slots=True)
class Offline:
    """admit, prepare and analyse as `serve` does; every line gets its own post, copies too."""

    analyser: Analyser
    windows: Windows
    admission: Admission

    def understand(self, lines: Sequence[Line]) -> tuple[list[Understood], list[tuple[Line, Refused]]]:
        """The labelled posts of lines in order, and the lines that were refused."""
        ids: dict[str, object] = {}
        raws: list[RawPost] = []
        refused: list[tuple[Line, Refused]] = []
        for line in lines:
            try:
                raw = admit(line.item(), self.admission)
            except Refused as refusal:
                refused.append((line, refusal))
                continue
            ids[raw.id] = line.given_id
            raws.append(raw)
        posts = analyse(prepare(raws, NoMemory(), self.windows).posts, self.analyser)
        return [Understood(ids[post.id], post) for post in posts], refused


def offline(analyser: Analyser, jurisdiction: str) -> Offline:
    """An `Offline` with an empty near-duplicate window."""
    rules = Admission(jurisdiction=jurisdiction, salt="offline", now=utc_now(), origin="file", source="file")
    return Offline(analyser, Windows(), rules)
