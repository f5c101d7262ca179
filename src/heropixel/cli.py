"""Words to calls: the `heropixel` command."""

import asyncio
import gc
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from heropixel import folder
from heropixel.directory import Directory, open_directory
from heropixel.directory.apps import NewApp, app_number, create_app, list_apps, rotate_secret
from heropixel.directory.pixels import add_domain, create_pixel, list_pixels, remove_domain
from heropixel.errors import StoreFailed, StoreUnavailable, Trouble
from heropixel.settings import Settings
from heropixel.transfer import Format

app = typer.Typer(
    name="heropixel",
    help="A pixel server that tells who is on your site, from your own data, on your own machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
apps = typer.Typer(help="Apps: the credentials of those who send pageviews.", no_args_is_help=True)
pixels = typer.Typer(help="Pixels: what a pageview is counted for.", no_args_is_help=True)
domains = typer.Typer(help="Domains: where a pixel may be used.", no_args_is_help=True)
users = typer.Typer(help="Users: the people an app knows.", no_args_is_help=True)
pageviews = typer.Typer(help="Pageviews: what was recorded.", no_args_is_help=True)
for name, group in (("apps", apps), ("pixels", pixels), ("domains", domains), ("users", users)):
    app.add_typer(group, name=name)
app.add_typer(pageviews, name="pageviews")

out = Console()
notes = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
AppId = Annotated[str, typer.Option("--app", metavar="APPID", help="The app, see `heropixel apps list`.")]
PixelId = Annotated[int, typer.Option("--pixel", metavar="ID", help="The pixel, see `heropixel pixels list`.")]


def main() -> NoReturn:
    """Run the command. Its exit code is 0 when it did what it was told; see `errors.py` for the others."""
    # What is imported stays; and a collector that looks at every 700th object made takes a third of an import's time.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    # A thread back from SQLite waits this long for the interpreter at most, not 5 ms: groups are written faster.
    sys.setswitchinterval(0.0005)
    try:
        app(_data_first(sys.argv[1:]), standalone_mode=True)
    except Trouble as trouble:
        _fail(trouble)
    except (DBAPIError, StoreUnavailable, OSError) as error:
        _fail(StoreFailed(why=getattr(error, "orig", None) or error))
    sys.exit(0)


def _data_first(words: Sequence[str]) -> list[str]:
    """The words with `--data DIR` in front, wherever it was written: it means the same everywhere."""
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


def _fail(trouble: Trouble) -> NoReturn:
    notes.print(f"heropixel: {trouble.message}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(trouble.exit_code)


@app.callback()
def choose_folder(
    context: typer.Context,
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
    context.obj = Settings() if data is None else Settings(data=data)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on. [default: 8000]")] = None,
    sample: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Make a small world of the users in this file first, if there is none yet."),
    ] = None,
) -> None:
    """Take pageviews over GraphQL until told to stop."""
    from heropixel.server import serve as serve_forever  # noqa: PLC0415 - only this command pays for its imports

    settings: Settings = context.obj
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=given)
    _log_to_stderr()
    first_request = _sample_world(settings, sample) if sample else None

    def ready(url: str) -> None:
        out.print(f"heropixel takes pageviews at {url}/graphql", highlight=False)
        if first_request:
            out.print(
                f"\nIn another terminal, this answers User Found:\n\n{first_request(url)}\n",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve_forever(settings, ready))


def _loop_factory() -> Any:  # noqa: ANN401 - a type of uvloop's
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415

    return uvloop.new_event_loop


def _sample_world(settings: Settings, users_file: Path) -> Any:  # noqa: ANN401 - a function of the server's URL
    from heropixel.sample import make_sample_world  # noqa: PLC0415 - only for newcomers

    return make_sample_world(settings, users_file)


def _log_to_stderr() -> None:
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


@apps.command("create")
def create_an_app(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name to know it by.")],
    as_json: AsJson = False,
) -> None:
    """Make an app. Its secret is shown now and never again."""
    with _writing(context) as (connection, now):
        made = create_app(connection, name, now)
    _show_secret(made, as_json=as_json)


@apps.command("rotate")
def rotate_a_secret(
    context: typer.Context,
    app_id: Annotated[str, typer.Argument(metavar="APPID", help="The app, see `heropixel apps list`.")],
    as_json: AsJson = False,
) -> None:
    """Give an app a new secret; the old one stops working at once."""
    with _writing(context) as (connection, now):
        made = rotate_secret(connection, app_id, now)
    _show_secret(made, as_json=as_json)


def _show_secret(made: NewApp, *, as_json: bool) -> None:
    if as_json:
        _print_json({"appId": made.app_id, "appSecret": made.secret})
        return
    out.print(f"appId:     {made.app_id}\nappSecret: {made.secret}", highlight=False, soft_wrap=True)
    notes.print("Keep the secret now: only a hash of it is stored, it cannot be shown again.", style="yellow")


@apps.command("list")
def list_all_apps(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every app."""
    with _directory(context) as directory:
        rows = list_apps(directory.connection)
    _print_rows([{"appId": row.app_id, "name": row.name} for row in rows], ["appId", "name"], as_json=as_json)


@pixels.command("create")
def create_a_pixel(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name to know it by.")],
    app_id: AppId,
    domain: Annotated[
        list[str] | None,
        typer.Option(help="Where it may be used, with all its subdomains; may be given again."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a pixel."""
    with _writing(context) as (connection, now):
        pixel = create_pixel(connection, app_id, name, domain or [], now)
    if as_json:
        _print_json({"id": pixel})
    else:
        out.print(f"Pixel {pixel} is ready for {', '.join(domain or ['no domain yet'])}.", highlight=False)


@pixels.command("list")
def list_all_pixels(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every pixel with its domains."""
    with _directory(context) as directory:
        rows = list_pixels(directory.connection)
    shown = [{"id": row.id, "name": row.name, "appId": row.app_id, "domains": row.domains} for row in rows]
    _print_rows(shown, ["id", "name", "appId", "domains"], as_json=as_json)


@domains.command("add")
def add_domains(
    context: typer.Context,
    domain: Annotated[list[str], typer.Argument(help="Host names, such as example.com.")],
    pixel: PixelId,
) -> None:
    """Let a pixel be used on more domains."""
    with _writing(context) as (connection, _):
        added = {name: add_domain(connection, pixel, name) for name in domain}
    for name, new in added.items():
        out.print(f"{name}: {'added' if new else 'was there already'}", highlight=False)


@domains.command("remove")
def remove_domains(
    context: typer.Context,
    domain: Annotated[list[str], typer.Argument(help="Host names, such as example.com.")],
    pixel: PixelId,
) -> None:
    """Let a pixel no longer be used on domains."""
    with _writing(context) as (connection, _):
        removed = {name: remove_domain(connection, pixel, name) for name in dict.fromkeys(domain)}
    for name, gone in removed.items():
        out.print(f"{name}: {'removed' if gone else 'was not there'}", highlight=False)


@users.command("import")
def import_a_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .csv, .jsonl or .parquet file, CSV and JSON Lines also as .gz.")],
    app_id: AppId,
    as_json: AsJson = False,
) -> None:
    """Import people from a file.

    Columns: email, md5, sha1, sha256, phone, external_id; any other column becomes a trait. Rows that cannot be used
    are written with their reason to FILE.rejected and do not stop the rest. Importing a file again changes nothing.
    """
    from heropixel.server import clock, index_of  # noqa: PLC0415 - only this command pays for its imports
    from heropixel.users_import import import_users  # noqa: PLC0415

    with _directory(context) as directory, _progress(file.name) as progress:
        number = app_number(directory.connection, app_id)
        imported = import_users(file, directory, index_of(context.obj, directory), number, clock, progress)
    if as_json:
        rejected_file = str(imported.rejected_file) if imported.rejected_file else None
        counts = {name: getattr(imported, name) for name in ("created", "updated", "unchanged", "rejected", "reasons")}
        _print_json({**counts, "rejectedFile": rejected_file})
        return
    out.print(
        f"{imported.created} created, {imported.updated} updated, {imported.unchanged} unchanged,"
        f" {imported.rejected} rejected",
        highlight=False,
    )
    for reason, count in sorted(imported.reasons.items(), key=lambda item: -item[1]):
        notes.print(f"  {count} x {reason}", markup=False, highlight=False, soft_wrap=True)
    if imported.rejected_file:
        notes.print(f"The rejected rows are in {imported.rejected_file}", highlight=False, soft_wrap=True)


@contextmanager
def _progress(what: str) -> Iterator[Any]:
    bar = Progress(
        TextColumn("{task.description}"),
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


@pageviews.command("export")
def export_pageviews(
    context: typer.Context,
    as_format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.JSONL,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it. Left out: standard output.")
    ] = None,
) -> None:
    """Write every pageview, those that are still in the journal included."""
    from heropixel.pageviews_export import export  # noqa: PLC0415 - only this command pays for its imports

    if output is None:
        count = export(context.obj, as_format, sys.stdout.buffer)
    else:
        with output.open("wb") as file:
            count = export(context.obj, as_format, file)
    notes.print(f"{count} pageviews", highlight=False)


@contextmanager
def _directory(context: typer.Context) -> Iterator[Directory]:
    settings: Settings = context.obj
    folder.make(settings.data)
    directory = open_directory(settings.url_of_directory())
    try:
        yield directory
    finally:
        directory.close()


@contextmanager
def _writing(context: typer.Context) -> Iterator[Any]:
    from heropixel.server import clock  # noqa: PLC0415 - only commands that write need the time

    with _directory(context) as directory, directory.writing() as connection:
        yield connection, clock()


def _print_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def _print_rows(rows: list[dict[str, Any]], columns: list[str], *, as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*(", ".join(cell) if isinstance(cell, list) else str(cell) for cell in row.values()))
    out.print(table)


if __name__ == "__main__":
    main()
