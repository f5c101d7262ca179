"""Unexpected exceptions: the log gets the traceback and an id, the caller gets only the id."""

import secrets

import structlog

from heropixel.errors import InternalError

log = structlog.get_logger()


def unexpected(what: str) -> InternalError:
    """The refusal for the exception that is being handled. It has the same id as the log line with the exception."""
    error_id = secrets.token_hex(8)
    log.exception(what, id=error_id)
    return InternalError(id=error_id)
