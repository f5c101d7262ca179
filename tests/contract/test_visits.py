"""Section 6 of the contract, from outside: where from is the visit's, and where people first came from."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.beaconing import VISITOR, headers_of
from tests.contract.reporting import Site
from tests.world import Server, World, command, make_world, running

GOOGLE, PAYPAL = "https://www.google.com/", "https://www.paypal.com/checkoutnow"
HOME = "https://example.com/"
NEWSLETTER = f"{HOME}?utm_source=news&utm_medium=email&utm_campaign=may"
NOW = int(time.time())
FIRST_SOURCE = "firstSource { at source channel referrer utmSource utmMedium utmCampaign utmTerm utmContent }"


class Shop(Site):
    """An app whose visitors come by visits of pages in a row."""

    def visit(self, visitor: str, *pages: tuple[str, str], minutes_ago: int = 60, **more: Any) -> None:
        """A visit: its pages and their referrers, a minute apart."""
        for page, (url, referrer) in enumerate(pages):
            at = NOW + 60 * (page - minutes_ago)
            self.see(url, visitorId=visitor, referrer=referrer, timestamp=at, **more)

    def return_host(self, what: str, host: str) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $pixel: Int!, $host: String!)"
            f" {{ {what}(auth: $auth, pixelId: $pixel, host: $host)"
            " { code message reason pixel { returnHosts } } }",
            pixel=self.site,
            host=host,
        )

    def first_source(self, **by: Any) -> dict[str, Any] | None:
        found = self(
            "query ($auth: AuthInput, $by: UserSelector!)"
            f" {{ user(auth: $auth, by: $by) {{ user {{ {FIRST_SOURCE} }} }} }}",
            by=by,
        )["user"]["firstSource"]
        return dict(found) if found else None


@pytest.fixture
def shop(server: Server) -> Shop:
    return Shop(server)


def test_which_channels_brought_those_who_signed_up(shop: Shop) -> None:
    shop.visit("ann", (HOME, GOOGLE), (f"{HOME}prices", HOME), (f"{HOME}signup", f"{HOME}prices"))
    shop.visit("ben", (NEWSLETTER, ""), (f"{HOME}signup", HOME))
    shop.visit("cleo", (HOME, ""), (f"{HOME}signup", HOME))
    shop.visit("dora", (HOME, GOOGLE))
    shop.seen(8)
    signed_up = {"filter": {"on": {"dimension": "PAGE", "is": ["/signup"]}}}
    assert shop.by("CHANNEL", "channel", **signed_up) == {"ORGANIC_SEARCH": 1, "EMAIL": 1, "DIRECT": 1}
    assert shop.by("CHANNEL", "channel") == {"ORGANIC_SEARCH": 4, "EMAIL": 2, "DIRECT": 2}
    of_google = {"filter": {"on": {"dimension": "CHANNEL", "is": ["ORGANIC_SEARCH"]}}}
    assert shop.by("PAGE", "page", **of_google) == {"/": 2, "/prices": 1, "/signup": 1}
    said = command(
        shop.server.world, "report", "--pixel", str(shop.site), "--by", "channel", "--filter", "page=/signup", "--json"
    )
    assert {row["channel"]: row["pageviews"] for row in json.loads(said)["rows"]} == {
        "ORGANIC_SEARCH": 1,
        "EMAIL": 1,
        "DIRECT": 1,
    }


def test_a_return_from_a_payment_page_begins_neither_a_new_source_nor_a_new_visit(shop: Shop) -> None:
    shop.visit("ann", (NEWSLETTER, ""), (f"{HOME}cart", HOME), (f"{HOME}thanks", PAYPAL))
    shop.seen(3)
    (row,) = shop.report(dimensions=["CHANNEL"], metrics=["SESSIONS", "PAGEVIEWS"])["rows"]
    assert (row["channel"], row["sessions"], row["pageviews"]) == ("EMAIL", 1, 3)


def test_a_payment_page_of_ones_own_is_no_source_once_the_pixel_says_so(shop: Shop) -> None:
    own = "https://pay.bank.example/done"
    shop.visit("before", (f"{HOME}thanks", own))
    shop.seen(1)
    assert shop.by("SOURCE", "source") == {"pay.bank.example": 1}
    answers = [
        shop.return_host(what, "Pay.Bank.example")
        for what in ("addReturnHost", "addReturnHost", "removeReturnHost", "removeReturnHost", "addReturnHost")
    ]
    assert [answer["message"] for answer in answers] == [
        "Host added",
        "Host was already there",
        "Host removed",
        "Host was not there",
        "Host added",
    ]
    assert answers[-1]["pixel"] == {"returnHosts": ["pay.bank.example"]}
    shop.visit("after", (HOME, GOOGLE), (f"{HOME}thanks", own))
    shop.seen(3)
    assert shop.by("SOURCE", "source") == {"pay.bank.example": 1, "Google": 2}
    command(shop.server.world, "reprocess", "--all")
    assert shop.by("CHANNEL", "channel") == {"INTERNAL": 1, "ORGANIC_SEARCH": 2}


@pytest.mark.parametrize("host", ["co.uk", "no host", "", "*.example.com"])
def test_a_return_host_is_a_host_name_that_belongs_to_somebody(shop: Shop, host: str) -> None:
    answer = shop.return_host("addReturnHost", host)
    assert (answer["code"], answer["reason"], answer["pixel"]) == (400, "HOST_UNUSABLE", None)


def test_return_hosts_are_added_and_removed_by_a_command(shop: Shop) -> None:
    world, pixel = shop.server.world, str(shop.site)
    said = [command(world, "return-hosts", what, "pay.example", "--pixel", pixel) for what in ("add", "add", "remove")]
    assert said == ["pay.example: added\n", "pay.example: was there already\n", "pay.example: removed\n"]


SEEN = """
    query ($auth: AuthInput, $pixels: [Int!]!, $filter: FilterInput) {
        users(auth: $auth, seen: { pixelIds: $pixels, filter: $filter }) { code nodes { emails } } }
"""


def test_lists_and_exports_are_filtered_by_where_visits_came_from_as_reports_are(shop: Shop) -> None:
    shop.visit("ann", (HOME, GOOGLE), (f"{HOME}tea", HOME), email="ann@a.example")
    shop.visit("ben", (NEWSLETTER, ""), (f"{HOME}tea", HOME), email="ben@b.example")
    shop.seen(4)
    for dimension, value, page in (("CHANNEL", "EMAIL", NEWSLETTER), ("ENTRY_PAGE", "/", HOME)):
        on = {"on": {"dimension": dimension, "is": [value]}}
        ben = {"and": [on, {"on": {"dimension": "UTM_CAMPAIGN", "is": ["may"]}}]}
        listed = shop.list(filter=ben)
        assert [node["url"] for node in listed["nodes"]] == [f"{HOME}tea", NEWSLETTER], page
        assert (listed["totalCount"], shop.row(filter=ben)["pageviews"]) == (2, 2)
        assert shop(SEEN, pixels=[shop.site], filter=ben)["nodes"] == [{"emails": ["ben@b.example"]}]
    words = ("--pixel", str(shop.site), "--filter", "source=Google", "--filter", "entry-page=/")
    exported = command(shop.server.world, "pageviews", "export", *words).splitlines()
    assert [json.loads(line)["url"] for line in exported] == [HOME, f"{HOME}tea"]


SOURCE = "visitSource { source channel referrer utmCampaign }"
LISTS = f"""
    query ($auth: AuthInput, $pixels: [Int!]!, $by: UserSelector!) {{
        pageviews(auth: $auth, pixelIds: $pixels) {{ code message nodes {{ url channel {SOURCE} }} }}
        userPageviews(auth: $auth, by: $by) {{ code message nodes {{ url channel {SOURCE} }} }}
        userSessions(auth: $auth, by: $by) {{ code message data nodes {{ {SOURCE} }} }}
        userTimeline(auth: $auth, by: $by) {{
            code message nodes {{ session {{ {SOURCE} }} pageviews {{ url channel {SOURCE} }} }} }}
    }}
"""


def test_lists_have_where_the_visit_came_from_beside_what_each_pageview_said(shop: Shop) -> None:
    shop.visit("ann", (HOME, ""), (f"{HOME}tea", HOME), minutes_ago=300)
    shop.visit("ann", (NEWSLETTER, ""), (f"{HOME}tea", HOME), minutes_ago=120, email="ann@a.example")
    shop.visit("ann", (f"{HOME}late", HOME))
    shop.visit("", (f"{HOME}nobody", GOOGLE))
    shop.seen(6)
    news = {"source": "news", "channel": "EMAIL", "referrer": None, "utmCampaign": "may"}
    direct, inside = ({"source": None, "channel": kind, "referrer": None, "utmCampaign": None}
                      for kind in ("DIRECT", "INTERNAL"))  # fmt: skip
    google = {"source": "Google", "channel": "ORGANIC_SEARCH", "referrer": "www.google.com", "utmCampaign": None}
    answer = shop.server.graphql(LISTS, {"auth": shop.auth, "pixels": [shop.site], "by": {"email": "ann@a.example"}})
    lists = answer["data"]
    of_ann = [("INTERNAL", inside), ("INTERNAL", news), ("EMAIL", news), ("INTERNAL", direct), ("DIRECT", direct)]

    def sources(nodes: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
        return [(node["channel"], node["visitSource"]) for node in nodes if not node["url"].endswith("nobody")]

    assert sources(lists["pageviews"]["nodes"]) == sources(lists["userPageviews"]["nodes"]) == of_ann
    assert [node["visitSource"] for node in lists["pageviews"]["nodes"] if node["url"].endswith("nobody")] == [google]
    assert [node["visitSource"] for node in lists["userSessions"]["nodes"]] == [inside, news, direct]
    visits = [node for node in lists["userTimeline"]["nodes"] if node["session"]]
    assert [visit["session"]["visitSource"] for visit in visits] == [inside, news, direct]
    assert sources([seen for visit in visits for seen in visit["pageviews"]]) == of_ann


def test_a_list_keeps_what_each_pageview_said_and_names_the_dimension_for_it(shop: Shop) -> None:
    shop.visit("ann", (HOME, GOOGLE), (f"{HOME}tea", HOME))
    shop.seen(2)
    assert shop.by("PAGEVIEW_CHANNEL", "pageviewChannel") == {"ORGANIC_SEARCH": 1, "INTERNAL": 1}
    listed = shop.list(filter={"on": {"dimension": "PAGEVIEW_CHANNEL", "is": ["INTERNAL"]}})
    assert [node["url"] for node in listed["nodes"]] == [f"{HOME}tea"]


def test_a_user_keeps_where_they_first_came_from_with_their_anonymous_visits_and_merges(shop: Shop) -> None:
    shop.visit("browser", (NEWSLETTER, ""), (f"{HOME}signup", HOME), minutes_ago=3 * 24 * 60)
    shop.visit("phone", (HOME, GOOGLE), minutes_ago=24 * 60, email="ann@example.com")
    shop.seen(3)
    first = shop.first_source(email="ann@example.com")
    assert first
    assert (first["source"], first["channel"], first["referrer"]) == ("Google", "ORGANIC_SEARCH", "www.google.com")
    shop.visit("browser", (f"{HOME}login", ""), email="ann@work.example")
    shop.seen(4)
    of_browser = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(NOW - 3 * 86_400)),
        "source": "news",
        "channel": "EMAIL",
        "referrer": None,
        "utmSource": "news",
        "utmMedium": "email",
        "utmCampaign": "may",
        "utmTerm": None,
        "utmContent": None,
    }
    shop.eventually(lambda: shop.first_source(email="ann@work.example"), of_browser)  # she was anonymous then
    merged = shop(
        "mutation ($auth: AuthInput, $one: UserSelector!, $other: UserSelector!)"
        " { mergeUsers(auth: $auth, one: $one, other: $other) { merges { id } } }",
        one={"email": "ann@example.com"},
        other={"email": "ann@work.example"},
    )
    shop.eventually(lambda: shop.first_source(email="ann@example.com"), of_browser)
    shop(
        "mutation ($auth: AuthInput, $id: ID!) { unmerge(auth: $auth, id: $id) { code } }", id=merged["merges"][0]["id"]
    )
    shop.eventually(lambda: shop.first_source(email="ann@example.com"), first)


def test_who_was_here_says_where_they_first_came_from_and_is_searched_by_what_pageviews_say(shop: Shop) -> None:
    shop.visit("ann", (NEWSLETTER, ""), (f"{HOME}signup", HOME), email="ann@example.com")
    shop.visit("ben", (HOME, GOOGLE), email="ben@example.com")
    shop.seen(3)

    def here(dimension: str, channel: str) -> dict[str, Any]:
        filter_ = {"on": {"dimension": dimension, "is": [channel]}}
        return shop(
            "query ($auth: AuthInput, $seen: SeenInput) { users(auth: $auth, orderBy: LAST_SEEN, seen: $seen)"
            " { code message nodes { emails firstSource { channel } } } }",
            seen={"pixelIds": [shop.site], "filter": filter_},
        )

    ann = {"emails": ["ann@example.com"], "firstSource": {"channel": "EMAIL"}}
    shop.eventually(lambda: here("PAGEVIEW_CHANNEL", "EMAIL")["nodes"], [ann])
    assert here("PAGEVIEW_CHANNEL", "INTERNAL")["nodes"] == [ann], "her second pageview"
    assert here("CHANNEL", "EMAIL")["nodes"] == [ann]
    assert here("CHANNEL", "INTERNAL")["nodes"] == [], "her visit came from elsewhere"


def test_the_anonymous_visits_of_a_browser_that_was_taken_from_a_user_no_longer_say_where_they_came_from(
    shop: Shop,
) -> None:
    shop.visit("library", (NEWSLETTER, ""), minutes_ago=300)
    shop.visit("library", (HOME, GOOGLE), minutes_ago=200, email="ann@example.com")
    shop.seen(2)

    def channel() -> str | None:
        source = shop.first_source(email="ann@example.com")
        return source["channel"] if source else None

    shop.eventually(channel, "EMAIL")
    unlinked = shop(
        "mutation ($auth: AuthInput, $by: UserSelector!, $browser: String!)"
        " { unlink(auth: $auth, by: $by, visitorId: $browser) { code unlink { id } } }",
        by={"email": "ann@example.com"},
        browser="library",
    )
    assert unlinked["code"] == 200
    shop.eventually(channel, "ORGANIC_SEARCH")  # of the pageview with her address, which stays hers
    shop("mutation ($auth: AuthInput, $id: ID!) { relink(auth: $auth, id: $id) { code } }", id=unlinked["unlink"]["id"])
    shop.eventually(channel, "EMAIL")


def test_without_the_event_store_the_first_source_is_null_and_the_message_says_so(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = make_world(tmp_path_factory.mktemp("away") / "data")
    with running(world.with_key, events_url="clickhouse://127.0.0.1:1") as server:
        shop = Shop(server)
        shop.identify(externalId="ann")
        answer = shop.users("firstSource { source }")
        assert (answer["code"], answer["nodes"][0]["externalId"], answer["nodes"][0]["firstSource"]) == (
            200,
            "ann",
            None,
        )
        assert answer["message"].startswith("1 user. firstSource cannot be read now: the event store is not reachable")


def test_consent_that_is_given_on_the_landing_page_keeps_where_the_user_came_from(shop: Shop) -> None:
    page = {"pixelId": shop.site, "url": NEWSLETTER, "referrer": GOOGLE, "title": "Home"}
    first, again = secrets.token_hex(16), secrets.token_hex(16)
    given = {"id": again, "replaces": first, "event": "consent", "consent": True, "visitorId": VISITOR}
    for beacon in ({"id": first}, given):
        answer = httpx.post(
            f"{shop.server.url}/collect", json=page | beacon, headers=headers_of("https://example.com"), verify=False
        )
        assert answer.status_code == 204
    shop.see(f"{HOME}signup", visitorId=VISITOR, email="ann@example.com", referrer=HOME)
    shop.seen(2)
    source = shop.first_source(email="ann@example.com")
    assert source
    assert (source["channel"], source["utmCampaign"], source["referrer"]) == ("EMAIL", "may", "www.google.com")
    assert shop.by("CHANNEL", "channel") == {"EMAIL": 2}


def test_the_commands_show_where_users_first_came_from_with_and_without_a_server(world: World) -> None:
    app = ("--app", world.app_id)
    with running(world) as server:
        assert server.pageview(email="ann@example.com", url=NEWSLETTER)["code"] == 200
        shown = json.loads(command(world, "users", "show", *app, "--email", "ann@example.com", "--json"))
        source = shown["firstSource"]
        assert (source["source"], source["channel"], source["utmCampaign"]) == ("news", "EMAIL", "may")
        listed = json.loads(command(world, "users", "list", *app, "--first-source", "--json"))
        assert [row["firstSource"] for row in listed if "ann@example.com" in row["emails"]] == [source]
    shown = json.loads(command(world, "users", "show", *app, "--email", "ann@example.com", "--json"))
    assert shown["firstSource"] == source
    assert "news, may" in command(world, "users", "list", *app, "--first-source")


def test_imported_pageviews_have_the_sources_of_their_visits_too(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "past.jsonl"
    at = (NOW - 86_400) * 1000
    rows = [
        {"timestamp": at, "url": NEWSLETTER, "domain": "example.com", "visitorId": "ann"},
        {
            "timestamp": at + 60_000,
            "url": f"{HOME}signup",
            "referrer": HOME,
            "domain": "example.com",
            "visitorId": "ann",
        },
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command(shop.server.world, "pageviews", "import", str(file), "--pixel", str(shop.site))
    shop.seen(2)
    assert shop.by("UTM_CAMPAIGN", "utmCampaign", filter={"on": {"dimension": "PAGE", "is": ["/signup"]}}) == {"may": 1}
