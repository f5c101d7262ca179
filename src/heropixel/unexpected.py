"""What should not have happened: logged with its traceback, and told to nobody but by an id that the log has too."""

import secrets

import structlog

from heropixel.errors import InternalError

log = structlog.get_logger()


def unexpected(what: str) -> InternalError:
    """The refusal for the exception that is being handled: it has an id, and so has the log line with the exception."""
    error_id = secrets.token_hex(8)
    log.exception(what, id=error_id)
    return InternalError(id=error_id)
