"""What other nodes record, as the writer of this one tells it to subscribers."""

from typing import Protocol

import msgspec

from heropixel.identity.identifiers import Known


class Others(Protocol):
    """The entries that other nodes append to the journal."""

    def read(self) -> list[bytes]:
        """Those since the last call, each once; the first call, and the first one after a rest, only begins.

        Raises:
            JournalUnavailable: the next call reads them.
        """

    def rest(self) -> None:
        """Nobody wants to hear of entries until the next call."""


class EntryHead(msgspec.Struct, gc=False):
    """What decides who hears of an entry, and under which user."""

    app: int
    pixel_id: int
    user_id: int = 0
    known_by: tuple[Known, ...] = ()
    imported: int = 0
    replaces: str = ""
    line: bytes = b""  # the entry itself


def head_of(line: bytes) -> EntryHead | None:
    """The head of an entry; None if no subscriber hears of it, as it is imported, or replaces one that they know."""
    try:
        head = _HEAD.decode(line)
    except msgspec.MsgspecError:  # the loader says so
        return None
    if head.imported or head.replaces:
        return None
    head.line = line
    return head


_HEAD = msgspec.json.Decoder(EntryHead)
