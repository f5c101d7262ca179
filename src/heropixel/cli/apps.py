"""`heropixel apps`: the credentials for sending pageviews."""

from typing import Annotated

import typer

from heropixel.cli.naming import WhichApp, app_id_of, app_of
from heropixel.cli.terminal import (
    AsJson,
    Yes,
    confirm,
    date_time,
    directory_of,
    notes,
    out,
    print_json,
    print_rows,
    reading,
    writing,
)
from heropixel.directory.apps import (
    NewApp,
    create_app,
    list_apps,
    list_secrets,
    revoke_secret,
    rotate_secret,
)
from heropixel.shown import SECRET, show

apps = typer.Typer(help="Apps: the credentials for sending pageviews.", no_args_is_help=True)


@apps.command("create")
def create_an_app(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name of the app.")],
    as_json: AsJson = False,
) -> None:
    """Make an app. Its secret is shown now and never again."""
    with writing(context, beginning=True) as (connection, now):
        made = create_app(connection, name, now)
    _show_secret(made, as_json=as_json)


@apps.command("rotate")
def rotate_a_secret(
    context: typer.Context,
    app: WhichApp,
    grace: Annotated[int, typer.Option(metavar="SECONDS", help="How long the earlier secrets still work.")] = 0,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give an app a new secret; the earlier ones stop working at once, or after a grace time."""
    if not grace:
        confirm(f"The earlier secrets of {app} stop working at once.", yes=yes)
    with writing(context) as (connection, now):
        secret = rotate_secret(connection, app_of(connection, app), grace, now)
        made = NewApp(app_id_of(connection, app), secret)
    _show_secret(made, as_json=as_json)


@apps.command("revoke")
def revoke_a_secret(
    context: typer.Context,
    app: WhichApp,
    secret: Annotated[str, typer.Argument(metavar="ID", help="The secret, see `heropixel apps show`.")],
    yes: Yes = False,
) -> None:
    """Make one secret of an app stop working at once."""
    confirm(f"The secret {secret} stops working at once.", yes=yes)
    with writing(context) as (connection, now):
        revoke_secret(connection, app_of(connection, app), secret, now)
    out.print(f"{secret}: revoked")


@apps.command("show")
def show_an_app(context: typer.Context, app: WhichApp, as_json: AsJson = False) -> None:
    """Show the working secrets of an app: their ids and dates."""
    with reading(context) as (connection, now):
        secrets = list_secrets(connection, app_of(connection, app), now)
    shown = [show(SECRET, secret, instant=date_time) for secret in secrets]
    empty = "No secret of this app works. `heropixel apps rotate APP` makes one."
    print_rows(shown, [*SECRET], as_json=as_json, empty=empty)


def _show_secret(made: NewApp, *, as_json: bool) -> None:
    if as_json:
        print_json({"appId": made.app_id, "appSecret": made.secret})
        return
    out.print(f"appId:     {made.app_id}\nappSecret: {made.secret}", soft_wrap=True)
    notes.print("Keep the secret now: only its hash is stored, so it cannot be shown again.", style="yellow")


@apps.command("list")
def list_all_apps(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every app."""
    with directory_of(context) as directory:
        rows = list_apps(directory.connection)
    shown = [{"appId": row.app_id, "name": row.name} for row in rows]
    empty = "There is no app yet. `heropixel apps create NAME` makes one, and shows its secret."
    print_rows(shown, ["appId", "name"], as_json=as_json, empty=empty)
