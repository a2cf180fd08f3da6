"""Channels: how people are reached, by Apprise URLs (WeCom, DingTalk, Feishu, mail and a hundred others)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec.structs import replace

from alerts.delivery import robots
from alerts.notices.address import Words
from api.parts import Parts
from api.requests import Id, PartsOf
from api.views import ChannelBody, ChannelList, ChannelView
from api.wire import Json, answers, body, takes
from core.codec import encode
from core.effects import Effects
from core.errors import NotFound, Refused
from core.records import Channel, Delivery, Member

router = APIRouter(prefix="/api/v1/channels", tags=["channels"])
EXAMPLE = {"name": "值班群", "url": "wecombot://BOTKEY", "levels": [1, 2]}


def _channel(parts: Parts, id_: str) -> Channel:
    for channel in parts.storage.store.channels():
        if channel.id == id_:
            return channel
    raise NotFound(f"There is no channel {id_}.")


def _view(channel: Channel) -> ChannelView:
    """Without the URL: it holds a secret."""
    kind = channel.url.partition("://")[0]
    return ChannelView(
        id=channel.id,
        name=channel.name,
        kind=kind,
        units=channel.units,
        levels=channel.levels,
        enabled=channel.enabled,
        member=channel.member,
    )


@router.get("", summary="All channels", **answers(ChannelList, "Without their addresses, which hold secrets."))
def channels(parts: PartsOf) -> Json:
    return Json(ChannelList(items=[_view(c) for c in parts.storage.store.channels()]))


@router.post(
    "", summary="Tell people", openapi_extra=takes(ChannelBody, EXAMPLE), **answers(ChannelView, "The channel.", 201)
)
def add(parts: PartsOf, given: Annotated[ChannelBody, Depends(body(ChannelBody))]) -> Json:
    channel = _written(parts, Channel(id="h" + parts.new_id()[:16], name="", url=""), given)
    parts.storage.commit(Effects(changes=[channel]))
    return Json(_view(channel), 201)


@router.put(
    "/{id_}",
    summary="Change a channel",
    openapi_extra=takes(ChannelBody, EXAMPLE),
    **answers(ChannelView, "The channel."),
)
def change(parts: PartsOf, id_: Id, given: Annotated[ChannelBody, Depends(body(ChannelBody))]) -> Json:
    """All of it, its address too, which is never shown; enabled again if it was not."""
    channel = replace(_written(parts, _channel(parts, id_), given), enabled=True)
    parts.storage.commit(Effects(changes=[channel]))
    return Json(_view(channel))


@router.post("/{id_}/test", summary="Send a test message", **answers(Delivery, "It is on its way.", 202))
def test(parts: PartsOf, id_: Id) -> Json:
    now = parts.now()
    words = encode(Words(title="【测试】", text="这是一条测试消息。This is a test.", link=parts.public_url)).decode()
    delivery = Delivery(
        id="msg_" + parts.new_id(),
        kind="person",
        target=_channel(parts, id_).id,
        event="webhook.test",
        body=words,
        created_at=now,
        next_at=now,
    )
    parts.storage.commit(Effects(changes=[delivery]))
    return Json(delivery, 202)


def _written(parts: Parts, channel: Channel, given: ChannelBody) -> Channel:
    if "://" not in given.url:
        raise Refused("bad_url", "A channel is an Apprise URL, e.g. wecombot://BOTKEY or mailto://…")
    if not given.levels or not set(given.levels) <= {level.level for level in parts.policy.levels}:
        raise Refused("bad_level", "A channel is told of at least one level, and of levels that the policy has.")
    if given.member is not None and parts.storage.store.kept_one(Member, given.member) is None:
        raise Refused("no_such_member", f"There is no member {given.member}.")
    robots.parse(given.url)
    return replace(
        channel,
        name=given.name,
        url=given.url,
        units=tuple(given.units),
        levels=tuple(given.levels),
        member=given.member,
    )


@router.delete("/{id_}", summary="Stop telling", **answers(dict, "Nothing more is sent there."))
def remove(parts: PartsOf, id_: Id) -> Json:
    parts.storage.commit(Effects(changes=[replace(_channel(parts, id_), enabled=False)]))
    return Json({"removed": id_})
