"""Records to bytes and back: JSON by msgspec, validated against the record's type when read."""

from typing import TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_decoders: dict[type, msgspec.json.Decoder[object]] = {}


def encode(record: msgspec.Struct) -> bytes:
    """The record as UTF-8 JSON."""
    return _encoder.encode(record)


def decode(data: bytes | str, type_: type[T]) -> T:
    """The record of `type_` that `data` holds; raises `msgspec.ValidationError` naming the field that is wrong."""
    decoder = _decoders.get(type_)
    if decoder is None:
        decoder = _decoders[type_] = msgspec.json.Decoder(type_)
    return decoder.decode(data)  # type: ignore[return-value]  # the cache loses the decoder's parameter


def readable(data: bytes, type_: type[T]) -> T | None:
    """The same for who only looks on: None for what is no such record; whoever handles it gives the reason."""
    try:
        return decode(data, type_)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
