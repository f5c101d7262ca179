"""An `eventId` is recorded once and answered alike. What cannot be an id is refused."""

import json

import pytest

from tests.contract.pageview.asking import batch, digest
from tests.world import PAGEVIEW, Server, World, command, running


def test_the_same_event_id_is_recorded_once_and_answered_alike_also_after_a_restart(world: World) -> None:
    first = {"eventId": "once", "email": "once@example.com", "visitorId": "v", "externalId": "x-1"}
    second = {"eventId": "then", "md5": digest("md5", "once@example.com")}
    with running(world) as server:
        created, found = server.pageview(**first), server.pageview(**second)
        assert created["message"] == "User Created"
        assert found["message"] == "User Found"
        assert server.pageview(**first) == created
        assert server.pageview(**second) == found
        assert server.pageview(**{**first, "eventId": "other"})["message"] == "User Found"
        twice = batch(server, [{"pixelId": 1, "domain": "example.com", "eventId": "in-one"}] * 2)["results"]
        assert twice[0] == twice[1]
        assert server.stop() == 0
    with running(world) as server:
        assert server.pageview(**first) == created
        assert server.pageview(**second) == found
        assert server.stop() == 0
    exported = [json.loads(line) for line in command(world, "pageviews", "export", "--format", "jsonl").splitlines()]
    assert sorted(row["eventId"] for row in exported) == ["in-one", "once", "other", "then"]


def test_a_pageview_learns_its_email_and_attaches_no_other_identifier(server: Server) -> None:
    learning = {"email": "learned@example.com", "externalId": "learned", "eventId": "learning"}
    created = server.pageview(**learning)
    assert (created["message"], created["user"]["externalId"]) == ("User Created", None)
    assert server.pageview(**learning) == created
    assert server.pageview(externalId="learned")["message"] == "User Not Found"
    assert server.pageview(email="learned@example.com")["user"] == created["user"]


@pytest.mark.parametrize("field", ["eventId", "sessionId"])
@pytest.mark.parametrize(
    "placeholder",
    ["undefined", "null", "{{eventId}}", "0", " None ", "not_authenticated", '"undefined"', "*|EMAIL_UID|*"],
)
def test_a_placeholder_is_refused_as_an_id_of_a_pageview_or_a_visit(
    server: Server, field: str, placeholder: str
) -> None:
    answer = server.pageview(**{field: placeholder})
    assert (answer["code"], answer["reason"]) == (400, "PLACEHOLDER_IDENTIFIER")
    assert answer["message"].startswith(field)


@pytest.mark.parametrize("number", [9007199254740993, 9007199254740993.0, 7.01e12, 12])
def test_a_number_is_no_id_in_variables(server: Server, number: float) -> None:
    for field in ("externalId", "visitorId", "eventId", "phone"):
        event = {"pixelId": 1, "domain": "example.com", field: number}
        body = server.graphql(PAGEVIEW, {"auth": server.world.auth, "event": event})
        assert "String cannot represent a non string value" in body["errors"][0]["message"]


def test_an_event_id_is_trimmed_and_a_blank_one_is_not_given(server: Server) -> None:
    assert server.pageview(eventId=" trimmed ")["eventId"] == "trimmed"
    first, second = (server.pageview(eventId="  ")["eventId"] for _ in range(2))
    assert len(first) == 32
    assert first != second


def test_an_event_id_belongs_to_its_pixel(world: World) -> None:
    command(world, "pixels", "create", "Second", "--app", world.app_id, "--domain", "example.com")
    with running(world) as server:
        assert server.pageview(eventId="same", email="a@example.com")["message"] == "User Created"
        assert server.pageview(eventId="same", pixelId=2)["message"] == "User Not Found"
