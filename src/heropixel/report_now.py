"""`heropixel report`: from the server that holds the folder, or from the stores themselves where none runs."""

from functools import partial
from typing import NamedTuple

import msgspec

from heropixel import folder
from heropixel.api.reports import operators_question
from heropixel.directory import open_directory
from heropixel.directory.merges import speakers
from heropixel.directory.registry import read_pixels
from heropixel.operators_line import OperatorsLine, line_to_holder
from heropixel.reports.ask import EVERYTHING, Report, ask
from heropixel.reports.people import People
from heropixel.reports.question import Question, ReportInput
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.server import clock, completed
from heropixel.settings import Settings

_MORE_SECONDS = 60  # for what is still in the journal


class Told(NamedTuple):
    """A report, and the question that it answers."""

    question: Question
    report: Report


def tell(settings: Settings, given: ReportInput) -> Told:
    """The answer to a question about pixels of one app.

    Raises:
        Refusal: it cannot be asked so.
        FolderInUse: another command holds the folder.
        ServerUnreachable, ServerRefused: the process that holds the folder does not answer, or not this.
        EventsUnavailable: the event store cannot be read.
    """
    directory = open_directory(settings.url_of_directory())
    try:
        pixels = read_pixels(directory.connection)
    finally:
        directory.close()
    app, question = operators_question(given, pixels, clock())
    with line_to_holder(settings.data, settings.report_seconds + _MORE_SECONDS) as line:
        if line:
            return Told(question, _from_server(line, _at_once(given, question)))
    return Told(question, _from_stores(settings, app, question))


def _at_once(given: ReportInput, question: Question) -> ReportInput:
    """The same for whoever reads it a moment later."""
    now, before = question.range, question.comparison
    return msgspec.structs.replace(
        given,
        range=RangeInput(from_=now.start, to=now.end),
        compare=ComparisonInput(from_=before.start, to=before.end) if before else None,
    )


def _from_stores(settings: Settings, app: int, question: Question) -> Report:
    with folder.held(settings.data, "heropixel report"), completed(settings) as (directory, events):
        people = People(lambda of: speakers(directory.connection, of))
        scope_of = partial(people.scope, events, app, question.pixels)
        return ask(events, scope_of, question, EVERYTHING)


def _from_server(line: OperatorsLine, given: ReportInput) -> Report:
    return msgspec.json.decode(line.post("/operator/report", msgspec.json.encode(given)), type=Report)
