"""Channels: how people are reached, by Apprise URLs (WeCom, DingTalk, Feishu, mail and a hundred others)."""

from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec.structs import replace

from api.requests import Id, PartsOf
from api.views import ChannelBody, ChannelList, ChannelView
from api.wire import Json, answers, body, takes
from core.effects import Effects
from core.errors import NotFound, Refused
from core.records import Channel

router = APIRouter(prefix="/api/v1/channels", tags=["channels"])
EXAMPLE = {"name": "值班群", "url": "wecombot://BOTKEY", "levels": [1, 2]}


def _view(channel: Channel) -> ChannelView:
    """Without the URL: it holds a secret."""
    kind = channel.url.partition("://")[0]
    return ChannelView(
        id=channel.id, name=channel.name, kind=kind, units=channel.units, levels=channel.levels, enabled=channel.enabled
    )


@router.get("", summary="All channels", **answers(ChannelList, "Without their addresses, which hold secrets."))
def channels(parts: PartsOf) -> Json:
    return Json(ChannelList(items=[_view(c) for c in parts.storage.store.channels()]))


@router.post(
    "", summary="Tell people", openapi_extra=takes(ChannelBody, EXAMPLE), **answers(ChannelView, "The channel.", 201)
)
def add(parts: PartsOf, given: Annotated[ChannelBody, Depends(body(ChannelBody))]) -> Json:
    if "://" not in given.url:
        raise Refused("bad_url", "A channel is an Apprise URL, e.g. wecombot://BOTKEY or mailto://…")
    if not given.levels or not set(given.levels) <= {level.level for level in parts.policy.levels}:
        raise Refused("bad_level", "A channel is told of at least one level, and of levels that the policy has.")
    channel = Channel(
        id="h" + parts.new_id()[:16],
        name=given.name,
        url=given.url,
        units=tuple(given.units),
        levels=tuple(given.levels),
    )
    parts.storage.commit(Effects(changes=[channel]))
    return Json(_view(channel), 201)


@router.delete("/{id_}", summary="Stop telling", **answers(dict, "Nothing more is sent there."))
def remove(parts: PartsOf, id_: Id) -> Json:
    for channel in parts.storage.store.channels():
        if channel.id == id_:
            parts.storage.commit(Effects(changes=[replace(channel, enabled=False)]))
            return Json({"removed": id_})
    raise NotFound(f"There is no channel {id_}.")
