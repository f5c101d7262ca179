"""What export commands share: the format, and a file that is written completely or not at all."""

import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from heropixel.cli.harmless import harmless
from heropixel.cli.terminal import progress_bar
from heropixel.transfer import Format
from heropixel.troubles import FileUnusable

AsFormat = Annotated[Format, typer.Option("--format", help="What to write.")]
Output = Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write it. Left out: standard output.")]


def write_to(output: Path | None, write: Callable[[BinaryIO], int]) -> int:
    """Write to a file, with a progress bar, or to standard output. Returns the result of `write`.

    Raises:
        FileUnusable: the file cannot be written.
    """
    if output is None:
        return write(ToTerminal() if sys.stdout.isatty() else sys.stdout.buffer)
    with progress_bar(output.name):
        return _write_whole(output, write)


class ToTerminal(io.BytesIO):
    """Standard output where a person reads it."""

    def write(self, data: Any) -> int:  # noqa: ANN401 - bytes of any kind
        """Write texts that the terminal does not obey."""
        sys.stdout.write(harmless(bytes(data).decode("utf-8", "replace")))
        return len(data)

    def flush(self) -> None:
        """See `io.IOBase.flush`."""
        sys.stdout.flush()


def _write_whole(output: Path, write: Callable[[BinaryIO], int]) -> int:
    """Write a file completely or not at all: an earlier file is replaced when the new one is complete."""
    unfinished = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        if output.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        file = unfinished.open("wb")
    except OSError as error:
        raise FileUnusable(path=output, why=f"it cannot be written ({error.strerror})") from None
    try:
        with file:
            count = write(file)
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
