"""`reprocess`: by the server that holds the folder, or in this process where none runs."""

from collections.abc import Callable

import msgspec

from heropixel import folder
from heropixel.errors import EventsUnavailable
from heropixel.operators_line import OperatorsLine, line_to_holder
from heropixel.recording.judging import Count, judge_all
from heropixel.server import completed
from heropixel.settings import Settings

_SECONDS = 3600  # a piece of millions of rows says nothing until it is done


def reprocess(settings: Settings, progress: Callable[[Count], None], *, everything: bool) -> Count:
    """Judge pageviews anew: those of other rules than today's, or all; how many they were.

    Raises:
        FolderInUse: another command holds the folder.
        ServerUnreachable: the process that holds the folder does not answer.
        EventsUnavailable: the event store cannot do it now; what is done is done, the same again goes on from there.
    """
    with line_to_holder(settings.data, _SECONDS) as line:
        if line:
            return _by_server(line, progress, everything=everything)
    with folder.held(settings.data, "heropixel reprocess"), completed(settings) as (_, events):
        return judge_all(events, progress, everything=everything)


def _by_server(line: OperatorsLine, progress: Callable[[Count], None], *, everything: bool) -> Count:
    count = Count(0, 0, 0)
    for said in map(msgspec.json.decode, line.lines("POST", f"/operator/reprocess?all={everything:d}")):
        if isinstance(said, str):
            raise EventsUnavailable(said)
        count = Count(*said)
        progress(count)
    return count
