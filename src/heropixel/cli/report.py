"""`heropixel report`: the options of the command, and the question that they form."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from heropixel.cli.conditions import (
    By,
    Conditions,
    FirstDay,
    Last,
    LastDay,
    NamedRange,
    Zone,
    check_one_range,
    filter_of,
    words,
)
from heropixel.cli.naming import pixel_of
from heropixel.cli.report_printing import print_as_csv, print_as_json, print_as_table
from heropixel.cli.terminal import AsJson, directory_of, settings_of
from heropixel.clock import clock
from heropixel.directory.people import with_contacts
from heropixel.directory.registry import read_pixels
from heropixel.directory.users import find_by_ids
from heropixel.operating.reporting import AnsweredReport, checked, tell
from heropixel.processes.command import operations
from heropixel.reports.dimensions import TRAIT, USER
from heropixel.reports.question import Metric, ReportInput, Traffic, calendar_of
from heropixel.reports.ranges import ComparisonInput, RangeInput, last
from heropixel.shown import person_name

# The values on the command line: in lower case, with hyphens.
Figure = StrEnum("Figure", words([metric.name for metric in Metric]))  # type: ignore[misc]  # members are computed
TrafficKind = StrEnum("TrafficKind", words([traffic.name for traffic in Traffic]))  # type: ignore[misc]  # members are computed


def report(
    context: typer.Context,
    pixel: Annotated[
        list[str] | None,
        typer.Option(
            "--pixel",
            metavar="PIXEL",
            help="The pixel, by its id or name; several are counted as one. Left out: the only one.",
        ),
    ] = None,
    by: Annotated[list[By] | None, typer.Option(help="The dimension of the rows; may be given again.")] = None,
    by_trait: Annotated[
        str | None,
        typer.Option("--by-trait", metavar="TRAIT", help="Rows by this trait of users, such as plan."),
    ] = None,
    metric: Annotated[list[Figure] | None, typer.Option(help="The figure to show; may be given again.")] = None,
    since: Last = None,
    named: NamedRange = None,
    start: FirstDay = None,
    end: LastDay = None,
    zone: Zone = None,
    condition: Conditions = None,
    traffic: Annotated[
        list[TrafficKind] | None, typer.Option(help="The kind of traffic to count; may be given again.")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Compare with the period before.")] = False,
    limit: Annotated[int, typer.Option(help="How many rows, or how many series over time.")] = 20,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
) -> None:
    """Print a report on the pageviews of a pixel, including those still in the journal."""
    check_one_range(since, named, start, end)
    if as_json and as_csv:
        raise typer.BadParameter("give either --json or --csv")
    asked, other = RangeInput(name=named.name if named else None), ComparisonInput(name="PREVIOUS_PERIOD")
    with directory_of(context) as directory:
        wanted: Sequence[str | None] = pixel or [None]
        pixels = [pixel_of(directory.connection, named) for named in wanted]
        known = read_pixels(directory.connection)
    if start or end:
        asked = RangeInput(from_=start, to=end or clock())
    elif named is None:
        now, before = last(since or "30d", calendar_of(zone, known.get(pixels[0])), clock())
        asked, other = RangeInput(from_=now.start, to=now.end), ComparisonInput(from_=before.start, to=before.end)
    given = ReportInput(
        pixel_ids=pixels,
        range=asked,
        timezone=zone,
        metrics=[figure.name for figure in metric or ()] or _METRICS,
        trait=by_trait,
        dimensions=[*(dimension.name for dimension in by or ()), *([TRAIT] if by_trait is not None else [])],
        filter=filter_of(condition),
        traffic=[kind.name for kind in traffic or ()] or ["PEOPLE"],
        compare=other if compare else None,
        limit=limit,
    )
    question = checked(given, known, clock())
    with operations(settings_of(context), "report") as holder:
        answered = tell(holder, given, question)
    if as_json:
        print_as_json(answered)
    elif as_csv:
        print_as_csv(answered)
    else:
        print_as_table(answered, _names_of_users(context, answered))


def _names_of_users(context: typer.Context, answered: AnsweredReport) -> dict[str, str]:
    """The names of the users in a report, by their ids. Those without a name are left out."""
    ids = [int(row.values[USER]) for row in answered.report.rows if row.values.get(USER)]
    if not ids:
        return {}
    with directory_of(context) as directory:
        found = find_by_ids(directory.connection, ids)
        listed = with_contacts(directory.connection, [(user, False) for user in found.values()])
    named = ((str(each.user.id), person_name(each.user, each.emails)) for each in listed)
    return {user: name for user, name in named if name}


_METRICS = ["VISITORS", "IDENTIFIED_VISITORS", "PAGEVIEWS", "SESSIONS"]
