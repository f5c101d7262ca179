"""`heropixel keys`: credentials of an app that may do less than its secret."""

from typing import Annotated

import typer

from heropixel.cli.naming import AppId, app_of, pixel_of
from heropixel.cli.terminal import AsJson, Yes, confirm, date_time, notes, out, print_json, print_rows, reading, writing
from heropixel.members.audit import add_entry
from heropixel.members.keys import create_key, list_keys, revoke_key
from heropixel.members.roles import KeyScope
from heropixel.shown import KEY, show

keys = typer.Typer(help="Keys: credentials of an app that may do less than its secret.", no_args_is_help=True)


@keys.command("create")
def create_a_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[KeyScope], typer.Option("--scope", help="What it may do.", case_sensitive=False)],
    app: AppId = None,
    pixel: Annotated[
        list[str] | None, typer.Option("--pixel", metavar="PIXEL", help="The only pixels it is for. [default: all]")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it stops working. [default: when it is revoked]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown now and never again."""
    from heropixel.identity.suppress import expiry  # noqa: PLC0415 - the others need no people

    with writing(context) as (connection, now):
        number = app_of(connection, app)
        pixels = [pixel_of(connection, each) for each in pixel] if pixel else None
        made = create_key(connection, number, name, scope, pixels, expiry(expires, now), now)
        add_entry(connection, number, now, "COMMAND", None, "createKey", made.key.id)
    if as_json:
        print_json({"id": made.key.id, "key": made.text})
        return
    out.print(made.text, soft_wrap=True)
    notes.print("Keep the key now: only its hash is stored, so it cannot be shown again.", style="yellow")


@keys.command("list")
def list_the_keys(context: typer.Context, app: AppId = None, as_json: AsJson = False) -> None:
    """Show the keys of an app, without the keys themselves."""
    with reading(context) as (connection, _):
        rows = [show(KEY, key, instant=date_time) for key in list_keys(connection, app_of(connection, app))]
    if not as_json:
        rows = [{**row, "pixelIds": _texts(row["pixelIds"]) or "all"} for row in rows]
    empty = "There is no key yet. `heropixel keys create NAME --scope SCOPE` makes one for a program."
    print_rows(rows, [*KEY], as_json=as_json, empty=empty)


@keys.command("revoke")
def revoke_a_key(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="ID", help="The key, see `heropixel keys list`.")],
    app: AppId = None,
    yes: Yes = False,
) -> None:
    """Make a key stop working at once."""
    confirm(f"The key {key} stops working at once.", yes=yes)
    with writing(context) as (connection, now):
        number = app_of(connection, app)
        revoke_key(connection, number, key)
        add_entry(connection, number, now, "COMMAND", None, "revokeKey", key)
    out.print(f"{key}: revoked")


def _texts(values: list[int] | None) -> list[str]:
    return [str(value) for value in values or ()]
