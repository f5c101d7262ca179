"""Section 4 of the contract, from outside: contacts that must not be resolved."""

import gzip
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_knowing import Growth
from tests.world import Server, World, command, running

RESULTS = "code message reason data summary { total success alreadySuppressed notSuppressed invalid }"
RESULT = "results { code message status reason }"


class Team(Growth):
    """An app of its own that suppresses contacts."""

    def suppress(self, *contacts: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $contacts: [ContactInput!]!, $reason: String, $expiresAt: Timestamp) {"
            " suppress(auth: $auth, contacts: $contacts, reason: $reason, expiresAt: $expiresAt)"
            f" {{ {RESULTS} {RESULT} }} }}",
            contacts=list(contacts),
            **more,
        )

    def unsuppress(self, *contacts: dict[str, Any]) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $contacts: [ContactInput!]!) {"
            f" unsuppress(auth: $auth, contacts: $contacts) {{ {RESULTS} {RESULT} }} }}",
            contacts=list(contacts),
        )

    def suppressions(self, **page: Any) -> dict[str, Any]:
        return self(
            "query ($auth: AuthInput, $first: Int! = 50, $after: String) {"
            " suppressions(auth: $auth, first: $first, after: $after) { code message reason data totalCount"
            " nodes { id by contact reason createdAt expiresAt } pageInfo { hasNextPage endCursor } } }",
            **page,
        )


@pytest.fixture
def team(server: Server) -> Team:
    return Team(server)


def test_each_contact_has_an_answer_of_its_own_and_there_is_a_summary(team: Team) -> None:
    ann, md5 = {"email": "ann@example.com", "reason": "staff"}, {"md5": hashlib.md5(b"bob@example.com").hexdigest()}
    answer = team.suppress(ann, {"email": "nonsense"}, md5, ann, reason="unsubscribed")
    assert (answer["code"], answer["message"]) == (200, "2 of 4 contacts suppressed")
    assert [(each["code"], each["status"], each["reason"]) for each in answer["results"]] == [
        (200, "success", None),
        (400, "invalid", "INVALID_EMAIL"),
        (200, "success", None),
        (200, "already_suppressed", None),
    ]
    assert answer["summary"] == {
        "total": 4,
        "success": 2,
        "alreadySuppressed": 1,
        "notSuppressed": 0,
        "invalid": 1,
    }
    assert answer["data"]["statuses"] == ["success", "invalid", "success", "already_suppressed"]
    assert answer["data"]["summary"]["already_suppressed"] == 1
    lifted = team.unsuppress({"email": "bob@example.com"}, {"email": "carl@example.com"}, {})
    assert [each["status"] for each in lifted["results"]] == ["success", "not_suppressed", "invalid"]
    assert lifted["message"] == "1 of 3 contacts no longer suppressed"
    listed = team.suppressions()
    assert [(each["by"], each["contact"], each["reason"]) for each in listed["nodes"]] == [
        ("EMAIL", "ann@example.com", "staff")
    ]
    assert listed["data"]["nodes"] == listed["nodes"]


def test_a_suppressed_persons_pageviews_are_counted_and_never_resolved_linked_or_learned(world: World) -> None:
    with running(world) as server:
        team = Team(server)
        team.identify(email="ann@example.com", externalId="ann", visitorId="known")
        team.suppress({"email": "ann@example.com"}, {"email": "bob@example.com"})
        events = [
            {"email": "ann@example.com", "visitorId": "new"},
            {"externalId": "ann"},
            {"visitorId": "known"},
            {"email": "bob@example.com", "visitorId": "new"},
        ]
        for event in events:
            assert team.message_of(**event) == "User Not Found"
            assert team.pageview(**event)["data"] == {}
        assert team.message_of(visitorId="new") == "User Not Found", "not linked"
        assert team.user(email="bob@example.com")["reason"] == "USER_NOT_FOUND", "not learned"
        assert team.user(email="ann@example.com")["data"]["suppressed"] is True
        exported = [json.loads(line) for line in command(world, "pageviews", "export").splitlines()]
        assert [row.get("userId") for row in exported] == [None] * 9, "each is counted, and nobody's"
        team.unsuppress({"email": "ann@example.com"})
        assert team.message_of(externalId="ann") == "User Found"
        assert team.user(email="ann@example.com")["data"]["suppressed"] is False


def test_thousands_are_suppressed_at_once_and_listed_in_pages(team: Team) -> None:
    contacts = [{"sha256": hashlib.sha256(b"%d@example.com" % number).hexdigest()} for number in range(10_000)]
    answer = team.suppress(*contacts)
    assert answer["summary"]["success"] == 10_000
    page = team.suppressions(first=100)
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (10_000, True)
    seen = {node["id"] for node in page["nodes"]}
    team.unsuppress({"email": "3@example.com"})
    team.suppress({"email": "new@example.com"})
    page = team.suppressions(first=100, after=page["pageInfo"]["endCursor"])
    assert not seen & {node["id"] for node in page["nodes"]}, "rows that come and go meanwhile shift nothing"
    refused = team.suppress(*contacts, {"email": "one@too.many"})
    assert (refused["code"], refused["reason"], refused["data"]) == (400, "TOO_MANY_CONTACTS", {})
    assert team.unsuppress(*contacts)["summary"]["success"] == 9_999


def test_a_suppression_may_end(team: Team) -> None:
    refused = team.suppress({"email": "ann@example.com"}, expiresAt=1_700_000_000)
    assert (refused["reason"], refused["results"]) == ("INVALID_EXPIRY", None)
    team.suppress({"email": "ann@example.com"}, expiresAt=round((time.time() + 2) * 1000))
    assert team.suppressions()["nodes"][0]["expiresAt"]
    assert team.message_of(email="ann@example.com") == "User Not Found"
    time.sleep(2.1)
    assert team.message_of(email="ann@example.com") == "User Created"
    assert team.suppressions()["totalCount"] == 0


def test_the_command_imports_lists_and_removes_by_the_same_rules_and_a_running_server_obeys_at_once(
    world: World, tmp_path: Path
) -> None:
    app = ("--app", world.app_id)
    file = tmp_path / "unsubscribed.csv"
    file.write_text(
        "Email,reason,expires_at,name\nann@example.com,unsubscribed,2100-01-01,Ann\nnonsense,,,\n,,,\n"
        "bob@example.com,,1500000000,Bob\ncarl@example.com,staff,,Carl\n"
    )
    with running(world) as server:
        said = command(world, "suppressions", "import", str(file), *app)
        assert "2 suppressed, 0 already suppressed, 2 rejected" in said
        rejected = Path(f"{file}.rejected").read_text()
        assert "email is not an email address" in rejected
        assert "(expiresAt) must be" in rejected
        assert server.pageview(email="ann@example.com")["match"]["missReason"] == "SUPPRESSED"
        again = json.loads(command(world, "suppressions", "import", str(file), *app, "--json"))
        assert (again["suppressed"], again["already_suppressed"], again["rejected"]) == (0, 2, 2)
        listed = json.loads(command(world, "suppressions", "list", *app, "--json"))
        assert [(row["contact"], row["reason"], row["expiresAt"]) for row in listed] == [
            ("ann@example.com", "unsubscribed", "2100-01-01T00:00:00Z"),
            ("carl@example.com", "staff", None),
        ]
        first = command(world, "suppressions", "list", *app, "--limit", "1")
        assert ("ann@" in first, "carl@" in first) == (True, False)
        add = (
            "suppressions",
            "add",
            *app,
            "--email",
            "dora@example.com",
            "--reason",
            "staff",
            "--expires",
            "2100-01-01",
        )
        assert [command(world, *add).strip() for _ in range(2)] == ["suppressed", "was already suppressed"]
        assert server.pageview(email="dora@example.com")["match"]["missReason"] == "SUPPRESSED"
        remove = ("suppressions", "remove", *app, "--email", "ann@example.com")
        assert [command(world, *remove).strip() for _ in range(2)] == ["resolved again", "was not suppressed"]
        assert server.pageview(email="ann@example.com")["message"] == "User Created"
    for words, says in (
        (("remove", *app), "No contact is given"),
        (("remove", *app, "--md5", "12"), "md5 is not a digest"),
        (("add", *app, "--email", "ann@example.com", "--expires", "2001-01-01"), "(expiresAt) must be"),
        (("import", str(tmp_path / "none.csv"), *app), "none.csv"),
    ):
        assert says in command(world, "suppressions", *words, expect=2)


def test_a_compressed_list_of_digests_alone_is_imported(world: World, tmp_path: Path) -> None:
    file = tmp_path / "digests.jsonl.gz"
    lines = [json.dumps({"sha1": hashlib.sha1(b"%d@example.com" % number).hexdigest()}) for number in range(12_000)]
    file.write_bytes(gzip.compress("\n".join(lines).encode()))
    imported = json.loads(command(world, "suppressions", "import", str(file), "--app", world.app_id, "--json"))
    assert (imported["suppressed"], imported["rejected"], imported["rejectedFile"]) == (12_000, 0, None)
    with running(world) as server:
        assert server.pageview(email="11999@example.com")["match"]["missReason"] == "SUPPRESSED"
