"""`heropixel sign-in-link`: a way in without a password, for whoever may run commands here."""

from contextlib import closing
from typing import Annotated

import typer

from heropixel import folder
from heropixel.cli.terminal import notes, out, settings_of, writing
from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.members.links import first_link, link_of, new_link
from heropixel.members.membership import member_named
from heropixel.settings import Settings
from heropixel.troubles import MemberMissing, NotNamed


def sign_in_link(
    context: typer.Context,
    member: Annotated[
        str | None,
        typer.Argument(metavar="MEMBER", help="The member, by email or id. It may be left out where there is one."),
    ] = None,
) -> None:
    """Print a link that signs a member in, once and within 15 minutes."""
    settings = settings_of(context)
    with writing(context) as (connection, now):
        token = None if member else first_link(connection, now)
        if token is None:
            fit = member_named(connection, member)
            if not fit:
                raise MemberMissing
            if len(fit) > 1:
                raise NotNamed(what="member", names=", ".join(email or id_ for id_, email in fit))
            token = new_link(connection, fit[0][0], now)
    out.print(link_of(url_of(settings), token), soft_wrap=True)
    notes.print("It works once, for 15 minutes.", style="yellow")


def url_of(settings: Settings) -> str:
    """The address of the server: as browsers know it, or where it listens, or where it would."""
    holder = folder.holder_of(settings.data)
    listening = holder.url if holder and holder.url else f"http://{settings.host}:{settings.port}"
    return settings.public_url or listening


def link_at_start(settings: Settings, url: str, *, is_sample: bool) -> str | None:
    """The link for the first owner; None where somebody may sign in already.

    The sample world is for trying out. Each start signs its owner in, until there are other members.
    """
    with closing(open_directory(settings.url_of_directory())) as directory, directory.writing() as connection:
        token = first_link(connection, clock())
        if token is None and is_sample:
            match member_named(connection, None):
                case [(owner, _)]:
                    token = new_link(connection, owner, clock())
    return token and link_of(settings.public_url or url, token)
