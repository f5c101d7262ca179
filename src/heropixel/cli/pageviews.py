"""`heropixel pageviews`: what was recorded."""

import typer

from heropixel.cli.exports import AsFormat, Output, write_to
from heropixel.cli.terminal import notes
from heropixel.transfer import Format

pageviews = typer.Typer(help="Pageviews: what was recorded.", no_args_is_help=True)


@pageviews.command("export")
def export_pageviews(
    context: typer.Context,
    as_format: AsFormat = Format.JSONL,
    output: Output = None,
) -> None:
    """Write every pageview, those that are still in the journal included."""
    from heropixel.pageviews_export import export  # noqa: PLC0415 - only this command pays for its imports

    count = write_to(output, lambda file: export(context.obj, as_format, file))
    notes.print(f"{count} pageviews")
