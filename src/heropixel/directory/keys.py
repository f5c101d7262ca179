"""How identifiers are stored: the server must have the key they were made with, and may store readable contacts."""

import hashlib
import hmac

from sqlalchemy import delete, select, update

from heropixel.directory import Directory
from heropixel.directory.tables import contacts, identifiers, state, suppressions
from heropixel.troubles import KeyMissing


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


def stores_emails(directory: Directory, *, wanted: bool | None) -> bool:
    """Whether emails and telephone numbers are stored readable. With None the last choice holds, at first yes.

    The directory remembers the choice, so that no command stores readable contacts by mistake.
    """
    stored: bool = directory.connection.execute(select(state.c.store_emails)).scalar_one()
    if wanted is None or wanted == stored:
        return stored
    with directory.writing() as connection:
        connection.execute(update(state).values(store_emails=wanted))
    return wanted


def redact(directory: Directory) -> int:
    """Remove every readable contact, and return how many. Users are still found by the keys of these contacts."""
    with directory.writing() as connection:
        connection.execute(update(identifiers).where(identifiers.c.lone.is_(False)).values(lone=True))
        connection.execute(update(suppressions).where(suppressions.c.value.is_not(None)).values(value=None))
        redacted = connection.execute(delete(contacts)).rowcount
    directory.scrub()
    return redacted
