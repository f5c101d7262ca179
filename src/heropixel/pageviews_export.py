"""`pageviews export`: from the server that holds the folder, or from the stores themselves where none runs."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from heropixel import folder
from heropixel.directory.merges import speakers
from heropixel.events import pageviews
from heropixel.operators_line import OperatorsLine, line_to_holder
from heropixel.server import completed
from heropixel.settings import Settings
from heropixel.transfer import Format, write_rows

_SECONDS = 90  # the engine has 60 s to take what is in the journal, and to begin


def export(settings: Settings, as_format: Format, out: BinaryIO) -> int:
    """Write every pageview; answers how many.

    Raises:
        FolderInUse: another command holds the folder.
        ServerUnreachable: the process that holds the folder does not answer.
        EventsUnavailable: the event store cannot be read.
    """
    with line_to_holder(settings.data, _SECONDS) as line:
        rows = _from_server(line) if line else _from_stores(settings)
        return write_rows(rows, out, as_format, pageviews.EXPORT_COLUMNS)


def _from_server(line: OperatorsLine) -> Iterator[dict[str, Any]]:
    return map(msgspec.json.decode, line.lines("GET", "/operator/pageviews"))


def _from_stores(settings: Settings) -> Iterator[dict[str, Any]]:
    with folder.held(settings.data, "heropixel pageviews export"), completed(settings) as (directory, events):
        yield from pageviews.export(events, speakers(directory.connection))
