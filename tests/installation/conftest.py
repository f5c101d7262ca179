"""A site that serves the script: all that a page to verify still lacks is its tag."""

from collections.abc import Iterator

import pytest

from tests.installation.sites import Site, script, site


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as running:
        running.answers["/pixel.js"] = script()
        yield running
