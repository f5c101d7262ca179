"""`heropixel members`: who may sign in to an app."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from heropixel.cli.naming import AppId, app_of
from heropixel.cli.sign_in_link import url_of
from heropixel.cli.terminal import (
    AsJson,
    Yes,
    confirm,
    date_time,
    notes,
    out,
    print_rows,
    reading,
    settings_of,
    writing,
)
from heropixel.members.audit import add_entry
from heropixel.members.links import INVITATION_MILLISECONDS, link_of, new_link
from heropixel.members.membership import (
    MemberRow,
    change_role,
    invite,
    list_members,
    remove_member,
)
from heropixel.members.roles import Role
from heropixel.shown import MEMBER, show
from heropixel.troubles import MemberMissing

members = typer.Typer(help="Members: who may sign in to an app.", no_args_is_help=True)

Member = Annotated[str, typer.Argument(metavar="MEMBER", help="The member, by email or id.")]
WhichRole = Annotated[Role, typer.Option("--role", help="What they may do.", case_sensitive=False)]


@members.command("list")
def list_the_members(context: typer.Context, app: AppId = None, as_json: AsJson = False) -> None:
    """Show the members of an app and their roles."""
    with reading(context) as (connection, _):
        rows = list_members(connection, app_of(connection, app))
    empty = "There is no member yet. `heropixel sign-in-link` makes the first owner."
    print_rows([show(MEMBER, row, instant=date_time) for row in rows], [*MEMBER], as_json=as_json, empty=empty)


@members.command("invite")
def invite_a_member(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="Their email.")],
    app: AppId = None,
    role: WhichRole = Role.VIEWER,
) -> None:
    """Add somebody to an app, and print the link that signs them in for the first time."""
    settings = settings_of(context)
    with writing(context) as (connection, now):
        number = app_of(connection, app)
        invited = invite(connection, number, email, role, now)
        add_entry(connection, number, now, "COMMAND", None, "inviteMember", invited.row.id)
        token = new_link(connection, invited.row.id, now, INVITATION_MILLISECONDS) if invited.is_new else None
    out.print(f"{email}: {role}")
    if token:
        out.print(link_of(url_of(settings), token), soft_wrap=True)
        notes.print("The link works once, for 7 days.", style="yellow")
    else:
        notes.print("They sign in as before.")


@members.command("change")
def change_a_member(context: typer.Context, member: Member, role: WhichRole, app: AppId = None) -> None:
    """Give a member of an app another role."""
    with writing(context) as (connection, now):
        number = app_of(connection, app)
        row = _named(connection, number, member)
        change_role(connection, number, row.id, role)
        add_entry(connection, number, now, "COMMAND", None, "changeMember", row.id)
    out.print(f"{row.email or row.id}: {role}")


@members.command("remove")
def remove_a_member(context: typer.Context, member: Member, app: AppId = None, yes: Yes = False) -> None:
    """Take a member out of an app."""
    with reading(context) as (connection, _):
        row = _named(connection, app_of(connection, app), member)
    confirm(f"{row.email or row.id} can use the app no more.", yes=yes)
    with writing(context) as (connection, now):
        number = app_of(connection, app)
        remove_member(connection, number, row.id)
        add_entry(connection, number, now, "COMMAND", None, "removeMember", row.id)
    out.print(f"{row.email or row.id}: removed")


def _named(connection: Connection, app: int, named: str) -> MemberRow:
    for row in list_members(connection, app):
        if named in (row.id, row.email) or named.strip().lower() == row.email:
            return row
    raise MemberMissing
