"""PostgreSQL as the directory and the journal use it: the URL, the connection, the locks. psycopg is imported late."""

import re
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from heropixel.troubles import SettingUnusable, UnknownStore

if TYPE_CHECKING:
    import psycopg
    import psycopg.abc

SCHEMES: Final = ("postgresql", "postgres")  # libpq takes both

# Whatever the URL says of these goes before. A machine that is gone is noticed within half a minute.
_DEFAULTS: Final = {
    "client_encoding": "UTF8",
    "fallback_application_name": "heropixel",
    "connect_timeout": "10",  # seconds
    "keepalives_idle": "10",  # seconds
    "keepalives_interval": "5",  # seconds
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds
}

# What the server ends by itself, so that a machine that is gone, cut off or hangs holds no lock that others wait for.
# By default it notices after two hours that a machine is gone without a word.
_ENDS: Final = {
    "idle_in_transaction_session_timeout": "5000",  # milliseconds
    "tcp_keepalives_idle": "10",  # seconds
    "tcp_keepalives_interval": "5",  # seconds
    "tcp_keepalives_count": "3",
}


def is_postgres(url: str) -> bool:
    """Whether a URL names a database of PostgreSQL."""
    return url.partition(":")[0] in SCHEMES


class Lock(IntEnum):
    """The advisory locks, by their numbers. All of a database share them; `HPIX` in the upper half is ours alone."""

    MIGRATE = 0x48504958_00000001
    WRITE_DIRECTORY = 0x48504958_00000002
    MAKE_PARTITIONS = 0x48504958_00000003
    DROP_PARTITIONS = 0x48504958_00000004
    CLAIM_JOURNAL = 0x48504958_00000005
    MIGRATE_EVENTS = 0x48504958_00000006
    UPKEEP = 0x48504958_00000007


class Address(NamedTuple):
    """Where a database is, and what is promised of it."""

    url: str  # as libpq reads it; it may hold a password
    shown: str  # the same for messages
    single: bool  # the operator accepts that one disk has what was answered (`durability=single`)


def address_of(url: str) -> Address:
    """The address in a URL. Our own parameter `durability` is taken off; libpq reads the rest.

    Raises:
        SettingUnusable: `durability` has another value than `single` and `majority`.
    """
    before, mark, query = url.partition("?")
    pairs = query.split("&") if mark else []
    ours = [pair.partition("=")[2] for pair in pairs if pair.startswith("durability=")]
    for value in ours:
        if value not in ("single", "majority"):
            raise SettingUnusable(setting="durability in the URL of PostgreSQL", why="it is `single` or `majority`")
    rest = "&".join(pair for pair in pairs if not pair.startswith("durability="))
    whole = f"{before}?{rest}" if rest else before
    return Address(whole, without_secrets(whole), single="single" in ours)


def without_secrets(url: str) -> str:
    """A URL for messages: the password is not in it. Nor is that of a URL which is mistyped."""
    hidden = re.sub(r"^(\w[\w+]*://[^:/@?]*):.*@", r"\1:***@", url, flags=re.DOTALL)
    if hidden == url and not re.match(r"\w[\w+]*://", url):  # where the password begins is not known
        hidden = re.sub(r"^.*@", "***@", url, flags=re.DOTALL)
    return re.sub(r"(password\s*=)[^&]*", r"\1***", hidden)


class Waits:
    """Since when threads of this process wait for answers of a server."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}  # by thread

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Wait within it."""
        thread = threading.get_ident()
        self._since[thread] = time.monotonic()
        try:
            yield
        finally:
            self._since.pop(thread, None)

    def longest(self) -> float:
        """Seconds that the one has waited which waits longest; 0 where none does."""
        return max((time.monotonic() - since for since in [*self._since.values()]), default=0.0)


waits: Final = Waits()


def connect(address: Address, role: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A new connection in autocommit mode.

    Raises:
        UnknownStore: the URL cannot be read.
        psycopg.OperationalError: the database cannot be reached. The message has no password.
    """
    import psycopg  # noqa: PLC0415 - only where a URL asks for it
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - the same

    try:
        given = conninfo_to_dict(address.url)
    except psycopg.ProgrammingError:  # its message may quote the password
        known = "postgresql://user:password@host:port/db, with parameters of libpq, and durability=single"
        raise UnknownStore(url=address.shown, role=role, known=known) from None
    if "," in str(given.get("host", "")):  # of several servers the primary is meant
        given.setdefault("target_session_attrs", "read-write")
    connection = _noting().connect(autocommit=True, **{**_DEFAULTS, **given})  # type: ignore[arg-type]  # libpq's parameters are texts
    connection.execute(
        "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) _ (name, value)",
        ([*_ENDS], [*_ENDS.values()]),
    )
    connection.adapters.register_dumper(str, _texts())
    return connection


@cache
def _noting() -> "type[psycopg.Connection[tuple[Any, ...]]]":
    """A connection whose waits are noted."""
    import psycopg  # noqa: PLC0415 - only where a URL asks for it

    class Noting(psycopg.Connection[tuple[Any, ...]]):
        def wait(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as psycopg has it
            with waits.noted():
                return super().wait(*given, **named)

    return Noting


@cache
def _texts() -> "type[psycopg.abc.Dumper]":
    """How texts are sent. PostgreSQL has none with NUL, and refuses a whole statement for one.

    Such a text is stored nowhere: it is refused where it comes in. So what is looked up with one is not there.
    """
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415 - only where a URL asks for it

    class Texts(StrDumperUnknown):
        def dump(self, obj: str) -> "psycopg.abc.Buffer | None":
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return Texts


def is_lost(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server has ended an idle connection. This asks the operating system, not the server.

    A server says why before it closes the connection. So whatever an idle connection hears counts as its end: it hears
    hardly anything else. Whoever asks closes it then.
    """
    if connection.closed:
        return True
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    return bool(poller.poll(0))
