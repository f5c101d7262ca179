"""The `heropixel` command: runs what its arguments say."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from heropixel.cli.later import COMMANDS, Later
from heropixel.cli.streams import open_missing
from heropixel.cli.wording import Rewording, reworded
from heropixel.errors import Refusal
from heropixel.troubles import SettingUnusable, Trouble, failed_store

app = typer.Typer(
    name="heropixel",
    cls=Rewording,
    help="A pixel server that tells you who is on your site, from your own data, on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for name, line in COMMANDS.items():
    app.command(name, help=line, cls=Later)(lambda: None)


def main() -> NoReturn:
    """Run the command. The exit code is 0 if it succeeded; see `troubles.py` for the others."""
    open_missing()
    os.umask(0o077)  # the files hold people's data: only their owner may read them
    gc.disable()  # until the command is imported, see `later.py`: collection takes a fifth of that time
    # A thread that returns from SQLite waits at most so long for the interpreter, not 5 ms: groups are written faster.
    sys.setswitchinterval(0.0005)
    # It would look for plug-ins in the metadata of every package: 20 ms, and nothing here has one.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app(_data_first(sys.argv[1:]), standalone_mode=True)
    except Trouble as trouble:
        _fail(trouble.message, trouble.exit_code)
    except Refusal as refusal:
        _fail(f"{refusal.message}. {refusal.hint}".strip(), refusal.exit_code)
    except BrokenPipeError:  # the reader of the output has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        failed = failed_store(error)
        if failed is None:
            raise
        _fail(failed.message, failed.exit_code)
    finally:
        gc.freeze()  # otherwise the interpreter collects all imports once more before it exits: 0.1 s
    sys.exit(0)


def _data_first(words: Sequence[str]) -> list[str]:
    """The arguments with `--data DIR` in front: it may be written anywhere and means the same."""
    moved: list[str] = []
    rest = list(words)
    for place, word in enumerate(words):
        if word == "--data" and place + 1 < len(words):
            moved = ["--data", words[place + 1]]
            rest = [*words[:place], *words[place + 2 :]]
        elif word.startswith("--data="):
            moved = [word]
            rest = [*words[:place], *words[place + 1 :]]
    return [*moved, *rest]


def _fail(message: str, exit_code: int) -> NoReturn:
    from heropixel.cli.terminal import notes  # noqa: PLC0415 - most commands do not fail

    notes.print(f"heropixel: {message}", style="red", soft_wrap=True)
    sys.exit(exit_code)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - as typer calls it
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - other commands do not ask for it

        from heropixel.cli.terminal import out  # noqa: PLC0415 - the same

        out.print(f"heropixel {version('heropixel')}")
        raise typer.Exit


@app.callback()
def choose_folder(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="The folder of the embedded stores. Also HEROPIXEL_DATA; else ./data.",
        ),
    ] = None,
) -> None:
    """Keep the settings for the command that follows."""
    from pydantic import ValidationError  # noqa: PLC0415 - `--help` needs no settings

    from heropixel.settings import Settings  # noqa: PLC0415 - the same

    try:
        context.obj = Settings.of(os.environ, **({} if data is None else {"data": data}))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]  # the input may be a secret
        setting = f"HEROPIXEL_{first['loc'][0]}".upper()
        raise SettingUnusable(setting=setting, why=reworded(first["msg"])) from None
