"""Passwords are Argon2id, wrong ones take as long as unknown ones, and attempts are limited."""

import asyncio
import time

import pytest

from heropixel.members.attempts import OF_ACCOUNT, OF_ADDRESS, Attempts
from heropixel.members.passwords import Passwords, check_password
from heropixel.members.refusals import InvalidPassword, SignInsBusy, TooManyAttempts

RIGHT = "correct horse battery"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords()


async def test_a_password_is_stored_as_argon2id_and_only_it_fits(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    assert stored.startswith("$argon2id$")
    assert await passwords.hash(RIGHT) != stored, "each has its own salt"
    assert await passwords.fits(stored, RIGHT)
    assert not await passwords.fits(stored, RIGHT + "!")
    assert not await passwords.fits("$argon2id$damaged", RIGHT)


async def test_an_account_that_is_not_there_takes_as_long_as_a_wrong_password(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    assert not await passwords.fits(None, "nobody's"), "not even the password that it is compared with"

    async def seconds(known: str | None) -> float:
        began = time.perf_counter()
        assert not await passwords.fits(known, "wrong wrong wrong")
        return time.perf_counter() - began

    there, missing = [], []
    for _ in range(5):
        there.append(await seconds(stored))
        missing.append(await seconds(None))
    assert min(missing) > min(there) / 2, "it is hashed too"


async def test_more_sign_ins_than_may_wait_are_refused_at_once(passwords: Passwords) -> None:
    stored = await passwords.hash(RIGHT)
    waiting = [asyncio.create_task(passwords.fits(stored, "wrong")) for _ in range(40)]
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each).__name__ for each in done} == {"bool", SignInsBusy.__name__}
    assert await passwords.fits(stored, RIGHT), "and later there is room again"


@pytest.mark.parametrize("password", ["", "short", "x" * 9, "x" * 1001])
def test_a_password_has_from_10_to_1000_characters(password: str) -> None:
    with pytest.raises(InvalidPassword):
        check_password(password)


def refused(attempts: Attempts, account: str, address: str) -> bool:
    try:
        attempts.note(account, address)
    except TooManyAttempts:
        return True
    return False


def test_attempts_are_limited_by_account_from_whatever_address() -> None:
    now = 0.0
    attempts = Attempts(lambda: now)
    tried = [refused(attempts, "anna@example.com", f"192.0.2.{number}") for number in range(OF_ACCOUNT + 3)]
    assert tried == [False] * OF_ACCOUNT + [True] * 3
    assert not refused(attempts, "ben@example.com", "192.0.2.1")
    now = 61
    assert not refused(attempts, "anna@example.com", "192.0.2.1")


def test_attempts_are_limited_by_address_for_whatever_account() -> None:
    attempts = Attempts(lambda: 0.0)
    tried = [refused(attempts, f"{number}@example.com", "2001:db8::1") for number in range(OF_ADDRESS)]
    assert not any(tried)
    assert refused(attempts, "another@example.com", "2001:db8::2"), "one household has the whole /64"
    assert not refused(attempts, "another@example.com", "2001:db8:0:1::1")
