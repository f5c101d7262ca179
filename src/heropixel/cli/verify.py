"""`heropixel verify`: prints the findings on a page, check by check, and what to change."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.table import Column, Table

from heropixel.cli.naming import app_of
from heropixel.cli.terminal import AsJson, out, print_json, settings_of
from heropixel.directory.registry import Pixel, read_pixels
from heropixel.folder import holder_of
from heropixel.installation.addresses import is_no_link
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verifier
from heropixel.processes.current_directory import current_directory
from heropixel.settings import Settings
from heropixel.troubles import NotVerified


def verify(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The page, such as https://shop.example.com.")],
    pixel: Annotated[
        int | None,
        typer.Option(
            "--pixel", metavar="ID", help="The pixel that the page should have; left out: the one that the tag names."
        ),
    ] = None,
    app_id: Annotated[
        str | None, typer.Option("--app", metavar="APPID", help="The app of the pixel; left out: any app.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a page, check its tag, its pixel and everything around them, and say what to change.

    The exit code is 0 if every check has passed. Pages on this machine and in private networks are fetched too.
    """
    settings = settings_of(context)
    pixels, serving = _pixels(settings, app_id), _may_be_serving(settings)
    verification = asyncio.run(Verifier(Fetcher(is_no_link)).verify(url, pixels, pixel, serving=serving))
    if as_json:
        print_json(verification.plain())
    else:
        table = Table("", "check", Column("found", overflow="fold"))
        for check in verification.checks:
            table.add_row(_mark(check.passed), check.name, check.found)
        out.print(table)
        for check in verification.checks:
            if check.to_do:
                out.print(f"{check.name}: {check.to_do}", soft_wrap=True)
    if not verification.ok:
        raise NotVerified(url=verification.url, what=verification.message)


def _pixels(settings: Settings, app_id: str | None) -> Mapping[int, Pixel]:
    """The pixels of an app, or all."""
    directory = current_directory(settings)
    try:
        pixels = read_pixels(directory.connection)
        if app_id is None:
            return pixels
        app = app_of(directory.connection, app_id)
        return {number: pixel for number, pixel in pixels.items() if pixel.app == app}
    finally:
        directory.close()


def _may_be_serving(settings: Settings) -> bool:
    """Whether a server may answer: one with this folder, or one with another folder that shares the directory."""
    if settings.directory_url is not None:
        return True
    holder = holder_of(settings.data)
    return holder is not None and holder.url != ""


def _mark(passed: bool | None) -> str:  # noqa: FBT001 - the value to mark
    if out.encoding.lower().startswith("utf"):
        return {True: "✓", False: "✗", None: "?"}[passed]
    return {True: "ok", False: "no", None: "?"}[passed]
