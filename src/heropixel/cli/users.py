"""`heropixel users`: the people an app knows."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from heropixel import values
from heropixel.cli.browsers import relink_a_browser, unlink_a_browser
from heropixel.cli.erasures import finish
from heropixel.cli.exports import AsFormat, Output, write_to
from heropixel.cli.file_columns import OfColumns, meanings_of
from heropixel.cli.first_sources import source_text, with_first_sources
from heropixel.cli.identifiers import (
    Emails,
    ExternalId,
    Md5,
    OneEmail,
    Phone,
    Sha1,
    Sha256,
    UserId,
    VisitorId,
)
from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import (
    AsJson,
    Yes,
    confirm,
    date_time,
    directory_of,
    notes,
    out,
    print_imported,
    print_json,
    print_rows,
    progress_bar,
    say_what_keeps_them,
    settings_of,
)
from heropixel.cli.traits import name_and_value
from heropixel.clock import clock
from heropixel.directory.users import User
from heropixel.shown import MERGE, UNLINK, USER, show
from heropixel.strict_json import JsonRefused, decode
from heropixel.transfer import Format, write_rows
from heropixel.values import counted

if TYPE_CHECKING:
    from heropixel.directory.people import ListedUser


users = typer.Typer(help="Users: the people an app knows.", no_args_is_help=True)

_OUTCOMES = ("created", "updated", "merged", "unchanged", "repeated", "conflicts")


@users.command("import")
def import_a_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .csv, .json, .jsonl or .parquet file; all but the last as .gz.")],
    app_id: AppId = None,
    texts: Annotated[
        list[str] | None,
        typer.Option(
            "--text",
            metavar="COLUMN",
            help="Keep the cells of this column of a CSV file as texts; may be given again. '*' is every column.",
        ),
    ] = None,
    column: OfColumns = None,
    as_json: AsJson = False,
) -> None:
    """Import people from a file.

    Columns: email, md5, sha1, sha256, phone, external_id, emails, phones; any other column becomes a trait. The
    usual column names of mail tools are known; `--column "Contact"=email` names another one. In CSV, numbers, true and
    false get their type. Rows that cannot be used are written with their reason to FILE.rejected and do not stop the
    rest. Importing a file again changes nothing. The files of `users export` are imported whole.

    Each row is created, updated, merged (it made one of two known users) or unchanged. Of these, repeated rows are of
    people whom an earlier row has named, and conflicts are rows with an identifier that is shared or another user's.
    """
    from heropixel.importing.users import import_users  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    with directory_of(context) as directory, progress_bar(file.name) as progress:
        number = app_of(directory.connection, app_id)
        index, max_joined = index_of(context.obj, directory), context.obj.max_joined
        meanings = meanings_of(column)
        imported = import_users(file, directory, index, number, clock, progress, max_joined, texts or (), meanings)
    if imported.conflicts and not as_json:
        notes.print(
            f"In {counted(imported.conflicts, 'rows')} an identifier is shared by several people, or another user's. "
            "It joined nobody."
        )
    if imported.erased and not as_json:
        notes.print(f"{imported.erased} people were erased, must not be learned again, and were left out.")
    counts = {name: getattr(imported, name) for name in _OUTCOMES}
    print_imported(file, counts, imported.rejections, left_out={"erased": imported.erased}, as_json=as_json)


@users.command("show")
def show_a_user(
    context: typer.Context,
    app_id: AppId = None,
    user_id: UserId = None,
    email: OneEmail = None,
    external_id: ExternalId = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
    visitor_id: VisitorId = None,
    as_json: AsJson = False,
) -> None:
    """Show one user, named by exactly one identifier, with everything known of them."""
    from heropixel.directory.merges import merges_of  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.directory.people import is_learned, with_contacts  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.directory.unlinks import unlinks_of  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.identity.person import UserSelector  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    selector = UserSelector(user_id, external_id, email, md5, sha1, sha256, phone, visitor_id)
    with directory_of(context) as directory:
        number = app_of(directory.connection, app_id)
        found = selector.find(directory.connection, number, index_of(context.obj, directory))
        (person,) = with_contacts(directory.connection, [(found, is_learned(directory.connection, found.id))])
        merges = merges_of(directory.connection, found.id)
        unlinks = unlinks_of(directory.connection, person.members)
        suppressed = found.suppressed_until > clock()
    (listed,) = with_first_sources(context, number, [person], [_listed(person)])
    shown = {
        **listed,
        "suppressed": suppressed,
        "merges": [show(MERGE, merge, instant=date_time) for merge in merges],
        "unlinks": [show(UNLINK, unlink, instant=date_time) for unlink in unlinks],
    }
    _print_fields(shown, as_json=as_json)


@users.command("identify")
def identify_a_user(
    context: typer.Context,
    app_id: AppId = None,
    email: Emails = None,
    external_id: ExternalId = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
    visitor_id: VisitorId = None,
    traits: Annotated[str, typer.Option(metavar="JSON", help="What you know of the user: a JSON object.")] = "{}",
    as_json: AsJson = False,
) -> None:
    """Say who somebody is: create, complete or merge the user of these identifiers."""
    from heropixel.errors import IdentifierMissing, InvalidTraits, PersonErased  # noqa: PLC0415 - as above
    from heropixel.identity.batch import MergeOrigin, Result, ToIdentify  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.identity.identify import identify_many  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.identity.person import UserInput  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    try:
        given = decode(traits.encode())
    except JsonRefused:
        raise InvalidTraits from None
    described = UserInput(external_id, None, email, md5, sha1, sha256, phone, visitor_id, given)
    with directory_of(context) as directory:
        number = app_of(directory.connection, app_id)
        index = index_of(context.obj, directory)
        batch = ToIdentify.of(number, [described.person()], index, MergeOrigin.COMMAND, clock(), context.obj.max_joined)
        (identified,) = identify_many(directory, batch)
    if identified.user is None:
        raise PersonErased if identified.result is Result.ERASED else IdentifierMissing
    news = {name: list(getattr(identified, name)) for name in ("added", "conflicts") if getattr(identified, name)}
    merges = {"merges": [str(merge.id) for merge in identified.merges]} if identified.merges else {}
    _print_fields({"result": identified.result.name, **_shown(identified.user), **news, **merges}, as_json=as_json)


@users.command("forget")
def forget_a_user(
    context: typer.Context,
    app_id: AppId = None,
    user_id: UserId = None,
    email: OneEmail = None,
    external_id: ExternalId = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
    visitor_id: VisitorId = None,
    tombstone: Annotated[
        bool, typer.Option("--tombstone", help="Leave keyed hashes, so that no import learns the person again.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Erase one person, named by exactly one identifier, everywhere. Their pageviews still count, without a name."""
    from heropixel.identity.forget import ErasureRequest, forget  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.identity.person import UserSelector  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.processes.index import index_of  # noqa: PLC0415 - only commands that name a user pay for its imports

    selector = UserSelector(user_id, external_id, email, md5, sha1, sha256, phone, visitor_id)
    confirm("The person is erased everywhere.", yes=yes)
    with directory_of(context) as directory:
        index = index_of(context.obj, directory)
        with directory.writing() as connection:
            request = ErasureRequest(app_of(connection, app_id), selector, tombstone, "COMMAND", clock())
            erasure = forget(connection, index, request)
    finish(context, erasure, as_json=as_json)


users.command("unlink")(unlink_a_browser)
users.command("relink")(relink_a_browser)


@users.command("redact")
def redact_contacts(context: typer.Context, yes: Yes = False) -> None:
    """Remove every stored email and telephone number of all apps, and store no more from now on.

    Users are found by the digests as before, but the addresses cannot be shown again. Restart a running server.
    Traits are not searched for addresses.
    """
    from heropixel.directory.keys import redact, stores_emails  # noqa: PLC0415 - only this command pays for its imports

    confirm("Every stored email and telephone number of all apps is removed.", yes=yes)
    with directory_of(context) as directory:
        stores_emails(directory, wanted=False)
        redacted = redact(directory)
    out.print(f"{counted(redacted, 'contacts')} removed; from now on only digests are stored.")
    notes.print("Restart the server, if one runs, and set HEROPIXEL_STORE_EMAILS nowhere to true.")
    say_what_keeps_them(settings_of(context))


@users.command("list")
def list_users(
    context: typer.Context,
    app_id: AppId = None,
    email_prefix: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only users with an email address that begins so.")
    ] = None,
    trait: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE", help="Only users with this trait: plan=pro, orders=12, vip=true, signup=2026-01-31."
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="Only users with each word in an address, a number, their id or a trait."),
    ] = None,
    learned: Annotated[
        bool | None,
        typer.Option(
            "--learned/--told", help="Only users learned from pageviews, or only users from identify and imports."
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    first_source: Annotated[
        bool, typer.Option("--first-source", help="Also show where they first came from, from the event store.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the users of an app, first seen first: what the directory knows, without their activity.

    A search reads users until it has enough.
    """
    from heropixel.directory.people import list_people  # noqa: PLC0415 - only these commands pay for its imports
    from heropixel.identity.search import TraitInput, UserSearch  # noqa: PLC0415 - only these commands pay for its imports

    wanted = UserSearch(
        email_prefix, TraitInput(*name_and_value(trait)) if trait else None, None, learned, text
    ).search()
    with directory_of(context) as directory:
        number = app_of(directory.connection, app_id)
        found = list_people(directory.connection, number, wanted, None, limit)
    rows = [_listed(each) for each in found]
    if first_source:
        rows = with_first_sources(context, number, found, rows)
    if as_json:
        print_json(rows)
        return
    columns = ["id", "externalId", "emails", "firstSeen"]  # the columns that fit; `show` has the rest
    if first_source:
        columns.append("firstSource")
        rows = [{**row, "firstSource": source_text(row["firstSource"])} for row in rows]
    empty = "No user matches." if any(part is not None for part in wanted) else _NO_USERS
    print_rows([{name: row[name] for name in columns} for row in rows], columns, as_json=False, empty=empty)


_NO_USERS = (
    "There is no user yet. `heropixel users import FILE` brings those you know; a pageview with an address adds one."
)


# The columns of a user in a list or a file, and their types.
EXPORTED: dict[str, type] = {
    "id": str,
    "externalId": str,
    "emails": list,
    "phones": list,
    "traits": dict,
    "firstSeen": str,
    "learned": bool,
    "furtherExternalIds": list,
}


@users.command("export")
def export_users(
    context: typer.Context,
    app_id: AppId = None,
    as_format: AsFormat = Format.JSONL,
    output: Output = None,
    user_id: UserId = None,
    email: OneEmail = None,
    external_id: ExternalId = None,
    md5: Md5 = None,
    sha1: Sha1 = None,
    sha256: Sha256 = None,
    phone: Phone = None,
    visitor_id: VisitorId = None,
) -> None:
    """Export every user of an app, with what the directory knows of them. `users import` takes each format whole.

    With an identifier, export everything that is kept of this one user, also their pageviews, as one JSON document: it
    is what `users forget` would erase.
    """
    selector = (user_id, external_id, email, md5, sha1, sha256, phone, visitor_id)
    if any(selector):
        from heropixel.cli.person_file import export_a_person  # noqa: PLC0415 - as above
        from heropixel.identity.person import UserSelector  # noqa: PLC0415 - as above

        if as_format is not Format.JSONL:
            raise typer.BadParameter("the document of one user is JSON: leave out --format")
        export_a_person(context, app_id, UserSelector(*selector), output)
        return
    from heropixel.directory.people import all_people  # noqa: PLC0415 - as above

    unnamed = 0

    def counted_row(person: "ListedUser") -> dict[str, Any]:
        nonlocal unnamed
        unnamed += not (person.user.external_id or person.emails or person.phones)
        return exported_row(person)

    with directory_of(context) as directory:
        number = app_of(directory.connection, app_id)
        rows = map(counted_row, all_people(directory.connection, number))
        count = write_to(output, lambda file: write_rows(rows, file, as_format, EXPORTED))
    notes.print(counted(count, "users") if count else _NO_USERS)
    if unnamed:
        notes.print(
            f"{counted(unnamed, 'users')} are known by digests alone, which the directory cannot tell: they cannot be"
            " imported again. A backup has them.",
            soft_wrap=True,
        )


def exported_row(person: "ListedUser") -> dict[str, Any]:
    """A person as a row of an export."""
    return {
        **_listed(person),
        "firstSeen": values.date_time(person.user.created_at),
        "learned": person.learned,
        "furtherExternalIds": person.further_external_ids,
    }


def _listed(person: "ListedUser") -> dict[str, Any]:
    return {**_shown(person.user), "emails": person.emails, "phones": person.phones}


def _shown(user: User) -> dict[str, Any]:
    return {**show(USER, user, instant=date_time), "traits": msgspec.json.decode(user.traits or "{}")}


def _print_fields(fields: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(fields)
        return
    texts = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in fields.items()
        if value
    }
    print_rows([{"": name, " ": text} for name, text in texts.items()], ["", ""], as_json=False)
