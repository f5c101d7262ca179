"""The parts of a server on which documents are executed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import GraphQLSchema

from heropixel.api.context import Context
from heropixel.api.limits import Limits
from heropixel.api.operations import Operations, Response
from heropixel.api.schema import load_schema
from heropixel.directory.users import User
from heropixel.identity.resolve import NOT_KNOWN, Resolution
from heropixel.recording.pageview import Pageview
from tests.api.parts import resolvers

SCHEMA = load_schema(resolvers())  # to be planned on
LIMITS = Limits(tokens=5000, depth=20, aliases=100, root_fields=100, fields=1000)
NOW = 1_800_000_000_000


class Running(NamedTuple):
    """A request, and a schema with resolvers."""

    context: Context
    schema: GraphQLSchema

    async def run(self, query: str, variables: dict[str, Any]) -> Response:
        return await Operations(self.schema, LIMITS, 1).run(query, variables, None, self.context)


class Decided:
    """Stands in for the recorder. Its answer depends on the question only, so that two runs can be compared."""

    async def record(self, pageviews: Sequence[Pageview], seen: int = 0) -> list[Resolution]:  # noqa: ARG002 - as the recorder has it
        return [self._answer(pageview) for pageview in pageviews]

    def _answer(self, pageview: Pageview) -> Resolution:
        claims = pageview.question.claims
        user = User(7, claims.external_id, '{"plan":"pro","deep":{"a":[1,null,"x"]}}', NOW)
        if claims.md5:
            return Resolution(user=user, matched_on="MD5")
        if claims.email:
            return Resolution(user=user, created=True)
        return NOT_KNOWN
