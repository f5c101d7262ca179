"""Recognises which tool a file was exported from, by its columns or its first record."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType

from heropixel.importing.tools import From
from heropixel.importing.tools.matomo import Matomo
from heropixel.importing.tools.plain import Plain
from heropixel.importing.tools.plausible import Plausible
from heropixel.importing.tools.tool import Tool
from heropixel.importing.tools.umami import Umami
from heropixel.transfer import BadRow, FileRow, Source
from heropixel.troubles import FileUnusable

_TOOLS: dict[From, type[Tool]] = {
    From.PLAUSIBLE: Plausible,
    From.UMAMI: Umami,
    From.MATOMO: Matomo,
    From.HEROPIXEL: Plain,
}

_LOOKED_AT = 100  # rows: if none of them can be read, the tool cannot be recognised


def recognise(
    source: Source, tool: From | None, chosen: Mapping[str, str] = MappingProxyType({})
) -> tuple[type[Tool], Iterator[FileRow | BadRow]]:
    """The reader of a file, of the tool that is named or else recognised; and all of its rows.

    `chosen` gives columns other names: those that the tool knows.

    Raises:
        FileUnusable: it is no export of that tool, or of none that is known.
    """
    rows = iter(source)
    columns: Sequence[str] = source.columns
    if chosen:
        columns, rows = _renamed(source, chosen)
    first = list(islice(rows, 1 if source.columns else _LOOKED_AT))
    columns = columns or next((list(row.values) for row in first if isinstance(row, FileRow)), [])
    names = frozenset(name.strip().lower() for name in columns)
    candidates = [_TOOLS[tool]] if tool else list(_TOOLS.values())
    if not columns and not first:  # an empty file of JSON: nothing is to be read
        return candidates[-1], rows
    for candidate in candidates:
        if candidate.recognises(names):
            return candidate, chain(first, rows)
    raise _unknown(source.path, names, candidates)


def _renamed(source: Source, chosen: Mapping[str, str]) -> tuple[list[str], Iterator[FileRow | BadRow]]:
    names = {column.strip().casefold(): name for column, name in chosen.items()}
    there = {column.casefold() for column in source.columns}
    for column in chosen:
        if source.columns and column.strip().casefold() not in there:
            why = f'it has no column "{column}" (--column); it has {", ".join(source.columns)[:200]}'
            raise FileUnusable(path=source.path, why=why)

    def renamed(column: str) -> str:
        return names.get(column.strip().casefold(), column)

    rows = (
        FileRow(row.line, {renamed(column): value for column, value in row.values.items()})
        if isinstance(row, FileRow)
        else row
        for row in source
    )
    return [renamed(column) for column in source.columns], rows


def _unknown(path: Path, names: frozenset[str], candidates: list[type[Tool]]) -> FileUnusable:
    if Umami in candidates and (why := Umami.why_not(names)):
        return FileUnusable(path=path, why=why)
    if Plausible in candidates:
        if names >= {"name", "visitors", "pageviews"} and "date" not in names:
            return FileUnusable(
                path=path,
                why="it has no dates: take imported_pages_*.csv of an export from Plausible's Imports & exports",
            )
        if names >= {"date", "visitors"}:
            return FileUnusable(
                path=path, why="it has no pages: only imported_pages_*.csv of a Plausible export can be imported"
            )
    what = ", ".join(sorted(names))[:200] or "nothing that can be read"
    wanted = "; ".join(candidate.wants for candidate in candidates)
    why = f'it has {what}, but needs {wanted}. Say what a column holds, for example with --column "Page"=url'
    return FileUnusable(path=path, why=why)
