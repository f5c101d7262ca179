"""Servers for tests of the browser endpoints."""

from collections.abc import Iterator

import pytest

from tests.contract.beaconing import NO_LIMITS
from tests.world import Server, World, command, make_world, running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a site that knows one person, and suppresses another."""
    world = make_world(tmp_path_factory.mktemp("site") / "data")
    people = world.folder.parent / "people.csv"
    people.write_text("email,external_id\nknown@example.com,c-1\nsuppressed@example.com,c-2\n")
    command(world, "users", "import", str(people), "--app", world.app_id)
    command(world, "suppressions", "add", "--app", world.app_id, "--email", "suppressed@example.com")
    with running(world, **NO_LIMITS) as server:
        yield server


@pytest.fixture
def fresh(world: World) -> Iterator[Server]:
    """A server of its own, without limits."""
    with running(world, **NO_LIMITS) as server:
        yield server
