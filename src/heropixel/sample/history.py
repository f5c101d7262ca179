"""Records past pageviews of the sample site as an import does it, and what the app learns of those who sign up."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.directory.apps import NewApp, app_number
from heropixel.importing.users import import_users
from heropixel.operating.operations import OperatorActions
from heropixel.processes.command import operations
from heropixel.processes.index import index_of
from heropixel.recording.pageview import PageviewEvent
from heropixel.recording.past import PastPageview, PastResult
from heropixel.sample.pages import WELCOME
from heropixel.sample.pageviews import instant_of
from heropixel.sample.people import SamplePerson, traits_at_sign_up
from heropixel.settings import Settings
from heropixel.transfer.converting import chunks
from heropixel.values import date_time

_GROUP = 4_000  # pageviews: larger groups are no faster
_LONGEST_KNOWN = 700 * 86_400_000  # milliseconds: for how long customers were known before the first pageview


def record_history(
    settings: Settings, app: NewApp, pageviews: Sequence[PageviewEvent], customers: Sequence[SamplePerson]
) -> int:
    """Record pageviews, in the order of their time. Returns how many are new.

    Who signs up in one of them gets traits. The `customers` were known before the first of them.
    """
    if not pageviews:
        return 0
    with operations(settings, "serve") as holder:
        recorded = asyncio.run(_record(holder, pageviews))
    _import(settings, app, [*_known_before(customers, instant_of(pageviews[0])), *_signed_up(pageviews)])
    return recorded


async def _record(holder: OperatorActions, pageviews: Sequence[PageviewEvent]) -> int:
    recorded = 0
    async with holder.recording() as record:
        for group in chunks(iter(pageviews), _GROUP):
            outcomes = await record([PastPageview(event) for event in group])
            recorded += sum(outcome.result is PastResult.RECORDED for outcome in outcomes)
    return recorded


def _known_before(customers: Sequence[SamplePerson], first: int) -> Iterator[dict[str, Any]]:
    for person in customers:
        ago = Random(person.email).randrange(_LONGEST_KNOWN)  # noqa: S311 - a sample, no secret
        yield _row(person.email, first - ago, {})


def _signed_up(pageviews: Sequence[PageviewEvent]) -> Iterator[dict[str, Any]]:
    first: dict[str, PageviewEvent] = {}
    for event in pageviews:
        if event.email and (event.url or "").endswith(WELCOME):
            first.setdefault(event.email, event)
    for email, event in first.items():
        traits = traits_at_sign_up(SamplePerson(email, city=event.city or ""))
        yield _row(email, instant_of(event), traits)


def _row(email: str, first_seen: int, traits: dict[str, Any]) -> dict[str, Any]:
    """A row as `heropixel users export` writes it: only such a row says when somebody was first seen."""
    return {"id": "", "emails": [email], "phones": [], "traits": traits, "firstSeen": date_time(first_seen)}


def _import(settings: Settings, app: NewApp, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    with (
        tempfile.NamedTemporaryFile(dir=settings.data, suffix=".jsonl") as file,
        closing(open_directory(settings.url_of_directory())) as directory,
    ):
        file.write(msgspec.json.Encoder().encode_lines(rows))
        file.flush()
        number = app_number(directory.connection, app.app_id)
        import_users(
            Path(file.name), directory, index_of(settings, directory), number, clock, lambda _done, _total: None
        )
