"""`heropixel serve`: the server itself."""

import logging
import os
import signal
import sys
from collections.abc import Callable, MutableMapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import structlog
import typer

from heropixel.cli.harmless import harmless
from heropixel.cli.log_lines import RepeatedLines
from heropixel.cli.streams import lose_what_nobody_takes
from heropixel.cli.terminal import notes, out
from heropixel.clock import clock
from heropixel.processes.forks import fork, in_child
from heropixel.settings import Settings, no_settings
from heropixel.troubles import SettingUnusable

log = structlog.get_logger()


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on. [default: 8000]")] = None,
    doors: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            help="Processes that serve HTTP; 0: everything in one process. [default: one a core but one, 1 to 8]",
        ),
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="First make a sample world with the users in this file, or continue the one made before.",
        ),
    ] = None,
    sample_days: Annotated[
        int, typer.Option(min=0, max=365, help="The days of pageviews that the sample world gets. 0: none.")
    ] = 70,  # what the dashboard compares at first begins 65 days ago
    sample_visits: Annotated[
        bool, typer.Option(help="Let invented visitors come to the sample world while the server runs.")
    ] = True,
) -> None:
    """Accept pageviews until it is stopped."""
    # Until the server has a handler of its own there is nothing to finish, and no step of its start must catch this.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    from heropixel.server import serve as serve_forever  # noqa: PLC0415 - only this command pays for its imports

    settings: Settings = context.obj
    given = {name: value for name, value in (("host", host), ("port", port), ("doors", doors)) if value is not None}
    settings = settings.model_copy(update=given)
    lose_what_nobody_takes()
    log_to_stderr(settings.log_level)
    _warn_of_no_settings()
    if sample and not settings.keeps_files:
        raise SettingUnusable(
            setting="--sample", why="the sample world is a data folder, and all stores are on servers"
        )
    begin_sample = _sample_world(settings, sample, sample_days, visits=sample_visits) if sample else None

    def ready(url: str) -> None:
        said = [
            f"heropixel accepts pageviews at {url}/graphql",
            f"Version {version('heropixel')}; {_stores(settings)}",
        ]
        from heropixel.cli.sign_in_link import link_at_start  # noqa: PLC0415 - of the stores, after them

        link = link_at_start(settings, url, is_sample=begin_sample is not None)
        if link:
            said.append(f"\nOpen this to sign in. It works once, for 15 minutes:\n\n{link}")
        if begin_sample:
            said.append(f"\n{begin_sample(url)}")
        if link or begin_sample:
            said.append("")
        out.print("\n".join(said), soft_wrap=True)  # at once: a program that reads the first line has all

    serve_forever(settings, ready)


def _stores(settings: Settings) -> str:
    """Where the stores are, without the credentials of their URLs, and the folder if one is needed."""
    urls = {
        "directory": settings.url_of_directory(),
        "journal": settings.url_of_journal(),
        "event store": settings.url_of_events(),
    }
    stores = ", ".join(f"{store} {_without_credentials(url)}" for store, url in urls.items())
    return f"folder {settings.data.absolute()}; {stores}" if settings.keeps_files else stores


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}"


def _sample_world(settings: Settings, users_file: Path, days: int, *, visits: bool) -> Callable[[str], str] | None:
    """Make or continue the sample world. Returns what to do once the server listens, which gives the text to print."""
    from heropixel.sample import make_sample_world  # noqa: PLC0415 - only for newcomers
    from heropixel.sample.live import visit_from_now_on  # noqa: PLC0415 - the same
    from heropixel.sample.printed import printed  # noqa: PLC0415 - the same

    made = in_child(lambda: make_sample_world(settings, users_file, days, notes.print, clock()))
    if made is None:
        return None
    world = made

    def begin(url: str) -> str:
        if visits:
            fork("hp:visitors", lambda: visit_from_now_on(url, world.app, world.customers))
        return printed(url, world, settings.data, live=visits)

    return begin


def _warn_of_no_settings() -> None:
    for variable, meant in no_settings(sorted(os.environ)):
        hint = f"did you mean {meant}?" if meant else "see docs/settings.md"
        log.warning(f"{variable} is not a setting; {hint}")  # its value may be a secret


def _harmless_values(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What strangers wrote, such as the path of a request, is printed so that no terminal obeys it."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = harmless(value)
    return event


def log_to_stderr(level: str = "INFO") -> None:
    """Send the log to standard error, apart from the output of a command. Warnings of libraries get the same form."""
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    repeated = RepeatedLines()
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        _harmless_values,
    ]
    structlog.configure(
        processors=[repeated.limit, *processors, renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    formatter = structlog.stdlib.ProcessorFormatter
    of_libraries = logging.StreamHandler(sys.stderr)
    of_libraries.setFormatter(
        formatter(foreign_pre_chain=processors, processors=[formatter.remove_processors_meta, renderer])
    )
    of_libraries.addFilter(repeated.filter)
    logging.basicConfig(level=logging.WARNING, handlers=[of_libraries])
