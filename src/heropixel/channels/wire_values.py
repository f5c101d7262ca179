"""How values travel between processes: as msgpack, with what that does not know by itself."""

from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

_LARGE: Final = 1  # the code of an integer of more than 64 bits; properties of pageviews may hold them
_LOWEST, _HIGHEST = -(1 << 63), (1 << 64) - 1  # of the integers of msgpack


def encode(value: object) -> bytes:
    """A value as it travels.

    Raises:
        TypeError, ValueError: it cannot travel.
    """
    try:
        return _ENCODER.encode(value)
    except OverflowError:
        return _ENCODER.encode(_with_large(msgspec.to_builtins(value, enc_hook=_plain)))


def decoder_of(type_: Any) -> "msgspec.msgpack.Decoder[Any]":  # noqa: ANN401 - any annotation
    """The decoder of values of a type."""
    return msgspec.msgpack.Decoder(type_, dec_hook=_typed, ext_hook=_large)


def _plain(value: object) -> object:
    if isinstance(value, ZoneInfo):
        return value.key
    raise NotImplementedError(f"{type(value)} does not travel")


def _typed(type_: type, value: Any) -> object:  # noqa: ANN401 - what `_plain` returns
    if type_ is ZoneInfo:
        return ZoneInfo(value)
    raise NotImplementedError(f"{type_} does not travel")


def _with_large(value: Any) -> Any:  # noqa: ANN401 - what may be in JSON
    if isinstance(value, dict):
        return {key: _with_large(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [*map(_with_large, value)]
    if isinstance(value, int) and not _LOWEST <= value <= _HIGHEST:
        return msgspec.msgpack.Ext(_LARGE, hex(value).encode())
    return value


def _large(code: int, data: memoryview) -> int:
    if code != _LARGE:
        raise ValueError(f"there is no extension {code}")
    return int(bytes(data), 16)


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)
