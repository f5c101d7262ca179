"""Reports as plain JSON, under the names of the API. Pure."""

from collections.abc import Sequence
from typing import Any

from heropixel.reports.ask import ReportRow
from heropixel.reports.figures import Changes, Figures, field_of
from heropixel.reports.question import Metric
from heropixel.reports.ranges import Range
from heropixel.values import camel, date_time


def plain_row(row: ReportRow, metrics: Sequence[Metric], *, compared: bool) -> dict[str, Any]:
    """A row, with its time and values if the report has them, and with the comparison if the report is `compared`."""
    time = {} if row.begin is None else {"time": date_time(row.begin)}
    values = {camel(name): value for name, value in row.values.items()}
    both = {"comparison": row.comparison, "change": row.change} if compared else {}
    before = {name: figures and plain_figures(figures, metrics) for name, figures in both.items()}
    return {**time, **values, **plain_figures(row.figures, metrics), **before}


def plain_figures(figures: Figures | Changes, metrics: Sequence[Metric]) -> dict[str, Any]:
    """The metrics that were asked for."""
    return {camel(metric): getattr(figures, field_of(metric)) for metric in metrics}


def plain_range(range_: Range) -> dict[str, Any]:
    """A range, by its instants."""
    return {"from": date_time(range_.start), "to": date_time(range_.end)}
