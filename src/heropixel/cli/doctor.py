"""`heropixel doctor`: prints whether this installation can keep its promises, check by check."""

import os
from collections.abc import Iterator
from typing import Annotated

import typer

from heropixel.cli.terminal import AsJson, out, print_json, settings_of
from heropixel.doctor.checkup import NamedDiagnosis, examine, keeps_promises
from heropixel.doctor.diagnosis import Verdict
from heropixel.doctor.running import subject_of
from heropixel.troubles import PromiseBroken


def doctor(
    context: typer.Context,
    as_json: AsJson = False,
    events: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Try the ClickHouse server at this URL instead, in a database of its own that is dropped at the end:"
            " make the tables, insert once by token, insert again, report, erase a person, delete the pageviews of a"
            " pixel, and compare the replicas where the URL names a cluster. `-` is the URL in HEROPIXEL_EVENTS_URL:"
            " others on this machine can read the arguments of a command.",
        ),
    ] = None,
) -> None:
    """Check stores, settings, clock, disk and versions, and say what to change. Nothing is changed.

    It works while the server runs, and while it does not. The exit code is 1 if a promise cannot be kept.
    """
    made = []
    for one in _trial(events) if events else examine(subject_of(settings_of(context))):
        made.append(one)
        if not as_json:
            _print(one)
    if as_json:
        print_json({"ok": keeps_promises(made), "checks": [_plain(one) for one in made]})
    else:
        out.print(f"\n{_sum(made)}")
    if not keeps_promises(made):
        raise PromiseBroken(checks=", ".join(one.name for one in made if one.diagnosis.verdict is Verdict.BROKEN))


def _trial(url: str) -> Iterator[NamedDiagnosis]:
    """Try the event store at a URL. It needs neither a folder nor the other settings of a server."""
    from heropixel.doctor.trial import Trial, try_events  # noqa: PLC0415 - only where it is asked for

    given = os.environ.get("HEROPIXEL_EVENTS_URL", "") if url == "-" else url
    if not given:
        raise typer.BadParameter("HEROPIXEL_EVENTS_URL is not set", param_hint="--events")
    return try_events(Trial(given))


def _print(one: NamedDiagnosis) -> None:
    verdict, found, to_do = one.diagnosis
    mark, style = _MARKS[verdict] if out.encoding.lower().startswith("utf") else _PLAIN_MARKS[verdict]
    out.print(f"{mark} {one.name:<14} {found}", style=style, soft_wrap=True)
    if to_do:
        out.print(f"{'':<{len(mark) + 16}}{to_do}", style=style, soft_wrap=True)


_MARKS = {
    Verdict.OK: ("✓", ""),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.BROKEN: ("✗", "red"),
    Verdict.UNKNOWN: ("?", "dim"),
}
_PLAIN_MARKS = {
    Verdict.OK: ("ok     ", ""),
    Verdict.WARNING: ("warning", "yellow"),
    Verdict.BROKEN: ("broken ", "red"),
    Verdict.UNKNOWN: ("unknown", "dim"),
}


def _plain(one: NamedDiagnosis) -> dict[str, str | None]:
    verdict, found, to_do = one.diagnosis
    return {"name": one.name, "verdict": verdict, "found": found, "toDo": to_do or None}


def _sum(made: list[NamedDiagnosis]) -> str:
    counts = {verdict: sum(one.diagnosis.verdict is verdict for one in made) for verdict in Verdict}
    told = [
        f"{counts[Verdict.OK]} of {len(made)} checks are well",
        f"{counts[Verdict.WARNING]} to look at" if counts[Verdict.WARNING] else "",
        f"{counts[Verdict.BROKEN]} broken" if counts[Verdict.BROKEN] else "",
        f"{counts[Verdict.UNKNOWN]} not known" if counts[Verdict.UNKNOWN] else "",
    ]
    return f"{', '.join(filter(None, told))}."
