"""Calls of the methods of a Protocol over frames. Its annotations say how arguments and results travel.

A call is `[number, method, arguments]`, and its answer `[number, failure, result]`. A call without a method cancels the
one with its number. The first frame of whoever answers is empty: before it, nobody has taken the connection.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar, get_type_hints

import msgspec

from heropixel.channels.wire_values import decoder_of
from heropixel.errors import Refusal, StoreUnavailable

E = TypeVar("E")

GREETING: Final = b""


class CallSent(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A call as it travels."""

    number: int
    method: str  # empty: cancel the call of this number
    arguments: msgspec.Raw


_Detail = str | int | float | bool | None


class Failure(msgspec.Struct, array_like=True, frozen=True):
    """An exception that the caller may know."""

    name: str  # of its class
    details: Mapping[str, _Detail]  # of a refusal
    words: Sequence[str]  # of a store


class AnswerSent(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An answer as it travels."""

    number: int
    failure: Failure | bool  # True: of what the caller may know nothing
    result: msgspec.Raw


class Method(NamedTuple):
    """A method of a Protocol, from its annotations."""

    name: str
    signature: inspect.Signature  # without self
    takes: "msgspec.msgpack.Decoder[Any]"  # its arguments in order
    gives: "msgspec.msgpack.Decoder[Any]"

    def in_order(self, args: Sequence[object], named: Mapping[str, object]) -> tuple[object, ...]:
        """The arguments of a call in the order of the signature, with its defaults."""
        bound = self.signature.bind(*args, **named)
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def call(self, function: Callable[..., Any], values: Sequence[object]) -> Any:  # noqa: ANN401 - of any method
        """Call a function with arguments in the order of the signature."""
        parameters = self.signature.parameters.values()
        named = [each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
        unnamed = len(values) - len(named)
        return function(*values[:unnamed], **dict(zip(named, values[unnamed:], strict=True)))


def methods_of(protocol: Callable[..., object]) -> list[Method]:
    """The asynchronous methods of a Protocol."""
    functions = inspect.getmembers(protocol, inspect.iscoroutinefunction)
    return [_method(protocol.__name__, name, function) for name, function in functions]


def _method(protocol: str, name: str, function: Callable[..., object]) -> Method:
    types = get_type_hints(function)
    _, *parameters = inspect.signature(function).parameters.values()
    takes = tuple.__class_getitem__(tuple(types[each.name] for each in parameters))
    return Method(f"{protocol}.{name}", inspect.Signature(parameters), decoder_of(takes), decoder_of(types["return"]))


def failure_of(error: Exception) -> Failure | None:
    """The exception as it travels; None if the caller may not know it."""
    name = type(error).__name__
    if isinstance(error, Refusal):
        return Failure(name, {key: _plain(value) for key, value in error.details.items()}, ())
    if isinstance(error, StoreUnavailable):
        return Failure(name, {}, [*map(str, error.args)])
    return None


def _plain(detail: object) -> _Detail:
    return detail if detail is None or isinstance(detail, str | int | float | bool) else str(detail)


def error_of(failure: Failure) -> Exception | None:
    """The exception of a failure; None if its class is not loaded here."""
    if refusal := _named(Refusal, failure.name):
        return refusal(**failure.details)
    if unavailable := _named(StoreUnavailable, failure.name):
        return unavailable(*failure.words)
    return None


def _named(base: type[E], name: str) -> type[E] | None:
    """The class of this name, among a class and all below it."""
    if base.__name__ == name:
        return base
    return next((found for below in base.__subclasses__() if (found := _named(below, name))), None)


CALLS: Final = msgspec.msgpack.Decoder(CallSent)
ANSWERS: Final = msgspec.msgpack.Decoder(AnswerSent)
ENCODER: Final = msgspec.msgpack.Encoder()
NOTHING: Final = msgspec.Raw(ENCODER.encode(None))
