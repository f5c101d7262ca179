"""`pageviews export`: from the server that holds the folder, or from the stores themselves where none runs."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import httpx
import msgspec

from heropixel import folder
from heropixel.directory.merges import speakers
from heropixel.errors import EventsUnavailable, FolderInUse, ServerUnreachable
from heropixel.events import pageviews
from heropixel.server import completed
from heropixel.settings import Settings
from heropixel.transfer import Format, write_rows

# The engine has 60 s to take what is in the journal, and to begin.
_TIMEOUT = httpx.Timeout(90, connect=5)


def export(settings: Settings, as_format: Format, out: BinaryIO) -> int:
    """Write every pageview; answers how many.

    Raises:
        FolderInUse: another command holds the folder.
        ServerUnreachable: the process that holds the folder does not answer.
        EventsUnavailable: the event store cannot be read.
    """
    holder = folder.holder_of(settings.data)
    if holder and not holder.url:
        raise FolderInUse(process=f"{holder.command}, pid {holder.pid}", folder=settings.data)
    rows = _from_server(settings, holder) if holder else _from_stores(settings)
    return write_rows(rows, out, as_format, pageviews.EXPORT_COLUMNS)


def _from_stores(settings: Settings) -> Iterator[dict[str, Any]]:
    with folder.held(settings.data, "heropixel pageviews export"), completed(settings) as (directory, events):
        yield from pageviews.export(events, speakers(directory.connection))


def _from_server(settings: Settings, holder: folder.Holder) -> Iterator[dict[str, Any]]:
    try:
        with httpx.stream(
            "GET",
            f"{holder.url}/operator/pageviews",
            headers={"Authorization": f"Bearer {holder.token}"},
            timeout=_TIMEOUT,
            trust_env=False,  # it is this machine: a proxy would get the token, and could not reach it
        ) as response:
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise EventsUnavailable(response.read().decode())
            response.raise_for_status()
            for line in response.iter_lines():
                yield msgspec.json.decode(line)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        process = f"{holder.command}, pid {holder.pid}"
        raise ServerUnreachable(folder=settings.data, process=process, why=error) from None
