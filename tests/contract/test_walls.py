"""Apps on one server are isolated: every operation of the schema is tried with another app's ids.

The operations and their arguments come from the schema, so that a new one is tried too; a new kind of id fails here
until it is said what another app's would be.
"""

import asyncio
import hashlib
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

from heropixel.api.schema import load_schema
from tests.contract.listening import stream
from tests.contract.reporting import Site
from tests.contract.sharing import shared
from tests.contract.signed_in import invited, made_key, member_of
from tests.world import Server

SCHEMA = load_schema()
ROOTS = [("query", SCHEMA.query_type), ("mutation", SCHEMA.mutation_type)]
OPERATIONS = [(kind, name) for kind, root in ROOTS if root for name in root.fields]
Ids = dict[str, Any]

# What an argument or a field of that name is of an app; `id` depends on the operation.
OWNED = {
    "pixelId": "pixel",
    "pixelIds": "pixels",
    "email": "email",
    "emails": "emails",
    "externalId": "external_id",
    "phone": "phone",
    "visitorId": "visitor_id",
    "eventId": "event_id",
    "emailPrefix": "email",
    "text": "email",
}
ID_OF = {
    "pixel": "pixel",
    "updatePixel": "pixel",
    "unmerge": "merge",
    "revokeSecret": "secret",
    "user": "user",
    "forget": "user",
    "mergeUsers": "user",
    "deletePixel": "pixel",
    "erasure": "erasure",
    "userPageviews": "user",
    "userSessions": "user",
    "changeMember": "member",
    "removeMember": "member",
    "revokeKey": "key",
    "revokeSession": "session",
    "userTimeline": "user",
    "userData": "user",
    "unlink": "user",
    "relink": "unlink",
    "revokeShare": "share",
    "changeView": "view",
    "removeView": "view",
}
# What is the same whoever asks.
NEUTRAL: dict[str, Any] = {
    "domain": "example.com",
    "host": "pay.example",
    "url": "https://example.com/",
    "domains": ["example.com"],
    "name": "Mine",
    "first": 10,
    "graceSeconds": 60,
    "retentionDays": 30,
    "keepForever": True,
    "consentMode": "NONE",
    "weekStartsOn": "SUNDAY",
    "tombstone": True,
    "pageviews": "ERASE",
    "orderBy": "NEWEST",
    "range": {"name": "LAST_30_DAYS"},
    "timezone": "UTC",
    "traffic": ["PEOPLE"],
    "role": "VIEWER",
    "scopes": ["RECORD"],
    "token": "nonsense",
    "password": "correct horse battery",
    "current": "nonsense",
    "everywhere": True,
    "on": True,
    "showPeople": False,
    "embedOn": ["https://example.org"],
    "owner": "APP",
    "shows": {"range": {"name": "LAST_30_DAYS"}},
}


class Victim(Site):
    """An app with something of every kind."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.identify(externalId="victim-1", visitorId="victim-browser", traits={"secret": "victim's"})
        self.identify(email="victim@example.com", phone="+14155550177")
        self.identify(externalId="victim-1", email="victim@example.com", emails=["victim@work.example"])
        user = self.user(externalId="victim-1")
        self.identify(externalId="victim-gone")
        gone = self(
            'mutation ($auth: AuthInput) { forget(auth: $auth, by: { externalId: "victim-gone" }) { erasure { id } } }'
        )
        self.pageview(email="victim@example.com", eventId="victim-event")
        self(
            'mutation ($auth: AuthInput) { suppress(auth: $auth, contacts: [{ email: "hidden@victim.example" }])'
            " { code } }"
        )
        self.identify(externalId="victim-1", visitorId="victim-lent")
        lent = self(
            'mutation ($auth: AuthInput) { unlink(auth: $auth, by: { externalId: "victim-1" },'
            ' visitorId: "victim-lent") { unlink { id } } }'
        )
        saved = self(
            'mutation ($auth: AuthInput) { saveView(auth: $auth, name: "Victim\'s", owner: APP,'
            " shows: { range: { name: TODAY } }) { view { id } } }"
        )
        self.ids: Ids = {
            "unlink": lent["unlink"]["id"],
            "pixel": self.site,
            "pixels": [self.site],
            "email": "victim@example.com",
            "emails": ["victim@work.example"],
            "external_id": "victim-1",
            "phone": "+14155550177",
            "visitor_id": "victim-browser",
            "event_id": "victim-event",
            "user": user["user"]["id"],
            "merge": user["merges"][0]["id"],
            "erasure": gone["erasure"]["id"],
            "member": invited(self, "member@victim.example")["member"]["id"],
            "key": made_key(self, "RECORD")["key"]["id"],
            "share": shared(self, "Victim's")["share"]["id"],
            "view": saved["view"]["id"],
            "session": hashlib.sha256(member_of(self, "OWNER").cookie.encode()).hexdigest()[:12],
            "secret": self("query ($auth: AuthInput) { app(auth: $auth) { app { secrets { id } } } }")["app"][
                "secrets"
            ][0]["id"],
        }

    def everything(self) -> list[Any]:
        """All that can be read of the app."""
        return [
            self.user(externalId="victim-1"),
            self.user(email="victim@example.com"),
            self(
                'query ($auth: AuthInput) { user(auth: $auth, by: { externalId: "victim-1" }) {'
                " unlinks { id undoneAt } } }"
            ),
            self("query ($auth: AuthInput) { suppressions(auth: $auth) { nodes { contact } totalCount } }"),
            self("query ($auth: AuthInput) { users(auth: $auth) { data } }"),
            self.pixels(),
            self.pixel(self.site),
            self("query ($auth: AuthInput) { members(auth: $auth) { data } }"),
            self("query ($auth: AuthInput) { keys(auth: $auth) { data } }"),
            self("query ($auth: AuthInput) { shares(auth: $auth) { data } }"),
            self("query ($auth: AuthInput) { savedViews(auth: $auth) { data } }"),
            self("query ($auth: AuthInput) { merges(auth: $auth) { data } }"),
            # An erasure goes on by itself: when it is done is not compared.
            self("query ($auth: AuthInput) { erasures(auth: $auth) { totalCount nodes { id } } }"),
        ]

    def names_in_filters(self) -> list[dict[str, Any]]:
        """Conditions that name something of the app by its id."""
        named = {"USER": self.ids["user"], "PIXEL": str(self.site)}
        return [{"on": {"dimension": dimension, "is": [id_]}} for dimension, id_ in named.items()]


NOBODYS: Ids = {
    "pixel": 2_000_000_001,
    "pixels": [2_000_000_001],
    "email": "nobody@example.com",
    "emails": ["nobody@work.example"],
    "external_id": "nobody-1",
    "phone": "+14155550178",
    "visitor_id": "nobody-browser",
    "event_id": "nobody-event",
    "user": "1",
    "merge": "999999999",
    "unlink": "999999999",
    "erasure": "era_0000000000000000",
    "secret": "0" * 12,
    "member": "mem_0000000000000000",
    "key": "key_0000000000000000",
    "session": "0" * 12,
    "share": "shr_0000000000000000",
    "view": "view_0000000000000000",
}


@pytest.fixture(scope="module")
def victim(server: Server) -> Victim:
    return Victim(server)


@pytest.fixture(scope="module")
def strangers(server: Server) -> tuple[Site, Site]:
    """Two apps that send the same calls: one with the victim's ids, one with unknown ids."""
    return Site(server), Site(server)


@pytest.mark.parametrize(("kind", "name"), OPERATIONS, ids=str)
def test_another_apps_ids_are_as_unknown_as_nobodys_and_nothing_of_it_changes(
    victim: Victim, strangers: tuple[Site, Site], kind: str, name: str
) -> None:
    before = victim.everything()
    for arguments, of_nobody in zip(calls(kind, name, victim.ids), calls(kind, name, NOBODYS), strict=True):
        answer = sent(strangers[0], kind, name, arguments)
        assert answer == sent(strangers[1], kind, name, of_nobody), arguments
        assert "victim" not in str(answer)
    assert victim.everything() == before


def test_another_apps_ids_find_nothing_among_ones_own_pageviews(victim: Victim, strangers: tuple[Site, Site]) -> None:
    own = strangers[0]
    own.pageview(email="own@example.com")
    own.seen(1)
    for filter_ in victim.names_in_filters():
        assert own.row(filter=filter_)["pageviews"] == 0
        assert own.list(filter=filter_)["totalCount"] == 0
        assert own.row(filter={"not": filter_})["pageviews"] == 1
    of_trait = own.report(dimensions=["TRAIT"], trait="secret")["data"]["rows"]
    assert [row["trait"] for row in of_trait] == [""]
    mixed = [own.site, victim.site]
    assert own.report(pixelIds=mixed)["reason"] == own.list(pixelIds=mixed)["reason"] == "PIXEL_NOT_FOUND"


def test_another_apps_cursor_is_of_no_use(victim: Victim, strangers: tuple[Site, Site]) -> None:
    victim.pageview(eventId="victim-second-event")
    victim.seen(2)
    cursor = victim.list(first=1)["pageInfo"]["endCursor"]
    assert victim.list(first=1, after=cursor)["code"] == 200
    assert strangers[0].list(first=1, after=cursor)["reason"] == "INVALID_CURSOR"
    assert strangers[0].list(first=1, after=cursor, pixelIds=[victim.site])["reason"] == "PIXEL_NOT_FOUND"


async def test_another_apps_pageviews_are_not_received_live(victim: Victim, strangers: tuple[Site, Site]) -> None:
    assert SCHEMA.subscription_type
    assert [*SCHEMA.subscription_type.fields] == ["pageviewRecorded"], "a new one is to be tried here too"
    own = strangers[0]
    for pixels in ([victim.site], [own.site, victim.site]):
        async with stream(own.server, auth=own.auth, pixelIds=pixels) as refused:
            _, body = await refused.next()
            assert body["errors"][0]["extensions"] == {"code": 400, "reason": "PIXEL_NOT_FOUND"}
            assert await refused.next() == ("complete", None)
    of_anybody = {"or": [*victim.names_in_filters(), {"on": {"dimension": "PAGE", "is": ["/"]}}]}
    async with stream(own.server, auth=own.auth, filter=of_anybody) as heard:
        await asyncio.to_thread(lambda: victim.pageview(email="victim@example.com", url="https://example.com/"))
        await asyncio.to_thread(lambda: own.pageview(eventId="own-event", url="https://example.com/"))
        assert (await heard.pageview())["eventId"] == "own-event"


def calls(kind: str, name: str, ids: Ids) -> list[dict[str, Any]]:
    """The arguments to try: every argument that is an id, one at a time if it is optional."""
    root = dict(ROOTS)[kind]
    assert root
    arguments = {key: argument for key, argument in root.fields[name].args.items() if key != "auth"}
    common = {
        key: _values(argument.type, key, name, ids)[0]
        for key, argument in arguments.items()
        if is_required_argument(argument)
    }
    calls = []
    for key, argument in arguments.items():
        calls += [{**common, key: value} for value in _values(argument.type, key, name, ids)]
    return calls or [{}]


def _values(type_: Any, key: str, operation: str, ids: Ids) -> list[Any]:
    if key in NEUTRAL:
        return [NEUTRAL[key]]
    if key == "filter":
        return [{"on": {"dimension": "USER", "is": [ids["user"]]}}]
    named = get_named_type(type_)
    listed = isinstance(type_.of_type if isinstance(type_, GraphQLNonNull) else type_, GraphQLList)
    if isinstance(named, GraphQLInputObjectType):
        required = {
            field: _values(of.type, field, operation, ids)[0]
            for field, of in named.fields.items()
            if is_required_input_field(of)
        }
        naming = [field for field in named.fields if field in OWNED or field == "id"]
        objects = [{**required, field: _values(named.fields[field].type, field, operation, ids)[0]} for field in naming]
        return [[one] for one in objects] if listed else objects
    assert isinstance(named, GraphQLScalarType | GraphQLEnumType)
    if key == "id":
        return [ids[ID_OF[operation]]]
    if key in OWNED:
        return [ids[OWNED[key]]]
    return ["nonsense"]


def sent(app: Any, kind: str, name: str, arguments: dict[str, Any], *, auth: bool = True) -> dict[str, Any]:
    root = dict(ROOTS)[kind]
    assert root
    types: dict[str, Any] = {key: root.fields[name].args[key].type for key in arguments}
    passed = [f"{key}: ${key}" for key in arguments]
    if auth and "auth" in root.fields[name].args:
        types, passed = {"auth": "AuthInput", **types}, ["auth: $auth", *passed]
    declared = f"({', '.join(f'${key}: {type_}' for key, type_ in types.items())})" if types else ""
    answer = get_named_type(root.fields[name].type)
    assert isinstance(answer, GraphQLObjectType)
    results = "results { code message reason }" if "results" in answer.fields else ""
    given = f"({', '.join(passed)})" if passed else ""
    return dict(app(f"{kind} {declared} {{ {name}{given} {{ code message reason {results} }} }}", **arguments))
