"""Records as the index has them, and documents as lines of a bulk request."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from core.codec import encode
from core.records import AnalysedPost, Assignment, Incident
from core.storage.words import index_text

line = msgspec.json.Encoder().encode


def index_operation(index: str, id_: str, version: int, document: Mapping[str, Any]) -> bytes:
    """Write a document unless the index has a newer version."""
    action = {"index": {"_index": index, "_id": id_, **versioned(version)}}
    return line(action) + b"\n" + line(document) + b"\n"


def versioned(version: int) -> dict[str, Any]:
    """An older version than what is there changes nothing."""
    return {"version": version, "version_type": "external_gte"}


def post_document(post: AnalysedPost) -> dict[str, Any]:
    """A post as the index has it."""
    return {
        "id": post.id,
        "jurisdiction": post.jurisdiction,
        "source": post.source,
        "platform": post.platform,
        "sentiment": post.labels.sentiment.answer,
        "domain": post.labels.domain.label,
        "lang": post.lang,
        "group": post.group or post.id,
        "at": int(post.at.timestamp()),
        "places": sorted({place.code for place in post.labels.places}),
        "copy": post.is_copy,
        "interactions": post.interactions,
        "grams": index_text(post.search),
        "body": msgspec.Raw(encode(post)),
    }


def incident_document(incident: Incident) -> dict[str, Any]:
    """An incident as the index has it."""
    return {
        "id": incident.id,
        "jurisdiction": incident.jurisdiction,
        "heat": incident.heat,
        "raised": int(incident.raised_at.timestamp()),
        "last": int(incident.last_at.timestamp()),
        "merged": not incident.is_listed,
        "body": msgspec.Raw(encode(incident)),
    }


def member_document(one: Assignment) -> dict[str, Any]:
    """A membership as the index has it; the document's id is the post's."""
    return {"post": one.post, "incident": one.incident, "known": int(one.known_at.timestamp())}


def membership(document: Mapping[str, Any]) -> Assignment:
    """The membership that a document tells."""
    known_at = datetime.fromtimestamp(document["known"], UTC)
    return Assignment(post=document["post"], incident=document["incident"], known_at=known_at)
