"""An app with people, as lists of users show them."""

from typing import Any

from tests.contract.test_knowing import Growth

FIGURES = "firstPageview lastSeen pageviewCount sessionCount pixels { id name }"


class People(Growth):
    """An app of its own that asks for its people."""

    def users(self, fields: str = "", **arguments: Any) -> dict[str, Any]:
        return self(
            "query ($auth: AuthInput, $first: Int! = 50, $after: String, $search: UserSearch, $orderBy: UserOrder! ="
            " OLDEST) { users(auth: $auth, first: $first, after: $after, search: $search, orderBy: $orderBy)"
            " { code message reason data nodes { id externalId traits firstSeen learned emails phones "
            f"{fields} }} edges {{ cursor node {{ id }} }}"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
            **arguments,
        )

    def total(self, **search: Any) -> int:
        answer = self(
            "query ($auth: AuthInput, $search: UserSearch) { users(auth: $auth, search: $search) { totalCount } }",
            search=search,
        )
        return int(answer["totalCount"])

    def found(self, **search: Any) -> list[str]:
        """The external ids of the users that a search finds."""
        return [node["externalId"] for node in self.users(search=search)["nodes"]]

    def figures(self, **by: Any) -> dict[str, Any]:
        return dict(
            self(
                "query ($auth: AuthInput, $by: UserSelector!)"
                f" {{ user(auth: $auth, by: $by) {{ user {{ {FIGURES} }} }} }}",
                by=by,
            )["user"]
        )

    def listed(self, what: str, fields: str, by: dict[str, Any], **page: Any) -> dict[str, Any]:
        return self(
            "query ($auth: AuthInput, $by: UserSelector!, $first: Int! = 50, $after: String)"
            f" {{ {what}(auth: $auth, by: $by, first: $first, after: $after) {{ code message reason data totalCount"
            f" nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}",
            by=by,
            **page,
        )

    def pages(self, **by: Any) -> list[str]:
        """The addresses of the pages that a user has seen, newest first."""
        return [node["url"] for node in self.listed("userPageviews", "url", by)["nodes"]]

    def see(self, url: str, **event: Any) -> dict[str, Any]:
        return self.pageview(url=url, **event)
