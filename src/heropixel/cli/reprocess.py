"""`heropixel reprocess`: what the rules make of pageviews, by the rules of today."""

from typing import Annotated

import typer

from heropixel.cli.serve import log_to_stderr
from heropixel.cli.terminal import AsJson, out, print_json, progress_bar, settings_of
from heropixel.values import counted


def reprocess(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Judge every pageview anew, not only those of other rules.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge pageviews anew by the rules of this version: bots, browsers, channels, and what addresses must not hold.

    Only those that other rules have judged, unless all are wanted. It may be interrupted, and goes on when run again.
    """
    from heropixel.reprocessing import reprocess as reprocess_them  # noqa: PLC0415 - only this command pays for its imports

    settings = settings_of(context)
    log_to_stderr()
    with progress_bar("judging anew") as progress:
        count = reprocess_them(settings, lambda count: progress(count.judged, count.total), everything=everything)
    if as_json:
        print_json({"judged": count.judged, "changed": count.changed})
    else:
        out.print(f"{counted(count.judged, 'pageviews')} judged anew, {count.changed} came out otherwise")
