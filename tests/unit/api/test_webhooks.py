"""Subscriptions, the catalogue, replay and recovery over HTTP."""

import asyncio
import json
from datetime import timedelta

import httpx
import jsonschema
import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from alerts import blind
from alerts.delivery import Courier, PersonSender, WebhookSender, deliver_due
from alerts.lifecycle import record
from alerts.notices import EVENTS, Receivers, deliveries
from alerts.notices.catalogue import MEANS, TEST
from core.effects import Effects
from core.records import Delivery, DeliveryState, Role
from core.storage.sqlite import SqliteStorage
from tests.records import NOON, case, delivery
from tests.unit.api.conftest import ClientOf

HOOK = {"url": "https://receiver.example/hook", "events": ["case.opened"], "levels": [1, 2], "places": ["990100"]}


@pytest.fixture
def admin(client_of: ClientOf) -> TestClient:
    return client_of(Role.ADMIN)


def test_a_subscription_names_events_levels_and_places_and_nothing_that_does_not_exist(
    admin: TestClient, storage: SqliteStorage
):
    made = admin.post("/api/v1/webhooks", json=HOOK).json()
    assert (made["levels"], made["places"]) == ([1, 2], ["990100"])
    wrong = [{"events": ["case.lost"]}, {"levels": [9]}, {"places": ["滨江"]}, {"url": "ftp://x"}, {"evnts": []}]
    assert {admin.post("/api/v1/webhooks", json=HOOK | one).status_code for one in wrong} == {422}
    changed = admin.put(f"/api/v1/webhooks/{made['id']}", json={"url": HOOK["url"], "levels": [1]}).json()
    assert (changed["events"], changed["levels"]) == ([], [1])
    assert "secret" not in changed
    admin.delete(f"/api/v1/webhooks/{made['id']}")
    assert admin.post(f"/api/v1/webhooks/{made['id']}/enable").json()["enabled"]
    rows = storage.store.audit(f"webhook:{made['id']}")
    assert [r.action for r in rows] == ["webhook.added", "webhook.changed", "webhook.removed", "webhook.enabled"]
    assert "whsec_" not in repr(rows)


def test_the_catalogue_tells_every_event_and_what_is_sent_fits_its_schema(admin: TestClient, storage: SqliteStorage):
    admin.post("/api/v1/webhooks", json={"url": HOOK["url"]})
    items = {one["type"]: one for one in admin.get("/api/v1/event-types").json()["items"]}
    assert set(items) == {*EVENTS, *blind.EVENTS, TEST}
    assert set(MEANS) == set(items), "every event says what it means, and no other does"
    hooks = Receivers(storage.store.webhooks(), (), "https://board.example")
    for type_ in EVENTS:
        moved = record(case(), type_, "w", "y", NOON)
        (made,) = (d for d in deliveries(moved.event, hooks, NOON) if isinstance(d, Delivery))
        schema = items[type_]["schema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(json.loads(made.body), schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**json.loads(made.body), "type": "another"}, schema)
    assert admin.get("/api/v1/event-types/case.opened").json()["title"] == "case.opened"
    assert admin.get("/api/v1/event-types/case.lost").status_code == 404


def test_what_did_not_arrive_is_sent_again_under_the_id_that_it_had(admin: TestClient, storage: SqliteStorage):
    id_ = admin.post("/api/v1/webhooks", json=HOOK).json()["id"]
    dead = {"kind": "webhook", "target": id_, "state": DeliveryState.DEAD, "attempts": 13}
    lost = [delivery(f"msg_{n}", created_at=NOON + timedelta(hours=n), **dead) for n in range(3)]
    fine = delivery("msg_fine", kind="webhook", target=id_, state=DeliveryState.DONE)
    storage.commit(Effects(changes=[*lost, fine, replace(lost[0], id="msg_other", target="w2")]))
    listed = admin.get(f"/api/v1/webhooks/{id_}/deliveries?state=dead").json()["items"]
    assert [d["id"] for d in listed] == ["msg_2", "msg_1", "msg_0"]
    since = {"since": (NOON + timedelta(hours=1)).isoformat()}
    assert admin.post(f"/api/v1/webhooks/{id_}/recover", json=since).json() == {"deliveries": 2, "more": False}
    claimed = storage.store.claim(NOON + timedelta(hours=9), 60, 10)
    assert sorted((d.id, d.attempts) for d in claimed) == [("msg_1", 0), ("msg_2", 0)]
    again = admin.post(f"/api/v1/webhooks/{id_}/replay", json={"delivery": "msg_fine"})
    assert (again.status_code, again.json()["state"]) == (202, "pending")
    assert admin.post(f"/api/v1/webhooks/{id_}/replay", json={"delivery": "msg_other"}).status_code == 404
    assert admin.get(f"/api/v1/webhooks/{id_}/deliveries?state=lost").status_code == 422
    assert admin.post(f"/api/v1/webhooks/{id_}/recover", json={"since": "2026-06-01T00:00:00"}).status_code == 422


def test_what_happens_while_its_receiver_is_away_is_sent_when_it_is_back(admin: TestClient, storage: SqliteStorage):
    id_ = admin.post("/api/v1/webhooks", json={"url": HOOK["url"]}).json()["id"]
    (hook,) = storage.store.webhooks()
    storage.commit(Effects(changes=[replace(hook, enabled=False, disabled_reason="failing")]))
    moved = record(case(), "case.opened", "w", "y", NOON)
    storage.commit(Effects(changes=deliveries(moved.event, Receivers(storage.store.webhooks()), NOON)))
    received: list[str] = []

    def receive(request: httpx.Request) -> httpx.Response:
        received.append(json.loads(request.content)["type"])
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    async def round_() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
            courier = Courier(WebhookSender(client, lambda: 0.5), PersonSender(lambda: 0.5))
            await deliver_due(storage.store, courier, lambda: NOON)

    asyncio.run(round_())
    assert [one.state for one in storage.store.deliveries(id_, None, 9)] == [DeliveryState.DEAD]
    admin.post(f"/api/v1/webhooks/{id_}/enable")
    recovered = admin.post(f"/api/v1/webhooks/{id_}/recover", json={"since": NOON.isoformat()}).json()
    assert recovered == {"deliveries": 1, "more": False}
    asyncio.run(round_())
    assert received == ["case.opened"]


def test_a_channel_is_changed_and_tried_and_never_shows_its_address(admin: TestClient, storage: SqliteStorage):
    made = admin.post("/api/v1/channels", json={"name": "值班群", "url": "wecombot://SECRETKEY"}).json()
    changed = admin.put(f"/api/v1/channels/{made['id']}", json={"name": "群", "url": "feishu://S@T", "levels": [1]})
    assert changed.json()["kind"] == "feishu"
    tried = admin.post(f"/api/v1/channels/{made['id']}/test")
    assert tried.status_code == 202
    assert [d.target for d in storage.store.claim(NOON, 60, 10)] == [made["id"]]
    assert "SECRETKEY" not in admin.get("/api/v1/channels").text + changed.text + tried.text
    wrong = [{"url": "wecombot://"}, {"url": "x"}, {"member": "nobody"}, {"levels": []}, {"levls": [1]}]
    good = {"name": "n", "url": "wecombot://K"}
    assert {admin.post("/api/v1/channels", json=good | one).status_code for one in wrong} == {422}
