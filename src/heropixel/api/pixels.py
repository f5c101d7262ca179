"""The pixels of an app and their domains: asked for, made, renamed; domains added and removed."""

from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers, date_time
from heropixel.api.connections import ListAnswer, Page
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory import pixels as directory
from heropixel.directory.pixels import PixelRow


class PixelAnswer(Answer):
    """The answer with one pixel."""

    pixel: PixelRow | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The pixel."""
        return _plain(self.pixel) if self.pixel else NOTHING


class PixelsAnswer(ListAnswer):
    """A page of pixels."""

    LIST = "pixels"

    @staticmethod
    def plain(node: PixelRow) -> dict[str, Any]:
        """A pixel."""
        return _plain(node)


def _plain(pixel: PixelRow) -> dict[str, Any]:
    return {
        "id": pixel.id,
        "name": pixel.name,
        "domains": pixel.domains,
        "createdAt": date_time(pixel.created_at),
    }


@answers(PixelAnswer)
async def pixel(context: Context, id: int, auth: Credentials | None = None) -> PixelAnswer:  # noqa: A002 - the schema's
    """One pixel of the app."""
    app = context.authenticate(auth)
    found = await context.product.directory.read(lambda connection: directory.find_pixel(connection, id, app.number))
    return PixelAnswer(pixel=found)


@answers(PixelsAnswer)
async def pixels(
    context: Context, first: int = 50, after: str | None = None, auth: Credentials | None = None
) -> PixelsAnswer:
    """The pixels of the app, oldest first."""
    app = context.authenticate(auth)
    page = Page.parse(PixelsAnswer.LIST, first, after, context.product.max_page)

    def read(connection: Connection) -> tuple[list[PixelRow], int]:
        rows = directory.list_pixels(connection, app.number, page.after or 0, page.first + 1)
        return rows, directory.count_pixels(connection, app.number)

    rows, total = await context.product.directory.read(read)
    return PixelsAnswer.of(rows, page, total, lambda row: row.id)


@answers(PixelAnswer)
async def create_pixel(
    context: Context, name: str, domains: list[str] | None = None, auth: Credentials | None = None
) -> PixelAnswer:
    """Make a pixel."""
    app, now = context.authenticate(auth), context.product.clock()

    def create(connection: Connection) -> PixelRow:
        made = directory.create_pixel(connection, app.number, name, domains or [], now)
        return directory.find_pixel(connection, made)

    return PixelAnswer(message="Pixel created", pixel=await context.product.change_registry(create))


@answers(PixelAnswer)
async def update_pixel(
    context: Context,
    id: int,  # noqa: A002 - the schema's
    name: str,
    auth: Credentials | None = None,
) -> PixelAnswer:
    """Give a pixel another name."""
    app = context.authenticate(auth)

    def rename(connection: Connection) -> PixelRow:
        directory.find_pixel(connection, id, app.number)
        directory.rename_pixel(connection, id, name)
        return directory.find_pixel(connection, id)

    return PixelAnswer(message="Pixel updated", pixel=await context.product.directory.write(rename))


@answers(PixelAnswer)
async def add_domain(context: Context, pixel_id: int, domain: str, auth: Credentials | None = None) -> PixelAnswer:
    """Let a pixel be used on a domain."""
    app = context.authenticate(auth)

    def add(connection: Connection) -> tuple[bool, PixelRow]:
        directory.find_pixel(connection, pixel_id, app.number)
        return directory.add_domain(connection, pixel_id, domain), directory.find_pixel(connection, pixel_id)

    added, row = await context.product.change_registry(add)
    return PixelAnswer(message="Domain added" if added else "Domain was already there", pixel=row)


@answers(PixelAnswer)
async def remove_domain(context: Context, pixel_id: int, domain: str, auth: Credentials | None = None) -> PixelAnswer:
    """Let a pixel no longer be used on a domain."""
    app = context.authenticate(auth)

    def remove(connection: Connection) -> tuple[bool, PixelRow]:
        directory.find_pixel(connection, pixel_id, app.number)
        return directory.remove_domain(connection, pixel_id, domain), directory.find_pixel(connection, pixel_id)

    removed, row = await context.product.change_registry(remove)
    return PixelAnswer(message="Domain removed" if removed else "Domain was not there", pixel=row)
