"""Entries of the journal become rows of the event store: linked and enriched. An invalid entry stops no other."""

from collections.abc import Iterator
from copy import copy

import msgspec
import structlog

from heropixel.enrichment import Owns, enrich, owns_nothing
from heropixel.journal import Batch
from heropixel.recording.linking import Linking
from heropixel.recording.pageview import Entry
from heropixel.recording.replacing import NOTHING_REPLACED, Replacing

log = structlog.get_logger()


def rows_of(
    batch: Batch, linking: Linking, owns: Owns = owns_nothing, replacing: Replacing = NOTHING_REPLACED
) -> Iterator[bytes]:
    """The entries of a batch as rows of the event store: linked and enriched. `owns` knows the domains of pixels.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory cannot resolve them. Some may be linked.
    """
    for start in range(0, len(batch.payloads), _AT_ONCE):
        payloads = batch.payloads[start : start + _AT_ONCE]
        entries = [_read(payload, position) for position, payload in enumerate(payloads, batch.first + start)]
        readable = [entry for entry in entries if entry is not None]
        linking.resolve(readable)
        replacing.put_times(readable)
        for position, (entry, payload) in enumerate(zip(entries, payloads, strict=True), batch.first + start):
            yield _enriched(entry, owns) if entry else payload[:-1] + b',"journal_position":%d}' % position


_AT_ONCE = 2_000  # entries to read: a bound on memory


def _read(payload: bytes, position: int) -> Entry | None:
    """An entry of the journal; None where it cannot be decoded."""
    try:
        entry = _DECODER.decode(payload)
    except msgspec.MsgspecError as error:
        _log_unenriched("it cannot be read", position, error)
        return None
    entry.journal_position = position
    return entry


def _enriched(entry: Entry, owns: Owns) -> bytes:
    """An enriched entry. If the rules fail at it, it stays as it was."""
    before = copy(entry)
    try:
        return _ENCODER.encode(enrich(entry, owns))
    except Exception as error:
        _log_unenriched("the rules fail on it", entry.journal_position, error)
        return _ENCODER.encode(before)


def _log_unenriched(why: str, position: int, error: Exception) -> None:
    """One invalid row must not block all others. Neither its text nor a traceback is logged: they may name a person."""
    log.warning(f"a pageview is loaded without enrichment: {why}", position=position, error=type(error).__name__)


_DECODER = msgspec.json.Decoder(Entry)
_ENCODER = msgspec.json.Encoder()
