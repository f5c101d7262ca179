"""Parts on the stores of a cluster take over from those on the files of a folder; see parent.py."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

import structlog

from heropixel.clock import clock
from heropixel.operating.moving import ChangeAsked, MovableFiles
from heropixel.processes.forks import in_child
from heropixel.processes.foundation import Foundation
from heropixel.processes.gate import Gate, forget_replacing, note_replacing
from heropixel.processes.parent import Part
from heropixel.settings import Settings
from heropixel.troubles import Trouble

log = structlog.get_logger()

Stages = Sequence[Sequence[Part]]


class IntoCluster:
    """See `Successors`."""

    def __init__(
        self,
        asked: ChangeAsked,
        files: MovableFiles,
        founding: AbstractContextManager[Foundation],
        stages_of: Callable[[Foundation, Gate], Stages],
        done: Callable[[Foundation], object],
    ) -> None:
        self._asked = asked
        self._files = files
        self._founding = founding
        self._gate = Gate()
        self._foundation = founding.__enter__()
        self._done = done
        self._began = 0
        self.stages = stages_of(self._foundation, self._gate)

    def leave(self) -> None:
        """See `Successors.leave`."""
        note_replacing(self._files.data)
        self._began = clock()

    def settle(self) -> bool:
        """See `Successors.settle`."""
        try:
            waited = in_child(partial(_change_over, self._asked, self._files, self._began))
        except Trouble as trouble:
            log.error("the world has not moved", why=trouble.message)  # noqa: TRY400 - it is expected
            return False
        log.info("the world has moved into the cluster", pageviews_waited_ms=waited)
        return True

    def let_in(self) -> None:
        """See `Successors.let_in`."""
        self._gate.open()
        forget_replacing(self._files.data)
        self._done(self._foundation)

    def give_up(self) -> None:
        """See `Successors.give_up`."""
        self._gate.open()
        forget_replacing(self._files.data)
        self._founding.__exit__(None, None, None)


def _change_over(asked: ChangeAsked, files: MovableFiles, began: int) -> int:
    from heropixel.moving.changing_over import Folder, change_over  # noqa: PLC0415 - it loads the driver of PostgreSQL
    from heropixel.moving.target import Target  # noqa: PLC0415 - the same

    target = Target(asked.directory, asked.events)
    where = Folder(files.data, files.directory, files.journal)
    return change_over(where, target, asked.world, asked.attempt, clock, began).waited


def settings_in_cluster(settings: Settings, asked: ChangeAsked) -> Settings:
    """The settings of the parts that take over."""
    urls = {"directory_url": asked.directory, "journal_url": asked.directory, "events_url": asked.events}
    return settings.model_copy(update={**urls, "key": asked.key})
