"""The terminal: how commands print, and how they open the directory."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from heropixel import folder
from heropixel.cli.harmless import harmless, harmless_json, harmless_line
from heropixel.clock import clock
from heropixel.directory import Directory
from heropixel.processes.current_directory import current_directory
from heropixel.settings import Settings
from heropixel.troubles import NotConfirmed, NothingTaken
from heropixel.values import taken_without

if TYPE_CHECKING:
    from heropixel.transfer.rejected import Rejections

WIDEST = 1_000_000  # columns


class HarmlessConsole(Console):
    """A console whose texts the terminal does not obey. Colours are no texts, and stay."""

    def render_str(self, text: str, **more: Any) -> Text:  # noqa: ANN401 - rich's parameters
        """Every text passes here, also the cells of tables."""
        return super().render_str(harmless(text), **more)


def console(*, stderr: bool = False, width: int | None = None) -> Console:
    """A console that prints names and paths unchanged: without markup and without coloured numbers."""
    return HarmlessConsole(stderr=stderr, width=width, markup=False, highlight=False)


def _console(*, stderr: bool) -> Console:
    made = console(stderr=stderr)
    if not made.is_terminal:  # a script reads it: an id that is cut, or a line that is wrapped, is useless
        made.width = WIDEST
    return made


out = _console(stderr=False)
notes = _console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first. Where nobody can be asked it is needed.")]


def confirm(what: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone; `what` is a sentence that says what would happen.

    Raises:
        typer.Abort: the answer is no.
        NotConfirmed: nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise NotConfirmed(what=what)
    typer.confirm(f"{what} This cannot be undone. Continue?", abort=True, err=True)


def settings_of(context: typer.Context) -> Settings:
    """The settings of a command that needs an existing folder.

    Raises:
        FolderMissing: the folder does not exist.
    """
    settings: Settings = context.obj
    if settings.directory_url is None:
        folder.there(settings.data)
    if not settings.keeps_files:
        return settings
    if "data" not in settings.model_fields_set and notes.is_terminal and not context.meta.get(_FOLDER_SAID):
        context.meta[_FOLDER_SAID] = True
        where = settings.data.absolute()
        notes.print(
            f"Using the folder {where}: neither --data nor HEROPIXEL_DATA names one.", style="dim", soft_wrap=True
        )
    return settings


_FOLDER_SAID = "heropixel.folder-said"


@contextmanager
def directory_of(context: typer.Context, *, beginning: bool = False) -> Iterator[Directory]:
    """The directory of the command's folder. With `beginning` a missing folder is created.

    Raises:
        FolderMissing: the folder does not exist.
    """
    settings: Settings = context.obj if beginning else settings_of(context)
    if settings.keeps_files:
        folder.make(settings.data)
        folder.check_stores(settings.data, settings.stores_in_folder())
    directory = current_directory(settings)
    try:
        yield directory
    finally:
        directory.close()


@contextmanager
def writing(context: typer.Context, *, beginning: bool = False) -> Iterator[Any]:
    """A transaction in the directory, see `directory_of`, and the time in Unix milliseconds."""
    with directory_of(context, beginning=beginning) as directory, directory.writing() as connection:
        yield connection, clock()


@contextmanager
def reading(context: typer.Context) -> Iterator[Any]:
    """The directory to read from, and the time in Unix milliseconds."""
    with directory_of(context) as directory:
        yield directory.connection, clock()


def say_what_keeps_them(settings: Settings) -> None:
    """Tell where people are still who were erased."""
    for path in folder.ways_back(settings.data):
        notes.print(
            f"The copy from before an upgrade, {path}, still has what was erased until the server deletes it."
            " Delete the folder to erase it there now.",
            style="yellow",
            soft_wrap=True,
        )


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    """Print for scripts."""
    sys.stdout.write(harmless_json(msgspec.json.encode(value).decode()) + "\n")


def print_text(text: str) -> None:
    """Print for programs: unchanged, unless it is a person who reads it."""
    sys.stdout.write(harmless(text) if sys.stdout.isatty() else text)


def print_rows(rows: list[dict[str, Any]], columns: list[str], *, as_json: bool, empty: str = "") -> None:
    """Print a table for people, with cells that are wrapped and never cut, or JSON for scripts.

    `empty` is printed instead of a table without rows: what would be there, and how to get it.
    """
    if as_json:
        print_json(rows)
        return
    if empty and not rows:
        out.print(empty, soft_wrap=True)
        return
    table = Table(*(Column(heading, overflow="fold") for heading in columns))
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    out.print(table)


def say_there_are_more(ids: Sequence[object], limit: int, total: int) -> None:
    """Tell how a list goes on of which the rows with these ids were shown, at most so many."""
    if len(ids) == limit:
        notes.print(f"{total} in all; continue with --after {ids[-1]}, or show more with --limit.")


def print_imported(
    file: Path, counts: Mapping[str, int], rejections: "Rejections", *, left_out: Mapping[str, int], as_json: bool
) -> None:
    """Print the outcomes of the rows of a file, the reasons of rejections, most frequent first, and the rejected file.

    Raises:
        NothingTaken: every row that was not left out was rejected.
    """
    _print_counts({**counts, **left_out}, rejections, as_json=as_json)
    if rejections.rejected and not any(counts.values()):
        raise NothingTaken(path=file, rejected=rejections.file)


def _print_counts(counts: Mapping[str, int], rejections: "Rejections", *, as_json: bool) -> None:
    if as_json:
        file = str(rejections.file) if rejections.file else None
        told = {"rejected": rejections.rejected, "reasons": rejections.reasons, "rejectedFile": file}
        told |= {"placeholders": rejections.placeholders, "remarks": rejections.remarks}
        print_json({**counts, **told, "readAs": rejections.read_as or None})
        return
    words = [f"{count} {name.replace('_', ' ')}" for name, count in counts.items()]
    out.print(", ".join([*words, f"{rejections.rejected} rejected"]))
    for reason, count in sorted(rejections.reasons.items(), key=lambda item: -item[1]):
        notes.print(f"  {count} x {reason}", soft_wrap=True)
    for name, count in sorted(rejections.placeholders.items()):
        notes.print(f"  {count} x {taken_without(f'{name} holds a placeholder')}", soft_wrap=True)
    for remark, count in sorted(rejections.remarks.items(), key=lambda item: -item[1]):
        notes.print(f"  {count} x {remark}", soft_wrap=True)
    if rejections.read_as:
        notes.print(f"The file is not UTF-8. It was read as {rejections.read_as}: look at names with accents.")
    if rejections.file:
        notes.print(f"The rejected rows are in {rejections.file}", soft_wrap=True)


def _cell(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return harmless_line(", ".join(value))
    return "" if value is None else harmless_line(str(value))


def date_time(milliseconds: int | None) -> str | None:
    """An instant in UTC; None stays None."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@contextmanager
def progress_bar(what: str) -> Iterator[Any]:
    """A progress bar. It gives a function for the progress and the total. Without a terminal it shows nothing."""
    from rich.progress import (  # noqa: PLC0415 - only commands that take long pay for its imports
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=notes,
        transient=True,
        disable=not notes.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
