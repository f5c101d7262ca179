"""Whether the key of the identifiers is the one they were made with."""

import hashlib
import hmac

from sqlalchemy import select, update

from heropixel.directory import Directory
from heropixel.directory.tables import state
from heropixel.errors import KeyMissing


def has_key(directory: Directory) -> bool:
    """Whether the directory has identifiers that were made with a key."""
    return directory.connection.execute(select(state.c.key_check)).scalar_one() is not None


def check_key(directory: Directory, key: bytes) -> None:
    """Remember the key's hash on first use; later, compare.

    Raises:
        KeyMissing: the identifiers were made with another key.
    """
    check = hashlib.blake2b(b"check", key=key, digest_size=16).digest()
    known = directory.connection.execute(select(state.c.key_check)).scalar_one()
    if known is None:
        with directory.writing() as connection:
            connection.execute(update(state).where(state.c.key_check.is_(None)).values(key_check=check))
        known = directory.connection.execute(select(state.c.key_check)).scalar_one()
    if not hmac.compare_digest(known, check):
        raise KeyMissing
