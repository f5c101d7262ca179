"""The two types of media in which a client may want the response."""

import pytest

from tests.contract.transport.sending import GRAPHQL, JSON


@pytest.fixture(params=[JSON, GRAPHQL], ids=["application/json", "application/graphql-response+json"])
def media(request: pytest.FixtureRequest) -> str:
    media: str = request.param
    return media
