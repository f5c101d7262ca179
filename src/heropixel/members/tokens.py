"""Tokens that are shown once: of sign-in links, sessions and keys. Only their digests are stored."""

import hashlib
import secrets
from typing import NamedTuple

SHARE_PREFIX = "hpv_"  # of what visitors of a share send
KEY_PREFIX = "hpk_"  # recognisable, so that scanners find a key that was committed or logged by mistake


class Token(NamedTuple):
    """A new token, and its digest."""

    text: str
    sha256: bytes


def new_token(prefix: str = "") -> Token:
    """256 random bits."""
    text = prefix + secrets.token_urlsafe(32)
    return Token(text, digest(text))


def digest(text: str) -> bytes:
    """The stored digest. It is unsalted and fast: 256 random bits cannot be guessed, and every request computes it."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
