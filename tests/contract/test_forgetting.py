"""Section 4 and 5 of the contract, from outside: erasing people and pixels, on real stores."""

import json
import threading
import time
from contextlib import closing
from typing import Any

import pytest

from heropixel.columns import COLUMNS, GivenBy, given_by
from heropixel.directory import open_directory
from heropixel.values import camel
from tests.callers import calling
from tests.contract.test_knowing import Growth
from tests.stores.stored import all_that_is_stored
from tests.world import Server, World, command, exported, running

ERASURE = (
    "code message reason data erasure { id done requestedAt doneBy doneAt waitsFor"
    " erased { users identifiers visitors contacts traits merges suppressions pageviews } }"
)


class Lawyer(Growth):
    """An app of its own that erases people and pixels."""

    def forget(self, *, tombstone: bool = False, **by: Any) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $by: UserSelector!, $tombstone: Boolean! = false) {"
            f" forget(auth: $auth, by: $by, tombstone: $tombstone) {{ {ERASURE} }} }}",
            by=by,
            tombstone=tombstone,
        )

    def erasure(self, receipt: str) -> dict[str, Any]:
        return self(
            f"query ($auth: AuthInput, $id: ID!) {{ erasure(auth: $auth, id: $id) {{ {ERASURE} }} }}", id=receipt
        )

    def done(self, answer: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
        """The erasure of an answer once all of it is done."""
        until = time.monotonic() + seconds
        while not answer["erasure"]["done"]:
            assert time.monotonic() < until, answer
            time.sleep(0.1)
            answer = self.erasure(answer["erasure"]["id"])
        erasure: dict[str, Any] = answer["erasure"]
        return erasure

    def delete_pixel(self, pixel: int, pageviews: str) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $id: Int!, $pageviews: PageviewsOfPixel!) {"
            f" deletePixel(auth: $auth, id: $id, pageviews: $pageviews) {{ {ERASURE} }} }}",
            id=pixel,
            pageviews=pageviews,
        )


@pytest.fixture
def lawyer(server: Server) -> Lawyer:
    return Lawyer(server)


def kept(rows: list[dict[str, Any]]) -> str:
    """What rows hold, in lower case, without the names of its fields: there is an Ann in `channel`."""
    return json.dumps([list(row.values()) for row in rows]).lower()


# All that a caller can say and that is hers.
NAMING = {
    **{camel(name): "ann" for name in given_by(GivenBy.CALLER) if COLUMNS[name].personal},
    "visitorId": "anns-browser",
    "sessionId": "anns-visit",
    "eventId": "anns-order-7",
    "url": "https://ann.example.com/account/ann?ref=ann",
    "canonical": "https://example.com/account/ann",
    "title": "Hello Ann",
    "description": "The account of Ann",
    "referrer": "https://ann.example.org/ann",
    "userAgent": "Anns own browser",
    "clientHints": "Anns hints",
    "region": "Anns region",
    "city": "Anns village",
    "utmSource": "ann-recommends",
    "utmMedium": "by-ann",
    "utmCampaign": "hello-ann",
    "utmTerm": "ann",
    "utmContent": "to-ann",
    "properties": {"name": "ann"},
}


def test_one_call_erases_a_person_everywhere_with_a_receipt_and_totals_stay(world: World) -> None:
    with running(world) as server:
        lawyer = Lawyer(server, world.auth)
        lawyer.identify(email="ann@example.com", externalId="ann", traits={"plan": "pro"})
        lawyer.pageview(email="ann@example.com", country="CH", **NAMING)
        server.loaded(1)
        lawyer.pageview(visitorId="anns-browser", url="https://example.com/ann-again")  # still in the journal
        lawyer.pageview(email="bob@example.com", url="https://example.com/bob")
        answer = lawyer.forget(email="ann@example.com")
        assert (answer["code"], answer["message"]) == (200, "Person erased")
        erasure = lawyer.done(answer)
        assert erasure["erased"] == {
            "users": 1,
            "identifiers": 4,
            "visitors": 1,
            "contacts": 1,
            "traits": 1,
            "merges": 0,
            "suppressions": 0,
            "pageviews": 2,
        }
        assert erasure["requestedAt"] <= erasure["doneAt"] <= erasure["doneBy"]
        rows = exported(world)
        assert len(rows) == 3, "totals stay"
        assert "ann" not in kept(rows)
        assert [row.get("url") for row in rows if row.get("userId")] == ["https://example.com/bob"]
        assert [row.get("hostname") for row in rows] == ["example.com"] * 3
        assert [row.get("country") for row in rows].count("CH") == 1, "what names nobody stays"
        assert lawyer.user(email="ann@example.com")["reason"] == "USER_NOT_FOUND"
        assert lawyer.message_of(visitorId="anns-browser") == "User Not Found"
        for again in (lawyer.forget(email="ann@example.com"), lawyer.forget(email="never@example.com")):
            assert (again["code"], again["reason"], again["data"]) == (400, "USER_NOT_FOUND", {})
        assert server.stop() == 0
        log = server.log.read_text()
        assert answer["erasure"]["id"] in log
        assert "ann@" not in log


def test_a_pageview_of_an_erased_person_that_is_sent_again_names_nobody(lawyer: Lawyer) -> None:
    event = {"email": "ann@example.com", "eventId": "once"}
    assert lawyer.pageview(**event)["message"] == "User Created"
    lawyer.done(lawyer.forget(email="ann@example.com"))
    again = lawyer.pageview(**event)
    assert (again["message"], again["user"]) == ("User Not Found", None)


def test_with_a_tombstone_an_erased_person_is_not_learned_again(lawyer: Lawyer) -> None:
    lawyer.identify(email="ann@example.com", externalId="ann")
    lawyer.forget(tombstone=True, externalId="ann")
    refused = lawyer.identify(email="ann@example.com")
    assert (refused["code"], refused["reason"], refused["data"]) == (400, "PERSON_ERASED", {})
    answers = lawyer.many({"externalId": "ann"}, {"email": "bob@example.com"})["results"]
    assert [each["reason"] for each in answers] == ["PERSON_ERASED", None]
    assert lawyer.message_of(email="ann@example.com") == "User Not Found"


def test_pageviews_that_arrive_during_an_erasure_are_erased_too(world: World) -> None:
    with running(world) as server:
        lawyer = Lawyer(server, world.auth)
        lawyer.identify(externalId="ann")
        visited = threading.Semaphore(0)

        def visit(stop: threading.Event) -> None:
            browser = lawyer.on(Server(world, server.process, server.log))
            while not stop.is_set():
                browser.pageview(externalId="ann", url="https://example.com/ann")
                visited.release()
            browser.server.http.close()

        with calling(*[visit] * 4):
            for _ in range(50):
                assert visited.acquire(timeout=60)
            user = lawyer.user(externalId="ann")["user"]["id"]
            erasure = lawyer.done(lawyer.forget(externalId="ann"))
        rows = exported(world)
        assert erasure["erased"]["pageviews"] > 0
        assert not [row for row in rows if row.get("userId") == user]


@pytest.mark.parametrize("pageviews", ["KEEP", "ERASE"])
def test_what_becomes_of_the_pageviews_of_a_deleted_pixel_is_chosen(world: World, pageviews: str) -> None:
    with running(world) as server:
        lawyer = Lawyer(server, world.auth)
        other = lawyer.create("Other", "example.com")["pixel"]["id"]
        for pixel in (lawyer.site, lawyer.site, other):
            lawyer.pageview(pixelId=pixel)
        answer = lawyer.delete_pixel(lawyer.site, pageviews)
        assert (answer["code"], answer["message"]) == (200, "Pixel deleted")
        if pageviews == "ERASE":
            assert lawyer.done(answer)["erased"]["pageviews"] == 2
        else:
            assert (answer["erasure"], answer["data"]) == (None, {})
        assert [row["pixelId"] for row in exported(world)] == (
            [other] if pageviews == "ERASE" else [lawyer.site, lawyer.site, other]
        )
        assert lawyer.pageview(pixelId=lawyer.site)["message"] == "Pixel not found"
        assert lawyer.pixel(lawyer.site)["reason"] == "PIXEL_NOT_FOUND"
        assert lawyer.delete_pixel(lawyer.site, pageviews)["reason"] == "PIXEL_NOT_FOUND"
        assert lawyer.create("New")["pixel"]["id"] > other, "an id is never given out again"


def test_an_erasure_waits_for_an_unreachable_event_store_and_the_answer_says_so(world: World) -> None:
    world = world.with_key
    with running(world, events_url="clickhouse://127.0.0.1:1") as server:
        lawyer = Lawyer(server, world.auth)
        lawyer.identify(email="ann@example.com")
        lawyer.pageview(email="ann@example.com", url="https://example.com/ann")
        answer = lawyer.forget(email="ann@example.com")
        assert (answer["code"], answer["erasure"]["done"], answer["erasure"]["doneAt"]) == (200, False, None)
        assert lawyer.user(email="ann@example.com")["reason"] == "USER_NOT_FOUND"
        until = time.monotonic() + 30
        with closing(open_directory(world.settings.url_of_directory())) as directory:
            while b"ann@example.com" in all_that_is_stored(directory):
                assert time.monotonic() < until, "the bytes are overwritten all the same"
                time.sleep(0.1)
        shown = lawyer.erasure(answer["erasure"]["id"])
        assert shown["message"] == "The event store is not reachable. Pageviews are erased as soon as it is"
        assert shown["erasure"]["waitsFor"] == shown["data"]["waitsFor"] == "EVENT_STORE"
        server.stop()
    with running(world) as server:
        assert lawyer.on(server).done(answer)["erased"]["pageviews"] == 1
        assert "ann" not in kept(exported(world))


@pytest.mark.parametrize("serving", [True, False])
def test_the_commands_erase_whether_a_server_runs_or_not(world: World, serving: bool) -> None:
    app = ("--app", world.app_id)
    with running(world) as server:
        for email in ("ann@example.com", "bob@example.com"):
            server.pageview(email=email, url=f"https://example.com/{email}")
        if not serving:
            server.stop()
        said = command(world, "users", "forget", *app, "--yes", "--email", "ann@example.com", "--tombstone")
        assert "1 pageview" in said
        receipt = said.split(":")[0]
        shown = json.loads(command(world, "erasures", "show", receipt, *app, "--json"))
        assert (shown["id"], shown["done"], shown["erased"]["pageviews"]) == (receipt, True, 1)
        assert "ann" not in kept(exported(world))
        file = world.folder.parent / "people.csv"
        file.write_text("email\nann@example.com\nbob@example.com\n")
        imported = json.loads(command(world, "users", "import", str(file), *app, "--json"))
        assert (imported["erased"], imported["unchanged"], imported["rejected"]) == (1, 1, 0)
        assert "User not found" in command(
            world, "users", "forget", *app, "--yes", "--email", "ann@work.example", expect=7
        )
        assert "no such erasure" in command(world, "erasures", "show", "era_none", *app, expect=7)
        assert "exactly one user" in command(world, "users", "forget", *app, "--yes", expect=2)
        done = json.loads(
            command(world, "pixels", "delete", str(world.pixel), "--pageviews", "erase", "--yes", "--json")
        )
        assert (done["done"], done["erased"]) == (True, {"pageviews": 2})
        assert exported(world) == []
        assert "Pixel not found" in command(
            world, "pixels", "delete", str(world.pixel), "--pageviews", "keep", "--yes", expect=7
        )
