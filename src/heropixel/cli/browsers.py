"""`heropixel users unlink` and `relink`: a browser is taken from a person, and given back."""

from typing import Annotated

import typer

from heropixel.cli.identifiers import ExternalId, Md5, OneEmail, Phone, Sha1, Sha256, UserId
from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import AsJson, date_time, directory_of, notes, out, print_json, settings_of
from heropixel.clock import clock
from heropixel.directory.unlinks import Unlink
from heropixel.errors import EventsUnavailable
from heropixel.shown import UNLINK, show
from heropixel.troubles import FolderInUse
from heropixel.values import counted


def unlink_a_browser(
    context: typer.Context,
    visitor_id: Annotated[str, typer.Argument(metavar="VISITOR_ID", help="The browser.")],
    app_id: AppId = None,
    user_id: UserId = None,
    email: OneEmail = None,
    external_id: ExternalId = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
    as_json: AsJson = False,
) -> None:
    """Take a browser from a user, named by exactly one identifier, with all pageviews that it alone had found.

    Pageviews do not link it to this user again; `identify` with both does. `users relink` undoes it.
    """
    from heropixel.identity.person import UserSelector  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.identity.unlink import UnlinkRequest, find_link, unlink  # noqa: PLC0415 - as above
    from heropixel.processes.command import operations  # noqa: PLC0415 - as above
    from heropixel.processes.index import index_of  # noqa: PLC0415 - as above

    selector = UserSelector(user_id, external_id, email, md5, sha1, sha256, phone)
    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
        number = app_of(directory.connection, app_id)
        request = UnlinkRequest(number, selector, visitor_id, "COMMAND", clock())
        found = find_link(directory.connection, index, request)
        ever_linked = False
        if found.user is None:  # it may have been linked to somebody else since, which the event store knows
            with operations(settings_of(context), "users unlink") as holder:
                links = holder.links_of(number, found.members)
            ever_linked = any(link.visitor_id == found.visitor_id for link in links)
        with directory.writing() as connection:
            taken = unlink(connection, index, request, ever_linked=ever_linked)
    taken = _followed(context, taken)
    if as_json:
        print_json(show(UNLINK, taken, instant=date_time))
        return
    many = "" if taken.pageviews is None else f" with {counted(taken.pageviews, 'pageviews')}"
    out.print(f"{taken.visitor_id} is taken from user {taken.person}{many}.", soft_wrap=True)
    out.print(f"`heropixel users relink {taken.id}` gives it back.", soft_wrap=True)


def relink_a_browser(
    context: typer.Context,
    unlink: Annotated[str, typer.Argument(metavar="ID", help="The unlink, see `heropixel users show`.")],
    app_id: AppId = None,
    as_json: AsJson = False,
) -> None:
    """Undo an unlink: links, pageviews and figures are as before."""
    from heropixel.identity.unlink import relink  # noqa: PLC0415 - only these commands pay for its imports

    with directory_of(context) as directory, directory.writing() as connection:
        given = relink(connection, app_of(connection, app_id), unlink, clock())
    given = _followed(context, given)
    if as_json:
        print_json(show(UNLINK, given, instant=date_time))
    else:
        out.print(f"{given.visitor_id} is a browser of user {given.person} again.", soft_wrap=True)


def _followed(context: typer.Context, unlink: Unlink) -> Unlink:
    """The unlink, once the event store has followed, if that is possible now."""
    from heropixel.processes.command import operations  # noqa: PLC0415 - only these commands pay for its imports

    with directory_of(context) as directory:
        try:
            with operations(settings_of(context), "unlinking") as holder:
                unlink = holder.follow(directory, unlink)
        except FolderInUse:
            pass  # another command holds the folder, and commands answer no requests
        except EventsUnavailable:
            notes.print("The event store is not reachable now.", style="yellow")
    if unlink.waiting:
        notes.print(
            "Lists and reports do not follow yet: the running server does it, or the next one that starts.",
            style="yellow",
            soft_wrap=True,
        )
    return unlink
