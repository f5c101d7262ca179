"""Section 5 of the contract, from outside: an app manages its pixels and domains over GraphQL."""

import json
from collections.abc import Iterator

import pytest

from tests.contract.managing import PIXEL, Shop, id_of
from tests.world import Server, World, command, make_world, running


@pytest.fixture
def shop(server: Server) -> Shop:
    return Shop(server)


def test_a_pixel_that_was_created_takes_pageviews_at_once(shop: Shop) -> None:
    answer = shop.create("  Web shop ", "Shop.Example", "bücher.example")
    pixel = answer["pixel"]
    assert (answer["code"], answer["message"], answer["reason"]) == (200, "Pixel created", None)
    assert (pixel["name"], pixel["domains"]) == ("Web shop", ["shop.example", "xn--bcher-kva.example"])
    assert answer["data"] == pixel
    pageview = shop(
        "mutation ($auth: AuthInput, $event: PageviewEventInput!) { pageview(auth: $auth, event: $event) { code } }",
        event={"pixelId": pixel["id"], "domain": "www.shop.example"},
    )
    assert pageview["code"] == 200
    assert shop.pixel(pixel["id"])["pixel"] == pixel


def test_updating_a_pixel_gives_it_another_name(shop: Shop) -> None:
    pixel = shop.create("Before", "example.com")["pixel"]
    answer = shop(
        f'mutation ($auth: AuthInput, $id: Int!){{ updatePixel(auth: $auth, id: $id, name: "After") {{ {PIXEL} }} }}',
        id=pixel["id"],
    )
    assert (answer["code"], answer["message"], answer["pixel"]) == (200, "Pixel updated", {**pixel, "name": "After"})
    assert shop.pixel(pixel["id"])["pixel"]["name"] == "After"


def test_a_retention_is_set_changed_kept_and_removed(shop: Shop) -> None:
    made = shop(
        f'mutation ($auth: AuthInput) {{ createPixel(auth: $auth, name: "Site", retentionDays: 400) {{ {PIXEL} }} }}'
    )["pixel"]
    assert made["retentionDays"] == 400
    for changes, name, days in (
        ('name: "Shop"', "Shop", 400),
        ("retentionDays: 36500", "Shop", 36_500),
        ('retentionDays: 1, name: "Both"', "Both", 1),
        ('name: "Null", retentionDays: null', "Null", 1),
        ("keepForever: true", "Null", None),
    ):
        answer = shop.update(made["id"], changes)
        assert (answer["code"], answer["message"]) == (200, "Pixel updated")
        assert answer["pixel"] == answer["data"] == {**made, "name": name, "retentionDays": days}
        assert shop.pixel(made["id"])["pixel"] == answer["pixel"]
    assert shop.create()["pixel"]["retentionDays"] is None, "for ever, where nothing is said"


def test_a_consent_mode_is_set_changed_and_left_alone(shop: Shop) -> None:
    made = shop(
        f'mutation ($auth: AuthInput) {{ createPixel(auth: $auth, name: "Site", consentMode: IMPLIED) {{ {PIXEL} }} }}'
    )["pixel"]
    assert made["consentMode"] == "IMPLIED"
    for changes, name, mode in (
        ('name: "Shop"', "Shop", "IMPLIED"),
        ("consentMode: NONE", "Shop", "NONE"),
        ('consentMode: REQUIRED, name: "Both"', "Both", "REQUIRED"),
        ('name: "Null", consentMode: null', "Null", "REQUIRED"),
    ):
        answer = shop.update(made["id"], changes)
        assert (answer["code"], answer["message"]) == (200, "Pixel updated")
        assert answer["pixel"] == answer["data"] == {**made, "name": name, "consentMode": mode}
        assert shop.pixel(made["id"])["pixel"] == answer["pixel"]
    assert shop.create()["pixel"]["consentMode"] == "REQUIRED", "the strictest that recognises anybody"


def test_a_consent_mode_that_there_is_not_is_refused_as_graphql_does(shop: Shop) -> None:
    pixel = shop.create()["pixel"]
    body = shop.server.graphql(
        "mutation ($auth: AuthInput, $id: Int!) { updatePixel(auth: $auth, id: $id, consentMode: SOME) { code } }",
        {"auth": shop.auth, "id": pixel["id"]},
    )
    assert "SOME" in body["errors"][0]["message"]
    assert shop.pixel(pixel["id"])["pixel"] == pixel


@pytest.mark.parametrize(
    ("changes", "reason", "message"),
    [
        ("retentionDays: 0", "INVALID_RETENTION", "from 1 to 36500"),
        ("retentionDays: -1", "INVALID_RETENTION", "from 1 to 36500"),
        ('name: "Other", retentionDays: 36501', "INVALID_RETENTION", "from 1 to 36500"),
        ("retentionDays: 7, keepForever: true", "INVALID_RETENTION", "give keepForever instead"),
        (
            "keepForever: false",
            "NOTHING_TO_UPDATE",
            "give a name, retentionDays, keepForever, consentMode, timezone or weekStartsOn",
        ),
        (
            "consentMode: null",
            "NOTHING_TO_UPDATE",
            "give a name, retentionDays, keepForever, consentMode, timezone or weekStartsOn",
        ),
        (
            "retentionDays: null",
            "NOTHING_TO_UPDATE",
            "give a name, retentionDays, keepForever, consentMode, timezone or weekStartsOn",
        ),
    ],
)
def test_an_update_that_cannot_be_meant_is_refused_and_changes_nothing(
    shop: Shop, changes: str, reason: str, message: str
) -> None:
    pixel = shop.create()["pixel"]
    answer = shop.update(pixel["id"], changes)
    assert (answer["code"], answer["reason"], answer["data"], answer["pixel"]) == (400, reason, {}, None)
    assert message in answer["message"]
    assert shop.pixel(pixel["id"])["pixel"] == pixel


def test_adding_and_removing_a_domain_is_idempotent_and_says_what_was_there(shop: Shop) -> None:
    pixel = shop.create()["pixel"]["id"]
    said = [
        shop.domain(what, pixel, "example.org")["message"]
        for what in ("addDomain", "addDomain", "removeDomain", "removeDomain")
    ]
    assert said == ["Domain added", "Domain was already there", "Domain removed", "Domain was not there"]


@pytest.mark.parametrize(
    ("domain", "kept"),
    [
        ("example.co.uk", "example.co.uk"),
        ("EXAMPLE.com.", "example.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("co.uk", None),
        ("github.io", None),
        ("com", None),
        ("https://example.com/", "example.com"),
        ("example.com:8080", "example.com"),
        ("*.example.com", None),
        ("", None),
        ("exa mple.com", None),
        ("a\0b.com", None),
    ],
)
def test_a_domain_is_a_host_name_that_belongs_to_somebody(shop: Shop, domain: str, kept: str | None) -> None:
    pixel = shop.create()["pixel"]["id"]
    answer = shop.domain("addDomain", pixel, domain)
    if kept:
        assert (answer["code"], answer["pixel"]["domains"]) == (200, [kept])
    else:
        assert (answer["code"], answer["reason"], answer["data"], answer["pixel"]) == (400, "DOMAIN_UNUSABLE", {}, None)
        assert "cannot be authorised" in answer["message"]
        assert shop.pixel(pixel)["pixel"]["domains"] == []


def test_a_pixel_with_a_domain_that_cannot_be_authorised_is_not_made(shop: Shop) -> None:
    assert shop.create("Site", "example.com", "co.uk")["reason"] == "DOMAIN_UNUSABLE"
    assert shop.pixels()["totalCount"] == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 257, "a\0b", "a\nb"])
def test_a_name_must_be_printable_and_of_a_sane_length(shop: Shop, name: str) -> None:
    answer = shop.create(name)
    assert (answer["code"], answer["reason"]) == (400, "INVALID_NAME")
    assert "1 to 256 characters" in answer["message"]


def test_pixels_are_listed_in_pages_whose_cursors_stay_right_while_rows_arrive(shop: Shop) -> None:
    made = [shop.create(f"Site {number}")["pixel"]["id"] for number in range(5)]
    first = shop.pixels(first=2)
    assert [node["id"] for node in first["nodes"]] == made[:2]
    assert (first["message"], first["totalCount"]) == ("2 of 5", 5)
    assert first["pageInfo"]["hasNextPage"]
    assert not first["pageInfo"]["hasPreviousPage"]
    assert [edge["cursor"] for edge in first["edges"]] == [
        first["pageInfo"]["startCursor"],
        first["pageInfo"]["endCursor"],
    ]
    made.append(shop.create("Later")["pixel"]["id"])
    second = shop.pixels(first=4, after=first["pageInfo"]["endCursor"])
    assert [node["id"] for node in second["nodes"]] == made[2:]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert second["data"]["totalCount"] == 6
    assert [node["id"] for node in second["data"]["nodes"]] == made[2:]


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_page_has_a_size_that_is_allowed(shop: Shop, first: int) -> None:
    answer = shop.pixels(first=first)
    assert (answer["code"], answer["reason"]) == (400, "INVALID_PAGE")
    assert answer["message"] == "first must be from 1 to 100"


@pytest.mark.parametrize("cursor", ["nonsense", "%%", "dXNlcnM6MQ", "cGl4ZWxzOg", "cGl4ZWxzOi0x", "cGl4ZWxzOsKy", "é"])
def test_a_cursor_of_another_list_is_refused(shop: Shop, cursor: str) -> None:
    answer = shop.pixels(after=cursor)
    assert (answer["code"], answer["reason"]) == (400, "INVALID_CURSOR")


def test_another_apps_pixel_is_as_unknown_as_none(shop: Shop) -> None:
    mine = shop.create()["pixel"]["id"]
    other = Shop(shop.server)
    for unknown in (mine, 2_000_000_000, -1):
        answers = [
            other.pixel(unknown),
            other.domain("addDomain", unknown, "example.com"),
            other.domain("removeDomain", unknown, "example.com"),
            other(
                f'mutation ($auth: AuthInput) {{ updatePixel(auth: $auth, id: {unknown}, name: "Mine") {{ {PIXEL} }} }}'
            ),
        ]
        for answer in answers:
            assert (answer["code"], answer["message"], answer["reason"]) == (400, "Pixel not found", "PIXEL_NOT_FOUND")
            assert (answer["data"], answer["pixel"]) == ({}, None)
    assert other.pixels()["totalCount"] == 0
    assert shop.pixel(mine)["pixel"]["name"] == "Site"


@pytest.fixture(scope="module")
def commanded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that is managed by commands while a server runs on it."""
    world = make_world(tmp_path_factory.mktemp("commanded") / "data")
    with running(world):
        yield world


def test_the_commands_do_the_same_by_the_same_rules(commanded: World) -> None:
    made = json.loads(command(commanded, "apps", "create", "Third", "--json"))
    rotated = json.loads(command(commanded, "apps", "rotate", made["appId"], "--grace", "60", "--json"))
    shown = json.loads(command(commanded, "apps", "show", made["appId"], "--json"))
    assert [secret["id"] for secret in shown] == [id_of(made["appSecret"]), id_of(rotated["appSecret"])]
    assert id_of(made["appSecret"]) in command(commanded, "apps", "show", made["appId"])
    assert "revoked" in command(commanded, "apps", "revoke", made["appId"], id_of(made["appSecret"]), "--yes")
    said = command(commanded, "apps", "revoke", made["appId"], id_of(rotated["appSecret"]), "--yes", expect=2)
    assert "rotate it instead" in said
    assert "See `heropixel apps show`" in command(commanded, "apps", "revoke", made["appId"], "x", "--yes", expect=7)

    assert command(commanded, "pixels", "rename", "1", "Renamed") == "Pixel 1 is now called Renamed.\n"
    assert json.loads(command(commanded, "pixels", "show", "1", "--json"))["name"] == "Renamed"
    assert "1 to 256" in command(commanded, "pixels", "rename", "1", " ", expect=2)
    assert "Pixel not found" in command(commanded, "pixels", "show", "99", expect=7)

    assert "kept for 90 days" in command(commanded, "pixels", "retain", "1", "--days", "90", "--yes")
    assert json.loads(command(commanded, "pixels", "show", "1", "--json"))["retentionDays"] == 90
    assert "90" in command(commanded, "pixels", "list")
    for words in (["--days", "0", "--yes"], ["--days", "36501", "--yes"], ["--days", "9", "--for-ever"], []):
        said = command(commanded, "pixels", "retain", "1", *words, expect=2)
        assert "give either --days or --for-ever" in said.lower()
    assert "kept for ever" in command(commanded, "pixels", "retain", "1", "--for-ever")
    assert json.loads(command(commanded, "pixels", "list", "--json"))[0]["retentionDays"] is None
    assert "Pixel not found" in command(commanded, "pixels", "retain", "99", "--days", "9", "--yes", expect=7)

    assert "unless they have said no" in command(commanded, "pixels", "consent", "1", "implied")
    assert json.loads(command(commanded, "pixels", "show", "1", "--json"))["consentMode"] == "IMPLIED"
    assert "IMPLIED" in command(commanded, "pixels", "list")
    assert "never" in command(commanded, "pixels", "consent", "1", "NONE")
    assert json.loads(command(commanded, "pixels", "list", "--json"))[0]["consentMode"] == "NONE"
    assert "perhaps" in command(commanded, "pixels", "consent", "1", "perhaps", expect=2)
    assert "Pixel not found" in command(commanded, "pixels", "consent", "99", "required", expect=7)
