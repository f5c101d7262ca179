"""Managing, as an owner does it: members, keys, pixels; and one's own sessions."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.chromium.dashboard.conftest import RECORD, Look
from tests.chromium.dashboard.persons import known, member
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

PASSWORD = "a-long-enough-password"


async def test_an_owner_invites_an_analyst_who_sees_people_and_no_members(
    look: Look, shown: Server, chromium: Browser
) -> None:
    owner = await look("#/settings/members")
    await owner.page.get_by_label("Email", exact=True).fill("ines@team.example")
    await owner.page.get_by_label("Role", exact=True).select_option("ANALYST")
    await owner.page.get_by_role("button", name="Make a link").click()
    link = await owner.page.get_by_label("Link for them", exact=True).inner_text()
    row = owner.page.get_by_role("row", name="ines@team.example")
    await expect(row.get_by_role("combobox")).to_have_value("ANALYST")

    analyst = await look("#" + link.partition("#")[2], storage_state=None)
    menu = analyst.page.get_by_role("navigation", name="Views")
    await expect(menu.get_by_role("link", name="People")).to_have_count(1)
    await menu.get_by_role("link", name="Settings").click()
    sections = analyst.page.get_by_role("navigation", name="Settings")
    await expect(sections.get_by_role("link")).to_have_text(["Pixels", "Suppressions", "Your account"])
    await analyst.open("#/settings/members")
    await expect(analyst.page.locator("main")).to_contain_text("Members needs the role Owner.")
    again = await look("#" + link.partition("#")[2], storage_state=None)
    await expect(again.page.get_by_role("heading", name="Sign in")).to_have_count(1)  # it works once

    await row.get_by_role("button", name="Remove").click()
    await owner.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    await expect(row).to_have_count(0)
    await analyst.page.reload()
    await expect(analyst.page.locator("main")).not_to_contain_text("Site")


async def test_the_last_owner_cannot_be_removed_and_is_told_why(look: Look) -> None:
    window = await look("#/settings/members")
    await window.page.get_by_role("row", name="(you)").get_by_role("button", name="Remove").click()
    dialog = window.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Remove").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("owner")
    await window.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_signing_out_everywhere_ends_every_session_and_a_password_signs_in_again(
    look: Look, shown: Server, chromium: Browser
) -> None:
    state = await member(chromium, shown, "otto@team.example", "VIEWER")
    here = await look("#/settings/account", storage_state=state)
    await here.page.get_by_label("New password").fill(PASSWORD)
    await here.page.get_by_role("button", name="Set the password").click()
    await expect(here.page.get_by_text("The password is set.")).to_have_count(1)

    there = await look("#/", storage_state=None)
    await there.page.get_by_label("Email").fill("otto@team.example")
    await there.page.get_by_label("Password").fill(PASSWORD)
    await there.page.get_by_role("button", name="Sign in").click()
    await expect(there.page.get_by_role("heading", name="Pixels")).to_have_count(1)

    await here.open("#/settings/account")
    await expect(here.page.get_by_role("region", name="Where you are signed in").locator("tbody tr")).to_have_count(2)
    await here.page.get_by_role("button", name="Sign out everywhere").click()
    await here.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    await expect(here.page.get_by_role("heading", name="Sign in")).to_have_count(1)
    await there.page.reload()
    await expect(there.page.get_by_role("heading", name="Sign in")).to_have_count(1)


async def test_a_key_is_shown_once_works_and_is_refused_once_it_is_revoked(look: Look, shown: Server) -> None:
    window = await look("#/settings/keys")
    await window.page.get_by_label("What it is for").fill("checkout")
    await window.page.get_by_label("Second site").check()
    await window.page.get_by_role("button", name="Make a key").click()
    secret = (await window.page.get_by_label("The key", exact=True).inner_text()).strip()

    def code(pixel: int) -> int:
        event = {"pixelId": pixel, "domain": "example.com"}
        headers = {"Authorization": f"Bearer {secret}"}
        body = {"query": RECORD.replace("code message", "code results { code }"), "variables": {"events": [event]}}
        answer = shown.http.post("/graphql", json=body, headers=headers).json()["data"]["pageviews"]
        return int(answer["results"][0]["code"] if answer["results"] else answer["code"])

    assert (code(2), code(1)) == (200, 400)
    await window.page.reload()
    row = window.page.get_by_role("row", name="checkout")
    await expect(row).to_contain_text("Record pageviews, identify users")
    assert secret not in await window.page.content()
    await row.get_by_role("button", name="Revoke").click()
    await window.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await expect(row).to_have_count(0)
    assert code(2) == 400
    await window.open("#/settings/audit")
    await expect(window.page.get_by_role("table")).to_contain_text("revokeKey")


async def test_an_owner_gives_the_app_a_new_secret_and_the_old_one_works_on_as_long_as_is_said(
    look: Look, shown: Server
) -> None:
    def app(secret: str) -> dict[str, Any]:
        query = "query ($auth: AuthInput) { app(auth: $auth) { code app { name secrets { expiresAt } } } }"
        answer = shown.graphql(query, {"auth": shown.world.auth | {"appSecret": secret}})["data"]["app"]
        return dict(answer)

    old = shown.world.auth["appSecret"]
    window = await look("#/settings/keys")
    card = window.page.get_by_role("region", name="Secret of the app")
    dialog = window.page.get_by_role("dialog")
    await card.get_by_label("The secrets until now stop working").select_option("in a day")
    await card.get_by_role("button", name="Make a new secret").click()
    await expect(dialog).to_contain_text("The secrets until now work until")
    await expect(dialog).to_contain_text("Keys, members, shares and the tag of your pages go on as before.")
    does = dialog.get_by_role("button", name="Make a new secret")
    await expect(does).to_be_disabled()
    name = app(old)["app"]["name"]
    await dialog.get_by_label(f"Type {name} to go on").fill(name)
    await does.click()
    new = (await card.get_by_label("The new secret", exact=True).inner_text()).strip()
    assert (app(old)["code"], app(new)["code"]) == (200, 200)
    assert [secret["expiresAt"] is None for secret in app(new)["app"]["secrets"]] == [False, True]
    await expect(card.get_by_role("table")).to_contain_text("it is replaced")
    await window.page.reload()
    await expect(card.get_by_role("table")).to_contain_text("it is replaced")
    assert new not in await window.page.content()
    await window.open("#/settings/audit")
    await expect(window.page.get_by_role("table")).to_contain_text("rotateSecret")


async def test_a_pixel_is_made_changed_and_deleted_and_asks_before_it_is_too_late(look: Look) -> None:
    window = await look("#/setup")
    page = window.page
    dialog = page.get_by_role("dialog")
    await page.get_by_label("Domain").fill("https://short.example/landing")
    await page.get_by_label("Name").fill("Short campaign")
    await page.get_by_role("button", name="Make the pixel").click()
    await expect(page.get_by_role("heading", name="Paste the tag")).to_have_count(1)
    await page.get_by_role("link", name="Settings").click()
    await expect(page.get_by_role("region", name="Domains")).to_contain_text("short.example")

    await page.get_by_label("Another domain").fill("long.example")
    await page.get_by_role("region", name="Domains").get_by_role("button", name="Add").click()
    await page.get_by_role("button", name="Remove: short.example").click()
    await dialog.get_by_role("button", name="Remove").click()
    await expect(page.get_by_role("region", name="Domains")).not_to_contain_text("short.example")
    await expect(dialog).to_have_count(0)
    await page.get_by_label("Another host").fill("pay.example")
    await page.get_by_role("region", name="Payment and sign-in pages").get_by_role("button", name="Add").click()
    await expect(page.get_by_role("region", name="Payment and sign-in pages")).to_contain_text("pay.example")

    await page.get_by_label("Time zone").select_option("Europe/Zurich")
    await page.get_by_label("Weeks begin on").select_option("Sunday")
    await page.get_by_label("Keep pageviews for so many days").fill("30")
    await page.get_by_role("button", name="Save").click()
    keep_less = dialog.get_by_role("button", name="Keep less")
    await expect(keep_less).to_be_disabled()
    await dialog.get_by_label("Type Short campaign to go on").fill("Short campaign")
    await keep_less.click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_have_count(1)
    await page.reload()
    await expect(page.get_by_label("Keep pageviews for so many days")).to_have_value("30")
    await expect(page.get_by_label("Time zone")).to_have_value("Europe/Zurich")
    await expect(page.get_by_label("Weeks begin on")).to_have_value("SUNDAY")

    await page.get_by_role("button", name="Delete the pixel").click()
    await dialog.get_by_label("Its pageviews are erased, too.").check()
    await dialog.get_by_label("Type Short campaign to go on").fill("Short campaign")
    await dialog.get_by_role("button", name="Delete the pixel").click()
    await expect(page.get_by_role("region", name="Receipt")).to_contain_text("Everything is erased.")
    await window.open("#/settings/pixels")
    await expect(page.get_by_role("table")).not_to_contain_text("Short campaign")


async def test_two_people_are_merged_by_what_somebody_writes(look: Look, shown: Server) -> None:
    gina, other = known(shown, "Gina", "Moss"), known(shown, "Regina", "Moss")
    window = await look("#/settings/merges")
    page = window.page
    await page.get_by_label("One: email").fill(gina.email)
    await page.get_by_label("The other").fill("regina-moss")
    await page.get_by_role("button", name="Merge").click()
    await page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    await page.get_by_role("link", name="See the person").click()
    await expect(page.locator(".profile")).to_contain_text("gina-moss")
    assert other.id not in page.url
    await window.open("#/settings/merges")
    await expect(page.get_by_role("table")).to_contain_text("By hand (API)")


async def test_lists_without_rows_say_what_would_be_there_and_how_to_get_it(look: Look) -> None:
    window = await look("#/settings/suppressions")
    await expect(window.page.locator("main")).to_contain_text("Nobody is suppressed. Add a contact here")
    await window.page.get_by_label("Emails, telephone numbers or digests").fill("nonsense")
    await window.page.get_by_role("button", name="Suppress contacts").click()
    await expect(window.page.get_by_role("alert").filter(has_text="nonsense")).to_contain_text("is no email")
