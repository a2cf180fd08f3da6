"""What every Index promises: search, paging, folding, incidents and the board's figures."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from core.effects import Effects
from core.ports import Highlights, IncidentQuery, PostQuery, Storage
from core.records import AnalysedPost, Assignment, Label, Place
from nlp.script import fold
from tests.records import NOON, incident, labels, post

LIKELY = {"negative": 0.4, "neutral": 0.35, "positive": 0.25}
UNSURE = replace(labels(), sentiment=Label(label="negative", probs=LIKELY, unsure=True))
BINJIANG = Place(code="990100001001", name="滨江社区", text="滨江")


def found(storage: Storage, **query: object) -> list[str]:
    page = storage.index.posts(PostQuery(**query))  # type: ignore[arg-type]  # the caller names fields of PostQuery
    return [f.post.id for f in page.items]


def fill(storage: Storage, *posts: AnalysedPost) -> None:
    storage.commit(Effects(posts=list(posts)))


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("路灯", ["b", "a"]),
        ("滨江路", ["a"]),
        ("灯", ["b", "a"]),
        ("了", ["a"]),
        ("路灯 学校", ["b"]),
        ("学校 路灯", ["b"]),
        ('"门口的路灯"', ["b"]),
        ('"路灯门口"', []),
        ("路灯 -学校", ["a"]),
        ("滨江路 OR 学校", ["b", "a"]),
        ("wifi", ["c", "b"]),
        ("wifi没信号", ["b"]),
        ("亮wifi", ["b"]),
        ("没有的词", []),
        ("！？", []),
        ('"', []),
        ("-路灯", []),
        ("AND", []),
    ],
)
def test_words_find_posts_newest_first(storage: Storage, words: str, ids: list[str]) -> None:
    fill(
        storage,
        post("a", "滨江路的路灯坏了", 0),
        post("b", "学校门口的路灯也不亮wifi没信号", 1),
        post("c", "医院的 wifi 很慢", 2),
    )
    assert found(storage, words=words) == ids


def marked(storage: Storage, words: str) -> dict[str, tuple[list[str], list[str]]]:
    """What is highlighted in title and text of each post found."""
    page = storage.index.posts(PostQuery(words=words))
    return {
        f.post.id: (
            [f.post.title[start:end] for start, end in f.highlights.title],
            [f.post.text[start:end] for start, end in f.highlights.text],
        )
        for f in page.items
    }


def test_a_search_tells_where_its_words_stand_in_the_title_and_the_text_as_written(storage: Storage) -> None:
    fill(
        storage,
        written("a", "滨江路路燈", "😀ＷｉＦｉ壞了，路燈也壞了。\n路燈！"),
        written("b", "", "学校的路灯"),
    )
    assert marked(storage, "路灯") == {"a": (["路燈"], ["路燈", "路燈"]), "b": ([], ["路灯"])}
    assert marked(storage, "wifi 坏了 -学校") == {"a": ([], ["ＷｉＦｉ壞了", "壞了"])}
    assert marked(storage, "学校 OR 江路") == {"a": (["江路"], []), "b": ([], ["学校"])}
    assert marked(storage, "灯") == {"a": (["燈"], ["燈", "燈"]), "b": ([], ["灯"])}


def test_a_search_without_words_highlights_nothing(storage: Storage) -> None:
    fill(storage, post("a", "滨江路的路灯坏了"))
    (only,) = storage.index.posts(PostQuery(sentiment="negative")).items
    assert only.highlights == Highlights()
    one = storage.index.post("a")
    assert one is not None
    assert one.highlights == Highlights()


def written(id_: str, title: str, text: str) -> AnalysedPost:
    """A post with its search copy, as the first step makes it."""
    return post(id_, text, title=title, search=fold(f"{title}\n{text}"))


def test_without_words_the_newest_posts_come_first_whatever_the_order_of_arrival(storage: Storage) -> None:
    fill(storage, post("late", minutes=10), post("early", minutes=-10), post("mid", minutes=0))
    fill(storage, post("between", minutes=5))
    assert found(storage) == ["late", "between", "mid", "early"]


def test_pages_follow_each_other_without_gap_or_repeat_even_within_one_second(storage: Storage) -> None:
    fill(storage, *(post(f"p{n:02d}", minutes=n // 4) for n in range(23)))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = storage.index.posts(PostQuery(limit=5, cursor=cursor))
        seen.extend(f.post.id for f in page.items)
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(seen) == [f"p{n:02d}" for n in range(23)]
    assert len(seen) == 23


def test_a_cursor_that_is_not_ours_finds_nothing_and_does_not_fail(storage: Storage) -> None:
    fill(storage, post())
    assert found(storage, cursor="'; DROP TABLE posts") == []


def test_filters_narrow_a_search(storage: Storage) -> None:
    fill(
        storage,
        post("a", labels=labels("negative", "城乡建设", (BINJIANG,))),
        post("b", minutes=60, labels=labels("positive", "教育文体"), source="weibo", platform="weibo"),
        post("c", minutes=120, jurisdiction="330106", lang="en"),
        post("d", minutes=180, labels=UNSURE, source="bbs", platform="bbs", jurisdiction="330106", text="说不清"),
    )
    assert found(storage, sentiment="positive") == ["b"]
    assert found(storage, sentiment="negative") == ["c", "a"]
    assert found(storage, sentiment="unsure") == ["d"]
    assert found(storage, domain="城乡建设") == ["d", "c", "a"]
    assert found(storage, source="weibo") == ["b"]
    assert found(storage, platform="forum", jurisdiction="990100") == ["a"]
    assert found(storage, lang="en") == ["c"]
    assert found(storage, place="990100") == ["a"]
    assert found(storage, place="990100001001") == ["a"]
    assert found(storage, place="990100002") == []
    assert found(storage, since=NOON + timedelta(minutes=60)) == ["d", "c", "b"]
    assert found(storage, until=NOON + timedelta(minutes=60)) == ["a"]
    assert found(storage, words="路灯", sentiment="positive") == ["b"]


def test_near_duplicates_fold_into_the_first_and_are_counted(storage: Storage) -> None:
    fill(storage, post("a"), post("b", minutes=1, group="a"))
    fill(storage, post("c", minutes=2, group="a"), post("d", "别的事", minutes=3))
    page = storage.index.posts(PostQuery(fold=True))
    assert [(f.post.id, f.copies) for f in page.items] == [("d", 1), ("a", 3)]
    assert found(storage) == ["d", "c", "b", "a"]


def test_the_first_of_near_duplicates_tells_what_people_did_with_all_of_them(storage: Storage) -> None:
    first = post("a", likes=1, comments=2, shares=3)
    copies = [post("b", minutes=1, group="a", likes=10), post("c", minutes=90, group="a", shares=100)]
    fill(storage, first, *copies, post("d", "别的事", minutes=3, likes=5))
    storage.commit(Effects(assigned=[Assignment(post="a", incident="i1", known_at=NOON)]))

    def told(**query: object) -> list[tuple[str, int, int]]:
        page = storage.index.posts(PostQuery(**query))  # type: ignore[arg-type]  # the caller names fields of PostQuery
        return [(f.post.id, f.copies, f.interactions) for f in page.items]

    assert told(fold=True) == [("d", 1, 5), ("a", 3, 116)]
    assert told(incident="i1", fold=True, until=NOON + timedelta(minutes=1)) == [("a", 3, 116)]
    assert told() == [("c", 1, 100), ("d", 1, 5), ("b", 1, 10), ("a", 3, 116)]
    fill(storage, replace(copies[0], likes=30, revision=1), replace(first, likes=2, revision=1))
    assert told(fold=True, incident="i1") == [("a", 3, 137)]
    one = storage.index.post("a")
    assert one is not None
    assert (one.copies, one.interactions) == (3, 137)


def test_a_post_written_again_is_replaced_and_never_doubled(storage: Storage) -> None:
    fill(storage, post("a", "路灯坏了"))
    fill(storage, post("a", "路灯修好了", revision=1, likes=5, labels=labels("positive")))
    (only,) = storage.index.posts(PostQuery()).items
    assert (only.post.likes, only.post.revision) == (5, 1)
    assert found(storage, words="坏了") == []
    assert found(storage, words="修好") == ["a"]
    figures = storage.index.figures(NOON, NOON + timedelta(hours=1), None)
    assert (figures.posts, figures.negative) == (1, 0)


def test_a_post_knows_its_incident_and_can_leave_it_again(storage: Storage) -> None:
    fill(storage, post("a"), post("b", minutes=1))
    storage.commit(Effects(assigned=[Assignment(post="a", incident="i1", known_at=NOON)]))
    assert found(storage, incident="i1") == ["a"]
    one = storage.index.post("a")
    assert one is not None
    assert one.incident == "i1"
    fill(storage, post("a", revision=1))
    assert found(storage, incident="i1") == ["a"]
    storage.commit(Effects(assigned=[Assignment(post="a", incident=None, known_at=NOON)]))
    assert found(storage, incident="i1") == []


def test_an_unknown_post_or_incident_is_none(storage: Storage) -> None:
    assert storage.index.post("nobody") is None
    assert storage.index.incident("nothing") is None
    assert storage.index.newest(None) is None


def test_incidents_come_by_heat_or_by_age_and_merged_ones_only_by_id(storage: Storage) -> None:
    later = NOON + timedelta(hours=2)
    storage.commit(
        Effects(
            incidents=[
                incident("cold", heat=1.5),
                incident("hot", heat=9.25),
                incident("new", heat=3.0, raised_at=later, last_at=later),
                incident("gone", heat=50.0, merged_into="hot"),
                incident("far", heat=2.0, jurisdiction="330106"),
            ]
        )
    )
    heat = storage.index.incidents(IncidentQuery()).items
    assert [i.id for i in heat] == ["hot", "new", "far", "cold"]
    assert storage.index.incidents(IncidentQuery(order="newest")).items[0].id == "new"
    assert [i.id for i in storage.index.incidents(IncidentQuery(since=later)).items] == ["new"]
    assert [i.id for i in storage.index.incidents(IncidentQuery(jurisdiction="330106")).items] == ["far"]
    assert storage.index.incident("gone") is not None


def test_incident_pages_follow_each_other_also_among_equal_heat(storage: Storage) -> None:
    storage.commit(Effects(incidents=[incident(f"i{n}", heat=float(n // 3)) for n in range(8)]))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = storage.index.incidents(IncidentQuery(limit=3, cursor=cursor))
        seen.extend(i.id for i in page.items)
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(seen) == [f"i{n}" for n in range(8)]
    assert len(seen) == 8


def test_an_older_version_of_an_incident_does_not_replace_a_newer(storage: Storage) -> None:
    storage.commit(Effects(incidents=[incident(version=5, title="新")]))
    storage.commit(Effects(incidents=[incident(version=4, title="旧")]))
    stored = storage.index.incident("i1")
    assert stored is not None
    assert stored.title == "新"


def test_figures_count_hours_sentiments_domains_places_and_sources(storage: Storage) -> None:
    fill(
        storage,
        post("a", labels=labels("negative", "城乡建设", (BINJIANG,))),
        post("b", minutes=30, labels=labels("positive", "城乡建设")),
        post("c", minutes=90, labels=labels("neutral", "教育文体"), source="weibo"),
        post("unsure", minutes=125, labels=UNSURE, source="weibo"),
        post("out", minutes=-1),
        post("far", minutes=10, jurisdiction="330106"),
    )
    figures = storage.index.figures(NOON, NOON + timedelta(hours=3), "990100")
    assert [(b.posts, b.negative, b.neutral, b.positive) for b in figures.hours] == [
        (2, 1, 0, 1),
        (1, 0, 1, 0),
        (1, 0, 0, 0),
    ]
    assert figures.hours[0].at == NOON
    assert [(c.value, c.posts, c.negative) for c in figures.domains] == [("城乡建设", 3, 1), ("教育文体", 1, 0)]
    assert [(c.value, c.posts) for c in figures.places] == [("990100001001", 1)]
    assert [(c.value, c.posts) for c in figures.sources] == [("forum.example", 2), ("weibo", 2)]
    assert (figures.posts, figures.negative) == (4, 1)
    assert figures.newest_at == NOON + timedelta(minutes=125)
    assert storage.index.figures(NOON, NOON + timedelta(hours=3), None).posts == 5


def test_every_source_is_counted_however_many_are_louder(storage: Storage) -> None:
    loud = [post(f"{n}-{time}", minutes=time, source=f"loud{n:02}") for n in range(14) for time in (0, 1)]
    fill(storage, *loud, post("q", labels=labels("positive"), source="quiet"), post("out", minutes=60, source="late"))
    storage.index.catch_up()
    told = storage.index.sources(NOON, NOON + timedelta(hours=1), "990100")
    assert [(c.value, c.posts, c.negative) for c in told] == [
        *((f"loud{n:02}", 2, 2) for n in range(14)),
        ("quiet", 1, 0),
    ]
    assert storage.index.sources(NOON, NOON + timedelta(hours=1), "330106") == []


def test_a_histogram_counts_what_a_search_finds_by_hour_and_sentiment(storage: Storage) -> None:
    fill(
        storage,
        post("a", "停水了", labels=labels("negative")),
        post("b", "停水还没好", 30, labels=labels("positive")),
        post("c", "又停水", 90, labels=labels("negative")),
        post("d", "下雨", 95),
        post("far", "停水", 10, jurisdiction="330106"),
    )
    query = PostQuery(words="停水", jurisdiction="990100", limit=1)
    first, second = storage.index.histogram(query)
    assert (first.at, first.posts, first.negative, first.positive) == (NOON, 2, 1, 1)
    assert (second.at, second.posts, second.negative) == (NOON + timedelta(hours=1), 1, 1)
    assert (
        storage.index.histogram(PostQuery(words="-停水")) == storage.index.histogram(PostQuery(words="没有的词")) == []
    )
    assert sum(b.posts for b in storage.index.histogram(PostQuery(until=NOON + timedelta(hours=1)))) == 3


def test_an_incident_came_through_its_sources_in_order_of_their_first_posts(storage: Storage) -> None:
    """Among 150 newer posts, a copy in a second source, and an earlier post that is of no incident."""
    later = [post(f"n{number:03}", minutes=60 + number, source="weibo") for number in range(150)]
    early = [
        post("a", source="forum"),
        post("b", minutes=2, source="news", group="a"),
        post("c", minutes=5, source="forum"),
    ]
    stray = post("stray", minutes=-9, source="video")
    fill(storage, stray, *later[::-1], *early[::-1])
    assigned = [Assignment(post=one.id, incident="i1", known_at=NOON) for one in (*later, *early)]
    storage.commit(Effects(assigned=assigned))
    storage.index.catch_up()
    assert [one.id for one in storage.index.first_of_sources("i1", 5)] == ["a", "b", "n000"]
    assert [one.source for one in storage.index.first_of_sources("i1", 2)] == ["forum", "news"]
    assert storage.index.first_of_sources("none", 5) == []


def test_posts_come_by_id_in_the_order_asked_for_and_without_those_that_are_not_there(storage: Storage) -> None:
    fill(storage, post("a", "滨江路的路灯坏了", 0), post("b", "学校门口", 1), post("c", "医院", 2))
    storage.index.catch_up()
    assert [one.id for one in storage.index.posts_by_id(["c", "nobody", "a"])] == ["c", "a"]
    assert storage.index.posts_by_id(["b"]) == [storage.index.post("b").post]  # type: ignore[union-attr]  # it is there
    assert storage.index.posts_by_id([]) == []
    assert [one.id for one in storage.index.posts_by_id([f"x{n}" for n in range(2_000)] + ["b"])] == ["b"]


def test_hours_are_every_whole_hour_of_a_span_also_the_empty_ones(storage: Storage) -> None:
    fill(storage, post("a"), post("b", minutes=130, labels=labels("positive")), post("far", jurisdiction="330106"))
    storage.index.catch_up()
    hours = storage.index.hours(NOON, NOON + timedelta(hours=3), "990100")
    assert [(b.at, b.posts, b.negative, b.positive) for b in hours] == [
        (NOON, 1, 1, 0),
        (NOON + timedelta(hours=1), 0, 0, 0),
        (NOON + timedelta(hours=2), 1, 0, 1),
    ]


def test_a_division_counts_each_post_once_that_names_anything_in_it(storage: Storage) -> None:
    school = Place(code="990100001101", name="云湾实验小学", text="实验小学")
    fill(
        storage,
        post("both", labels=labels("negative", places=(BINJIANG, school))),
        post("other", labels=labels("positive", places=(Place(code="990100002", name="鹭洲街道", text="鹭洲"),))),
        post("later", minutes=60, labels=labels(places=(school,))),
        post("nowhere"),
    )
    storage.index.catch_up()
    codes = ["990100", "990100001", "990100001101", "990100002", "990100003"]
    first = storage.index.within(NOON, NOON + timedelta(hours=1), None, codes)
    assert [(c.value, c.posts, c.negative) for c in first] == [
        ("990100", 2, 1),
        ("990100001", 1, 1),
        ("990100001101", 1, 1),
        ("990100002", 1, 0),
        ("990100003", 0, 0),
    ]
    fill(storage, post("both", labels=labels("positive", places=()), revision=1))
    storage.index.catch_up()
    again = storage.index.within(NOON, NOON + timedelta(hours=2), "990100", ["990100001"])
    assert [(c.posts, c.negative) for c in again] == [(1, 1)]
