"""Wrong secrets slow down their address, and nobody with a right one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from heropixel.api.callers import Callers
from heropixel.api.context import Context, RequestOrigin
from heropixel.api.credentials import Credentials
from heropixel.api.guesses import MAX_SECONDS, Guesses
from heropixel.api.limits import Limits
from heropixel.api.operations import Operations
from heropixel.api.schema import load_schema
from heropixel.directory import open_directory
from heropixel.directory.registry import Registry
from heropixel.wire.proxies import Proxies
from tests.api.parts import resolvers
from tests.world import World, make_first_world

APP = "{ app { code } }"


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_waits_longer_the_more_wrong_secrets_it_sends() -> None:
    clock = Clock()
    guesses = Guesses(per_second=2, burst=10, elapsed=clock)
    assert not guesses
    waits = []
    for _ in range(30):
        guesses.note("192.0.2.1")
        waits.append(guesses.wait("192.0.2.1"))
    assert waits[:10] == [0.0] * 10
    assert waits[10:14] == [0.5, 1.0, 1.5, 2.0]
    assert max(waits) == MAX_SECONDS
    assert guesses.wait("192.0.2.2") == 0
    clock.now = 10
    assert guesses.wait("192.0.2.1") == 0
    clock.now = 20
    guesses.wait("192.0.2.1")
    assert not guesses, "what is forgotten is not looked at any more"


def test_an_ipv6_address_is_known_by_its_network() -> None:
    guesses = Guesses(per_second=1, burst=1)
    for number in range(10):
        guesses.note(f"2001:db8::{number}")
    assert guesses.wait("2001:db8::ffff") > 5 - 1
    assert guesses.wait("2001:db8:0:1::1") == 0


def test_zero_means_no_limit() -> None:
    unlimited = Guesses(per_second=0)
    unlimited.note("192.0.2.1")
    assert not unlimited


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[World, Registry]]:
    made = make_first_world(tmp_path / "data")
    directory = open_directory(made.settings.url_of_directory())
    yield made, Registry(directory)
    directory.close()


async def test_a_wrong_secret_waits_and_a_right_one_from_the_same_address_does_not(
    world: tuple[World, Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, registry = world
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    callers = Callers(registry, lambda: 1, Guesses(per_second=1, burst=2))
    operations = Operations(
        load_schema(resolvers(registry=registry, clock=lambda: 1)),
        Limits(tokens=99, depth=9, aliases=9, root_fields=9, fields=99),
        9,
    )

    async def ask(secret: str | None, address: str) -> Any:
        given = Credentials(made.app_id, secret) if secret else None
        response = await operations.run(
            APP,
            {},
            None,
            Context(
                callers,
                given,
                origin=RequestOrigin(Proxies.parse("", "x-forwarded-for"), {"client": (address, 1), "headers": []}),
            ),
        )
        return response.body["data"]["app"]["code"]

    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert [await ask("wrong", "192.0.2.1") for _ in range(4)] == [400] * 4
    assert len(waited) == 1
    assert await ask("wrong", "192.0.2.2") == 400
    assert await ask(made.secret, "192.0.2.1") == 200
    assert [await ask(None, "192.0.2.3") for _ in range(9)] == [400] * 9, "no secret is no guess"
    assert len(waited) == 1
    operations.close()
