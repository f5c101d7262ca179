"""The audit list: an entry is written with what it tells of, in one transaction."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from heropixel.directory import open_directory
from tests.contract.reporting import Site
from tests.contract.signed_in import Browser, member_of
from tests.world import Server

LISTED = "query ($auth: AuthInput) { auditEntries(auth: $auth, first: 100) { nodes { by action about } } }"


def listed(owner: Browser) -> list[tuple[str, str]]:
    """What members did, the first first."""
    nodes = owner(LISTED)["nodes"]
    return [(entry["action"], entry["about"]) for entry in reversed(nodes) if entry["by"] == "MEMBER"]


def test_whatever_a_member_does_to_people_keys_shares_and_roles_is_listed(server: Server) -> None:
    site = Site(server)
    owner = member_of(site, "OWNER")
    done: list[tuple[str, str]] = []

    def do(action: str, arguments: str, fields: str, about: Callable[[Any], str]) -> Any:
        answer = owner(f"mutation {{ {action}({arguments}) {{ code {fields} }} }}")
        assert answer["code"] == 200, answer
        done.append((action, about(answer)))
        return answer

    do("identify", 'user: { externalId: "ann" }', "user { id }", lambda answer: f"user {answer['user']['id']}")
    do("identifyMany", 'users: [{ externalId: "bob" }, { externalId: "cat" }]', "", lambda _: "2 users")
    pair = 'one: { externalId: "ann" }, other: { externalId: "bob" }'
    merged = do("mergeUsers", pair, "merges { id }", lambda answer: f"merge {answer['merges'][0]['id']}")
    merge = merged["merges"][0]["id"]
    do("unmerge", f'id: "{merge}"', "", lambda _: f"merge {merge}")
    site.identify(externalId="cat", visitorId="lent")
    lent = 'by: { externalId: "cat" }, visitorId: "lent"'
    unlink = do("unlink", lent, "unlink { id }", lambda answer: f"unlink {answer['unlink']['id']}")["unlink"]["id"]
    do("relink", f'id: "{unlink}"', "", lambda _: f"unlink {unlink}")
    contacts = 'contacts: [{ email: "ann@example.com" }]'
    do("suppress", contacts, "", lambda _: "1 contact")
    do("unsuppress", contacts, "", lambda _: "1 contact")
    do("forget", 'by: { externalId: "cat" }', "erasure { id }", lambda answer: answer["erasure"]["id"])
    email = f"visitor-of-{site.auth['appId']}@example.com"
    invited = f'email: "{email}", role: VIEWER'
    member = do("inviteMember", invited, "member { id }", lambda answer: answer["member"]["id"])["member"]["id"]
    do("changeMember", f'id: "{member}", role: EDITOR', "", lambda _: member)
    do("removeMember", f'id: "{member}"', "", lambda _: member)
    key = do("createKey", 'name: "x", scopes: [RECORD]', "key { id }", lambda answer: answer["key"]["id"])["key"]["id"]
    do("revokeKey", f'id: "{key}"', "", lambda _: key)
    shown = f'pixelId: {site.site}, name: "x", showPeople: true'
    share = do("createShare", shown, "share { id }", lambda answer: f"{answer['share']['id']}, shows people")["share"]
    do("revokeShare", f'id: "{share["id"]}"', "", lambda _: f"{share['id']}, shows people")
    do("showAddresses", "on: true", "", lambda _: "shown")
    do("deletePixel", f"id: {site.site}, pageviews: ERASE", "", lambda _: f"pixel {site.site}")
    do("rotateSecret", "graceSeconds: 600", "", lambda _: "")
    secrets = owner("{ app { app { secrets { id expiresAt } } } }")["app"]["secrets"]
    (old,) = [each["id"] for each in secrets if each["expiresAt"]]
    do("revokeSecret", f'id: "{old}"', "", lambda _: f"secret {old}")
    assert listed(owner) == done


def test_of_what_the_secret_does_only_what_needs_an_owner_is_listed(server: Server) -> None:
    site = Site(server)
    kept, erased = (site.create("x", "example.com")["pixel"]["id"] for _ in range(2))
    delete = (
        "mutation ($auth: AuthInput, $id: Int!, $how: PageviewsOfPixel!)"
        " { deletePixel(auth: $auth, id: $id, pageviews: $how) { code } }"
    )
    site(delete, id=kept, how="KEEP")
    site(delete, id=erased, how="ERASE")
    assert [(entry["by"], entry["about"]) for entry in site(LISTED)["nodes"]] == [("SECRET", f"pixel {erased}")]


@pytest.mark.parametrize(
    ("action", "arguments", "left"),
    [
        ("createKey", 'name: "Unlisted", scopes: [RECORD]', "{ keys { nodes { name } } }"),
        ("identify", 'user: { externalId: "unlisted" }', "{ users { nodes { externalId } } }"),
    ],
)
def test_what_cannot_be_listed_is_not_done(server: Server, action: str, arguments: str, left: str) -> None:
    site = Site(server)
    owner = member_of(site, "OWNER")
    with closing(open_directory(server.world.settings.url_of_directory())) as directory:
        directory.connection.exec_driver_sql("ALTER TABLE audit_entries RENAME TO away")
        try:
            answer = owner(f"mutation {{ {action}({arguments}) {{ code reason }} }}")
        finally:
            directory.connection.exec_driver_sql("ALTER TABLE away RENAME TO audit_entries")
    assert answer["reason"] == "DIRECTORY_UNAVAILABLE"
    assert owner(left)["nodes"] == []
