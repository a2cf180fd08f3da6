"""Who is told when a source falls silent, and when it is heard again."""

import jsonschema
import msgspec
import pytest

from alerts.blind import ENDINGS, HEALTH, changed, said
from alerts.notices import Receivers
from alerts.notices.catalogue import catalogue
from core.records import Channel, Crawl, Ending, Health, Source, Webhook
from tests.records import NOON

SOURCE = Source(id="s", kind="feed", url="https://a.example", name="某论坛", jurisdiction="990100", created_at=NOON)


def hook(id_: str, **more: object) -> Webhook:
    return Webhook(id=id_, url="https://b.example", secrets=("s",), created_at=NOON, **more)


def crawl(health: Health, ending: Ending | None = None) -> Crawl:
    return Crawl(source="s", health=health, health_since=NOON, ending=ending)


RECEIVERS = Receivers(
    webhooks=[hook("all"), hook("cases", events=("case.opened",)), hook("blind", events=("source.blind",)),
              hook("far", jurisdiction="330106"), hook("off", enabled=False),
              hook("away", enabled=False, disabled_reason="failing")],
    channels=[Channel(id="office", name="值班", url="json://x"),
              Channel(id="unit", name="城管", url="json://x", units=("u1",))],
    link="https://huiying.example",
)  # fmt: skip


@pytest.mark.parametrize("health", [h for h in Health if h.blind])
def test_going_blind_is_told_to_who_asked_and_to_the_office(health: Health):
    made = changed(SOURCE, crawl(Health.OK), crawl(health, Ending.LOGIN), RECEIVERS, NOON)
    assert [one.target for one in made] == ["all", "blind", "away", "office"]
    body = msgspec.json.decode(made[0].body)
    assert (body["type"], body["data"]["health"], body["data"]["source"]["name"]) == ("source.blind", health, "某论坛")
    schema = next(one.schema for one in catalogue().items if one.type == "source.blind")
    jsonschema.validate(body, schema)
    words = msgspec.json.decode(made[-1].body)
    assert "某论坛" in words["title"]
    assert words["text"].startswith(HEALTH[health]["zh-Hans"])


def test_it_is_told_once_for_a_change_and_not_for_every_visit():
    blind = crawl(Health.DRIFT)
    assert changed(SOURCE, blind, blind, RECEIVERS, NOON) == []
    assert changed(SOURCE, crawl(Health.NEW), crawl(Health.OK), RECEIVERS, NOON) == []
    first = changed(SOURCE, crawl(Health.OK), blind, RECEIVERS, NOON)
    again = changed(SOURCE, crawl(Health.OK), blind, RECEIVERS, NOON)
    assert [one.id for one in first] == [one.id for one in again], "written twice it is still one"


def test_being_heard_again_is_told_too():
    made = changed(SOURCE, crawl(Health.SILENT), crawl(Health.OK), RECEIVERS, NOON)
    assert {one.event for one in made} == {"source.recovered"}
    assert [one.target for one in made] == ["all", "away", "office"]


def test_every_state_and_ending_has_words_in_three_languages():
    for words in (*HEALTH.values(), *ENDINGS.values()):
        assert set(words) == {"zh-Hans", "zh-Hant", "en"}
        assert all(words.values())
    assert set(HEALTH) == set(Health)
    assert set(ENDINGS) == set(Ending)


def test_the_reason_follows_the_state_unless_it_says_the_same():
    assert said(crawl(Health.FAILING, Ending.DNS))["zh-Hans"] == "连续抓取失败：域名无法解析"
    assert said(crawl(Health.ROBOTS, Ending.ROBOTS))["zh-Hans"] == "robots.txt 不允许"
    assert said(crawl(Health.OK, Ending.OK))["en"] == "Well"
