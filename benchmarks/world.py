"""The seeded world: a user follows from a number. The folders are imported once and kept in `.bench/`."""

import hashlib
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy.schema import CreateTable

from benchmarks.servers import HEROPIXEL
from heropixel.directory.tables import metadata
from heropixel.identity.identifiers import Claims, Index, keys_of

BENCH = Path(__file__).parent.parent / ".bench"
DOMAIN = "example.com"
UNKNOWN_SHARE = 0.1  # of the pageviews are of users that the app does not know

_FIRST = (
    "anna",
    "ben",
    "chiara",
    "david",
    "emma",
    "farid",
    "grace",
    "hugo",
    "ines",
    "jonas",
    "kim",
    "liam",
    "mia",
)
_LAST = (
    "smith",
    "meier",
    "rossi",
    "garcia",
    "kaya",
    "novak",
    "dubois",
    "larsen",
    "costa",
    "ivanova",
    "tanaka",
)
# One in four is at Gmail, as in real lists. Such an address has twice as many digests.
_HOSTS = ("example.com", "gmail.com", "example.net", "mail.example.org")
_CITIES = ("Zürich", "Lyon", "Porto", "Kraków", "Boston", "Osaka", "Bergen")
_PLANS = ("free", "basic", "plus", "business")
_SAMPLE = 100  # users, enough for every form of an address
_CSV_HEAD = "email,first_name,last_name,city,plan,lifetime_value\n"


def email(user: int) -> str:
    """The address of a user. No two users have a common form."""
    first, last = _FIRST[user % len(_FIRST)], _LAST[user % len(_LAST)]
    return f"{first}.{last}{user}@{_HOSTS[user % len(_HOSTS)]}"


def md5(user: int) -> bytes:
    """The digest of a user, as an integrator would send it."""
    return hashlib.md5(email(user).encode(), usedforsecurity=False).digest()


def write_csv(path: Path, users: range) -> None:
    """Write the users as a list to import: an address and five traits."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_CSV_HEAD)
        file.writelines(map(_csv_line, users))


def _csv_line(user: int) -> str:
    first, last = _FIRST[user % len(_FIRST)].title(), _LAST[user % len(_LAST)].title()
    city, plan = _CITIES[user % len(_CITIES)], _PLANS[user // 7 % len(_PLANS)]
    return f"{email(user)},{first},{last},{city},{plan},{user * 37 % 100_000 / 100:.2f}\n"


class World(NamedTuple):
    """A data folder with one app, one pixel and users 0 to `users` - 1."""

    folder: Path
    users: int
    app_id: str
    app_secret: str
    pixel: int

    @classmethod
    def kept(cls, users: int) -> "World":
        """The world of so many users. If it does not exist, the product imports it."""
        folder = BENCH / "worlds" / f"{users}-{fingerprint()}"
        about = folder.with_suffix(".json")
        if not about.exists():
            forget_other_versions(str(users))
            world = cls.make(folder, users)
            about.write_bytes(msgspec.json.encode((world.app_id, world.app_secret, world.pixel)))
        app_id, app_secret, pixel = msgspec.json.decode(about.read_bytes(), type=tuple[str, str, int])
        return cls(folder, users, app_id, app_secret, pixel)

    @classmethod
    def make(cls, folder: Path, users: int = 0) -> "World":
        """A new folder with an app, a pixel and so many users."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        app = msgspec.json.decode(_heropixel(folder, "apps", "create", "bench", "--json"), type=dict[str, str])
        created = _heropixel(folder, "pixels", "create", "bench", "--app", app["appId"], "--domain", DOMAIN, "--json")
        pixel = msgspec.json.decode(created, type=dict[str, object])["id"]
        world = cls(folder, users, app["appId"], app["appSecret"], int(str(pixel)))
        if users:
            list_of_users = folder.with_suffix(".csv")
            write_csv(list_of_users, range(users))
            subprocess.run(world.import_command(list_of_users), stdout=subprocess.DEVNULL, check=True)
            list_of_users.unlink()
        return world

    def import_command(self, path: Path) -> list[str]:
        """The command that imports a list of users into this world."""
        return [
            str(HEROPIXEL),
            "--data",
            str(self.folder),
            "users",
            "import",
            str(path),
            "--app",
            self.app_id,
        ]

    def copied_to(self, folder: Path) -> "World":
        """The same world in another folder, which may be written to."""
        shutil.copytree(self.folder, folder)
        return self._replace(folder=folder)

    def events(self, seed: int) -> Iterator[dict[str, object]]:
        """Endless pageviews of random users, some of them unknown."""
        chance = random.Random(seed)
        while True:
            user = chance.randrange(self.users)
            if chance.random() < UNKNOWN_SHARE:
                user += self.users
            yield self.event(user)

    def event(self, user: int) -> dict[str, object]:
        """A pageview of one user."""
        return {"md5": md5(user).hex(), "pixelId": self.pixel, "domain": DOMAIN}


def _heropixel(folder: Path, *arguments: str) -> bytes:
    return subprocess.run([HEROPIXEL, "--data", folder, *arguments], stdout=subprocess.PIPE, check=True).stdout


def fingerprint() -> str:
    """Changes with the content of a kept folder: tables, users and keys. Other edits leave it as it is."""
    index = Index(bytes(32))
    known = (keys_of(Claims.parse(email=email(user)), 1, index) for user in range(_SAMPLE))
    parts = [str(CreateTable(table)) for table in metadata.sorted_tables]
    parts += map(_csv_line, range(_SAMPLE))
    parts += (f"{key.key.hex()} {key.kind:d} {key.form:d}" for keys in known for key in keys)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def forget_other_versions(name: str) -> None:
    """Remove the folders that were kept under this name."""
    for old in (BENCH / "worlds").glob(f"{name}-*"):
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
