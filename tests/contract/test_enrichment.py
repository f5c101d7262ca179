"""Enrichment through a real server: what is derived is right, and no secret is stored."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from heropixel.enrichment import RULES
from tests.contract.beaconing import collect
from tests.contract.waiting import eventually
from tests.enrichment.mmdb import write
from tests.launcher import ended, launch, run
from tests.world import PAGEVIEW, Server, World, command, exported, make_world, running

SEEN = """
query Seen($auth: AuthInput, $by: UserSelector!) {
  userPageviews(auth: $auth, by: $by) {
    code data
    nodes {
      hostname path query utmSource utmMedium referrerHost source channel browser browserVersion os osVersion device
      bot botReasons rules country region city
    }
  }
}
"""

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


def seen(server: Server, **by: str) -> list[dict[str, Any]]:
    answer = server.graphql(SEEN, {"auth": server.world.auth, "by": by})["data"]["userPageviews"]
    assert answer["code"] == 200, answer
    nodes: list[dict[str, Any]] = answer["nodes"]
    return nodes


def test_a_pageview_has_its_source_browser_and_device(server: Server) -> None:
    given = {
        "url": "https://www.example.com/tea?utm_source=fb&utm_medium=paid&page=2",
        "referrer": "https://l.facebook.com/",
        "userAgent": CHROME,
    }
    ann = server.pageview(email="ann@tea.example", **given)["user"]["id"]
    server.catch_up()
    eventually(lambda: len(seen(server, id=ann)), 1)
    (node,) = seen(server, id=ann)
    assert node == {
        "hostname": "www.example.com",
        "path": "/tea",
        "query": "utm_source=fb&utm_medium=paid&page=2",
        "utmSource": "fb",
        "utmMedium": "paid",
        "referrerHost": "l.facebook.com",
        "source": "Facebook",
        "channel": "PAID_SOCIAL",
        "browser": "Chrome",
        "browserVersion": "140",
        "os": "Windows",
        "osVersion": None,
        "device": "DESKTOP",
        "bot": None,
        "botReasons": [],
        "rules": RULES,
        **dict.fromkeys(("country", "region", "city")),
    }


def test_bots_are_kept_and_named_with_the_reasons(server: Server) -> None:
    ben = server.pageview(email="ben@tea.example", userAgent="GPTBot/1.2")["user"]["id"]
    server.pageview(email="ben@tea.example", userAgent="curl/8.5.0")
    server.catch_up()
    eventually(lambda: len(seen(server, id=ben)), 2)
    assert [(node["bot"], node["botReasons"]) for node in seen(server, id=ben)] == [
        ("BOT", ["LISTED"]),
        ("AI_AGENT", ["AI_AGENT", "LISTED"]),
    ]


SECRETS = {
    "s3cr3tT0k3n": {"url": "https://example.com/reset?token=s3cr3tT0k3n&page=2"},
    "oauthC0de77": {"referrer": "https://login.example/cb?code=oauthC0de77"},
    "fragm3ntT0k3n": {"canonical": "https://example.com/#access_token=fragm3ntT0k3n"},
    "p4ssw0rdHere": {"url": "https://anna:p4ssw0rdHere@example.com/"},
    "dora.private": {"url": "https://example.com/?q=dora.private%40tea.example"},
    "emil.private": {"referrer": "https://example.org/unsubscribe/emil.private@tea.example"},
    "fritz.private": {"utmContent": "fritz.private@tea.example"},
    "Zx81Qp92Lm73Rk64Tn55": {"url": "https://example.com/?x=Zx81Qp92Lm73Rk64Tn55"},
    "203.0.113.77": {"ip": "203.0.113.77"},
    "2001:db8:77::1": {"ip": "2001:db8:77::1"},
}


def test_no_secret_and_no_ip_address_is_ever_on_the_disk(world: World, tmp_path: Path) -> None:
    places = write(tmp_path / "places.mmdb", {"203.0.113.0/24": {"country": {"iso_code": "DE"}}})
    with running(world, places=str(places)) as server:
        for given in SECRETS.values():
            assert server.pageview(**given)["code"] == 200
        assert_nowhere(world, server)  # in the journal, before they are loaded
        server.loaded(len(SECRETS))
        rows = exported(world)
        assert_nowhere(world, server)
        server.stop()
    assert_nowhere(world, server)
    assert len(rows) == len(SECRETS)
    for secret in SECRETS:
        assert secret not in json.dumps(rows), "what is compressed on the disk is read here"
    assert [row["country"] for row in rows if row.get("country")] == ["DE"]
    assert "https://example.com/reset?page=2" in [row.get("url") for row in rows]


def assert_nowhere(world: World, server: Server) -> None:
    files = [server.log, *(file for file in world.folder.rglob("*") if file.is_file())]
    for file in files:
        try:
            content = file.read_bytes()
        except FileNotFoundError:  # a part that was merged meanwhile
            continue
        for secret in SECRETS:
            assert secret.encode() not in content, f"{secret} in {file}"


def test_a_place_comes_from_the_event_or_else_its_ip_or_else_the_proxy_or_else_the_time_zone_and_says_so(
    world: World, tmp_path: Path
) -> None:
    berlin = {"country": {"iso_code": "DE"}, "city": {"names": {"en": "Berlin"}}}
    settings = {
        "places": str(write(tmp_path / "places.mmdb", {"203.0.113.0/24": berlin})),
        "trusted_proxies": "127.0.0.0/8",
        "place_headers": "X-Country, X-Region, X-City",
    }
    headers = {"X-Country": "fr", "X-Region": "Bretagne", "X-City": "Brest"}
    with running(world, wait=True, **settings) as server:
        for event_id, given in [
            ("given", {"country": "SE", "ip": "203.0.113.1"}),
            ("by address", {"ip": "203.0.113.1"}),
            ("unknown address", {"ip": "198.51.100.1"}),
            ("by address, not by zone", {"ip": "203.0.113.1", "timezone": "Asia/Tokyo"}),
            ("by zone", {"ip": "198.51.100.1", "timezone": "Asia/Tokyo"}),
            ("no country's zone", {"ip": "198.51.100.1", "timezone": "UTC"}),
            ("by proxy", {}),
        ]:
            event = {"pixelId": world.pixel, "domain": "example.com", "eventId": event_id, **given}
            variables = {"auth": world.auth, "event": event}
            answer = server.http.post("/graphql", json={"query": PAGEVIEW, "variables": variables}, headers=headers)
            assert answer.json()["data"]["pageview"]["code"] == 200
        server.loaded(7)
        rows = exported(world)
        by_basis = json.loads(command(world, "report", "--by", "place-basis", "--metric", "pageviews", "--json"))
        zoned = ["--filter", "place-basis=TIMEZONE", "--by", "country", "--json"]
        by_zone = json.loads(command(world, "report", *zoned))
    places = {row["eventId"]: [row.get(name) for name in ("country", "city", "placeBasis")] for row in rows}
    assert places == {
        "given": ["SE", None, "GIVEN"],
        "by address": ["DE", "Berlin", "ADDRESS"],
        "unknown address": [None, None, None],
        "by address, not by zone": ["DE", "Berlin", "ADDRESS"],
        "by zone": ["JP", None, "TIMEZONE"],
        "no country's zone": [None, None, None],
        "by proxy": ["FR", "Brest", "HEADER"],
    }
    counts = {row["placeBasis"]: row["pageviews"] for row in by_basis["rows"]}
    assert counts == {"GIVEN": 1, "ADDRESS": 2, "HEADER": 1, "TIMEZONE": 1, "": 2}
    assert [row["country"] for row in by_zone["rows"]] == ["JP"]
    file = tmp_path / "again.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    other = make_world(tmp_path / "other")
    command(other, "pageviews", "import", str(file))
    again = {row["eventId"]: [row.get(name) for name in ("country", "city", "placeBasis")] for row in exported(other)}
    assert again == places, "an import keeps them"


def test_a_page_whose_server_knows_no_places_tells_the_country_by_the_browsers_time_zone(server: Server) -> None:
    site = "https://example.com"
    assert collect(server, site, url=f"{site}/zoned", timezone="America/Sao_Paulo").status_code == 204
    of_page = [
        "--pixel",
        str(server.world.pixel),
        "--filter",
        "page=/zoned",
        "--by",
        "country",
        "--by",
        "place-basis",
        "--json",
    ]
    server.catch_up()
    eventually(lambda: len(json.loads(command(server.world, "report", *of_page))["rows"]), 1)
    (row,) = json.loads(command(server.world, "report", *of_page))["rows"]
    assert (row["country"], row["placeBasis"]) == ("BR", "TIMEZONE")


def test_headers_of_a_proxy_that_is_not_trusted_mean_nothing(world: World) -> None:
    with running(world, trusted_proxies="10.0.0.0/8", place_headers="X-Country") as server:
        server.http.headers["X-Country"] = "FR"
        assert server.pageview()["code"] == 200
        server.loaded(1)
        assert exported(world)[0].get("country") is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"HEROPIXEL_PLACES": "/nowhere/places.mmdb"}, "cannot be read as a file of places"),
        ({"HEROPIXEL_TRUSTED_PROXIES": "proxy", "HEROPIXEL_PLACE_HEADERS": "X"}, "HEROPIXEL_TRUSTED_PROXIES cannot be"),
    ],
)
def test_unusable_settings_of_places_are_reported_at_the_start(
    world: World, settings: dict[str, str], says: str
) -> None:
    assert says in command(world, "serve", "--port", "0", expect=2, **settings)


# --- reprocessed ---

# In another process: an engine opens one folder a process.
CHANGE = """
import sys
from heropixel.events import Events
Events(sys.argv[1]).change(sys.argv[2])
"""
MANY = """
import sys
from heropixel.events import Events
events = Events(sys.argv[1])
columns = "app, pixel_id, timestamp, received, event_id, resolution, domain, journal_position, url, user_agent, rules"
events.change(
    f"INSERT INTO heropixel.pageviews ({columns}) SELECT 1, 1, toDateTime(1780000000 + number * 100),"
    " toDateTime(1780000000), concat('many-', toString(number)), 'FOUND', 'example.com', 1000000 + number,"
    " concat('https://example.com/', toString(number), '?utm_source=fb'), 'curl/8.5.0', 'old'"
    f" FROM numbers({sys.argv[2]})"
)
"""


def as_other_rules_had_it(world: World) -> None:
    statement = "ALTER TABLE heropixel.pageviews UPDATE rules = 'old', channel = 'EMAIL', bot = 'BOT' WHERE 1"
    in_the_store(world, CHANGE, statement)


def in_the_store(world: World, script: str, *words: str) -> None:
    done = run(world.settings.url_of_events(), *words, script=script)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("served", [True, False], ids=["a server runs", "none runs"])
def test_a_command_reprocesses_pageviews(world: World, served: bool) -> None:
    with running(world) as server:
        for _ in range(3):
            assert server.pageview(userAgent=CHROME)["code"] == 200
        server.loaded(3)
        server.stop()
    as_other_rules_had_it(world)
    if served:
        with running(world):
            said = json.loads(command(world, "reprocess", "--json"))
            rows = exported(world)
    else:
        said = json.loads(command(world, "reprocess", "--json"))
        rows = exported(world)
    assert said == {"judged": 3, "changed": 3}
    assert [(row["channel"], row.get("bot"), row["rules"]) for row in rows] == [("DIRECT", None, RULES)] * 3
    assert "0 pageviews reprocessed" in command(world, "reprocess")
    assert json.loads(command(world, "reprocess", "--all", "--json")) == {"judged": 3, "changed": 0}


def until_it_writes(world: World) -> None:
    """Wait until the event store has begun to rewrite rows."""

    def mutations() -> set[Path]:
        return {*(world.folder / "events").glob("store/*/*/mutation_*.txt")}

    before, until = mutations(), time.monotonic() + 60
    while mutations() <= before:
        assert time.monotonic() < until
        time.sleep(0.002)


def test_reprocessing_that_is_killed_goes_on_when_it_is_run_again(world: World) -> None:
    count = 20_000  # of two months, each of which is rewritten by a mutation of its own
    in_the_store(world, MANY, str(count))
    for is_time in (partial(time.sleep, 0.4), partial(until_it_writes, world)):
        with ended(launch("--data", str(world.folder), "reprocess", environment=world.environment)) as process:
            is_time()
            assert process.poll() is None, "it is killed in the middle"
    command(world, "reprocess")
    assert json.loads(command(world, "reprocess", "--json")) == {"judged": 0, "changed": 0}
    rows = exported(world)
    assert len(rows) == count
    assert {(row["rules"], row["channel"], row["bot"]) for row in rows} == {(RULES, "ORGANIC_SOCIAL", "BOT")}
