"""What the log is told of what fails: once, until it works again, and nothing that could hold people's data."""

import logging
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from heropixel.errors import StoreUnavailable

log = structlog.get_logger()

MOST: Final = 500  # characters; a sentence of the event store's may quote all of a query


def loggable(error: Exception) -> str:
    """What of an error may be in the log: the driver's own sentence, for the whole text has what was to be written."""
    return str(error.orig if isinstance(error, DBAPIError) else error)[:MOST]


class Outage:
    """Something that fails now and then: the log has it when it begins to, and when it works again."""

    def __init__(self, over: str, level: int = logging.WARNING) -> None:
        """`over` is what the log says when it works again."""
        self._over = over
        self._level = level
        self._lasting = False

    def failed(self, trouble: str, error: Exception) -> None:
        """It has failed. Of an error that was not expected the log has the traceback too."""
        if not self._lasting:
            self._lasting = True
            expected = isinstance(error, StoreUnavailable | DBAPIError)
            log.log(self._level, trouble, error=loggable(error), exc_info=not expected)

    def worked(self) -> None:
        """It has worked."""
        if self._lasting:
            self._lasting = False
            log.info(self._over)
