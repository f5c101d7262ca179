"""Verifying an installation, from outside: the mutation `verifyInstallation` and the command `verify`."""

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from tests.databases import in_folder
from tests.installation.sites import Site, page, redirect, script, site
from tests.world import Server, World, command, free_port, make_world, running

VERIFY = """
mutation Verify($auth: AuthInput, $url: String!, $pixelId: Int) {
  verifyInstallation(auth: $auth, url: $url, pixelId: $pixelId) {
    code message reason data
    verification { url ok checks { name passed found toDo } }
  }
}
"""
BUILT = (resources.files("heropixel") / "static" / "pixel.js").is_file()
TAG = '<script defer src="{}/pixel.js" data-pixel="1"></script>'


@pytest.fixture(scope="module")
def believing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may fetch from this machine, with a pixel for it."""
    world = make_world(tmp_path_factory.mktemp("believing") / "data")
    command(world, "domains", "add", "127.0.0.1", "--pixel", "1")
    with running(world, verify_private="true") as server:
        yield server


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as running_site:
        running_site.answers["/pixel.js"] = script()
        yield running_site


def verify(server: Server, url: str, auth: dict[str, str] | None = None, **variables: Any) -> dict[str, Any]:
    body = server.graphql(VERIFY, {"auth": auth or server.world.auth, "url": url, **variables})
    assert "errors" not in body, body
    answer: dict[str, Any] = body["data"]["verifyInstallation"]
    return answer


def not_passed(verification: dict[str, Any]) -> dict[str, bool | None]:
    return {check["name"]: check["passed"] for check in verification["checks"] if not check["passed"]}


def test_a_page_with_the_tag_of_a_real_server_is_verified(believing: Server, shop: Site) -> None:
    shop.answers["/"] = page(TAG.format(believing.url), content_security_policy=f"default-src {believing.url}")
    answer = verify(believing, shop.url(), pixelId=1)
    assert not_passed(answer["verification"]) == ({} if BUILT else {"SCRIPT_REACHABLE": False})
    assert answer["code"] == 200
    assert answer["data"] == answer["verification"]
    if BUILT:
        assert (answer["message"], answer["reason"]) == ("Installation verified", None)


def test_failed_checks_are_answered_with_code_200_and_what_to_do(believing: Server, shop: Site) -> None:
    shop.answers["/"] = page('<script src="/pixel.js" data-pixel="1" data-consent="none"></script>')
    answer = verify(believing, shop.url())
    assert (answer["code"], answer["message"], answer["reason"]) == (200, "1 check has failed", None)
    assert not answer["verification"]["ok"]
    (check,) = (check for check in answer["verification"]["checks"] if not check["passed"])
    assert check == {
        "name": "CONSENT_AGREES",
        "passed": False,
        "found": "Consent is none in the tag, and required for pixel 1.",
        "toDo": 'Write it as <script defer src="/pixel.js" data-pixel="1"></script>',
    }


def test_a_page_that_cannot_be_reached_is_no_refusal(believing: Server, shop: Site) -> None:
    answer = verify(believing, shop.url("/nowhere"))
    assert (answer["code"], answer["message"]) == (200, "1 check has failed, 8 could not be made")
    assert set(not_passed(answer["verification"]).values()) == {None, False}


@pytest.mark.parametrize(
    ("url", "variables", "code", "reason"),
    [
        ("http://127.0.0.1/", {"auth": {"appId": "app_1", "appSecret": "hps_1"}}, 400, "INVALID_CREDENTIALS"),
        ("http://example.com/", {"pixelId": 999}, 400, "PIXEL_NOT_FOUND"),
        ("", {}, 400, "INVALID_URL"),
        ("example.com", {}, 400, "INVALID_URL"),
        ("file:///etc/passwd", {}, 400, "INVALID_URL"),
        ("gopher://127.0.0.1:70/", {}, 400, "INVALID_URL"),
        ("http://anna:secret@example.com/", {}, 400, "INVALID_URL"),
        ("http://example.com:25/", {}, 400, "INVALID_URL"),
        ("http://2130706433/", {}, 400, "INVALID_URL"),
        ("http://127.0.0.1:8000/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("http://localhost/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("http://0x7f.1/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("http://0.0.0.0/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("http://[::1]/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("http://[::ffff:127.0.0.1]/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("http://169.254.169.254/latest/meta-data/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("https://10.0.0.1/", {}, 400, "ADDRESS_FORBIDDEN"),
        ("https://[fd00:ec2::254]/", {}, 400, "ADDRESS_FORBIDDEN"),
    ],
)
def test_what_cannot_be_verified_is_refused(
    server: Server, url: str, variables: dict[str, Any], code: int, reason: str
) -> None:
    answer = verify(server, url, **variables)
    assert (answer["code"], answer["reason"], answer["data"]) == (code, reason, {})
    assert answer["verification"] is None
    assert answer["message"]


def test_a_server_fetches_nothing_from_its_own_machine_unless_a_setting_allows_it(server: Server, shop: Site) -> None:
    shop.answers["/"] = redirect("/home")
    assert verify(server, shop.url())["reason"] == "ADDRESS_FORBIDDEN"
    assert shop.asked == []


def test_another_apps_pixel_is_not_known(believing: Server, shop: Site) -> None:
    other = json.loads(command(believing.world, "apps", "create", "Other", "--json"))
    shop.answers["/"] = page('<script src="/pixel.js" data-pixel="1"></script>')
    for _ in range(600):
        answer = verify(believing, shop.url(), other)
        if answer["reason"] != "INVALID_CREDENTIALS":  # until the new app is noticed
            break
        time.sleep(0.05)
    (known,) = (check for check in answer["verification"]["checks"] if check["name"] == "PIXEL_KNOWN")
    assert (known["passed"], known["found"]) == (False, "There is no pixel 1.")
    assert verify(believing, shop.url(), other, pixelId=1)["reason"] == "PIXEL_NOT_FOUND"


def test_of_the_pixels_for_a_page_only_those_of_the_app_are_named(believing: Server, shop: Site) -> None:
    other = json.loads(command(believing.world, "apps", "create", "Other", "--json"))
    command(believing.world, "pixels", "create", "Theirs", "--app", other["appId"], "--domain", "127.0.0.1")
    shop.answers["/"] = page('<script src="/pixel.js" data-pixel="99"></script>')
    ours, both = (
        "There is no pixel 99; these may be used on 127.0.0.1: 1 (Site).",
        re.compile(r"1 \(Site\), \d+ \(Theirs\)\."),
    )
    told = command(believing.world, "verify", shop.url(), "--json", expect=9)
    assert both.search(told)
    told = command(believing.world, "verify", shop.url(), "--app", believing.world.app_id, "--json", expect=9)
    assert ours in told
    until = time.monotonic() + 30
    while "Theirs" not in (answer := json.dumps(verify(believing, shop.url(), other))) and time.monotonic() < until:
        time.sleep(0.05)  # until the new pixel is noticed
    assert "Theirs" in answer
    assert "Site" not in answer
    answer = json.dumps(verify(believing, shop.url()))
    assert ours in answer
    assert "Theirs" not in answer


def test_the_server_answers_other_requests_during_a_verification(believing: Server, shop: Site) -> None:
    may_answer = threading.Event()

    def hang(_door: object) -> None:
        may_answer.wait(60)

    shop.answers["/"] = hang
    asking = threading.Thread(target=verify, args=(believing, shop.url()))
    asking.start()
    while not shop.asked:
        time.sleep(0.01)
    assert believing.http.get("/health").status_code == 200
    assert asking.is_alive()
    may_answer.set()
    asking.join()


def test_the_command_prints_a_table_and_exits_with_0_if_all_is_right(world: World, shop: Site) -> None:
    command(world, "domains", "add", "127.0.0.1", "--pixel", "1")
    shop.answers["/"] = page('<script src="/pixel.js" data-pixel="1"></script>')
    printed = command(world, "verify", shop.url(), COLUMNS="200")
    assert printed.count("✓") == 9
    for name in ("PAGE_REACHABLE", "TAG_FOUND", "CONSENT_AGREES"):
        assert name in printed
    told = json.loads(command(world, "verify", shop.url(), "--pixel", "1", "--app", world.app_id, "--json"))
    assert told["ok"] is True
    assert told["url"] == shop.url()
    assert [check["passed"] for check in told["checks"]] == [True] * 9


def test_the_command_says_what_to_do_on_a_line_of_its_own_and_exits_with_9(world: World, shop: Site) -> None:
    shop.answers["/"] = page('<script src="/pixel.js" data-pixel="1" integrity="sha256-x"></script>')
    printed = command(world, "verify", shop.url(), expect=9, COLUMNS="60")
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "DOMAIN_AUTHORIZED: Run: heropixel domains add 127.0.0.1 --pixel 1" in lines
    assert any(line.startswith("INTEGRITY: Write it as <script defer src") and "sha384-" in line for line in lines)
    assert f"heropixel: At {shop.url()} 2 checks have failed." in lines
    told = command(world, "verify", shop.url(), "--json", expect=9)
    assert json.loads(told.partition("\n")[0])["ok"] is False


def test_the_command_works_beside_a_server_and_without_one(believing: Server, shop: Site) -> None:
    shop.answers["/"] = page(TAG.format(believing.url))
    printed = command(believing.world, "verify", shop.url(), expect=0 if BUILT else 9, COLUMNS="200")
    assert printed.count("✓") == (9 if BUILT else 8)


@in_folder
def test_the_command_knows_that_no_server_has_the_folder_open(world: World, shop: Site) -> None:
    shop.answers["/"] = page(TAG.format(f"http://127.0.0.1:{free_port()}"))
    serve = "SCRIPT_REACHABLE: No server has this data folder open: run `heropixel serve`."
    assert serve in command(world, "verify", shop.url(), expect=9)
    with running(world):
        assert "heropixel serve" not in command(world, "verify", shop.url(), expect=9)
    elsewhere = f"sqlite:///{world.folder}/directory.sqlite3"  # other machines may serve it from folders of their own
    assert "heropixel serve" not in command(world, "verify", shop.url(), expect=9, HEROPIXEL_DIRECTORY_URL=elsewhere)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["example.com"], 2, "it must begin with https:// or http://. "),
        (["http://127.0.0.1/", "--pixel", "7"], 7, "Pixel not found. See `heropixel pixels list`."),
        (["http://127.0.0.1/", "--app", "app_0"], 7, "There is no app app_0."),
    ],
)
def test_the_command_refuses_what_cannot_be_verified(world: World, words: list[str], code: int, says: str) -> None:
    assert says.strip() in command(world, "verify", *words, expect=code)


@in_folder
def test_the_command_makes_no_folder(world: World) -> None:
    shutil.rmtree(world.folder)
    assert "There is no folder" in command(world, "verify", "http://127.0.0.1/", expect=2)
    assert not world.folder.exists()
