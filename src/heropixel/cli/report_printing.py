"""A report on the terminal: as a table with bars, as JSON or as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from rich.measure import Measurement
from rich.table import Table

from heropixel.cli.harmless import harmless_line
from heropixel.cli.terminal import WIDEST, console, out, print_json, print_text
from heropixel.clock import clock
from heropixel.operating.reporting import AnsweredReport
from heropixel.reports.as_json import plain_figures, plain_range, plain_row
from heropixel.reports.dimensions import TRAIT, USER
from heropixel.reports.figures import Changes, Figures, field_of, number_of
from heropixel.reports.question import Metric, Question
from heropixel.reports.ranges import Range
from heropixel.transfer.guards import guarded
from heropixel.values import date_time


def print_as_table(answered: AnsweredReport, names: Mapping[str, str]) -> None:
    """Print for people, with the names of users by their ids.

    Bars take the remaining width. No figure is ever cut; outside a terminal nothing is cut.
    """
    figures = Measurement.get(out, out.options.update(width=WIDEST), _table(answered, names, 0))
    room = min(out.width - figures.maximum - _FRAME, _BAR)
    wanted = figures.maximum + _FRAME + room if room >= _SHORTEST_BAR else min(figures.maximum, out.width)
    table = _table(answered, names, room if room >= _SHORTEST_BAR else 0)
    # Its own console: otherwise a table that is wider than the terminal is cut to its width.
    console(width=max(wanted, figures.minimum)).print(table)
    out.print(_about(answered), soft_wrap=True)
    if not answered.report.rows:
        out.print(
            "No pageview is counted here. Try another range or filter; `heropixel verify URL` says why none comes."
        )


_BAR = 24
_SHORTEST_BAR = 6
_FRAME = 3  # columns around a bar


def _table(answered: AnsweredReport, names: Mapping[str, str], bar: int) -> Table:
    """The table, with bars of at most this length; 0: without bars."""
    question, report = answered.question, answered.report
    metrics, rows, headings = question.metrics, _rows(answered, names), _headings(question)
    most = max((number_of(figures, metrics[0]) or 0 for _, figures, _ in rows), default=0)
    table = Table(show_footer=bool(headings))
    for place, heading in enumerate(headings):
        is_time = bool(question.step and not place)
        table.add_column(heading, footer="" if place else "all", no_wrap=is_time, overflow="fold")
    if headings and bar:
        table.add_column("", no_wrap=True, min_width=bar)
    for metric in metrics:
        footer = _shown(report.totals, metric) if report.totals else ""
        table.add_column(metric.lower().replace("_", " "), justify="right", footer=footer, no_wrap=True)
        if question.comparison:
            footer = _before(report.totals, report.comparison_totals, metric)
            table.add_column("before", justify="right", footer=footer, no_wrap=True)
    for keys, figures, before in rows:
        bars = [_bar(number_of(figures, metrics[0]) or 0, most, bar)] if headings and bar else []
        cells = [_shown(figures, metric) for metric in metrics]
        if question.comparison:
            compared = (_before(figures, before, metric) for metric in metrics)
            cells = [*chain.from_iterable(zip(cells, compared, strict=True))]
        table.add_row(*(harmless_line(key) or "(none)" for key in keys), *bars, *cells)
    return table


def print_as_csv(answered: AnsweredReport) -> None:
    """Print for spreadsheets. Users are told by their ids."""
    question = answered.question
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = [metric.lower() for metric in question.metrics]
    before = [f"{name}_{what}" for what in ("before", "change") for name in names] if question.comparison else []
    basis = ["visitors_basis", "visitors_exact"] if Metric.VISITORS in question.metrics else []
    writer.writerow([*(heading.replace(" ", "_") for heading in _headings(question)), *names, *before, *basis])
    for keys, figures, comparison in _rows(answered, {}):
        numbers = [number_of(figures, metric) for metric in question.metrics]
        if question.comparison:
            change = Changes.between(comparison, figures)
            numbers += [number_of(comparison, metric) if comparison else None for metric in question.metrics]
            numbers += [getattr(change, field_of(metric)) if change else None for metric in question.metrics]
        visitors = figures.visitors
        told_basis = ["+".join(visitors.basis), str(visitors.exact).lower()] if visitors else []
        shown = ["" if number is None else number for number in numbers]
        writer.writerow([*map(guarded, keys), *shown, *told_basis])
    print_text(text.getvalue())


def print_as_json(answered: AnsweredReport) -> None:
    """Print for scripts: as in the API's `data`, with the range and the totals."""
    question, report = answered.question, answered.report
    whole = {
        "range": plain_range(question.range),
        "asOf": date_time(report.as_of),
        "comparisonRange": question.comparison and plain_range(question.comparison),
        "timezone": question.zone.key,
        "rows": [plain_row(row, question.metrics, compared=bool(question.comparison)) for row in report.rows],
        "totals": report.totals and plain_figures(report.totals, question.metrics),
        "comparisonTotals": report.comparison_totals and plain_figures(report.comparison_totals, question.metrics),
        "totalsChange": report.totals_change and plain_figures(report.totals_change, question.metrics),
        "rowCount": report.row_count,
    }
    print_json(whole)


def _rows(answered: AnsweredReport, names: Mapping[str, str]) -> list[tuple[list[str], Figures, Figures | None]]:
    """The keys of each row as texts, its figures, and the figures that are compared with."""
    question = answered.question
    return [
        (
            [*([_time(row.begin, question)] if row.begin is not None else []), *_values(row.values, names)],
            row.figures,
            row.comparison,
        )
        for row in answered.report.rows
    ]


def _values(values: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    return (
        f"{names[value]} ({value})" if dimension == USER and value in names else value
        for dimension, value in values.items()
    )


_FORMS = {"MINUTE": "%Y-%m-%d %H:%M", "HOUR": "%Y-%m-%d %H:%M", "DAY": "%Y-%m-%d", "WEEK": "%Y-%m-%d", "MONTH": "%Y-%m"}


def _time(begin: int, question: Question) -> str:
    return datetime.fromtimestamp(begin / 1000, question.zone).strftime(_FORMS[question.step or "DAY"])


def _headings(question: Question) -> list[str]:
    steps = [question.step] if question.step else []
    names = (*steps, *question.dimensions)
    return [f"trait {question.trait}" if name == TRAIT else name.lower().replace("_", " ") for name in names]


def _shown(figures: Figures, metric: Metric) -> str:
    number = number_of(figures, metric)
    match metric, number:
        case _, None:
            return "-"
        case ((Metric.BOUNCE_RATE | Metric.MATCH_RATE), _):
            return f"{number:.1%}"
        case Metric.SESSION_DURATION, _:
            return f"{number:,.0f} s"
        case Metric.PAGES_PER_SESSION, _:
            return f"{number:.2f}"
    return f"{number:,}"


def _bar(number: float, most: float, longest: int) -> str:
    length = round(number / most * longest) if most else 0
    return ("█" if out.encoding.lower().startswith("utf") else "#") * length


def _before(now: Figures | None, before: Figures | None, metric: Metric) -> str:
    """The figure before, and the change since; empty where there is none to compare with."""
    if now is None or before is None:
        return ""
    change = getattr(Changes.between(before, now), field_of(metric))
    return _shown(before, metric) if change is None else f"{_shown(before, metric)} ({change:+.0%})"


def _about(answered: AnsweredReport) -> str:
    """The range of the figures, and how visitors were told apart."""
    question, report = answered.question, answered.report
    lines = [f"From {_between(question.range, question)}, {question.zone.key}."]
    if report.as_of is not None and clock() - report.as_of > _BEHIND:
        lines.append(f"As of {_moment(report.as_of, question)}, {(clock() - report.as_of) // 1000:,} s behind.")
    if question.comparison:
        lines.append(f"Before: from {_between(question.comparison, question)}.")
    if report.row_count > len(report.rows):
        lines.append(f"{len(report.rows)} of {report.row_count} rows.")
    visitors = report.totals.visitors if report.totals else None
    if visitors:
        parts = (
            f"{visitors.identified_users:,} by user, {visitors.visitor_ids:,} by visitor id,"
            f" {visitors.daily_hashes:,} by a hash that changes daily"
        )
        lines.append(f"Visitors: {parts}{'' if visitors.exact else '; estimated, at most 1 % off'}.")
    return " ".join(lines)


def _between(range_: Range, question: Question) -> str:
    return " until ".join(_moment(at, question) for at in range_)


def _moment(at: int, question: Question) -> str:
    return datetime.fromtimestamp(at / 1000, question.zone).strftime("%Y-%m-%d %H:%M")


_BEHIND = 15_000  # milliseconds: pageviews are usually loaded within a second or two
