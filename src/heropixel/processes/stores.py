"""The stores of a folder are made or upgraded, before the parts open them."""

from contextlib import closing
from typing import Final

import structlog

from heropixel.directory import open_directory
from heropixel.journal import open_journal
from heropixel.postgres import address_of, connect, is_postgres
from heropixel.processes.index import index_of
from heropixel.processes.upgrading import upgrade
from heropixel.settings import Settings
from heropixel.troubles import MoveUnfinished, SettingUnusable

log = structlog.get_logger()


ONE_DISK: Final = "accepted by durability=single: what is answered may be lost with one disk"
_TO_OWNERS: Final = (
    "This server keeps new pageviews on one disk only, and may lose them with it. The operator can change that: add"
    " standbys to PostgreSQL (synchronous_standby_names), and remove durability=single from HEROPIXEL_DIRECTORY_URL and"
    " HEROPIXEL_JOURNAL_URL."
)


def is_on_one_disk(settings: Settings) -> bool:
    """Whether the operator accepts that one disk of PostgreSQL has what was answered."""
    url = settings.url_of_journal()
    return is_postgres(url) and address_of(url).single


def told_owners(settings: Settings) -> list[str]:
    """What the owners of apps should know of this server; their dashboard shows it."""
    return [_TO_OWNERS] if is_on_one_disk(settings) else []


def check_database(settings: Settings) -> None:
    """If the directory and the journal are in PostgreSQL: whether the database can keep what is promised.

    What the operator accepts of it is logged at each start.

    Raises:
        SettingUnusable, NotDurable, StoreUnreachable: see `accepted_of`.
        MoveUnfinished: a world is half there.
    """
    for sentence in accepted_of(settings):
        log.warning(ONE_DISK, why=sentence)
    if is_postgres(settings.url_of_directory()):
        _refuse_half_a_world(settings.url_of_directory())


def accepted_of(settings: Settings) -> list[str]:
    """What the operator accepts by `durability=single`; empty where the whole promise is kept.

    Raises:
        SettingUnusable: they are not in one database.
        NotDurable: it cannot.
        StoreUnreachable: it cannot be asked.
    """
    urls = settings.url_of_directory(), settings.url_of_journal()
    if not any(is_postgres(url) for url in urls):
        return []
    if not all(is_postgres(url) for url in urls) or address_of(urls[0]) != address_of(urls[1]):
        why = "a pageview and its links are one transaction. Set both to the same URL, or neither"
        raise SettingUnusable(setting="HEROPIXEL_DIRECTORY_URL and HEROPIXEL_JOURNAL_URL", why=why)
    from heropixel.cluster.durability import check_durability  # noqa: PLC0415 - only where a URL asks for it

    return check_durability(address_of(urls[1]))


def _refuse_half_a_world(url: str) -> None:
    from heropixel.cluster.unfinished import known_move  # noqa: PLC0415 - as above

    address = address_of(url)
    with connect(address, "directory") as connection:
        known = known_move(connection)
    if known is not None and known.done_at is None:
        raise MoveUnfinished(where=address.shown)


def make_stores(settings: Settings) -> None:
    """Upgrade the folder if an earlier version made it, and make the directory, its key and the journal.

    Raises:
        Trouble: a store, or the key of the directory, cannot be used.
    """
    check_database(settings)
    upgrade(settings, log.warning)
    with closing(open_directory(settings.url_of_directory())) as directory:
        index_of(settings, directory)
    open_journal(settings.url_of_journal()).close()
