"""`reprocess`: by the server that holds the folder, or in this process where none runs."""

from collections.abc import Callable

import httpx
import msgspec

from heropixel import folder
from heropixel.errors import EventsUnavailable, FolderInUse, ServerUnreachable
from heropixel.recording.judging import Count, judge_all
from heropixel.server import completed
from heropixel.settings import Settings

# A piece of millions of rows says nothing until it is done.
_TIMEOUT = httpx.Timeout(3600, connect=5)


def reprocess(settings: Settings, progress: Callable[[Count], None], *, everything: bool) -> Count:
    """Judge pageviews anew: those of other rules than today's, or all; how many they were.

    Raises:
        FolderInUse: another command holds the folder.
        ServerUnreachable: the process that holds the folder does not answer.
        EventsUnavailable: the event store cannot do it now; what is done is done, the same again goes on from there.
    """
    holder = folder.holder_of(settings.data)
    if holder and not holder.url:
        raise FolderInUse(process=f"{holder.command}, pid {holder.pid}", folder=settings.data)
    if holder:
        return _by_server(settings, holder, progress, everything=everything)
    with folder.held(settings.data, "heropixel reprocess"), completed(settings) as (_, events):
        return judge_all(events, progress, everything=everything)


def _by_server(
    settings: Settings, holder: folder.Holder, progress: Callable[[Count], None], *, everything: bool
) -> Count:
    count = Count(0, 0, 0)
    try:
        with httpx.stream(
            "POST",
            f"{holder.url}/operator/reprocess",
            params={"all": int(everything)},
            headers={"Authorization": f"Bearer {holder.token}"},
            timeout=_TIMEOUT,
            trust_env=False,  # it is this machine: a proxy would get the token, and could not reach it
        ) as response:
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise EventsUnavailable(response.read().decode())
            response.raise_for_status()
            for line in response.iter_lines():
                said = msgspec.json.decode(line)
                if isinstance(said, str):
                    raise EventsUnavailable(said)
                count = Count(*said)
                progress(count)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        process = f"{holder.command}, pid {holder.pid}"
        raise ServerUnreachable(folder=settings.data, process=process, why=error) from None
    return count
