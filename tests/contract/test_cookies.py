"""Section 7 of the contract: when a visitor gets a cookie, what it contains, and when it is deleted."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.beaconing import SITE, VISITOR, collect, picture
from tests.world import Server, command, exported, make_world, running

OWN = f"heropixel={VISITOR}; Max-Age=34190000; Domain=example.com; Path=/; SameSite=Lax; Secure"
GONE = "heropixel=; Max-Age=0; Domain=example.com; Path=/; SameSite=Lax; Secure"
NO = OWN.replace(VISITOR, "no")
OUT = OWN.replace(VISITOR, "out")
NEW = "a new id"

PIXELS = {"REQUIRED": 1, "IMPLIED": 2, "NONE": 3}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a pixel of each consent mode."""
    world = make_world(tmp_path_factory.mktemp("cookies") / "data")
    for mode in ("implied", "none"):
        created = ("pixels", "create", mode, "--app", world.app_id, "--domain", "example.com", "--consent", mode)
        command(world, *created)
    with running(world, address_rate="0", pixel_rate="0") as server:
        yield server


# (consent mode, consent said, visitorId sent, cookie sent, privacy asked for, the cookie that is set)
COOKIES: list[tuple[str, bool | None, str | None, str | None, bool, str | None]] = [
    ("REQUIRED", None, None, None, False, None),
    ("REQUIRED", None, VISITOR, None, False, None),
    ("REQUIRED", True, VISITOR, None, False, OWN),
    ("REQUIRED", True, None, None, False, NEW),
    ("REQUIRED", True, VISITOR, VISITOR, False, None),  # it has it: its life is not renewed
    ("REQUIRED", None, None, VISITOR, False, None),
    ("REQUIRED", False, None, VISITOR, False, GONE),
    ("REQUIRED", False, None, None, False, GONE),
    ("REQUIRED", True, VISITOR, None, True, None),
    ("REQUIRED", True, VISITOR, VISITOR, True, GONE),
    ("IMPLIED", None, VISITOR, None, False, OWN),
    ("IMPLIED", None, None, None, False, NEW),
    ("IMPLIED", False, None, VISITOR, False, NO),
    ("IMPLIED", None, None, "no", False, None),
    ("IMPLIED", False, None, "no", False, None),  # and see below
    ("IMPLIED", True, VISITOR, "no", False, OWN),  # asked again, and consents
    ("IMPLIED", None, VISITOR, None, True, None),
    ("IMPLIED", None, None, "out", False, OUT),  # as above
    ("REQUIRED", True, VISITOR, "out", False, OUT),
    ("NONE", None, VISITOR, None, False, None),
    ("NONE", True, VISITOR, None, False, None),
    ("NONE", True, VISITOR, VISITOR, False, GONE),
]


@pytest.mark.parametrize(("mode", "said", "sent", "kept", "private", "expected"), COOKIES)
@pytest.mark.parametrize("event", ["pageview", "consent"])
@pytest.mark.parametrize("seen_by", ["server", "script"])  # a proxy may take the header away
def test_there_is_a_cookie_only_with_consent_and_none_without(
    site: Server,
    seen_by: str,
    event: str,
    mode: str,
    said: bool | None,
    sent: str | None,
    kept: str | None,
    private: bool,
    expected: str | None,
) -> None:
    if event == "consent" and (said is None or kept == "no"):
        return  # it is what that event is about; and see below
    if seen_by == "script" and not private:
        return
    answer = collect(
        site,
        headers={
            "Sec_Fetch_Site": "same-site",
            "Cookie": f"a=b; heropixel={kept}" if kept else "a=b",
            "Sec_GPC": "1" if private and seen_by == "server" else None,
        },
        private=(seen_by == "script") or None,
        event=event,
        pixelId=PIXELS[mode],
        consent=said,
        visitorId=sent,
    )
    assert answer.status_code == 204
    cookie = answer.headers.get("set-cookie")
    if expected is NEW:
        assert cookie is not None
        assert re.sub(r"hp1\.[0-9a-f]{32}", VISITOR, cookie) == OWN
    else:
        assert cookie == expected


def test_the_server_sets_a_refusal_again_since_safari_keeps_the_scripts_cookie_for_a_week(site: Server) -> None:
    headers = {"Sec_Fetch_Site": "same-site", "Cookie": "heropixel=no"}
    answers = [
        collect(site, headers=headers, event=event, pixelId=PIXELS["IMPLIED"], consent=False)
        for event in ("consent", "pageview")
    ]
    # Not with a pageview: its answer may come after a yes, and would undo it.
    assert [answer.headers.get("set-cookie") for answer in answers] == [NO, None]


# (what the browser says of the two sites, the host it asks, the site, whether the server may set the cookie)
PARTIES: list[tuple[str | None, str, str, bool]] = [
    ("same-origin", "shop.example.com", SITE, True),
    ("same-site", "t.example.com", SITE, True),
    ("cross-site", "t.example.com", SITE, False),
    ("none", "t.example.com", SITE, False),
    (None, "t.example.com", SITE, True),  # an older browser
    (None, "shop.example.com:8443", SITE, True),
    (None, "pixels.test", SITE, False),
    (None, "example.co.uk", "https://shop.example.co.uk", True),
    (None, "other.co.uk", "https://shop.example.co.uk", False),
]


@pytest.mark.parametrize(("said", "host", "page", "may"), PARTIES)
def test_the_server_sets_the_cookie_where_it_is_first_party(
    site: Server, said: str | None, host: str, page: str, may: bool
) -> None:
    answer = collect(site, page, {"Sec_Fetch_Site": said, "Host": host}, consent=True, visitorId=VISITOR)
    assert ("set-cookie" in answer.headers) is may


def test_a_page_without_https_gets_a_cookie_that_it_can_read(site: Server) -> None:
    headers = {"Sec_Fetch_Site": "same-site"}
    answer = collect(site, "http://shop.example.com", headers, consent=True, visitorId=VISITOR)
    assert answer.headers["set-cookie"] == OWN.removesuffix("; Secure")


def test_a_picture_sets_and_erases_the_cookie_as_a_beacon_does(site: Server) -> None:
    assert "set-cookie" not in picture(site, {}, Sec_Fetch_Site="same-site").headers
    new = picture(site, {"consent": "1"}, Sec_Fetch_Site="same-site").headers["set-cookie"]
    assert re.sub(r"hp1\.[0-9a-f]{32}", VISITOR, new) == OWN
    kept = f"heropixel={VISITOR}"
    assert picture(site, {"consent": "0"}, Sec_Fetch_Site="same-site", Cookie=kept).headers["set-cookie"] == GONE


def test_the_cookie_of_the_browser_wins_over_what_the_page_says(site: Server) -> None:
    own, other = "hp1." + "e" * 32, "hp1." + "f" * 32
    collect(site, headers={"Cookie": f"heropixel={own}"}, consent=True, visitorId=other, title="which")
    (row,) = [row for row in exported(site.world) if row.get("title") == "which"]
    assert row["visitorId"] == own


# (consent mode, consent said, cookie, privacy asked for, whether the id is kept, what is recorded of the consent)
KEPT: list[tuple[str, bool | None, str | None, bool, bool, bool | None]] = [
    ("REQUIRED", None, None, False, False, None),
    ("REQUIRED", True, None, False, True, True),
    ("REQUIRED", None, VISITOR, False, True, True),
    ("REQUIRED", False, VISITOR, False, False, False),
    ("REQUIRED", True, VISITOR, True, False, False),
    ("IMPLIED", None, None, False, True, None),
    ("IMPLIED", None, "no", False, False, False),
    ("IMPLIED", False, None, False, False, False),
    ("NONE", None, None, False, False, None),
    ("NONE", True, None, False, False, True),
]


def test_without_consent_a_visitor_is_counted_by_a_hash_of_the_day(site: Server) -> None:
    for place, (mode, said, cookie, private, _, _) in enumerate(KEPT):
        headers = {"Cookie": f"heropixel={cookie}" if cookie else None, "Sec_GPC": "1" if private else None}
        fields: dict[str, Any] = {
            "pixelId": PIXELS[mode],
            "consent": said,
            "visitorId": VISITOR,
            "title": f"kept {place}",
        }
        assert collect(site, headers=headers, **fields).status_code == 204
    rows = {row.get("title"): row for row in exported(site.world)}
    for place, (_, _, _, _, kept, recorded) in enumerate(KEPT):
        row = rows[f"kept {place}"]
        assert row.get("consent") is recorded, KEPT[place]
        if kept:
            assert row["visitorId"] == VISITOR, KEPT[place]
        else:
            assert re.fullmatch("daily:[0-9a-f]{32}", row["visitorId"]), KEPT[place]
