"""Sources over HTTP: what people set, what they see, and what they may not do."""

import asyncio
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace
from pytest_httpserver import HTTPServer

from api.opml import read_opml
from api.parts import Parts
from core.effects import Effects, Visited
from core.records import Crawl, Ending, Health, Rank, Role, Sample, VisitRecord
from tests.records import NOON

URL = "https://news.example/rss.xml"
SOURCES = "/api/v1/sources"
RSS = (
    '<rss version="2.0"><channel><title>镇街通报</title><item><guid>1</guid><title>积水</title>'
    "<pubDate>Mon, 01 Jun 2026 10:00:00 +0800</pubDate><description>电话13800138000</description></item></channel></rss>"
)
ClientOf = Callable[[Role | None], TestClient]


@pytest.fixture
def leader(client_of: ClientOf) -> TestClient:
    return client_of(Role.LEADER)


@pytest.fixture
def added(leader: TestClient) -> dict:
    answer = leader.post(SOURCES, json={"url": URL, "kind": "feed", "name": "某新闻网", "basis": "公开订阅源"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def visited(parts: Parts, id_: str, health: Health = Health.OK, **more: object) -> None:
    parts.storage.store.lease("w", NOON, 60, 10)
    crawl = Crawl(source=id_, health=health, health_since=NOON, ending=Ending.OK, state={"etag": "secret"})
    visit = VisitRecord(source=id_, at=NOON, ending=Ending.OK, new=3)
    parts.storage.commit(Effects(changes=[Visited(crawl, "w", NOON, visit, **more)]))


def test_a_source_is_added_with_its_assessment_and_its_state_in_three_languages(leader, added):
    assert added["source"]["assessment"]["basis"] == "公开订阅源"
    assert added["source"]["assessment"]["approved_by"] == "leader token"
    assert added["crawl"]["health"] == "new"
    assert set(added["said"]) == {"zh-Hans", "zh-Hant", "en"}
    assert [one["source"]["id"] for one in leader.get(SOURCES).json()["items"]] == [added["source"]["id"]]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"url": "file:///etc/passwd", "kind": "feed"}, "bad_scheme"),
        ({"url": URL, "kind": "nonsense"}, "unknown_kind"),
        ({"url": URL, "kind": "feed", "interval_s": 5}, "bad_interval"),
        ({"url": URL, "kind": "feed", "interval_s": 900, "longest_s": 600}, "bad_interval"),
        ({"url": URL, "kind": "feed", "robots": "override"}, "bad_robots"),
        ({"url": URL, "kind": "feed", "robots": "ignore"}, "bad_robots"),
        ({"url": URL, "kind": "feed", "options": {"colour": "red"}}, "unknown_option"),
        ({"url": URL, "kind": "rules", "options": {"rules": "list: {rows: 'div[', fields: {}}"}}, "bad_rules"),
        ({"url": URL, "kind": "rules", "options": {"rules": "list: {rowz: div}"}}, "bad_rules"),
    ],
)
def test_what_cannot_be_collected_is_refused_with_its_reason(leader, given, code):
    answer = leader.post(SOURCES, json=given)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_paused_source_stays_and_says_why_and_resumes(leader, added, parts):
    id_ = added["source"]["id"]
    paused = leader.post(f"{SOURCES}/{id_}/pause", json={"why": "改版"}).json()
    assert (paused["source"]["enabled"], paused["source"]["disabled_reason"]) == (False, "改版")
    assert parts.storage.store.lease("w", NOON, 60, 10) == []
    assert leader.post(f"{SOURCES}/{id_}/resume").json()["source"]["enabled"] is True
    assert len(parts.storage.store.lease("w", NOON, 60, 10)) == 1
    actions = [row.action for row in parts.storage.store.audit(id_)]
    assert actions == ["source.added", "source.paused", "source.resumed"]


def test_an_edit_changes_what_is_given_and_signs_the_assessment_anew(leader, added):
    path = f"{SOURCES}/{added['source']['id']}"
    changed = leader.put(path, json={"interval_s": 900, "robots": "override", "robots_reason": "自建桥"}).json()[
        "source"
    ]
    assert (changed["interval_s"], changed["name"]) == (900, "某新闻网")
    assert (changed["assessment"]["robots_reason"], changed["assessment"]["basis"]) == ("自建桥", "公开订阅源")
    assert leader.put(path, json={"interval_s": 1}).status_code == 422


def test_history_sample_and_state_are_shown_and_watermarks_are_not(leader, added, parts):
    id_ = added["source"]["id"]
    sample = Sample(source=id_, at=NOON, url=URL, status=200, content_type="text/xml", text="<rss>")
    visited(parts, id_, sample=sample)
    assert [v["new"] for v in leader.get(f"{SOURCES}/{id_}/history").json()["items"]] == [3]
    assert leader.get(f"{SOURCES}/{id_}/sample").json()["sample"]["text"] == "<rss>"
    assert leader.get(f"{SOURCES}/{id_}").json()["crawl"]["state"] == {}


def test_a_blind_source_leads_the_list_and_stands_on_the_board(leader, added, parts):
    other = leader.post(SOURCES, json={"url": "https://a.example/feed", "kind": "feed", "name": "甲"}).json()
    visited(parts, added["source"]["id"], Health.DRIFT)
    listed = leader.get(SOURCES).json()
    assert [one["source"]["name"] for one in listed["items"]] == ["某新闻网", "甲"]
    assert listed["blind"] == 1
    assert [one["source"]["id"] for one in leader.get(f"{SOURCES}?health=new").json()["items"]] == [
        other["source"]["id"]
    ]
    (spot,) = leader.get("/api/v1/board").json()["blind"]
    assert (spot["name"], spot["health"]) == ("某新闻网", "drift")
    leader.post(f"{SOURCES}/{added['source']['id']}/pause")
    assert leader.get("/api/v1/board").json()["blind"] == [], "a paused source is nobody's blind spot"


def test_a_cookie_is_stored_sealed_never_shown_and_taken_back(leader, added, parts):
    id_ = added["source"]["id"]
    answer = leader.put(f"{SOURCES}/{id_}/cookie", json={"cookie": "SUB=very-secret"})
    assert answer.json()["cookie"] is True
    assert "very-secret" not in answer.text + leader.get(SOURCES).text
    sealed = parts.storage.store.cookie(id_)
    assert b"very-secret" not in sealed
    assert parts.collecting.unseal(sealed) == "SUB=very-secret"
    assert leader.put(f"{SOURCES}/{id_}/cookie", json={"cookie": "a\r\nX: y"}).status_code == 422
    assert leader.delete(f"{SOURCES}/{id_}/cookie").json()["cookie"] is False
    assert parts.storage.store.cookie(id_) is None


def test_a_removed_source_is_gone(leader, added):
    id_ = added["source"]["id"]
    assert leader.delete(f"{SOURCES}/{id_}").json() == {"removed": id_}
    assert leader.get(f"{SOURCES}/{id_}").status_code == 404


def test_opml_goes_out_and_comes_in_and_what_is_known_is_not_doubled(leader, added):
    answer = leader.get(f"{SOURCES}/opml")
    assert [line.url for line in read_opml(answer.content)] == [URL]
    text = f"""<opml version="1.0"><body><outline text="组"><outline text="乙" xmlUrl="https://b.example/atom"/>
      <outline xmlUrl="{URL}"/><outline text="坏" xmlUrl="ftp://c.example"/></outline></body></opml>"""
    came = leader.post(f"{SOURCES}/opml", content=text).json()
    assert (came["added"], came["known"], list(came["refused"])) == (
        ["https://b.example/atom"],
        [URL],
        ["ftp://c.example"],
    )
    assert leader.post(f"{SOURCES}/opml", content="<html/>").json()["code"] == "bad_opml"


def test_the_server_answers_others_while_sources_are_written(leader, parts, monkeypatch):
    commit, where = parts.storage.commit, []

    def noting(effects: Effects) -> None:
        where.append(asyncio._get_running_loop())
        commit(effects)

    monkeypatch.setattr(parts.storage, "commit", noting)
    leader.post(f"{SOURCES}/opml", content='<opml><body><outline xmlUrl="https://a.example/rss"/></body></opml>')
    leader.post(SOURCES, json={"url": URL, "kind": "feed", "basis": "公开订阅源"})
    assert where == [None, None]


def test_opml_reads_no_file_of_ours(leader):
    bomb = '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline text="&x;" xmlUrl="https://a.example/"/></body></opml>'
    leader.post(f"{SOURCES}/opml", content=bomb)
    assert "root:" not in leader.get(SOURCES).text


def test_a_back_fill_is_asked_for_within_a_year(leader, added, parts):
    path = f"{SOURCES}/{added['source']['id']}/backfill"
    assert (
        leader.post(path, json={"since": "2026-05-01T00:00:00Z"}).json()["crawl"]["backfill_since"]
        == "2026-05-01T00:00:00Z"
    )
    assert leader.post(path, json={"since": "2020-05-01T00:00:00Z"}).json()["code"] == "bad_since"


def test_kinds_have_names_in_three_languages_and_their_options(leader):
    kinds = {kind["id"]: kind for kind in leader.get(f"{SOURCES}/kinds").json()["items"]}
    assert {"feed", "sitemap", "rules", "toutiao_hot"} <= set(kinds)
    assert all(set(kind["name"]) == {"zh-Hans", "zh-Hant", "en"} for kind in kinds.values())


def test_a_page_that_names_its_feed_is_guessed_and_tried_without_storing(leader, httpserver: HTTPServer, parts):
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    link = '<link rel="alternate" type="application/rss+xml" href="/rss" title="通报">'
    page = f"<html><head><title>某区</title>{link}</head></html>"
    httpserver.expect_request("/").respond_with_data(page, content_type="text/html")
    httpserver.expect_request("/rss").respond_with_data(RSS, content_type="application/rss+xml")
    (found,) = leader.post(f"{SOURCES}/guess", json={"url": httpserver.url_for("/")}).json()["items"]
    assert (found["kind"], found["name"], found["url"]) == ("feed", "通报", httpserver.url_for("/rss"))
    trial = leader.post(f"{SOURCES}/test", json={"url": httpserver.url_for("/")}).json()
    assert (trial["ending"], trial["items"][0]["title"], trial["items"][0]["at"]) == (
        "ok",
        "积水",
        "2026-06-01T02:00:00Z",
    )
    assert "13800138000" not in str(trial)
    assert parts.storage.store.sources() == []


@pytest.mark.parametrize("url", ["http://10.0.0.1/feed", "http://[::1]/x", "http://169.254.169.254/latest/meta-data"])
def test_nobody_is_led_into_our_network(leader, url):
    trial = leader.post(f"{SOURCES}/test", json={"url": url, "kind": "feed"}).json()
    assert (trial["ending"], trial["items"]) == ("inward_address", [])


def test_hot_topics_have_a_series_on_each_list_and_those_on_most_lists_lead(leader, added, parts):
    id_ = added["source"]["id"]
    ranks = [Rank(source=id_, topic="rain", at=NOON, rank=r, title="rain", heat=9) for r in (2,)]
    ranks += [Rank(source="other", topic=t, at=NOON, rank=1, title=t) for t in ("rain", "only here")]
    other = leader.post(SOURCES, json={"url": "https://a.example/hot", "kind": "toutiao_hot"}).json()["source"]["id"]
    ranks = [replace(rank, source=other) if rank.source == "other" else rank for rank in ranks]
    visited(parts, id_, ranks=tuple(ranks))
    topics = leader.get("/api/v1/hot").json()["items"]
    assert [(t["title"], t["lists"], t["best"]) for t in topics] == [("rain", 2, 1), ("only here", 1, 1)]


def test_a_viewer_looks_and_changes_nothing(client_of, added):
    viewer = client_of(Role.VIEWER)
    id_ = added["source"]["id"]
    assert viewer.get(f"{SOURCES}/{id_}").status_code == 200
    assert viewer.get(f"{SOURCES}/{id_}/sample").status_code == 403
    assert viewer.post(f"{SOURCES}/{id_}/pause").status_code == 403
