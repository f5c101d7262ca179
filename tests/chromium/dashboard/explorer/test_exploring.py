"""The explorer, as a developer uses it: write, complete, run, listen, look up, and take it away as a program."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from graphql import OperationDefinitionNode, parse, print_ast
from playwright.async_api import StorageState, expect

from tests.chromium.dashboard.conftest import Look, link_of, local
from tests.chromium.dashboard.explorer.conftest import Explore
from tests.chromium.dashboard.explorer.exploring import Exploring
from tests.proxies.fronts import block, nginx_site
from tests.test_docs import DOCS, documents_of
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

ME = "{ me { code kind app { id } } }"


async def test_a_query_is_typed_completed_and_answered_under_the_real_policy(
    explore: Explore, explored: Server
) -> None:
    policy = explored.http.get("/explore").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    window = await explore()
    keyboard = window.page.keyboard
    await window.page.get_by_role("textbox", name="Request").click()
    await keyboard.press("Control+a")
    await keyboard.type("query Mine { m")
    listed = window.page.get_by_role("option", name=re.compile("^meMe"))
    await expect(listed).to_be_visible()
    await expect(window.page.locator(".cm-completionInfo")).to_contain_text("Who calls")
    await window.page.wait_for_timeout(100)  # CodeMirror takes no key for the list in its first 75 ms
    await keyboard.press("Enter")
    assert "{ me" in await window.written()
    await keyboard.type(" { code kind ")
    await keyboard.press("Escape")
    await keyboard.press("Control+Enter")
    await expect(window.page.locator(".status")).to_contain_text("HTTP 200")
    assert json.loads(await window.answer())["data"]["me"] == {"code": 200, "kind": "MEMBER"}


async def test_variables_are_completed_from_the_request_and_from_the_schema(explore: Explore) -> None:
    window = await explore()
    await window.write("mutation ($event: PageviewEventInput!) { pageview(event: $event) { code message } }", "{}")
    keyboard = window.page.keyboard
    await keyboard.press("Control+Home")
    await keyboard.press("ArrowRight")
    await keyboard.type('"ev')
    await expect(window.page.get_by_role("option", name="event")).to_be_visible()
    await window.page.wait_for_timeout(100)  # CodeMirror takes no key for the list in its first 75 ms
    await keyboard.press("Enter")
    await keyboard.type(': {"pixe')
    option = window.page.get_by_role("option", name="pixelId")
    await expect(option).to_contain_text("Int!")
    await window.page.wait_for_timeout(100)  # as above
    await keyboard.press("Enter")
    await keyboard.type(': 1, "domain": "example.com"')
    assert json.loads(await window.written("Variables, as JSON"))["event"] == {"pixelId": 1, "domain": "example.com"}
    assert (await window.run())["data"]["pageview"]["code"] == 200


async def test_what_does_not_fit_the_schema_is_marked_and_wrong_variables_are_said_before_they_are_sent(
    explore: Explore,
) -> None:
    window = await explore()
    await window.write("{ me { cod } }", "[1]")
    await window.page.wait_for_selector(".document .cm-lintRange-error")
    window.requests.clear()
    await window.button("Run").click()
    await expect(window.page.get_by_role("alert").first).to_contain_text("not a JSON object")
    assert window.asked() == []


async def test_a_subscription_shows_each_pageview_until_it_is_stopped(explore: Explore, explored: Server) -> None:
    window = await explore()
    await window.example("Pageviews as they happen")
    await window.button("Run").click()
    await expect(window.page.locator(".status")).to_contain_text("Listening")
    for page in ("one", "two"):
        explored.pageview(url=f"https://example.com/explored-{page}", visitorId="explorer")
        await expect(window.page.locator(".answer")).to_contain_text(f"explored-{page}")
    assert (await window.answer()).index("explored-two") < (await window.answer()).index("explored-one")
    async with window.page.expect_event("requestfailed"):
        await window.button("Stop").click()
    await expect(window.button("Run")).to_be_visible()
    assert "explored-two" in await window.answer()


async def test_what_was_run_is_in_the_history_of_the_tab_also_after_a_reload(explore: Explore) -> None:
    window = await explore()
    for name in ("First", "Second"):
        await window.write(f"query {name} {ME}", '{"a": 1}')
        await window.run()
    await window.page.reload()
    await window.drawn()
    assert (await window.written()).startswith("query Second")
    await window.button("History").click()
    entries = window.page.locator(".choices button")
    assert [text.split("\n")[0] for text in await entries.all_inner_texts()] == ["Second", "First"]
    await entries.nth(1).click()
    assert (await window.written()).startswith("query First")
    assert await window.written("Variables, as JSON") == '{"a": 1}'
    await window.button("History").click()
    await window.button("Clear").click()
    await window.button("History").click()
    assert await entries.count() == 0


async def test_credentials_that_are_given_reach_no_storage_and_are_gone_after_a_reload(
    explore: Explore, explored: Server
) -> None:
    app_id, secret = explored.world.app_id, explored.world.secret
    window = await explore(storage_state=None)
    await window.page.get_by_role("button", name="Nobody is signed in").click()
    await window.page.get_by_label("appId").fill(app_id)
    await window.page.get_by_label("appSecret, or a key").fill(secret)
    await window.button("Use them").click()
    await expect(window.page.locator(".caller")).to_have_text("Test, by its secret")
    await window.write(ME)
    assert (await window.run())["data"]["me"] == {"code": 200, "kind": "SECRET", "app": {"id": app_id}}
    await window.write(f'{{ app(auth: {{ appId: "{app_id}", appSecret: "{secret}" }}) {{ code }} }}')
    assert (await window.run())["data"]["app"] == {"code": 200}
    await window.button("Copy as").click()
    await window.button("Link").click()
    await expect(window.page.locator(".copies pre")).to_contain_text("explore#query=")
    assert secret not in await window.page.locator(".copies pre").inner_text()
    kept = await window.kept()
    assert app_id in kept, "the request itself is kept"
    assert secret not in kept
    assert secret[8:20] not in kept
    await window.page.reload()
    await window.drawn()
    assert secret not in await window.page.content()
    await expect(window.page.locator(".caller")).to_have_text("Nobody is signed in")


async def test_wrong_credentials_are_refused_in_words(explore: Explore) -> None:
    window = await explore(storage_state=None)
    await window.page.get_by_role("button", name="Nobody is signed in").click()
    await window.page.get_by_label("appId").fill("app_0000000000000000")
    await window.page.get_by_label("appSecret, or a key").fill("hps_wrong")
    await window.button("Use them").click()
    await expect(window.page.get_by_role("alert").get_by_text("Invalid credentials")).to_be_visible()


PROGRAMS = {
    "curl": ["sh", "-c"],
    "Python": [sys.executable, "-c"],
    "TypeScript": [shutil.which("node") or str(Path(sys.executable).with_name("node")), "--input-type=module", "-e"],
}


async def test_a_copied_program_runs_as_it_is_and_gets_the_same_answer(explore: Explore, explored: Server) -> None:
    window = await explore(permissions=["clipboard-read", "clipboard-write"])
    query = 'query It($email: String!) { hashPreview(email: $email, phone: "") { code hashes { text md5 } } }'
    await window.write(query, json.dumps({"email": "o'neil+\"$(x)`\\é@example.com"}))
    answer = await window.run()
    credentials = {"APP_ID": explored.world.app_id, "APP_SECRET": explored.world.secret}
    for program, words in PROGRAMS.items():
        copied = await _copy(window, program)
        await expect(window.page.locator(".copies [role=status]")).to_contain_text("Copied")
        assert (await window.page.evaluate("() => navigator.clipboard.readText()")).strip() == copied.strip()
        await window.page.keyboard.press("Escape")
        done = await asyncio.to_thread(
            subprocess.run, [*words, copied], env=os.environ | credentials, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"
        assert json.loads(done.stdout) == answer, program


async def _copy(window: Exploring, program: str) -> str:
    """What stands there to be copied."""
    await window.button("Copy as").click()
    await window.button(program).click()
    return await window.page.locator(".copies pre").inner_text()


async def test_a_copied_subscription_listens(explore: Explore, explored: Server) -> None:
    window = await explore()
    await window.example("Pageviews as they happen")
    for program in PROGRAMS:
        await _listens(program, await _copy(window, program), explored)
        await window.page.keyboard.press("Escape")


async def _listens(program: str, copied: str, explored: Server) -> None:
    credentials = {"APP_ID": explored.world.app_id, "APP_SECRET": explored.world.secret}
    listening = await asyncio.create_subprocess_exec(
        *PROGRAMS[program],
        copied,
        env=os.environ | credentials,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # the shell's curl is killed with it
    )
    assert listening.stdout
    try:
        async with asyncio.timeout(30):
            await listening.stdout.readline()  # the comment by which the server says that it listens
            explored.pageview(url="https://example.com/heard", visitorId="explorer")
            while b"/heard" not in await listening.stdout.readline():
                pass
    finally:
        os.killpg(listening.pid, signal.SIGKILL)
        await listening.wait()


async def test_each_example_is_one_click_away_answered_and_stands_in_the_documentation(explore: Explore) -> None:
    window = await explore()
    documented = {_usual(text) for text in documents_of(DOCS / "api.md")}
    await window.button("Examples").click()
    names = [name.strip() for name in await window.page.locator(".choices button").all_inner_texts()]
    assert len(names) == 10
    await window.page.keyboard.press("Escape")
    for name in names:
        await window.example(name)
        query = await window.written()
        assert _usual(query) in documented, name
        if "subscription" in query:
            continue  # the test of subscriptions runs it
        answer = await window.run()
        assert [root["code"] for root in answer["data"].values()] == [200], answer


def _usual(document: str) -> str:
    try:
        return print_ast(parse(document))
    except Exception:
        return ""  # a part of a document


async def test_the_first_example_is_the_request_of_the_beginning(explore: Explore) -> None:
    for options in ({}, {"storage_state": None}):
        window = await explore(**options)
        (operation,) = parse(await window.written()).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name
        assert operation.name.value == "HeroPixel"
        assert ("appSecret" in await window.written()) == ("storage_state" in options)
        assert {*json.loads(await window.written("Variables, as JSON"))["event"]} == {"md5", "pixelId", "domain"}


async def test_the_documentation_shows_every_description_is_searched_and_follows_the_cursor(explore: Explore) -> None:
    window = await explore()
    docs = window.page.get_by_role("complementary", name="Documentation")
    await docs.get_by_label("Search the schema").fill("matchrate")
    await docs.get_by_role("button", name="ReportRow.matchRate").click()
    await expect(docs.get_by_role("heading", level=3)).to_have_text("ReportRow.matchRate")
    await docs.get_by_role("button", name="ReportRow").click()
    await expect(docs).to_contain_text("Unique visitors, and how they were counted.")
    await docs.get_by_role("button", name="VisitorFigure").first.click()
    await docs.get_by_role("button", name="VisitorBasis").click()
    await expect(docs.get_by_role("heading", name="Values")).to_be_visible()
    await docs.get_by_role("button", name="Back").click()
    await expect(docs.get_by_role("heading", level=3)).to_have_text("VisitorFigure")
    await window.write("{ pixels { code } }")
    line = window.page.locator(".document .cm-line").first
    await line.click(modifiers=["Control"], position={"x": 45, "y": 10})  # in the middle of the word
    await expect(docs.get_by_role("heading", level=3)).to_have_text("Query.pixels")


async def test_a_panel_opens_in_the_explorer_with_the_question_it_asked_and_runs_nothing_by_itself(
    look: Look, explore: Explore, shown: Server, signed_in: StorageState
) -> None:
    window = await look("#/pixels/1?filter=country~is~CH")
    link = await window.page.get_by_label("Open in the explorer: Pages").get_attribute("href") or ""
    assert link.startswith("explore#"), link
    opened = await explore(link.removeprefix("explore"), url=local(shown), storage_state=signed_in)
    assert "Caller" in opened.asked()[0]["query"]
    assert len(opened.asked()) == 1, "who calls is all that is asked"
    assert "#" not in opened.page.url, "what somebody writes from then on is not in the address"
    rows = (await opened.run())["data"]["report"]["rows"]
    pages = await window.page.locator("section[aria-label=Pages] tbody th").all_inner_texts()
    assert [row["page"] for row in rows] == pages
    await opened.page.evaluate("() => { location.hash = '#query=%7Bpasted%7D' }")
    await expect(opened.page.locator(".document")).to_contain_text("{pasted}")


async def test_opening_graphql_in_a_browser_leads_to_the_explorer_with_its_query(explore: Explore) -> None:
    window = await explore()
    await window.page.goto(f"{window.url}/graphql?query={quote(ME)}")
    await window.drawn()
    assert window.page.url == f"{window.url}/explore"
    assert await window.written() == ME


async def test_below_a_path_it_runs_and_copies_the_address_below_the_path(
    explore: Explore, explored: Server, tmp_path: Path
) -> None:
    upstream = int(explored.url.rpartition(":")[2])
    with nginx_site(tmp_path, block("# /etc/nginx/sites-available/dashboard"), upstream) as front:
        site = f"https://localhost:{front.port}/pixels"
        window = await explore(f"#query={quote(ME)}", url=site, ignore_https_errors=True, storage_state=None)
        assert (await window.run())["data"]["me"]["code"] == 400  # nobody is signed in
        await window.page.goto(f"{site}/graphql")
        await window.drawn()
        assert window.page.url == f"{site}/explore"
        await window.button("Copy as").click()
        await window.button("curl").click()
        await expect(window.page.locator(".copies pre")).to_contain_text(f"'{site}/graphql'")
        assert {request.url for request in window.requests if not request.url.startswith(site)} <= {"about:blank"}


async def test_who_is_signed_in_on_the_dashboard_calls_as_that_member(explore: Explore, explored: Server) -> None:
    window = await explore(storage_state=None)
    await expect(window.page.locator(".caller")).to_have_text("Nobody is signed in")
    await window.page.goto(f"{local(explored)}/{link_of(explored)}")
    await window.page.wait_for_selector(".pixel")
    await window.open()
    await expect(window.page.locator(".caller")).to_have_text("Signed in, Test")
    await window.write(ME)
    assert (await window.run())["data"]["me"]["kind"] == "MEMBER"
