"""`heropixel shares`: links by which anybody sees one pixel."""

import sys
from typing import Annotated

import msgspec
import typer

from heropixel.cli.conditions import Conditions, filter_of
from heropixel.cli.naming import AppId, PixelId, app_of, pixel_of
from heropixel.cli.sign_in_link import url_of
from heropixel.cli.terminal import (
    AsJson,
    Yes,
    confirm,
    date_time,
    notes,
    out,
    print_json,
    print_rows,
    reading,
    settings_of,
    writing,
)
from heropixel.directory.apps import app_number
from heropixel.directory.pixels import find_pixel
from heropixel.members.audit import add_entry
from heropixel.members.passwords import check_password, hashed
from heropixel.members.shares import about_share, create_share, link_of_share, list_shares, revoke_share
from heropixel.shown import SHARE, show

shares = typer.Typer(help="Shares: links by which anybody sees a pixel.", no_args_is_help=True)


@shares.command("create")
def create_a_share(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name, which visitors see instead of that of the pixel.")],
    pixel: PixelId = None,
    with_password: Annotated[
        bool, typer.Option("--password", help="Ask for a password; where nobody can be asked, read a line of input.")
    ] = False,
    expires: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it stops working. [default: when it is revoked]")
    ] = None,
    conditions: Conditions = None,
    embed_on: Annotated[
        list[str] | None,
        typer.Option("--embed-on", metavar="ORIGIN", help="Pages that may show it, such as https://example.com."),
    ] = None,
    show_people: Annotated[
        bool,
        typer.Option("--show-people", help="Also show who was here: names, traits and ids, with addresses masked."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a link to the figures of a pixel. It is shown now and never again."""
    from heropixel.identity.suppress import expiry  # noqa: PLC0415 - the others need no people
    from heropixel.reports.shared import stored_filter  # noqa: PLC0415 - the others need no reports

    password = _hashed_password() if with_password else None
    with writing(context) as (connection, now):
        number = pixel_of(connection, pixel)
        app = app_number(connection, find_pixel(connection, number).app_id)
        made = create_share(
            connection,
            app,
            number,
            name,
            now,
            password=password,
            filter_=stored_filter(filter_of(conditions)),
            embed_on=embed_on or (),
            expires_at=expiry(expires, now),
            show_people=show_people,
        )
        add_entry(connection, app, now, "COMMAND", None, "createShare", about_share(made.share))
    link = link_of_share(url_of(settings_of(context)), made.share, made.token)
    if as_json:
        print_json({"id": made.share.id, "link": link})
        return
    out.print(link, soft_wrap=True)
    notes.print("Keep the link now: only a hash of it is stored, so it cannot be shown again.", style="yellow")


@shares.command("list")
def list_the_shares(context: typer.Context, app: AppId = None, as_json: AsJson = False) -> None:
    """Show the shares of an app, without their links."""
    with reading(context) as (connection, _):
        rows = [show(SHARE, share, instant=date_time) for share in list_shares(connection, app_of(connection, app))]
    if not as_json:
        rows = [{**row, "filter": row["filter"] and msgspec.json.encode(row["filter"]).decode()} for row in rows]
    empty = "There is no share yet. `heropixel shares create NAME` makes a link to the figures of a pixel."
    print_rows(rows, [*SHARE], as_json=as_json, empty=empty)


@shares.command("revoke")
def revoke_a_share(
    context: typer.Context,
    share: Annotated[str, typer.Argument(metavar="ID", help="The share, see `heropixel shares list`.")],
    app: AppId = None,
    yes: Yes = False,
) -> None:
    """Make a share stop working at once."""
    confirm(f"The link of {share} will stop working.", yes=yes)
    with writing(context) as (connection, now):
        number = app_of(connection, app)
        revoked = revoke_share(connection, number, share)
        add_entry(connection, number, now, "COMMAND", None, "revokeShare", about_share(revoked))
    out.print(f"{share}: revoked")


def _hashed_password() -> str:
    """The password, which stands in no list of processes and in no history of commands."""
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    check_password(password)
    return hashed(password)
