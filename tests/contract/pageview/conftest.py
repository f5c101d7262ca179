"""A shop that knows one customer."""

import json
from collections.abc import Iterator

import pytest

from tests.contract.pageview.asking import KNOWN
from tests.world import Server, command, make_world, running


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an app that knows one customer, and with the pixel of another app."""
    world = make_world(tmp_path_factory.mktemp("shop") / "data")
    customers = world.folder.parent / "customers.csv"
    customers.write_text(f"email,phone,external_id,plan,name\n{KNOWN},+14155550100,c-1,gold,Zoë\n")
    command(world, "users", "import", str(customers), "--app", world.app_id)
    other = json.loads(command(world, "apps", "create", "Other", "--json"))["appId"]
    command(world, "pixels", "create", "Theirs", "--app", other, "--domain", "example.com")
    with running(world) as server:
        yield server
