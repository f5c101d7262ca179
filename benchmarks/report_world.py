"""Half a year of pageviews for reports. The engine generates them from numbers, once, and they are kept in `.bench/`.

    python -m benchmarks.report_world FOLDER APP USERS LARGE MEDIUM OTHER

makes them in a process of its own, because an event store is open in one process at a time, and the server opens it
next.

A row follows from the numbers of its pageview and its pixel, so a pixel has the same rows in a store of any size. They
are the same next year: the half year ends at `END`, and benchmarks ask for instants, not for "last month".
"""

import hashlib
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import clickhouse_connect
import msgspec

from benchmarks import world
from benchmarks.world import BENCH, DOMAIN, World
from heropixel.directory import open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import create_pixel
from heropixel.directory.tables import APP_SHIFT
from heropixel.events import Events, migrations
from heropixel.settings import Settings

LARGE, MEDIUM, FIRST_OTHER = 1, 2, 3  # pixels; every second of the others is of another app
OTHERS = 50

END = datetime(2026, 10, 16, tzinfo=UTC)
PERIOD = timedelta(days=30)  # each period of this length has the same number of pageviews of a pixel
PERIODS = 6
BEGIN = END - PERIODS * PERIOD

_SQL = Path(__file__).with_suffix(".sql").read_text()
_LINKABLE = {".bin", ".cmrk2", ".cmrk3", ".cmrk4", ".mrk2", ".mrk3", ".mrk4", ".cidx", ".idx"}  # never written again


class Shape(NamedTuple):
    """How many users the directory has, and how many pageviews the pixels have in a period."""

    users: int
    large: int
    medium: int
    other: int  # each

    @property
    def pageviews(self) -> int:
        return PERIODS * (self.large + self.medium + OTHERS * self.other)


def kept(shape: Shape) -> World:
    """The world of this shape. It must not be written to. It is made if it does not exist."""
    name = f"reports-{shape.pageviews}"
    folder = BENCH / "worlds" / f"{name}-{_fingerprint(shape)}"
    about = folder.with_suffix(".json")
    if not about.exists():
        world.forget_other_versions(name)
        made = _make(folder, shape)
        about.write_bytes(msgspec.json.encode((made.app_id, made.app_secret, made.pixel)))
    app_id, app_secret, pixel = msgspec.json.decode(about.read_bytes(), type=tuple[str, str, int])
    return World(folder, shape.users, app_id, app_secret, pixel)


def linked_to(kept: World, folder: Path) -> World:
    """The same world in another folder, which may be written to. Files that are never written again are hard links."""
    shutil.copytree(kept.folder, folder, symlinks=True, copy_function=_copy)
    return kept._replace(folder=folder)


def _copy(source: str, target: str) -> None:
    if Path(source).suffix in _LINKABLE:
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)


def _fingerprint(shape: Shape) -> str:
    """Changes when the content of a kept folder would change, not when a comment does."""
    statements = [_SQL, *(text for _, _, text in migrations())]
    lines = (line for text in statements for line in text.splitlines() if not line.startswith("--"))
    parts = [world.fingerprint(), repr(shape), repr(_FACTS), str(END), *lines]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _make(folder: Path, shape: Shape) -> World:
    made = World.make(folder, shape.users)
    directory = open_directory(Settings(data=folder).url_of_directory())
    with directory.writing() as connection:
        app = app_number(connection, made.app_id)
        another = app_number(connection, create_app(connection, "another", now=0).app_id)
        for pixel in range(MEDIUM, FIRST_OTHER + OTHERS):
            of = another if pixel >= FIRST_OTHER and pixel % 2 == 0 else app
            if create_pixel(connection, of, f"bench {pixel}", [DOMAIN], now=0) != pixel:
                raise RuntimeError("The pixels of a new folder are not numbered from 1 on any more.")
        # One user in twenty is merged into the one before.
        connection.exec_driver_sql("UPDATE users SET merged_into = id - 1 WHERE id % 20 = 0")
    directory.close()
    facts = [str(folder), *map(str, (app, shape.users, shape.large, shape.medium, shape.other))]
    subprocess.run([sys.executable, "-m", "benchmarks.report_world", *facts], check=True)
    return made


def main() -> None:
    """The entry point of the process."""
    folder, *facts = sys.argv[1:]
    app, users, large, medium, other = map(int, facts)
    url = Settings(data=Path(folder)).url_of_events()
    Events(url).close()  # makes the tables
    client = clickhouse_connect.get_client(dsn=url)
    groups = [(LARGE, 1, large), (MEDIUM, 1, medium), (FIRST_OTHER, OTHERS, other)]
    for period in range(PERIODS):
        for first, pixels, pageviews in groups:
            if not pageviews:
                continue
            client.command(
                _SQL.format(
                    app=app,
                    another_app=app + 1,
                    app_shift=APP_SHIFT,
                    users=users,
                    first_pixel=first,
                    first_other=FIRST_OTHER,
                    pixels=pixels,
                    pageviews=pageviews,
                    period=period + 1,
                    begin=_milliseconds(BEGIN),
                    period_begin=_milliseconds(BEGIN + period * PERIOD),
                    domain=DOMAIN,
                    **_FACTS,
                )
            )
    # As past months are after merging: so nothing is merged during a measurement.
    for table in ("pageviews", "links"):
        client.command(f"OPTIMIZE TABLE heropixel.{table} FINAL")
    merged = client.query("SELECT path FROM system.parts WHERE database = 'heropixel' AND NOT active").result_rows
    client.close()
    for (path,) in merged:  # the engine would do it some minutes later
        shutil.rmtree(path, ignore_errors=True)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


# Lengths of visits: 16 visits make 50 pageviews, so that counts are whole.
_LENGTHS = (1, 2, 1, 12, 1, 3, 1, 2, 6, 1, 4, 1, 9, 2, 3, 1)

# Of a hundred visits.
_CHANNELS = {
    "DIRECT": 35,
    "ORGANIC_SEARCH": 30,
    "PAID_SEARCH": 6,
    "ORGANIC_SOCIAL": 8,
    "PAID_SOCIAL": 3,
    "EMAIL": 4,
    "REFERRAL": 9,
    "DISPLAY": 2,
    "AFFILIATES": 1,
    "AI_ASSISTANTS": 2,
}

# Of a hundred visitors.
_BROWSERS = {
    ("Chrome", "Android", "MOBILE"): 26,
    ("Chrome", "Windows", "DESKTOP"): 25,
    ("Mobile Safari", "iOS", "MOBILE"): 20,
    ("Chrome", "Mac OS X", "DESKTOP"): 7,
    ("Safari", "Mac OS X", "DESKTOP"): 6,
    ("Edge", "Windows", "DESKTOP"): 5,
    ("Firefox", "Windows", "DESKTOP"): 3,
    ("Samsung Internet", "Android", "MOBILE"): 3,
    ("Firefox", "Linux", "DESKTOP"): 2,
    ("Safari", "iOS", "TABLET"): 2,
    ("Opera", "Windows", "DESKTOP"): 1,
}

_COUNTRIES = (  # sixty
    "US DE GB FR IN BR CA IT ES NL AU JP PL SE CH MX BE AT DK NO FI PT IE CZ TR ZA KR SG NZ AR "
    "CL CO GR HU RO UA IL AE SA EG MA NG KE ID MY TH VN PH TW HK BG HR SK SI LT LV EE LU IS MT"
)
_LANGUAGES = (  # twenty
    "en-US de-DE en-GB fr-FR hi-IN pt-BR en-CA it-IT es-ES nl-NL en-AU ja-JP pl-PL sv-SE de-CH es-MX fr-BE da-DK "
    "nb-NO fi-FI"
)


def _spread(shares: dict[str, int]) -> list[str]:
    return [name for name, share in shares.items() for _ in range(share)]


_FACTS: dict[str, list[str] | list[int]] = {
    "visit_of": [visit for visit, length in enumerate(_LENGTHS) for _ in range(length)],
    "page_of": [page for length in _LENGTHS for page in range(length)],
    "channels": _spread(_CHANNELS),
    "countries": _COUNTRIES.split(),
    "languages": _LANGUAGES.split(),
    "browsers": [browser for (browser, _, _), share in _BROWSERS.items() for _ in range(share)],
    "systems": [system for (_, system, _), share in _BROWSERS.items() for _ in range(share)],
    "devices": [device for (_, _, device), share in _BROWSERS.items() for _ in range(share)],
}


if __name__ == "__main__":
    main()
