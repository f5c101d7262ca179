"""`heropixel reprocess`: enriches recorded pageviews again, with the rules of this version."""

from typing import Annotated

import typer

from heropixel.cli.serve import log_to_stderr
from heropixel.cli.terminal import AsJson, out, print_json, progress_bar, settings_of
from heropixel.processes.command import operations
from heropixel.values import counted


def reprocess(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Reprocess every pageview, not only those of other rules.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Enrich pageviews again with the rules of this version: bots, browsers, channels, and secrets in addresses.

    Without --all, only those of other rules. It may be interrupted, and continues when it is run again.
    """
    log_to_stderr()
    with operations(settings_of(context), "reprocess") as holder, progress_bar("reprocessing") as progress:
        count = holder.reprocess(lambda count: progress(count.reprocessed, count.total), everything=everything)
    if as_json:
        print_json({"judged": count.reprocessed, "changed": count.changed})
    else:
        out.print(f"{counted(count.reprocessed, 'pageviews')} reprocessed, {count.changed} changed")
