"""What doors and the writer say to each other, each message in a frame of its own."""

import msgspec

from heropixel.identity.resolve import Resolution
from heropixel.journal import Positions
from heropixel.recording.writing import Submission


class Message(msgspec.Struct, array_like=True, tag=True, gc=False):
    """A message. `call` is the sender's number for it, which the answer repeats."""


class Record(Message):
    """Asks to record these pageviews, all or none. Answered by `AllRecorded`, `NotRecorded`, `MaybeRecorded` or
    `ToCheckAgain`.
    """

    call: int
    submissions: list[Submission]
    seen: int  # the revision of apps and pixels with which they were checked


class Remember(Message):
    """Asks which of these receipts there are. Answered by `Remembered` or `NotRead`."""

    call: int
    keys: list[bytes]


class WhereIsTheEnd(Message):
    """Asks for the positions below which all is that any door accepted before.

    Answered by `EndOfJournal` or `NotRead`.
    """

    call: int


class Listen(Message):
    """Says of which apps and pixels this door wants to be told. It replaces what it said before."""

    apps: frozenset[int]
    pixels: frozenset[int]


class HandedOver(Message):
    """Answers `HandOver`: everything is sent that was accepted before."""

    round: int


Ask = Record | Remember | WhereIsTheEnd
FromDoor = Ask | Listen | HandedOver


class Ready(Message):
    """The first message of the writer: it takes pageviews."""


class AllRecorded(Message):
    """They are on the disk."""

    call: int
    resolutions: list[Resolution]


class NotRecorded(Message):
    """The stores failed, and nothing was stored."""

    call: int


class MaybeRecorded(Message):
    """Whether they were stored is not known: the connection to the database was lost while it committed them."""

    call: int


class ToCheckAgain(Message):
    """They were not recorded: apps or pixels have changed since they were checked."""

    call: int
    revision: int  # with which to check them


class NotRead(Message):
    """The journal cannot be read."""

    call: int


class Remembered(Message):
    """For each key whether its receipt is there."""

    call: int
    known: list[bool]


class EndOfJournal(Message):
    """The positions."""

    call: int
    positions: Positions


class HandOver(Message):
    """Asks a door to send all that it has accepted, by the newest state of the directory."""

    round: int


class Told(Message):
    """Pageviews that have become durable, as entries of the journal, each with its user."""

    pageviews: list[tuple[bytes, Resolution]]


FromWriter = (
    Ready
    | AllRecorded
    | NotRecorded
    | MaybeRecorded
    | ToCheckAgain
    | Remembered
    | EndOfJournal
    | NotRead
    | HandOver
    | Told
)

ENCODER = msgspec.msgpack.Encoder()
FROM_DOOR: msgspec.msgpack.Decoder[FromDoor] = msgspec.msgpack.Decoder(FromDoor)
FROM_WRITER: msgspec.msgpack.Decoder[FromWriter] = msgspec.msgpack.Decoder(FromWriter)
