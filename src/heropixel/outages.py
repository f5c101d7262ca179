"""Logs a failure once until it works again, without any text that could hold people's data."""

import logging
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from heropixel.errors import StoreUnavailable

log = structlog.get_logger()

MOST: Final = 500  # characters; a message of the event store may quote a whole query


def loggable(error: Exception) -> str:
    """What may be shown of an error: the driver's own message, in one line. Its full text holds the values."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())[:MOST]


class Outage:
    """Something that fails now and then. The log says when it begins to fail, and when it works again."""

    def __init__(self, over: str, level: int = logging.WARNING) -> None:
        """`over` is what the log says when it works again."""
        self._over = over
        self._level = level
        self._lasting = False

    def failed(self, trouble: str, error: Exception) -> None:
        """It has failed. An unexpected error is logged with its traceback."""
        if not self._lasting:
            self._lasting = True
            expected = isinstance(error, StoreUnavailable | DBAPIError)
            log.log(self._level, trouble, error=loggable(error), exc_info=not expected)

    def worked(self) -> None:
        """It has worked."""
        if self._lasting:
            self._lasting = False
            log.info(self._over)
