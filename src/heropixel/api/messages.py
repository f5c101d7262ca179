"""The messages of graphql-transport-ws: parsed, checked and written. An invalid message closes its socket."""

from typing import Any

import msgspec

from heropixel.api.credentials import Credentials, KeyProof, ShareProof, parse_authorization
from heropixel.api.open_connections import LAST_MESSAGE_SECONDS
from heropixel.errors import InvalidCredentials
from heropixel.strict_json import JsonRefused, decode

MAX_ID = 256  # characters


class Close(Exception):  # noqa: N818 - named as what happens
    """The socket ends, with a code and a reason."""

    def __init__(self, code: int, reason: str, seconds: float = LAST_MESSAGE_SECONDS) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:123].decode(errors="ignore")  # a control frame holds no more
        self.seconds = seconds  # how long sending the close frame may take


def parsed(text: str | None) -> dict[str, Any]:
    """A message that has a type.

    Raises:
        Close: the text is no such message.
    """
    if text is None:
        raise Close(4400, "Invalid message: it must be text, not binary")
    try:
        message = decode(text.encode())
    except (JsonRefused, UnicodeEncodeError) as refused:
        raise Close(4400, f"Invalid message: {refused}") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Close(4400, "Invalid message: it must be a JSON object with a type")
    return message


def payload_of(message: dict[str, Any]) -> dict[str, Any] | None:
    """The payload of a message that may have one.

    Raises:
        Close: the payload is no object.
    """
    value = message.get("payload")
    if value is not None and not isinstance(value, dict):
        raise Close(4400, "Invalid message: payload must be a JSON object")
    return value


def id_of(message: dict[str, Any]) -> str:
    """The id of a message that must have one.

    Raises:
        Close: it has no usable id.
    """
    id_ = message.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID:
        raise Close(4400, f"Invalid message: id must be a string of 1 to {MAX_ID} characters")
    return id_


def credentials_of(payload: dict[str, Any]) -> Credentials | KeyProof | ShareProof | None:
    """The credentials of `connection_init`: `auth`, or `Authorization` as a header would have it.

    Raises:
        InvalidCredentials: the field is there and holds no credentials.
    """
    given = {name.lower(): value for name, value in payload.items() if value is not None}
    if "auth" in given:
        try:
            return msgspec.convert(given["auth"], Credentials)
        except msgspec.ValidationError:
            raise InvalidCredentials from None
    if "authorization" not in given:
        return None
    header = given["authorization"]
    parsed = parse_authorization(header) if isinstance(header, str) else None
    if parsed is None:
        raise InvalidCredentials
    return parsed


def message_of(id_: str, type_: str, payload: object) -> str:
    """A message from the server."""
    return msgspec.json.encode({"id": id_, "type": type_, "payload": payload}).decode()
