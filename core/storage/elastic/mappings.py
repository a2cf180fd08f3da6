"""What Elasticsearch is told of our documents: strict, so that a field nobody declared is an error and not a surprise."""

from typing import Any

SCHEMA = 2
"""Grows when a mapping or a document changes in a way that old indices do not have; it is in the name of every index, so
that `huiying reindex` can fill new ones beside those that are in use."""
REFRESH = "1s"
"""How old an answer may be. Screens poll no faster; who must see more asks for it (`Cluster.fresh`)."""

META = {"schema": SCHEMA}
"""Tells an index that was made from our template from one that a write made while the templates were lost."""

_KEYWORD = {"type": "keyword"}
_SECOND = {"type": "date", "format": "epoch_second"}
_KEPT = {"type": "object", "enabled": False}
"""The record as it stands in the log, for the answer; nothing in it is looked up."""


def settings(replicas: int) -> dict[str, Any]:
    """Of every index. One shard: a month of a province is some tens of gigabytes at most."""
    return {
        "number_of_shards": 1,
        **({"auto_expand_replicas": f"0-{replicas}"} if replicas else {"number_of_replicas": 0}),
        "refresh_interval": REFRESH,
        # A deleted document's version is forgotten at once: a jurisdiction that was removed may come again.
        "gc_deletes": "0s",
    }


def _strict(properties: dict[str, Any]) -> dict[str, Any]:
    return {"dynamic": "strict", "_meta": META, "properties": properties}


POSTS = _strict(
    {
        **dict.fromkeys(("id", "jurisdiction", "source", "platform", "sentiment", "domain", "lang", "group"), _KEYWORD),
        "at": _SECOND,
        "places": _KEYWORD,
        "copy": {"type": "boolean"},
        "interactions": {"type": "long"},
        # The tokens of `core.storage.words`; positions make phrases, no scores are asked for.
        "grams": {"type": "text", "analyzer": "whitespace", "norms": False},
        "body": _KEPT,
    }
)

INCIDENTS = _strict(
    {
        "id": _KEYWORD,
        "jurisdiction": _KEYWORD,
        "heat": {"type": "double"},
        "raised": _SECOND,
        "last": _SECOND,
        "merged": {"type": "boolean"},
        "body": _KEPT,
    }
)

MEMBERS = _strict({"post": _KEYWORD, "incident": _KEYWORD, "known": _SECOND})
