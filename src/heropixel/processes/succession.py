"""Parts on the stores of a cluster take over from those on the files of a folder; see parent.py."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial

import structlog

from heropixel import folder
from heropixel.clock import clock
from heropixel.moving.frozen import remove
from heropixel.operating.moving import ChangeAsked, MovableFiles
from heropixel.processes.forks import PreparedChild
from heropixel.processes.foundation import Foundation
from heropixel.processes.gate import Gate, began_at, forget_replacing, note_replacing
from heropixel.processes.parent import Part
from heropixel.settings import Settings
from heropixel.troubles import MoveDoubtful

log = structlog.get_logger()

Stages = Sequence[Sequence[Part]]


class IntoCluster:
    """See `Successors`."""

    def __init__(
        self,
        asked: ChangeAsked,
        files: MovableFiles,
        lasting: ExitStack,
        founding: AbstractContextManager[Foundation],
        stages_of: Callable[[Foundation, Gate], Stages],
        done: Callable[[Foundation], object],
    ) -> None:
        """What they stand on is there until `lasting` is closed, or they are given up."""
        self._files = files
        self._done = done
        with ExitStack() as founded:
            self._foundation = founded.enter_context(founding)
            self._changing = PreparedChild(partial(_prepared, asked, files))
            self._gate = Gate()
            self._founded = lasting.enter_context(founded.pop_all())
        self.stages = stages_of(self._foundation, self._gate)

    def leave(self) -> None:
        """See `Successors.leave`."""
        note_replacing(self._files.data)

    def settle(self) -> bool:
        """See `Successors.settle`.

        Raises:
            MoveDoubtful: nobody knows whether the world has moved, so nobody serves it.
        """
        try:
            waited = self._changing.work()
        except Exception as error:  # whatever it is, the others go on
            if folder.moved_to(self._files.data) is not None:
                raise MoveDoubtful(folder=self._files.data, why=error) from error
            log.error("the world has not moved", why=str(error))  # noqa: TRY400 - it is expected
            return False
        log.info("the world has moved into the cluster", pageviews_waited_ms=waited)
        return True

    def let_in(self) -> None:
        """See `Successors.let_in`."""
        self._gate.open()
        forget_replacing(self._files.data)
        self._done(self._foundation)
        remove(self._files.data, self._files.events)

    def give_up(self) -> None:
        """See `Successors.give_up`."""
        self._changing.give_up()
        self._gate.open()
        forget_replacing(self._files.data)
        self._founded.close()


def _prepared(asked: ChangeAsked, files: MovableFiles) -> tuple[Callable[[], int], Callable[[], object]]:
    """Load and open what takes time, and follow what comes. The work says for how long pageviews waited."""
    from heropixel.moving.changing_over import ChangeOver, Folder  # noqa: PLC0415 - it loads the driver of PostgreSQL
    from heropixel.moving.target import Target  # noqa: PLC0415 - the same

    target = Target(asked.directory, asked.events)
    where = Folder(files.data, files.directory, files.journal)
    changing = ChangeOver(where, target, asked.world, asked.attempt, clock)
    return lambda: changing.work(began_at(files.data)).waited, changing.follow


def settings_in_cluster(settings: Settings, asked: ChangeAsked) -> Settings:
    """The settings of the parts that take over."""
    urls = {"directory_url": asked.directory, "journal_url": asked.directory, "events_url": asked.events}
    return settings.model_copy(update={**urls, "key": asked.key})
