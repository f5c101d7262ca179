"""Names an app or a pixel on the command line: by its id or its name, or not at all where there is one."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import typer
from sqlalchemy import Connection

from heropixel.directory.apps import AppRow, app_number, list_apps
from heropixel.directory.pixels import PixelRow, find_pixel, list_pixels
from heropixel.errors import PixelNotFound
from heropixel.troubles import AppNotFound, NotNamed

_APP = "The app, by its id or name, see `heropixel apps list`."
_PIXEL = "The pixel, by its id or name, see `heropixel pixels list`."
_ALONE = " It may be left out where there is one."

AppId = Annotated[str | None, typer.Option("--app", metavar="APP", help=_APP + _ALONE)]
PixelId = Annotated[str | None, typer.Option("--pixel", metavar="PIXEL", help=_PIXEL + _ALONE)]
WhichApp = Annotated[str, typer.Argument(metavar="APP", help=_APP)]
WhichPixel = Annotated[str, typer.Argument(metavar="PIXEL", help=_PIXEL)]

T = TypeVar("T", AppRow, PixelRow)


def app_of(connection: Connection, named: str | None) -> int:
    """The number of the app.

    Raises:
        AppNotFound, NotNamed: see `app_id_of`.
    """
    return app_number(connection, app_id_of(connection, named))


def app_id_of(connection: Connection, named: str | None) -> str:
    """The id of the app.

    Raises:
        AppNotFound: there is none with this id or name.
        NotNamed: there are several that may be meant.
    """
    apps = list_apps(connection)
    fit = [row for row in apps if named in (None, row.app_id)] or _by_name(apps, named)
    if not fit:
        raise AppNotFound(app=named or "yet")
    return _alone(fit, "app", [f"{row.app_id} ({row.name})" for row in fit]).app_id


def pixel_of(connection: Connection, named: str | None) -> int:
    """The id of the pixel.

    Raises:
        PixelNotFound: there is none with this id or name.
        NotNamed: there are several that may be meant.
    """
    if named is not None and named.isascii() and named.isdigit():
        return find_pixel(connection, int(named)).id
    pixels = list_pixels(connection)
    fit = pixels if named is None else _by_name(pixels, named)
    if not fit:
        raise PixelNotFound
    return _alone(fit, "pixel", [f"{row.id} ({row.name})" for row in fit]).id


def _by_name(rows: Sequence[T], named: str | None) -> Sequence[T]:
    return [row for row in rows if row.name.casefold() == (named or "").casefold()]


_SHOWN = 10


def _alone(rows: Sequence[T], what: str, names: Sequence[str]) -> T:
    if len(rows) > 1:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise NotNamed(what=what, names=f"{', '.join(names[:_SHOWN])}{more}")
    return rows[0]
