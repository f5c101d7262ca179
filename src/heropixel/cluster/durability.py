"""Whether a PostgreSQL server can keep what is promised: what was answered is on the disks of a majority.

The server is asked for its settings and for the standbys that are really there. What one disk cannot keep is refused
always; what one disk can keep and a majority cannot is refused unless the URL says `durability=single`.
"""

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from heropixel.postgres import Address, connect
from heropixel.troubles import NotDurable, StoreUnreachable

if TYPE_CHECKING:
    import psycopg


class Facts(NamedTuple):
    """What a server says of itself."""

    fsync: str
    full_page_writes: str
    synchronous_commit: str
    synchronous_standby_names: str
    is_standby: bool
    standbys: int  # that receive changes now, of those whom COMMIT may wait for
    is_shared: bool  # a pooler gives one connection of the server to several clients in turn


class Quorum(NamedTuple):
    """How many standbys COMMIT waits for, and of how many; None: of any that are there."""

    needed: int
    listed: int | None


class Shortcoming(NamedTuple):
    """Something that the promise does not hold with."""

    sentence: str
    is_accepted_by_single: bool


def check_durability(address: Address) -> list[str]:
    """What the operator has accepted by `durability=single`; empty where the whole promise is kept.

    Raises:
        NotDurable: the promise cannot be kept; the message says which setting to change.
        UnknownStore: the URL cannot be read.
        StoreUnreachable: the server cannot be reached.
    """
    import psycopg  # noqa: PLC0415 - only where a URL asks for it

    try:
        found = shortcomings(ask(address))
    except psycopg.OperationalError as error:
        raise StoreUnreachable(where=address.shown, why=" ".join(str(error).split())) from error
    refused = [one for one in found if not (address.single and one.is_accepted_by_single)]
    if refused:
        raise NotDurable(where=address.shown, why=" ".join(one.sentence for one in refused))
    return [one.sentence for one in found]


def ask(address: Address) -> Facts:
    """Ask the server at an address.

    Raises:
        UnknownStore: the URL cannot be read.
        psycopg.OperationalError: the server cannot be reached.
    """
    with connect(address, "journal") as connection, connect(address, "journal") as another:
        fsync, pages, commit, names, is_standby = connection.execute(_SETTINGS).fetchone() or ("", "", "", "", False)
        standbys, is_shared = _streaming(connection), _is_shared(connection, another)
        return Facts(fsync, pages, commit, names, is_standby, standbys, is_shared)


_SETTINGS: Final = """
    SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
        current_setting('synchronous_standby_names'), pg_is_in_recovery()
"""


def _is_shared(one: "psycopg.Connection[Any]", other: "psycopg.Connection[Any]") -> bool:
    """Whether both are served by one process of the server, though both are open: PgBouncer in transaction mode."""
    return one.execute("SELECT pg_backend_pid()").fetchone() == other.execute("SELECT pg_backend_pid()").fetchone()


def shortcomings(facts: Facts) -> list[Shortcoming]:
    """What the promise does not hold with, the worst first."""
    return [*_never(facts), *_by_one_disk(facts)]


def _never(facts: Facts) -> list[Shortcoming]:
    """What not even one disk can keep."""
    found = []
    if facts.is_standby:
        found.append("It is a standby: name the primary, or add target_session_attrs=read-write to the URL.")
    if facts.fsync != "on":
        found.append("fsync is off, so a power cut loses or damages what was committed. Set fsync = on.")
    if facts.full_page_writes != "on":
        found.append("full_page_writes is off, so a power cut may damage pages. Set full_page_writes = on.")
    if facts.synchronous_commit == "off":
        found.append("synchronous_commit is off, so a crash loses the last commits. Set synchronous_commit = on.")
    if facts.is_shared:
        found.append("A pooler in transaction mode is in between. Use its session mode, or connect to the server.")
    return [Shortcoming(sentence, is_accepted_by_single=False) for sentence in found]


def _by_one_disk(facts: Facts) -> list[Shortcoming]:
    """What only one disk can keep."""
    found = []
    if facts.synchronous_commit in ("local", "remote_write"):
        found.append(
            f"synchronous_commit is {facts.synchronous_commit}, so a commit does not wait for the disks of standbys."
            " Set synchronous_commit = on."
        )
    quorum = quorum_of(facts.synchronous_standby_names)
    if quorum.needed == 0:
        found.append(
            "synchronous_standby_names is empty, so the loss of one machine loses pageviews."
            " Set it to a quorum of your standbys, such as ANY 1 (one, two)."
        )
    elif facts.standbys < quorum.needed:
        found.append(
            f"{facts.standbys} of {quorum.needed} standbys are there that a commit waits for, so nothing is committed."
            f" Start them, or change synchronous_standby_names, which is {facts.synchronous_standby_names}."
        )
    machines = 1 + (facts.standbys if quorum.listed is None else quorum.listed)
    if quorum.needed and 2 * (1 + quorum.needed) <= machines:
        found.append(
            f"A commit waits for {quorum.needed} of {machines - 1} standbys, which is no majority of {machines}"
            f" machines. Set synchronous_standby_names to ANY {machines // 2} (...)."
        )
    return [Shortcoming(sentence, is_accepted_by_single=True) for sentence in found]


def quorum_of(names: str) -> Quorum:
    """What `synchronous_standby_names` asks for."""
    numbered = re.fullmatch(r"\s*(?:(?:ANY|FIRST)\s+)?(\d+)\s*\((.*)\)\s*", names, re.IGNORECASE | re.DOTALL)
    needed, listed = (int(numbered[1]), numbered[2]) if numbered else (1, names)
    if not listed.strip():
        return Quorum(0, 0)
    standbys = [name.strip().strip('"') for name in listed.split(",")]
    return Quorum(needed, None if "*" in standbys else len(standbys))


def why_commits_wait(connection: "psycopg.Connection[Any]") -> str:
    """Why the next COMMIT would wait for ever; empty where the standbys are there that it waits for."""
    (names,) = connection.execute("SELECT current_setting('synchronous_standby_names')").fetchone() or ("",)
    needed = quorum_of(names).needed
    missing = max(0, needed - _streaming(connection)) if needed else 0
    return f"{missing} of the standbys are missing that a commit waits for" if missing else ""


def _streaming(connection: "psycopg.Connection[Any]") -> int:
    # A role without `pg_monitor` sees that there are standbys, and nothing more of them.
    (count,) = connection.execute(_STREAMING).fetchone() or (0,)
    return int(count)


_STREAMING: Final = """
    SELECT count(*) FROM pg_stat_replication
    WHERE state IS NULL OR (state = 'streaming' AND sync_state IN ('sync', 'quorum'))
"""
