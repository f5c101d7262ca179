"""Passwords by Argon2id, on one slow thread: a flood of sign-ins waits for itself, and costs recording nothing."""

import time
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from heropixel.concurrency.own_thread import OwnThread
from heropixel.members.refusals import InvalidPassword, SignInsBusy

SHORTEST, LONGEST = 10, 1_000  # characters
_MOST_WAITING = 20  # each takes a twentieth of a second: nobody waits for more than some seconds

# OWASP's first choice for one lane (Password Storage Cheat Sheet). One lane: it shall not take all processors.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_RESTS = 1.0  # times as long as it has worked: so at most half a processor is used, however many sign in

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def check_password(password: str) -> None:
    """Check that a password may be set.

    Raises:
        InvalidPassword: it is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidPassword(shortest=SHORTEST, longest=LONGEST)


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, begin: Callable[[], None] | None = None) -> None:
        """`begin` runs first on the thread, such as to lower its priority."""
        self._thread = OwnThread("passwords", begin)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is stored of a password.

        Raises:
            SignInsBusy: too many wait already.
        """
        return await self._run(hashed, password)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether a password is the stored one. Without one it takes as long, and is not.

        Raises:
            SignInsBusy: too many wait already.
        """
        return await self._run(self._fits, stored, password[:LONGEST])

    def close(self) -> None:
        """End the thread."""
        self._thread.close()

    async def _run(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        if self._waiting >= _MOST_WAITING:
            raise SignInsBusy
        self._waiting += 1
        try:
            return await self._thread.run(_resting, work, *args)
        finally:
            self._waiting -= 1

    def _fits(self, stored: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = hashed("nobody's")
        try:
            _HASHER.verify(stored or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


def hashed(password: str) -> str:
    """What is stored of a password. It takes a twentieth of a second."""
    return _HASHER.hash(password)


def _resting(work: Callable[[*Ts], T], *args: *Ts) -> T:
    began = time.thread_time()
    done = work(*args)
    time.sleep((time.thread_time() - began) * _RESTS)
    return done
