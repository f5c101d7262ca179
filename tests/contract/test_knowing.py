"""Section 4 of the contract, from outside: identify, merge and look up users."""

import hashlib
import json
from typing import Any

import pytest

from tests.contract.managing import Shop
from tests.world import Server, World, command, running

USER = "user { id externalId traits firstSeen }"
NEWS = "added conflicts merges { id olderId newerId }"
COUNTS = "merged repeated conflicts"
MERGE = "merges { id mergedAt undoneAt olderId newerId evidence origin }"


class Growth(Shop):
    """An app of its own that tells of its users."""

    def __init__(self, server: Server, auth: dict[str, str] | None = None) -> None:
        super().__init__(server, auth)
        self.site = self.create("Site", "example.com")["pixel"]["id"]

    def identify(self, **user: Any) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $user: UserInput!)"
            f"{{ identify(auth: $auth, user: $user) {{ code message reason data result {NEWS} {USER} }} }}",
            user=user,
        )

    def many(self, *users: dict[str, Any]) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $users: [UserInput!]!) { identifyMany(auth: $auth, users: $users)"
            f" {{ code message reason data {COUNTS} results {{ code message reason data result {NEWS} {USER} }} }} }}",
            users=list(users),
        )

    def preview(self, **user: Any) -> dict[str, Any]:
        return self(
            "query ($auth: AuthInput, $user: UserInput!)"
            f"{{ previewMerge(auth: $auth, user: $user) {{ code message reason result {USER} {MERGE} }} }}",
            user=user,
        )

    def user(self, **by: Any) -> dict[str, Any]:
        return self(
            "query ($auth: AuthInput, $by: UserSelector!)"
            f"{{ user(auth: $auth, by: $by) {{ code message reason data {USER} emails phones {MERGE} }} }}",
            by=by,
        )

    def unmerge(self, merge: str) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $id: ID!)"
            "{ unmerge(auth: $auth, id: $id) { code message reason data users { id traits } } }",
            id=merge,
        )

    def pageview(self, **event: Any) -> dict[str, Any]:
        return self(
            "mutation ($auth: AuthInput, $event: PageviewEventInput!) { pageview(auth: $auth, event: $event)"
            f" {{ code message data {USER} }} }}",
            event={"pixelId": self.site, "domain": "example.com", **event},
        )

    def message_of(self, **event: Any) -> str:
        return str(self.pageview(**event)["message"])


@pytest.fixture
def shop(server: Server) -> Growth:
    return Growth(server)


def sha256(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def test_a_user_is_created_completed_and_then_unchanged(shop: Growth) -> None:
    created = shop.identify(email="Ann@Example.com", externalId="a-1", traits={"plan": "pro", "age": 40})
    assert (created["code"], created["message"], created["result"]) == (200, "User created", "CREATED")
    assert created["user"]["externalId"] == "a-1"
    assert created["user"]["traits"] == {"plan": "pro", "age": 40}
    assert created["data"] == {"result": "CREATED", **created["user"]}
    updated = shop.identify(externalId="a-1", traits={"age": None, "city": "Bern"})
    assert (updated["message"], updated["user"]["traits"]) == ("User updated", {"plan": "pro", "city": "Bern"})
    again = shop.identify(sha256=sha256("ann@example.com"))
    assert (again["result"], again["user"]) == ("UNCHANGED", updated["user"])
    assert shop.pageview(email="ann@example.com")["data"] == {"plan": "pro", "city": "Bern"}


def test_the_earlier_history_of_a_browser_belongs_to_the_customer_who_signs_up(shop: Growth) -> None:
    assert shop.pageview(visitorId="browser")["message"] == "User Not Found"
    ann = shop.identify(email="ann@example.com", visitorId="browser")["user"]
    assert shop.pageview(visitorId="browser")["user"]["id"] == ann["id"]
    assert shop.user(visitorId="browser")["user"] == ann


def test_each_of_several_emails_finds_its_person(shop: Growth) -> None:
    ann = shop.identify(email="ann@example.com", emails=["ann@work.example", "", "ANN@example.com"])["user"]
    shown = shop.user(email="ann@work.example")
    assert shown["user"] == ann
    assert shown["emails"] == ["ann@example.com", "ann@work.example"]
    assert shop.pageview(md5=hashlib.md5(b"ann@work.example").hexdigest())["user"]["id"] == ann["id"]


def test_two_users_shown_to_be_one_become_one_and_can_be_taken_apart(shop: Growth) -> None:
    older = shop.identify(externalId="a-1", traits={"plan": "pro"})["user"]
    newer = shop.identify(email="ann@example.com", traits={"pet": "cat"})["user"]
    both = {"externalId": "a-1", "email": "ann@example.com"}

    preview = shop.preview(**both)
    assert (preview["result"], preview["user"]["id"]) == ("MERGED", older["id"])
    assert [(merge["olderId"], merge["newerId"]) for merge in preview["merges"]] == [(older["id"], newer["id"])]
    assert shop.user(email="ann@example.com")["user"] == newer, "nothing was done"

    merged = shop.identify(**both)
    assert (merged["message"], merged["result"]) == ("User merged", "MERGED")
    assert (merged["user"]["id"], merged["user"]["traits"]) == (older["id"], {"plan": "pro", "pet": "cat"})
    assert shop.user(id=newer["id"])["user"]["id"] == older["id"], "the newer id goes on resolving"
    (merge,) = shop.user(externalId="a-1")["merges"]
    assert (merge["evidence"], merge["origin"], merge["undoneAt"]) == (["EXTERNAL_ID", "EMAIL"], "API", None)

    undone = shop.unmerge(merge["id"])
    assert (undone["message"], [user["id"] for user in undone["users"]]) == (
        "Users unmerged",
        [older["id"], newer["id"]],
    )
    assert (shop.user(externalId="a-1")["user"], shop.user(id=newer["id"])["user"]) == (older, newer)
    assert shop.unmerge(merge["id"])["reason"] == "MERGE_NOT_FOUND", "it holds no more"
    shop.identify(**both)
    assert shop.user(email="ann@example.com")["user"]["id"] == newer["id"], "they are kept apart"


def test_identify_many_answers_each_in_order_and_a_bad_one_spoils_no_other(shop: Growth) -> None:
    answer = shop.many(
        {"email": "ann@example.com", "traits": {"n": 1}},
        {"email": "nonsense"},
        {"traits": {"n": 2}},
        {"visitorId": "nobody's"},
        {"email": "ann@example.com", "externalId": "a-1", "traits": {"n": 3}},
        {"externalId": "b-1"},
    )
    assert (answer["code"], answer["message"]) == (200, "3 of 6 users taken")
    assert answer["data"] == {"taken": 3, "refused": 3, "merged": 0, "repeated": 1, "conflicts": 0}
    assert [result["result"] or result["reason"] for result in answer["results"]] == [
        "CREATED",
        "INVALID_EMAIL",
        "IDENTIFIER_MISSING",
        "IDENTIFIER_MISSING",
        "UPDATED",
        "CREATED",
    ]
    assert shop.user(externalId="a-1")["user"]["traits"] == {"n": 3}


def test_a_thousand_at_once_are_taken_and_one_more_is_refused(shop: Growth) -> None:
    users = [{"email": f"{number}@example.com"} for number in range(1001)]
    refused = shop.many(*users)
    assert (refused["code"], refused["reason"], refused["results"]) == (400, "TOO_MANY_USERS", None)
    assert "1001" in refused["message"]
    assert shop.user(email="0@example.com")["reason"] == "USER_NOT_FOUND"
    told = {"taken": 1000, "refused": 0, "merged": 0, "repeated": 0, "conflicts": 0}
    assert shop.many(*users[:1000])["data"] == told


def test_identify_many_says_what_was_repeated_merged_and_in_conflict(shop: Growth) -> None:
    shop.identify(externalId="a-1")
    shop.identify(email="ann@example.com")
    answer = shop.many(
        {"email": "ann@example.com", "externalId": "a-1", "phone": "+14155550100"},
        {"externalId": "a-1"},
        {"email": "bob@example.com", "phone": "+14155550100"},
    )
    assert {name: answer[name] for name in COUNTS.split()} == {"merged": 1, "repeated": 1, "conflicts": 1}
    assert answer["data"] == {"taken": 3, "refused": 0, "merged": 1, "repeated": 1, "conflicts": 1}
    assert [result["result"] for result in answer["results"]] == ["MERGED", "UNCHANGED", "CREATED"]
    assert [len(result["merges"]) for result in answer["results"]] == [1, 0, 0]
    assert [result["conflicts"] for result in answer["results"]] == [[], [], ["PHONE"]]


def test_a_phone_that_two_people_share_is_told_and_joins_nobody(shop: Growth) -> None:
    ann = shop.identify(email="ann@example.com", phone="+14155550100", traits={"name": "Ann"})
    bob = shop.identify(email="bob@example.com", phone="+14155550100", traits={"name": "Bob"})
    assert (bob["result"], bob["user"]["traits"], bob["conflicts"]) == ("CREATED", {"name": "Bob"}, ["PHONE"])
    assert bob["data"]["conflicts"] == ["PHONE"]
    assert bob["user"]["id"] != ann["user"]["id"]
    assert shop.message_of(phone="+14155550100") == "User Not Found"
    assert shop.pageview(email="ann@example.com", phone="+14155550100")["data"] == {"name": "Ann"}
    assert [shop.user(email=f"{name}@example.com")["phones"] for name in ("ann", "bob")] == [["+14155550100"]] * 2


def test_the_answer_says_what_was_added_and_merged(shop: Growth) -> None:
    shop.identify(email="ann@example.com", externalId="a-1", traits={"plan": "pro"})
    added = shop.identify(email="ann@work.example", externalId="a-1", traits={"plan": "free", "job": "cook"})
    assert (added["result"], added["added"], added["user"]["traits"]) == (
        "UPDATED",
        ["EMAIL"],
        {"plan": "free", "job": "cook"},
    )
    (merge,) = added["merges"]
    assert added["data"]["added"] == ["EMAIL"]
    assert added["data"]["merges"] == [merge["id"]]
    shop.unmerge(merge["id"])
    assert shop.user(email="ann@example.com")["user"]["traits"] == {"plan": "pro"}
    assert shop.user(email="ann@work.example")["user"]["traits"] == {"plan": "free", "job": "cook"}


@pytest.mark.parametrize(
    ("user", "reason", "says"),
    [
        ({}, "IDENTIFIER_MISSING", "No identifier names the user"),
        ({"email": "", "traits": {}}, "IDENTIFIER_MISSING", "No identifier names the user"),
        ({"visitorId": "v"}, "IDENTIFIER_MISSING", "a visitorId names only a browser"),
        ({"email": "ann"}, "INVALID_EMAIL", "email"),
        ({"emails": ["ann@example.com", "b"]}, "INVALID_EMAIL", "email"),
        ({"emails": [f"{n}@example.com" for n in range(6)]}, "TOO_MANY_EMAILS", "5"),
        ({"md5": "12"}, "INVALID_DIGEST", "md5"),
        ({"phone": "12"}, "INVALID_PHONE", "phone"),
        ({"externalId": "undefined"}, "PLACEHOLDER_IDENTIFIER", "externalId"),
        ({"externalId": "a", "visitorId": "daily:" + "a" * 32}, "PLACEHOLDER_IDENTIFIER", "visitorId"),
        ({"externalId": "x" * 257}, "FIELD_TOO_LONG", "externalId"),
        ({"externalId": "a\0b"}, "INVALID_TEXT", "externalId"),
        ({"email": "a@example.com", "md5": "0" * 31 + "1"}, "CONTRADICTORY_IDENTIFIERS", "md5"),
        ({"externalId": "a", "traits": [1]}, "INVALID_TRAITS", "traits"),
        ({"externalId": "a", "traits": "plan"}, "INVALID_TRAITS", "traits"),
        ({"externalId": "a", "traits": {"a": "x" * 16_384}}, "FIELD_TOO_LONG", "traits"),
        ({"externalId": "a", "traits": {"a": "\0"}}, "INVALID_TEXT", "traits"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_an_invalid_user_is_refused_with_the_reason_and_nothing_is_stored(
    shop: Growth, user: dict[str, Any], reason: str, says: str
) -> None:
    for answer in (shop.identify(**user), shop.preview(**user), shop.many(user)["results"][0]):
        assert (answer["code"], answer["reason"], answer["user"]) == (400, reason, None)
        assert says in answer["message"]
    assert shop.user(externalId="a")["reason"] == "USER_NOT_FOUND"


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ({}, "INVALID_SELECTOR"),
        ({"email": "a@example.com", "externalId": "a"}, "INVALID_SELECTOR"),
        ({"email": "a"}, "INVALID_EMAIL"),
        ({"email": "nobody@example.com"}, "USER_NOT_FOUND"),
        ({"id": "0"}, "USER_NOT_FOUND"),
        ({"id": "-1"}, "USER_NOT_FOUND"),
        ({"id": "x" * 100}, "USER_NOT_FOUND"),
        ({"id": "9" * 18}, "USER_NOT_FOUND"),
    ],
    ids=str,
)
def test_a_user_is_asked_for_by_exactly_one_identifier(shop: Growth, by: dict[str, str], reason: str) -> None:
    answer = shop.user(**by)
    assert (answer["code"], answer["reason"], answer["data"], answer["user"]) == (400, reason, {}, None)


def test_another_app_cannot_find_change_or_unmerge_an_apps_users(shop: Growth) -> None:
    older = shop.identify(externalId="a-1", traits={"mine": True})["user"]
    shop.identify(email="ann@example.com")
    shop.identify(externalId="a-1", email="ann@example.com")
    (merge,) = shop.user(externalId="a-1")["merges"]
    other = Growth(shop.server)
    for by in ({"id": older["id"]}, {"externalId": "a-1"}, {"email": "ann@example.com"}):
        assert other.user(**by)["reason"] == "USER_NOT_FOUND"
    assert other.unmerge(merge["id"]) == other.unmerge("999999999")
    assert other.identify(externalId="a-1", traits={"theirs": True})["result"] == "CREATED"
    assert shop.user(externalId="a-1")["user"]["traits"] == {"mine": True}


def test_a_telephone_number_is_shown_and_found_in_e164(shop: Growth) -> None:
    ann = shop.identify(email="ann@example.com", phone="+1 415 555 0100")["user"]
    assert shop.user(id=ann["id"])["phones"] == ["+14155550100"]
    assert shop.pageview(phone="+14155550100")["user"]["id"] == ann["id"]


def test_the_commands_identify_and_show_with_the_same_fields_and_rules(world: World) -> None:
    app = ("--app", world.app_id)

    def told(*words: str) -> dict[str, Any]:
        return dict(json.loads(command(world, "users", "identify", *app, *words, "--json")))

    created = told("--email", "ann@example.com", "--email", "ann@work.example", "--traits", '{"plan":"pro"}')
    assert (created["result"], created["traits"]) == ("CREATED", {"plan": "pro"})
    assert told("--external-id", "a-1")["result"] == "CREATED"
    merged = told("--external-id", "a-1", "--email", "ann@example.com")
    assert (merged["result"], merged["id"]) == ("MERGED", created["id"])
    shown = json.loads(command(world, "users", "show", *app, "--email", "ann@work.example", "--json"))
    assert (shown["id"], shown["externalId"]) == (created["id"], "a-1")
    assert shown["emails"] == ["ann@example.com", "ann@work.example"]
    assert {merge["origin"] for merge in shown["merges"]} == {"COMMAND"}
    assert "ann@work.example" in command(world, "users", "show", *app, "--id", created["id"])

    for words, exit_code, says in (
        (("show", *app, "--email", "nobody@example.com"), 7, "User not found"),
        (("show", *app), 2, "Name exactly one user"),
        (("identify", *app), 2, "No identifier names the user"),
        (("identify", *app, "--email", "nonsense"), 2, "email is not an email address"),
        (("identify", *app, "--external-id", "x", "--traits", "nonsense"), 2, "traits must be a JSON object"),
        (("identify", *app, "--external-id", "x", "--traits", "[]"), 2, "traits must be a JSON object"),
    ):
        assert says in " ".join(command(world, "users", *words, expect=exit_code).split())


@pytest.mark.parametrize("served", [True, False])
def test_an_export_names_the_surviving_user_and_after_an_unmerge_each_user(world: World, *, served: bool) -> None:
    app = ("--app", world.app_id)

    def exported() -> set[str]:
        return {json.loads(line)["userId"] for line in command(world, "pageviews", "export").splitlines()}

    with running(world) as server:
        ids = {server.pageview(email=f"{name}@example.com")["user"]["id"] for name in ("ann", "ann2")}
        assert len(ids) == 2
        command(world, "users", "identify", *app, "--email", "ann@example.com", "--email", "ann2@example.com")
        if not served:
            server.stop()
        assert exported() == {min(ids)}
    (merge,) = json.loads(command(world, "users", "show", *app, "--email", "ann@example.com", "--json"))["merges"]
    with running(world) as server:
        query = "mutation ($auth: AuthInput, $id: ID!) { unmerge(auth: $auth, id: $id) { code } }"
        server.graphql(query, {"auth": world.auth, "id": merge["id"]})
        assert exported() == ids, "pageviews are each one's own again"


def test_a_hash_preview_shows_every_form_of_an_address_and_stores_nothing(shop: Growth) -> None:
    query = (
        "query ($auth: AuthInput, $email: String, $phone: String) {"
        " hashPreview(auth: $auth, email: $email, phone: $phone)"
        " { code reason data hashes { form text md5 sha1 sha256 sha256Base64 } } }"
    )
    answer = shop(query, email=" Jane.Saoirse+x@Gmail.com", phone="+1 650 555 1212")
    assert [(each["form"], each["text"]) for each in answer["hashes"]] == [
        ("STRICT", "jane.saoirse+x@gmail.com"),
        ("GOOGLE", "janesaoirse+x@gmail.com"),
        ("UID2", "janesaoirse@gmail.com"),
        ("PHONE_WITH_PLUS", "+16505551212"),
        ("PHONE_WITHOUT_PLUS", "16505551212"),
    ]
    for each in answer["hashes"]:
        assert each["sha256"] == sha256(each["text"])
        assert each["md5"] == hashlib.md5(each["text"].encode()).hexdigest()
        assert each["sha1"] == hashlib.sha1(each["text"].encode()).hexdigest()
    assert answer["hashes"][2]["sha256Base64"] == "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="
    assert set(answer["data"]) == {each["form"] for each in answer["hashes"]}
    assert shop.user(email="jane.saoirse+x@gmail.com")["reason"] == "USER_NOT_FOUND"
    for given, reason in (
        ({}, "INVALID_SELECTOR"),
        ({"email": "x"}, "INVALID_EMAIL"),
        ({"phone": "1"}, "INVALID_PHONE"),
    ):
        assert (shop(query, **given)["reason"], shop(query, **given)["data"]) == (reason, {})


def test_two_users_are_merged_by_hand_and_taken_apart_by_the_api_and_the_command(world: World) -> None:
    with running(world) as server:
        shop = Growth(server)
        old, new = (shop.identify(externalId=name)["user"]["id"] for name in ("old", "new"))
        query = (
            "mutation ($auth: AuthInput, $one: UserSelector!, $other: UserSelector!) {"
            " mergeUsers(auth: $auth, one: $one, other: $other)"
            f" {{ code message reason result user {{ id }} {MERGE} }} }}"
        )
        merged = shop(query, one={"id": new}, other={"externalId": "old"})
        assert (merged["code"], merged["message"], merged["user"]["id"]) == (200, "User merged", old)
        assert [(merge["evidence"], merge["origin"]) for merge in merged["merges"]] == [([], "API")]
        assert shop(query, one={"id": new}, other={"id": old})["result"] == "UNCHANGED"
        assert shop(query, one={"id": new}, other={"externalId": "nobody"})["reason"] == "USER_NOT_FOUND"
        app = ("--app", shop.auth["appId"])
        undone = command(world, "merges", "undo", merged["merges"][0]["id"], *app)
        assert undone.strip() == f"{old} and {new} are two users again"
        assert shop.user(externalId="new")["user"]["id"] == new
        assert command(world, "merges", "add", new, old, *app).strip() == f"merged into {old}"
        assert command(world, "merges", "add", new, old, *app).strip() == f"both were already {old}"
        assert shop.user(externalId="new")["user"]["id"] == old
        assert "no such merge" in command(world, "merges", "undo", "77", *app, expect=7)
        assert "User not found" in command(world, "merges", "add", old, "77", *app, expect=7)
