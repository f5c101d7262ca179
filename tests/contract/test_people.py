"""Section 4 of the contract, from outside: lists of users, and their activity."""

import json
import time
from typing import Any

import pytest

from tests.contract.people import FIGURES, People
from tests.contract.waiting import eventually
from tests.world import Server, World, command, make_world, running


@pytest.fixture
def shop(server: Server) -> People:
    return People(server)


def test_users_are_listed_with_their_contacts_and_activity(shop: People) -> None:
    ann = shop.identify(email="ann@example.com", externalId="a-1", phone="+14155550100", traits={"plan": "pro"})["user"]
    ben = shop.see("/", email="ben@example.com", timestamp=int(time.time()) - 3600)["user"]
    shop.see("/", email="ben@example.com")
    shop.eventually(lambda: shop.figures(id=ben["id"])["pageviewCount"], 2)
    answer = shop.users(FIGURES)
    first, second = answer["nodes"]
    seen_never: dict[str, Any] = {
        "firstPageview": None,
        "lastSeen": None,
        "pageviewCount": 0,
        "sessionCount": 0,
        "pixels": [],
    }
    assert first == {
        **ann,
        "learned": False,
        "emails": ["ann@example.com"],
        "phones": ["+14155550100"],
        **seen_never,
    }
    assert (second["id"], second["learned"], second["pixels"]) == (
        ben["id"],
        True,
        [{"id": shop.site, "name": "Site"}],
    )
    assert (second["pageviewCount"], second["sessionCount"]) == (2, 2)
    assert second["firstPageview"] < second["firstSeen"] <= second["lastSeen"]
    assert (answer["code"], answer["message"], answer["reason"]) == (200, "2 users", None)
    assert [node["id"] for node in answer["data"]["nodes"]] == [ann["id"], ben["id"]]
    assert shop.figures(id=ben["id"]) == {name: second[name] for name in seen_never}


def test_pages_of_users_stay_right_while_users_arrive(shop: People) -> None:
    told = [shop.identify(externalId=f"u-{number}")["user"]["id"] for number in range(7)]
    page = shop.users(first=3)
    pages = [[node["id"] for node in page["nodes"]]]
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (True, False)
    while page["pageInfo"]["hasNextPage"]:
        told += [shop.identify(externalId=f"new-{len(told)}")["user"]["id"]] if len(told) < 9 else []
        page = shop.users(first=3, after=page["pageInfo"]["endCursor"])
        pages.append([node["id"] for node in page["nodes"]])
    assert [id_ for ids in pages for id_ in ids] == told
    newest = shop.users(first=4, orderBy="NEWEST")
    shop.identify(externalId="later")
    rest = shop.users(first=100, orderBy="NEWEST", after=newest["pageInfo"]["endCursor"])
    ids = [node["id"] for page in (newest, rest) for node in page["nodes"]]
    assert ids == told[::-1], "who came later is not in the pages beyond"
    assert [edge["node"]["id"] for edge in rest["edges"]] == ids[4:]
    assert shop.total() == 10
    beyond = shop.users(after=shop.users(first=100)["pageInfo"]["endCursor"])
    assert (beyond["nodes"], beyond["pageInfo"]["hasNextPage"]) == ([], False)


def test_a_user_who_was_merged_is_listed_and_counted_once(shop: People) -> None:
    shop.identify(externalId="a", email="ann@example.com")
    shop.identify(externalId="b", email="ben@example.com")
    shop.identify(email="annie@example.com")
    shop.identify(externalId="a", email="annie@example.com")
    assert shop.found() == ["a", "b"]
    assert shop.total() == 2
    assert shop.found(emailPrefix="annie@") == ["a"], "the addresses of all her ids are hers"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, ["ann", "ben", "cleo"]),
        ({"emailPrefix": ""}, ["ann", "ben", "cleo"]),
        ({"emailPrefix": " ANN@"}, ["ann"]),
        ({"emailPrefix": "ben@example.com"}, ["ben"]),
        ({"emailPrefix": "ben@example.com.au"}, []),
        ({"emailPrefix": "%"}, []),
        ({"emailPrefix": "example"}, []),
        ({"trait": {"name": "plan", "value": "pro"}}, ["ann", "cleo"]),
        ({"trait": {"name": "plan", "value": "p"}}, []),
        ({"trait": {"name": "plan", "value": "PRO"}}, ["ann", "cleo"]),
        ({"trait": {"name": "age", "value": 40}}, ["ann", "ben"]),
        ({"trait": {"name": "age", "value": 40.0}}, ["ann", "ben"]),
        ({"trait": {"name": "age", "value": "40"}}, ["ann", "ben"]),
        ({"trait": {"name": "age", "value": 4}}, []),
        ({"trait": {"name": "vip", "value": True}}, ["ann"]),
        ({"trait": {"name": "vip", "value": False}}, ["cleo"]),
        ({"trait": {"name": "vip", "value": "TRUE"}}, ["ann"]),
        ({"trait": {"name": "vip", "value": 1}}, ["ben"]),
        ({"trait": {"name": "seen", "value": "2026-01-31"}}, ["ann", "ben"]),
        ({"trait": {"name": "seen", "value": "2026-01-31T10:00:00Z"}}, ["ann"]),
        ({"trait": {"name": 'odd "name".x\\', "value": 'odd "value"\n'}}, ["cleo"]),
        ({"trait": {"name": "inner", "value": "pro"}}, []),
        ({"trait": {"name": "big", "value": 10**30}}, ["cleo"]),
        ({"trait": {"name": "plan", "value": "pro"}, "emailPrefix": "cleo"}, ["cleo"]),
        ({"learned": True}, []),
        ({"learned": False}, ["ann", "ben", "cleo"]),
        ({"seenSince": 1}, []),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_what_is_searched_for_is_found(searched: People, search: dict[str, Any], found: list[str]) -> None:
    assert searched.found(**search) == found
    assert searched.total(**search) == len(found)


@pytest.fixture(scope="module")
def searched(server: Server) -> People:
    shop = People(server)
    shop.many(
        {
            "externalId": "ann",
            "email": "ann@example.com",
            "traits": {"plan": "pro", "age": 40, "vip": True, "seen": "2026-01-31T10:00:00Z"},
        },
        {
            "externalId": "ben",
            "email": "ben@example.com",
            "traits": {"plan": "free", "age": "40", "vip": 1, "seen": "2026-01-31"},
        },
        {
            "externalId": "cleo",
            "email": "cleo@example.com",
            "traits": {
                "plan": "pro",
                "vip": False,
                'odd "name".x\\': 'odd "value"\n',
                "deep": {"inner": "pro"},
                "big": 1e30,
            },
        },
    )
    return shop


def test_users_seen_since_a_time_are_found_by_all_their_pageviews(shop: People) -> None:
    now = int(time.time())
    shop.identify(externalId="never")
    shop.identify(externalId="old", email="old@example.com")
    shop.identify(externalId="new", email="new@example.com")
    shop.see("/", externalId="old", timestamp=now - 7200)
    shop.see("/", email="new@work.example", timestamp=now - 60)
    shop.see("/", visitorId="browser", timestamp=now - 60)
    shop.identify(externalId="new", email="new@work.example")  # merges whom the pageview has learned
    shop.eventually(lambda: shop.found(seenSince=now - 3600), ["new"])
    assert shop.found(seenSince=(now - 9000) * 1000) == ["old", "new"]
    assert shop.found(seenSince=str(now - 9000), emailPrefix="old") == ["old"]
    assert shop.total(seenSince=now - 9000) == 2
    shop.identify(externalId="never", visitorId="browser")
    shop.eventually(lambda: shop.found(seenSince=now - 3600), ["never", "new"])
    assert shop.found(seenSince=now + 3600) == []


def test_pageviews_of_a_user_are_listed_newest_first_and_stay_right_while_they_arrive(shop: People) -> None:
    now = int(time.time()) - 1000
    for number in (3, 1, 2, 5, 4):
        shop.see(f"/{number}", email="ann@example.com", timestamp=now + number, properties={"n": number})
    for twin in ("/6", "/7"):
        shop.see(twin, email="ann@example.com", timestamp=now + 6)
    by = {"email": "ann@example.com"}
    eventually(lambda: len(shop.pages(**by)), 7)
    page = shop.listed("userPageviews", "eventId url properties timestamp pixelId userAgent", by, first=2)
    assert [node["url"] for node in page["nodes"]] == ["/7", "/6"]
    assert (page["message"], page["totalCount"], page["nodes"][0]["userAgent"]) == ("2 of 7", 7, None)
    assert page["nodes"][0]["pixelId"] == shop.site
    assert page["data"]["nodes"][0]["timestamp"] == page["nodes"][0]["timestamp"]
    shop.see("/8", email="ann@example.com", timestamp=now + 8)
    eventually(lambda: len(shop.pages(**by)), 8)
    seen = []
    while page["pageInfo"]["hasNextPage"]:
        page = shop.listed("userPageviews", "url", by, first=2, after=page["pageInfo"]["endCursor"])
        seen += [node["url"] for node in page["nodes"]]
    assert seen == ["/5", "/4", "/3", "/2", "/1"]
    one = shop.listed("userPageviews", "url", by, first=1)
    two = shop.listed("userPageviews", "url", by, first=1, after=one["pageInfo"]["endCursor"])
    three = shop.listed("userPageviews", "url", by, first=1, after=two["pageInfo"]["endCursor"])
    assert (two["nodes"], three["nodes"]) == ([{"url": "/7"}], [{"url": "/6"}]), "a cursor lies between two of one time"


def test_one_is_counted_as_one_and_two_as_two(shop: People) -> None:
    shop.see("/a", email="ann@example.com")
    eventually(lambda: len(shop.pages(email="ann@example.com")), 1)
    ann, bob = {"email": "ann@example.com"}, {"email": "bob@example.com"}
    asked: tuple[tuple[str, str, str, Any, str], ...] = (
        ("query", "userSessions", "by: UserSelector!", ann, "1 session"),
        ("query", "userPageviews", "by: UserSelector!", ann, "1 pageview"),
        ("query", "users", "first: Int", 2, "1 user"),
        ("mutation", "identifyMany", "users: [UserInput!]!", [ann], "1 of 1 user taken"),
        ("mutation", "identifyMany", "users: [UserInput!]!", [ann, bob], "2 of 2 users taken"),
        ("mutation", "suppress", "contacts: [ContactInput!]!", [bob], "1 of 1 contact suppressed"),
        ("mutation", "pageviews", "events: [PageviewEventInput!]!", [], "0 of 0 pageviews recorded"),
    )
    for kind, what, argument, value, says in asked:
        name = argument.partition(":")[0]
        answer = shop(
            f"{kind} ($auth: AuthInput, ${argument}) {{ {what}(auth: $auth, {name}: ${name}) {{ message }} }}",
            **{name: value},
        )
        assert answer["message"] == says


def test_sessions_of_a_user_are_listed_newest_first(shop: People) -> None:
    now = int(time.time()) - 86_400
    for minutes, url in ((0, "/a"), (29, "/b"), (60, "/c"), (200, "/d")):
        shop.see(url, email="ann@example.com", timestamp=now + minutes * 60)
    by, fields = {"email": "ann@example.com"}, "startedAt endedAt pageviewCount entryUrl exitUrl"
    eventually(lambda: len(shop.pages(**by)), 4)
    page = shop.listed("userSessions", fields, by, first=2)
    assert [(node["entryUrl"], node["exitUrl"], node["pageviewCount"]) for node in page["nodes"]] == [
        ("/d", "/d", 1),
        ("/c", "/c", 1),
    ]
    assert (page["totalCount"], page["data"]["nodes"]) == (3, page["nodes"])
    (last,) = shop.listed("userSessions", fields, by, after=page["pageInfo"]["endCursor"])["nodes"]
    assert (last["entryUrl"], last["exitUrl"], last["pageviewCount"]) == ("/a", "/b", 2)
    assert last["startedAt"] < last["endedAt"]
    assert shop.figures(**by)["sessionCount"] == 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"first": 0}, "INVALID_PAGE"),
        ({"first": 101}, "INVALID_PAGE"),
        ({"first": -1}, "INVALID_PAGE"),
        ({"after": "nonsense"}, "INVALID_CURSOR"),
        ({"after": "cGl4ZWxzOjE"}, "INVALID_CURSOR"),  # pixels:1
        ({"after": "dXNlcnM6OTk5OTk5OTk5OTk5OTk5OTk5OQ"}, "INVALID_CURSOR"),  # users:9999999999999999999
        ({"search": {"trait": {"name": "a", "value": [1]}}}, "INVALID_SEARCH"),
        ({"search": {"trait": {"name": "a", "value": {"b": 1}}}}, "INVALID_SEARCH"),
        ({"search": {"trait": {"name": "a\0", "value": 1}}}, "INVALID_TEXT"),
        ({"search": {"trait": {"name": "a" * 257, "value": 1}}}, "FIELD_TOO_LONG"),
        ({"search": {"emailPrefix": "a" * 257}}, "FIELD_TOO_LONG"),
        ({"search": {"emailPrefix": "a\0"}}, "INVALID_TEXT"),
        ({"search": {"seenSince": "yesterday"}}, "INVALID_SEARCH"),
        ({"search": {"seenSince": -1}}, "INVALID_SEARCH"),
        ({"search": {"seenSince": 1e300}}, "INVALID_SEARCH"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_a_list_that_cannot_be_made_is_refused(searched: People, arguments: dict[str, Any], reason: str) -> None:
    answer = searched.users(**arguments)
    assert (answer["code"], answer["reason"], answer["data"], answer["nodes"]) == (400, reason, {}, None)


@pytest.mark.parametrize("what", ["userPageviews", "userSessions"])
@pytest.mark.parametrize(
    ("by", "page", "reason"),
    [
        ({"email": "nobody@example.com"}, {}, "USER_NOT_FOUND"),
        ({}, {}, "INVALID_SELECTOR"),
        ({"externalId": "ann"}, {"first": 0}, "INVALID_PAGE"),
        ({"externalId": "ann"}, {"after": "dXNlcnM6MQ"}, "INVALID_CURSOR"),  # users:1
    ],
)
def test_an_invalid_question_for_a_users_pageviews_or_sessions_is_refused(
    searched: People, what: str, by: dict[str, Any], page: dict[str, Any], reason: str
) -> None:
    answer = searched.listed(what, "pageviewCount" if what == "userSessions" else "url", by, **page)
    assert (answer["code"], answer["reason"], answer["data"], answer["nodes"]) == (400, reason, {}, None)


def test_without_the_event_store_users_are_listed_and_their_activity_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = make_world(tmp_path_factory.mktemp("away") / "data")
    with running(world.with_key, events_url="clickhouse://127.0.0.1:1") as server:
        shop = People(server)
        shop.identify(externalId="ann", visitorId="browser")
        assert [node["externalId"] for node in shop.users()["nodes"]] == ["ann"]
        assert shop.user(externalId="ann")["code"] == 200
        for answer in (
            shop.users("lastSeen"),
            shop.users(search={"seenSince": 1}),
            shop.users("sessionCount"),
            shop.listed("userPageviews", "url", {"externalId": "ann"}),
            shop.listed("userSessions", "entryUrl", {"externalId": "ann"}),
        ):
            assert (answer["code"], answer["reason"], answer["data"]) == (500, "EVENT_STORE_UNAVAILABLE", {})
            assert "127.0.0.1" not in answer["message"]
        until = time.monotonic() + 20
        while "could not be applied to the event store and wait in the directory" not in server.log.read_text():
            assert time.monotonic() < until
            time.sleep(0.1)


def test_the_commands_list_and_export_the_people_of_an_app(world: World) -> None:
    app = ("--app", world.app_id)
    for number, plan in ((1, '"pro"'), (2, '"free"'), (3, '"pro"')):
        command(
            world,
            *("users", "identify", *app, "--external-id", f"u-{number}", "--email", f"u{number}@example.com"),
            *("--traits", f'{{"plan":{plan}}}'),
        )

    def listed(*words: str) -> list[str]:
        return [each["externalId"] for each in json.loads(command(world, "users", "list", *app, *words, "--json"))]

    assert listed() == ["u-1", "u-2", "u-3"]
    assert listed("--limit", "2") == ["u-1", "u-2"]
    assert listed("--email-prefix", "u2@") == ["u-2"]
    assert listed("--trait", 'plan="pro"') == ["u-1", "u-3"]
    assert listed("--learned") == []
    assert listed("--told", "--trait", "plan=free") == ["u-2"], "a value that is not JSON is a string"
    assert listed("--trait", "plan=Free") == ["u-2"]
    assert "u2@example.com" in command(world, "users", "list", *app)
    for words in (("--limit", "0"), ("--trait", "plan"), ("--trait", "plan=[1]")):
        command(world, "users", "list", *app, *words, expect=2)

    lines = [json.loads(line) for line in command(world, "users", "export", *app).splitlines()]
    assert [(line["externalId"], line["emails"], line["traits"]) for line in lines] == [
        ("u-1", ["u1@example.com"], {"plan": "pro"}),
        ("u-2", ["u2@example.com"], {"plan": "free"}),
        ("u-3", ["u3@example.com"], {"plan": "pro"}),
    ]
    columns = "id,externalId,emails,phones,traits,firstSeen,learned,furtherExternalIds"
    assert ",".join(lines[0]) == columns
    for kind in ("csv", "parquet"):
        file = world.folder.parent / f"users.{kind}"
        command(world, "users", "export", *app, "--format", kind, "--output", str(file))
        assert file.stat().st_size > 100
    header, first, *_ = (world.folder.parent / "users.csv").read_text().splitlines()
    assert header == columns
    assert '"[""u1@example.com""]"' in first
    command(world, "users", "export", "--app", "app_nobody", expect=7)
