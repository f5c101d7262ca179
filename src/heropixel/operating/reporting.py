"""`heropixel report`: the range is fixed to instants, so that an answer a moment later counts the same."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from heropixel.directory.registry import Pixel
from heropixel.operating.operations import OperatorActions
from heropixel.reports.ask import Report
from heropixel.reports.asked import operators_question
from heropixel.reports.question import Question, ReportInput
from heropixel.reports.ranges import ComparisonInput, RangeInput


class AnsweredReport(NamedTuple):
    """A report, and the question that it answers."""

    question: Question
    report: Report


def checked(given: ReportInput, pixels: Mapping[int, Pixel], now: int) -> Question:
    """The checked question, before any store is opened for it. `now` is in Unix milliseconds.

    Raises:
        Refusal: the question is not valid.
    """
    return operators_question(given, pixels, now)[1]


def tell(operations: OperatorActions, given: ReportInput, question: Question) -> AnsweredReport:
    """The answer to a checked question.

    Raises:
        ServerUnreachable, ServerRefused, EventsUnavailable: see `OperatorActions.report`.
    """
    now, before = question.range, question.comparison
    fixed = msgspec.structs.replace(
        given,
        range=RangeInput(from_=now.start, to=now.end),
        timezone=question.zone.key,
        week_starts_on=question.calendar.week_starts_on,
        compare=ComparisonInput(from_=before.start, to=before.end) if before else None,
    )
    return AnsweredReport(question, operations.report(fixed))
