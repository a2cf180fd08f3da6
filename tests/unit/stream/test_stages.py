"""What the stages give to those who judge."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import pytest
from msgspec.structs import replace

from core.effects import Effects, message
from core.records import RawPost
from core.storage.sqlite import open_storage
from core.topics import Topic
from nlp.analyse import Analyser
from nlp.labels import Judgement, Labeller, load_labeller
from nlp.lessons import Lessons
from nlp.prepare import Windows
from nlp.risk import load_risk_lexicon
from stream.stages import Understand
from tests.records import NOON
from tests.unit.nlp.test_analyse import Nowhere


class Watched(Labeller):
    """The fast tier; `asked` has the number of texts of every call."""

    asked: ClassVar[list[int]] = []

    def label(self, texts: Sequence[str], urgent: Sequence[bool] = ()) -> list[Judgement]:
        self.asked.append(len(texts))
        return super().label(texts, urgent)


@pytest.mark.parametrize("taught", [False, True], ids=["alone", "with lessons"])
def test_new_and_revised_posts_are_judged_together_for_their_time_is_one(tmp_path, taught):
    storage = open_storage(tmp_path / "data")
    analyser = Analyser(Watched(load_labeller().model), Nowhere(), load_risk_lexicon())
    stage = Understand(storage.store, Windows(), analyser, Lessons(storage.store) if taught else None)
    old, new = (raw(id_, text) for id_, text in (("p1", "滨江路的路灯坏了"), ("p2", "今天和朋友去吃了火锅")))
    storage.commit(stage([message(Topic.POSTS_RAW, old.jurisdiction, old.id, old)], NOON))
    Watched.asked.clear()
    batch = [new, replace(old, likes=9)]
    effects: Effects = stage([message(Topic.POSTS_RAW, r.jurisdiction, r.id, r) for r in batch], NOON)
    storage.close()
    assert Watched.asked == [2]
    assert [(post.id, post.revision, post.likes) for post in effects.posts] == [("p2", 0, 0), ("p1", 1, 9)]
    assert [m.id for m in effects.messages] == ["p2"]


def raw(id_: str, text: str) -> RawPost:
    at = NOON + timedelta(seconds=1)
    return RawPost(id=id_, source="s", platform="forum", at=at, seen_at=at, jurisdiction="990100", text=text)
