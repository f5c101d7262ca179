"""After each of these requests the next one is answered."""

from collections.abc import Iterator

import pytest

from tests.world import Server


@pytest.fixture(autouse=True)
def _the_next_request_is_answered(server: Server) -> Iterator[None]:
    yield
    assert server.pageview()["code"] == 200
