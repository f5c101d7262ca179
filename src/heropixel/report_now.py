"""`heropixel report`: from the server that holds the folder, or from the stores themselves where none runs."""

from functools import partial
from typing import NamedTuple

import httpx
import msgspec

from heropixel import folder
from heropixel.api.reports import KNOWN, own_pixels
from heropixel.directory import open_directory
from heropixel.directory.merges import speakers
from heropixel.directory.registry import read_pixels
from heropixel.errors import EventsUnavailable, FolderInUse, PixelNotFound, ReportRefused, ServerUnreachable
from heropixel.reports.ask import EVERYTHING, Report, ask
from heropixel.reports.people import People
from heropixel.reports.question import Question, ReportInput
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.server import clock, completed
from heropixel.settings import Settings


class Told(NamedTuple):
    """A report, and the question that it answers."""

    question: Question
    report: Report


def tell(settings: Settings, given: ReportInput) -> Told:
    """The answer to a question about pixels of one app.

    Raises:
        Refusal: it cannot be asked so.
        FolderInUse: another command holds the folder.
        ServerUnreachable, ReportRefused: the process that holds the folder does not answer, or not this.
        EventsUnavailable: the event store cannot be read.
    """
    directory = open_directory(settings.url_of_directory())
    try:
        pixels = read_pixels(directory.connection)
    finally:
        directory.close()
    first = pixels.get(given.pixel_ids[0]) if given.pixel_ids else None
    if first is None:
        raise PixelNotFound
    question = Question.parse(given, own_pixels(pixels, first.app), KNOWN, clock())
    holder = folder.holder_of(settings.data)
    if holder and not holder.url:
        raise FolderInUse(process=f"{holder.command}, pid {holder.pid}", folder=settings.data)
    if holder:
        return Told(question, _from_server(settings, holder, _at_once(given, question)))
    return Told(question, _from_stores(settings, first.app, question))


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


def _from_server(settings: Settings, holder: folder.Holder, given: ReportInput) -> Report:
    try:
        response = httpx.post(
            f"{holder.url}/operator/report",
            headers={"Authorization": f"Bearer {holder.token}"},
            content=msgspec.json.encode(given),
            timeout=httpx.Timeout(settings.report_seconds + 60, connect=5),
            trust_env=False,  # it is this machine: a proxy would get the token, and could not reach it
        )
        if response.status_code == httpx.codes.BAD_REQUEST:
            raise ReportRefused(why=response.text)
        if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise EventsUnavailable(response.text)
        return msgspec.json.decode(response.raise_for_status().content, type=Report)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        process = f"{holder.command}, pid {holder.pid}"
        raise ServerUnreachable(folder=settings.data, process=process, why=error) from None
