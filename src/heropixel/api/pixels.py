"""The pixels of an app and their domains: reads and changes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory import pixels as directory
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.pixels import PixelRow
from heropixel.directory.retentions import MAX_DAYS, set_retention
from heropixel.directory.return_hosts import add_return_host, remove_return_host
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import InvalidRetention, NothingToUpdate
from heropixel.shown import PIXEL, show


class PixelAnswer(Answer):
    """The answer with one pixel."""

    pixel: PixelRow | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The pixel."""
        return show(PIXEL, self.pixel) if self.pixel else NOTHING


class PixelsAnswer(ListAnswer):
    """A page of pixels."""

    LIST = "pixels"
    EMPTY = "No pixels; `createPixel` makes one"

    @staticmethod
    def plain(node: PixelRow) -> dict[str, Any]:
        """A pixel."""
        return show(PIXEL, node)


class Pixels:
    """Resolves the pixels of an app and their domains."""

    def __init__(
        self, *, directory: DirectoryThread, changes: RegistryChanges, clock: Callable[[], int], max_page: int
    ) -> None:
        self._directory = directory
        self._changes = changes
        self._clock = clock
        self._max_page = max_page

    @answers(PixelAnswer)
    async def pixel(self, context: Context, id: int, auth: Credentials | None = None) -> PixelAnswer:  # noqa: A002 - the schema's
        """One pixel of the app."""
        app = context.authenticate(auth)
        found = await self._directory.read(lambda connection: directory.find_pixel(connection, id, app.number))
        return PixelAnswer(pixel=found)

    @answers(PixelsAnswer)
    async def pixels(
        self, context: Context, first: int = 50, after: str | None = None, auth: Credentials | None = None
    ) -> PixelsAnswer:
        """The pixels of the app, oldest first."""
        caller = context.caller(auth)
        app, only = caller.app.number, caller.pixels
        page = ListPage.parse(PixelsAnswer.LIST, first, after, self._max_page)

        def read(connection: Connection) -> tuple[list[PixelRow], int]:
            rows = directory.list_pixels(connection, app, page.after or 0, page.first + 1, only)
            return rows, directory.count_pixels(connection, app, only)

        rows, total = await self._directory.read(read)
        if caller.share:  # its visitors see the name that it was given, and not where else the pixel is used
            rows = [row._replace(name=caller.share.name, domains=[]) for row in rows]
        return PixelsAnswer.of(rows, page, total, lambda row: row.id)

    @answers(PixelAnswer)
    async def create_pixel(
        self,
        context: Context,
        name: str,
        domains: list[str] | None = None,
        retention_days: int | None = None,
        consent_mode: str = ConsentMode.REQUIRED,
        timezone: str | None = None,
        week_starts_on: str | None = None,
        auth: Credentials | None = None,
    ) -> PixelAnswer:
        """Make a pixel."""
        app, now = context.authenticate(auth), self._clock()

        def create(connection: Connection) -> PixelRow:
            made = directory.create_pixel(connection, app.number, name, domains or [], now, consent_mode)
            if retention_days is not None:
                set_retention(connection, made, retention_days)
            directory.set_calendar(connection, made, timezone, week_starts_on)
            return directory.find_pixel(connection, made)

        return PixelAnswer(message="Pixel created", pixel=await self._changes.write(create))

    @answers(PixelAnswer)
    async def update_pixel(
        self,
        context: Context,
        id: int,  # noqa: A002 - the schema's
        name: str | None = None,
        retention_days: int | None = None,
        keep_forever: bool = False,  # noqa: FBT001 - an argument of the schema, always by name
        consent_mode: str | None = None,
        timezone: str | None = None,
        week_starts_on: str | None = None,
        auth: Credentials | None = None,
    ) -> PixelAnswer:
        """Change the name, the retention, the consent mode or the calendar of a pixel, or several of them."""
        app = context.authenticate(auth)

        def change(connection: Connection) -> PixelRow:
            directory.find_pixel(connection, id, app.number)
            if retention_days is not None and keep_forever:
                raise InvalidRetention(limit=MAX_DAYS)
            changes = (name, retention_days, keep_forever or None, consent_mode, timezone, week_starts_on)
            if all(change is None for change in changes):
                raise NothingToUpdate  # not success: the caller may have sent a null to remove the retention
            if name is not None:
                directory.rename_pixel(connection, id, name)
            if retention_days is not None or keep_forever:
                set_retention(connection, id, retention_days)
            if consent_mode is not None:
                directory.set_consent_mode(connection, id, consent_mode)
            if timezone is not None or week_starts_on is not None:
                directory.set_calendar(connection, id, timezone, week_starts_on)
            return directory.find_pixel(connection, id)

        return PixelAnswer(message="Pixel updated", pixel=await self._changes.write(change))

    @answers(PixelAnswer)
    async def add_domain(
        self, context: Context, pixel_id: int, domain: str, auth: Credentials | None = None
    ) -> PixelAnswer:
        """Let a pixel be used on a domain."""
        app = context.authenticate(auth)

        def add(connection: Connection) -> tuple[bool, PixelRow]:
            directory.find_pixel(connection, pixel_id, app.number)
            return directory.add_domain(connection, pixel_id, domain), directory.find_pixel(connection, pixel_id)

        added, row = await self._changes.write(add)
        return PixelAnswer(message="Domain added" if added else "Domain was already there", pixel=row)

    @answers(PixelAnswer)
    async def remove_domain(
        self, context: Context, pixel_id: int, domain: str, auth: Credentials | None = None
    ) -> PixelAnswer:
        """Let a pixel no longer be used on a domain."""
        app = context.authenticate(auth)

        def remove(connection: Connection) -> tuple[bool, PixelRow]:
            directory.find_pixel(connection, pixel_id, app.number)
            return directory.remove_domain(connection, pixel_id, domain), directory.find_pixel(connection, pixel_id)

        removed, row = await self._changes.write(remove)
        return PixelAnswer(message="Domain removed" if removed else "Domain was not there", pixel=row)

    @answers(PixelAnswer)
    async def add_return_host(
        self, context: Context, pixel_id: int, host: str, auth: Credentials | None = None
    ) -> PixelAnswer:
        """Let a host send visitors back to a pixel's site."""
        app = context.authenticate(auth)

        def add(connection: Connection) -> tuple[bool, PixelRow]:
            directory.find_pixel(connection, pixel_id, app.number)
            return add_return_host(connection, pixel_id, host), directory.find_pixel(connection, pixel_id)

        added, row = await self._changes.write(add)
        return PixelAnswer(message="Host added" if added else "Host was already there", pixel=row)

    @answers(PixelAnswer)
    async def remove_return_host(
        self, context: Context, pixel_id: int, host: str, auth: Credentials | None = None
    ) -> PixelAnswer:
        """Let a host be a source of visits again."""
        app = context.authenticate(auth)

        def remove(connection: Connection) -> tuple[bool, PixelRow]:
            directory.find_pixel(connection, pixel_id, app.number)
            return remove_return_host(connection, pixel_id, host), directory.find_pixel(connection, pixel_id)

        removed, row = await self._changes.write(remove)
        return PixelAnswer(message="Host removed" if removed else "Host was not there", pixel=row)
