"""A database into which a world is being moved has a note, so that no node serves half a world."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import psycopg


class KnownMove(NamedTuple):
    """What a database says of the world that was moved into it."""

    world: str
    attempt: str
    done_at: int | None  # Unix milliseconds; None: not all of it is there


def known_move(connection: "psycopg.Connection[Any]") -> KnownMove | None:
    """The move into a database; None: there is none."""
    if connection.execute("SELECT to_regclass('moves') IS NULL").fetchone() == (True,):
        return None
    # The lock waits for a change-over of which nobody knows whether it is committed.
    row = connection.execute("SELECT world, attempt, done_at FROM moves FOR UPDATE").fetchone()
    return None if row is None else KnownMove(*row)


def note_begun(connection: "psycopg.Connection[Any]", world: str, attempt: str) -> None:
    """Note that a world is being moved into a database, by this attempt alone."""
    connection.execute(_MADE)
    connection.execute("DELETE FROM moves")
    connection.execute("INSERT INTO moves VALUES (%s, %s, NULL)", (world, attempt))


def note_done(connection: "psycopg.Connection[Any]", attempt: str, now: int) -> bool:
    """Note that all of it is there; False: another attempt has begun since."""
    return connection.execute(_DONE, (now, attempt)).fetchone() is not None


_MADE: Final = "CREATE TABLE IF NOT EXISTS moves (world text PRIMARY KEY, attempt text NOT NULL, done_at bigint)"
_DONE: Final = "UPDATE moves SET done_at = %s WHERE attempt = %s AND done_at IS NULL RETURNING world"
