"""Saved views, on a whole server in this process: whose they are, what they may show, and when they end."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from sqlalchemy import select

from heropixel.api.sign_in_pages import COOKIE
from heropixel.clock import clock
from heropixel.directory.pixels import create_pixel, delete_pixel
from heropixel.directory.view_tables import saved_views
from heropixel.members import saved_views as kept
from heropixel.members.membership import add_member, give_role, remove_member
from heropixel.members.roles import Role
from heropixel.members.sessions import begin_session
from tests.api.inside import Shop, new_shop, opened_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIEW = "id name owner pixelId shows { table range compare filter options { name value } } createdAt changedAt"
SAVE = f"""mutation ($name: String!, $owner: ViewOwner!, $pixel: Int, $shows: ViewInput!) {{
  saveView(name: $name, owner: $owner, pixelId: $pixel, shows: $shows) {{
    code message reason data view {{ {VIEW} }} }} }}"""
CHANGE = f"""mutation ($id: ID!, $name: String, $shows: ViewInput) {{
  changeView(id: $id, name: $name, shows: $shows) {{ code message reason view {{ {VIEW} }} }} }}"""
REMOVE = f"mutation ($id: ID!) {{ removeView(id: $id) {{ code message reason view {{ {VIEW} }} }} }}"
LIST = f"query ($pixel: Int) {{ savedViews(pixelId: $pixel) {{ code message reason totalCount nodes {{ {VIEW} }} }} }}"
WEEK: dict[str, Any] = {"range": {"name": "LAST_7_DAYS"}}


class Signed(NamedTuple):
    """A member who is signed in."""

    shop: Shop
    id: str
    cookie: str

    async def ask(self, query: str, **variables: Any) -> Any:
        body = await self.shop.response(query, variables, cookie=f"{COOKIE}={self.cookie}")
        assert "errors" not in body, body
        (answer,) = body["data"].values()
        return answer

    async def saved(self, name: str, owner: str = "MEMBER", shows: Any = None, **more: Any) -> Any:
        return await self.ask(SAVE, name=name, owner=owner, shows=WEEK if shows is None else shows, **more)

    async def names(self, pixel: int | None = None) -> list[str]:
        answer = await self.ask(LIST, pixel=pixel)
        assert answer["totalCount"] == len(answer["nodes"])
        return [node["name"] for node in answer["nodes"]]


async def member_of(shop: Shop, role: str) -> Signed:
    def write(connection: Any) -> tuple[str, str]:
        member = add_member(connection, None, clock())
        give_role(connection, member, shop.number, Role(role), clock())
        return member, begin_session(connection, member, clock(), "a browser", by_link=True)

    member, cookie = await shop.parts.directory.write(write)
    shop.parts.stores.registry.refresh()
    return Signed(shop, member, cookie)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with opened_server(tmp_path_factory.mktemp("views") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def shop(server: Any) -> Shop:
    return await new_shop(server)


async def test_a_view_is_saved_listed_renamed_overwritten_and_removed(shop: Shop) -> None:
    viewer = await member_of(shop, "VIEWER")
    assert (await viewer.ask(LIST))["message"].startswith("No saved views; `saveView` keeps")
    shows: dict[str, Any] = {
        "table": "pages",
        "range": {"from": "2026-11-01", "to": "2026-11-15"},
        "compare": {"name": "PREVIOUS_YEAR"},
        "filter": {"on": {"dimension": "COUNTRY", "is": ["DE", "AT"]}},
        "options": [{"name": "sort.pages", "value": "visitors-asc"}, {"name": "by", "value": "week"}],
    }
    saved = await viewer.saved(" Autumn ", shows=shows, pixel=shop.pixel)
    assert (saved["code"], saved["message"]) == (200, "View saved")
    view = saved["view"]
    assert (view["name"], view["owner"], view["pixelId"]) == ("Autumn", "MEMBER", shop.pixel)
    assert view["shows"] == {**shows, "options": [*reversed(shows["options"])]}
    assert saved["data"] == view
    renamed = await viewer.ask(CHANGE, id=view["id"], name="autumn")
    assert renamed["view"]["shows"] == view["shows"]
    overwritten = await viewer.ask(CHANGE, id=view["id"], shows=WEEK)
    plain: dict[str, Any] = {"table": None, "compare": None, "filter": None, "options": []}
    assert overwritten["view"]["shows"] == {**WEEK, **plain}
    assert (await viewer.ask(LIST))["nodes"] == [overwritten["view"]]
    assert (await viewer.ask(REMOVE, id=view["id"]))["message"] == "View removed"
    assert await viewer.names() == []
    assert (await viewer.ask(REMOVE, id=view["id"]))["reason"] == "VIEW_NOT_FOUND"


async def test_each_member_sees_the_views_of_the_app_and_their_own(shop: Shop) -> None:
    viewer, editor = await member_of(shop, "VIEWER"), await member_of(shop, "EDITOR")
    own = (await viewer.saved("Of the viewer"))["view"]
    await editor.saved("Of the editor")
    everybodys = (await editor.saved("For all", "APP"))["view"]
    assert await viewer.names() == ["For all", "Of the viewer"]
    assert await editor.names() == ["For all", "Of the editor"]
    of_secret = await shop.ask(LIST)
    assert [node["name"] for node in of_secret["nodes"]] == ["For all"]
    for query in (CHANGE, REMOVE):
        assert (await editor.ask(query, id=own["id"]))["reason"] == "VIEW_NOT_FOUND"
        assert (await shop.ask(query, id=own["id"]))["reason"] == "VIEW_NOT_FOUND"
        refused = await viewer.ask(query, id=everybodys["id"])
        assert refused["message"] == "Your role is VIEWER; keeping views for everybody needs EDITOR"
    assert (await viewer.saved("Mine", "APP"))["reason"] == "NOT_ALLOWED"
    assert (await shop.ask(SAVE, name="Mine", owner="MEMBER", shows=WEEK))["reason"] == "NOT_ALLOWED"
    assert await viewer.names() == ["For all", "Of the viewer"]


async def test_a_view_is_offered_at_its_pixel_or_at_all(shop: Shop) -> None:
    viewer = await member_of(shop, "VIEWER")
    other = await shop.parts.directory.write(lambda it: create_pixel(it, shop.number, "Other", [], clock()))
    shop.parts.stores.registry.refresh()
    await viewer.saved("Everywhere")
    await viewer.saved("Here", pixel=shop.pixel)
    assert await viewer.names(shop.pixel) == ["Everywhere", "Here"]
    assert await viewer.names(other) == ["Everywhere"]
    await shop.parts.directory.write(lambda it: delete_pixel(it, shop.pixel, erase=False, origin="API", now=clock()))
    assert await viewer.names() == ["Everywhere"]
    assert (await viewer.ask(LIST, pixel=2_000_000_001))["reason"] == "PIXEL_NOT_FOUND"


async def test_names_are_unique_for_their_owner_whatever_their_case(shop: Shop) -> None:
    editor = await member_of(shop, "EDITOR")
    first = (await editor.saved("Straße"))["view"]
    taken = await editor.saved("STRASSE")
    assert (taken["reason"], taken["data"], taken["view"]) == ("VIEW_NAME_TAKEN", {}, None)
    assert (await editor.saved("strasse", "APP"))["code"] == 200, "another owner"
    second = (await editor.saved("Second"))["view"]
    assert (await editor.ask(CHANGE, id=second["id"], name="STRAßE"))["reason"] == "VIEW_NAME_TAKEN"
    assert (await editor.ask(CHANGE, id=first["id"], name="STRAßE"))["view"]["name"] == "STRAßE"


@pytest.mark.parametrize(
    ("name", "shows", "reason"),
    [
        ("", WEEK, "INVALID_NAME"),
        ("n" * 101, WEEK, "INVALID_NAME"),
        ("A", {"range": {}}, "INVALID_RANGE"),
        ("A", {**WEEK, "compare": {"from": "2026-02-02", "to": "2026-02-01"}}, "INVALID_RANGE"),
        ("A", {**WEEK, "table": "../pages"}, "INVALID_VIEW"),
        ("A", {**WEEK, "options": [{"name": "a b", "value": "x"}]}, "INVALID_VIEW"),
        ("A", {**WEEK, "options": [{"name": "by", "value": "x" * 101}]}, "INVALID_VIEW"),
        ("A", {**WEEK, "options": [{"name": "by", "value": "x"}] * 2}, "INVALID_VIEW"),
        ("A", {**WEEK, "filter": {}}, "INVALID_FILTER"),
        ("A", {**WEEK, "filter": {"on": {"dimension": "USER", "is": ["1"]}}}, "INVALID_FILTER"),
        ("A", {**WEEK, "filter": {"on": {"dimension": "PAGE", "is": ["/" + "p" * 2000] * 5}}}, "INVALID_VIEW"),
    ],
)
async def test_what_cannot_be_saved_is_refused_with_a_reason(shop: Shop, name: str, shows: Any, reason: str) -> None:
    answer = await shop.ask(SAVE, name=name, owner="APP", shows=shows)
    assert (answer["code"], answer["reason"], answer["data"]) == (400, reason, {})


async def test_the_views_of_one_owner_are_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    viewer, other = await member_of(shop, "VIEWER"), await member_of(shop, "VIEWER")
    assert [(await viewer.saved(name))["reason"] for name in "abc"] == [None, None, "TOO_MANY_VIEWS"]
    assert (await other.saved("a"))["code"] == 200


async def test_a_member_who_leaves_takes_their_own_views_along(shop: Shop) -> None:
    viewer, owner = await member_of(shop, "VIEWER"), await member_of(shop, "OWNER")
    await viewer.saved("Mine")
    await owner.saved("For all", "APP")

    def left(connection: Any) -> list[str]:
        remove_member(connection, shop.number, viewer.id)
        rows = connection.execute(select(saved_views.c.name).where(saved_views.c.app == shop.number))
        return [*rows.scalars()]

    assert await shop.parts.directory.write(left) == ["For all"]
