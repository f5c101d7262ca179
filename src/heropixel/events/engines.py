"""The statements of the migrations as each kind of event store runs them: its database, engines and cluster. Pure.

The files of `sql/events/` are written for the embedded engine. On replicas a table is replicated. Its path in Keeper
has its name and no random part: a replica that is added later finds it by the same statement.
"""

import re
from typing import Final

from heropixel.events.place import EventsPlace

# A token is forgotten after so many inserts of a partition, or so many seconds. Three nodes insert up to three times a
# second, and an insert is repeated within minutes; see recording/loader.py.
_TOKENS: Final = "replicated_deduplication_window = 30000, replicated_deduplication_window_seconds = 604800"

_ENGINE: Final = re.compile(r"^(\s*)ENGINE = (\w*MergeTree)$", re.MULTILINE)
_CREATED: Final = re.compile(r"CREATE (?:TABLE|MATERIALIZED VIEW) (?:IF NOT EXISTS )?([\w.{}]+)")
_CHANGED: Final = re.compile(r"^(ALTER TABLE [\w.{}]+)", re.MULTILINE)


def engine(place: EventsPlace, name: str, table: str) -> str:
    """The engine of a table, by the name of its kind, such as MergeTree."""
    if place.cluster:
        return f"Replicated{name}('/clickhouse/tables/{{shard}}/{place.database}/{table}', '{{replica}}')"
    return f"Shared{name}" if place.cloud else name


def statement_for(place: EventsPlace, statement: str) -> str:
    """A statement of a migration, for this store."""
    plain = "\n".join(line for line in statement.splitlines() if not line.startswith("--"))
    if place.is_embedded:
        return plain.replace("{database}", place.database)
    created = _CREATED.search(plain)
    if created:
        table = created[1].rpartition(".")[2]
        plain = plain.replace(created[0], f"{_made_once(created[0])}{place.on_cluster}", 1)
        plain = _ENGINE.sub(lambda found: f"{found[1]}ENGINE = {engine(place, found[2], table)}", plain)
        if place.cluster and "SETTINGS " in plain:
            plain = plain.replace("SETTINGS ", f"SETTINGS {_TOKENS}, ", 1)
    plain = _CHANGED.sub(lambda found: f"{found[1]}{place.on_cluster}", plain)
    return plain.replace("{database}", place.database)


def _made_once(beginning: str) -> str:
    """Two nodes may start at once, and a statement may be repeated whose answer was lost."""
    return beginning if "IF NOT EXISTS" in beginning else re.sub(r"(TABLE|VIEW) ", r"\1 IF NOT EXISTS ", beginning)
