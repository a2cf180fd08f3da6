"""Thousands of real posts: the Index of Elasticsearch answers as that of SQLite does.

Order may differ within one second only: there SQLite goes by arrival, Elasticsearch by id.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.judgement import build_analyser, build_gazetteer
from app.offline import NoMemory
from core.codec import encode
from core.effects import Effects, Message
from core.ports import Highlights, Index, PostQuery, Storage
from core.records import AnalysedPost, Assignment
from core.settings import Settings
from core.storage.sqlite import open_storage
from core.topics import Topic
from nlp.admission import Admission, admit
from nlp.prepare import Windows
from stream.stages import Understand
from tests import real
from tests.servers.distributed import Distributed

SEED = 4
POSTS = 1_500
QUERIES = 60

Both = tuple[Index, Index, list[AnalysedPost]]


@pytest.fixture(scope="module")
def both(addresses: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The same posts, and memberships of every fifth, in both."""
    posts = understood()
    embedded = open_storage(tmp_path_factory.mktemp("embedded"))
    made = Distributed(*addresses, partitions=1)
    fill(embedded, posts)
    fill(made.storage, posts)
    yield embedded.index, made.storage.index, posts
    embedded.close()
    made.close()


def fill(storage: Storage, posts: list[AnalysedPost]) -> None:
    for start in range(0, len(posts), 500):
        storage.commit(Effects(posts=posts[start : start + 500]))
    storage.commit(
        Effects(assigned=[Assignment(post=p.id, incident=f"i{n % 7}", known_at=p.at) for n, p in enumerate(posts[::5])])
    )


def understood() -> list[AnalysedPost]:
    """Real posts as the first step leaves them."""
    rules = Admission(jurisdiction="330106", salt="s", now=datetime.now(UTC), origin="test", source="real")
    raws = [admit(item, rules) for item in real.posts(POSTS)]
    stage = Understand(NoMemory(), Windows(), build_analyser(Settings(encoder="off"), build_gazetteer(Settings())))
    batch = [Message(topic=Topic.POSTS_RAW, key=raw.jurisdiction, id=raw.id, value=encode(raw)) for raw in raws]
    return stage(batch, datetime.now(UTC)).posts


Row = tuple[int, str, str | None, int, int, Highlights]


def pages(index: Index, query: PostQuery) -> list[Row]:
    """Every post that a query finds, by its pages, within a second by id."""
    found: list[Row] = []
    cursor = None
    while True:
        page = index.posts(PostQuery(**{**{f: getattr(query, f) for f in query.__struct_fields__}, "cursor": cursor}))
        found += [
            (-int(f.post.at.timestamp()), f.post.id, f.incident, f.copies, f.interactions, f.highlights)
            for f in page.items
        ]
        cursor = page.cursor
        if cursor is None:
            assert [f[0] for f in found] == sorted(f[0] for f in found)
            return sorted(found, key=lambda f: f[:2])


def words(chance: random.Random, posts: list[AnalysedPost]) -> str:
    """A query as people write them, made of pieces of real posts."""
    parts = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = chance.choice(posts).search.replace("\n", " ")
        start = chance.randrange(max(1, len(text) - 6))
        piece = text[start : start + chance.choice((1, 2, 2, 3, 4, 6))]
        parts.append(chance.choice(("{}", "{}", "{}", '"{}"', "-{}", "OR {}")).format(piece))
    return " ".join(parts)


def test_every_search_finds_the_same_posts_through_all_its_pages(both: Both) -> None:
    sqlite, elastic, posts = both
    chance = random.Random(SEED)
    hits = 0
    for _ in range(QUERIES):
        asked = words(chance, posts)
        query = PostQuery(words=asked, fold=chance.random() < 0.3, limit=chance.choice((20, 200)))
        expected = pages(sqlite, query)
        assert pages(elastic, query) == expected, asked
        hits += len(expected)
        assert all(row[-1] != Highlights() for row in expected), asked
        counted = sqlite.histogram(query)
        assert elastic.histogram(query) == counted, asked
        assert sum(bucket.posts for bucket in counted) == len(expected), asked
    assert hits > QUERIES


def test_every_filter_finds_the_same_posts(both: Both) -> None:
    sqlite, elastic, posts = both
    middle = posts[len(posts) // 2]
    place = next(p.labels.places[0].code for p in posts if p.labels.places)
    for given in (
        {"sentiment": "negative"},
        {"domain": middle.labels.domain.label, "lang": middle.lang},
        {"since": middle.at, "until": middle.at + timedelta(hours=3)},
        {"place": place},
        {"place": place[:2], "sentiment": "neutral"},
        {"incident": "i3"},
        {"incident": "i3", "fold": True, "words": "的"},
        {"platform": "weibo", "jurisdiction": "330106", "fold": True, "limit": 200},
        {"source": "nobody"},
    ):
        assert pages(elastic, PostQuery(**given)) == pages(sqlite, PostQuery(**given)), given


@pytest.mark.parametrize("hours", [1, 24, 80])
def test_the_figures_of_the_board_are_the_same(both: Both, hours: int) -> None:
    sqlite, elastic, posts = both
    until = max(p.at for p in posts) + timedelta(hours=1)
    asked = (until - timedelta(hours=hours), until, None)
    assert elastic.figures(*asked) == sqlite.figures(*asked)
    assert elastic.sources(*asked) == sqlite.sources(*asked)
    assert elastic.newest("330106") == sqlite.newest("330106")
