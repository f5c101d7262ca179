"""`heropixel saved-views`: what the dashboard shows, kept under a name for everybody of an app."""

import msgspec
import typer

from heropixel.cli.naming import AppId, app_of
from heropixel.cli.terminal import AsJson, date_time, print_rows, reading
from heropixel.members.saved_views import list_views
from heropixel.shown import SHOWN_VIEW, VIEW, show

saved_views = typer.Typer(help="Saved views of the dashboard that everybody of an app sees.", no_args_is_help=True)


@saved_views.command("list")
def list_the_views(context: typer.Context, app: AppId = None, as_json: AsJson = False) -> None:
    """Show the saved views of an app, in the order of their names. Those of a member are that member's own."""
    from heropixel.reports.viewed import read_view  # noqa: PLC0415 - the others need no reports

    with reading(context) as (connection, _):
        views = list_views(connection, app_of(connection, app), None)
    rows = [{**show(VIEW, view, instant=date_time), "shows": show(SHOWN_VIEW, read_view(view.shows))} for view in views]
    if not as_json:
        rows = [{**row, "shows": msgspec.json.encode(row["shows"]).decode()} for row in rows]
    empty = "There is no view for everybody yet. *Saved views* in the dashboard keeps one, and so does `saveView`."
    print_rows(rows, [*VIEW, "shows"], as_json=as_json, empty=empty)
