"""Where the event store is: in this process, on one ClickHouse server, on its replicas, or in ClickHouse's cloud. Pure.

Its URL decides: `chdb:///folder`, `clickhouse://user:secret@host:8123/database`, the same with `?cluster=name` for
replicas, or with `?cloud=1`. `clickhouses://` is the same by TLS.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from heropixel.postgres import without_secrets
from heropixel.troubles import EventsUrlUnusable, UnknownStore

DATABASE: Final = "heropixel"  # of the embedded engine, and where a URL names none
_OURS: Final = ("cluster", "cloud")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class EventsPlace(NamedTuple):
    """The parts of a URL that decide how the store is used."""

    url: str  # as the client takes it: without what is ours
    database: str = DATABASE
    cluster: str = ""  # of replicas, by its name in the servers' configuration
    cloud: bool = False
    secure: bool = False

    @classmethod
    def of(cls, url: str) -> Self:
        """Parse a URL.

        Raises:
            UnknownStore: no such kind of event store.
            EventsUrlUnusable: a part of it cannot be used.
        """
        parsed = urlsplit(url)
        scheme, host, path, query, _ = parsed
        if scheme == "chdb":
            return cls(url)
        if scheme not in ("clickhouse", "clickhouses"):
            raise UnknownStore(url=without_secrets(url), role="event store", known="chdb:///path, clickhouse://host")
        try:
            _ = parsed.port
        except ValueError:
            why = "its port is not a number; write / : @ ? and # of a password as %2F %3A %40 %3F and %23"
            raise EventsUrlUnusable(url=without_secrets(url), why=why) from None
        given = dict(parse_qsl(query, keep_blank_values=True))
        database, cluster, cloud = path.strip("/") or DATABASE, given.get("cluster", ""), given.get("cloud", "0")
        for what, name in {"database": database, "cluster": cluster or DATABASE}.items():
            if not _NAME.fullmatch(name):
                why = f"the name of a {what} has letters, digits and underscores only"
                raise EventsUrlUnusable(url=without_secrets(url), why=why)
        if cloud not in ("0", "1") or (cloud == "1" and cluster):
            raise EventsUrlUnusable(url=without_secrets(url), why="cloud is 0 or 1, and goes without cluster")
        theirs = urlencode({name: value for name, value in given.items() if name not in _OURS})
        plain = urlunsplit(("clickhouse", host, "", theirs, ""))
        return cls(plain, database, cluster, cloud == "1", scheme == "clickhouses")

    @property
    def folder(self) -> Path | None:
        """The folder of an embedded event store; None where it is a server's, or all in memory."""
        return folder_of(self.url)

    @property
    def is_embedded(self) -> bool:
        """Whether it is in this process."""
        return self.url.startswith("chdb:")

    @property
    def has_replicas(self) -> bool:
        """Whether other servers have the same rows."""
        return bool(self.cluster) or self.cloud

    @property
    def on_cluster(self) -> str:
        """What a statement says that changes tables of all servers."""
        return f" ON CLUSTER `{self.cluster}`" if self.cluster else ""

    @property
    def inserting(self) -> Mapping[str, str]:
        """The settings by which an insert answers when its rows are on the disk: of a majority, where there are more.

        An insert is one block, so that its token holds for all of it. A server would by default gather small inserts of
        several clients (`async_insert`), and answer for them before their tokens are checked.
        """
        if self.is_embedded:
            return {}
        settings = {"async_insert": "0", "input_format_parallel_parsing": "0", "max_insert_block_size": "1048576"}
        return settings | ({"insert_quorum": "auto", "insert_quorum_timeout": "30000"} if self.cluster else {})

    @property
    def changing(self) -> Mapping[str, str]:
        """The settings by which a change of stored rows answers when it is done.

        With replicas: on the one that was asked. The others follow by themselves, and one that is down when it is back.
        """
        return {"mutations_sync": "1" if self.has_replicas else "2"}

    @property
    def comparing(self) -> Mapping[str, str]:
        """The settings by which all that was ever inserted is read, whichever replica answers."""
        if self.cloud:
            return {"select_sequential_consistency": "1"}
        return {"skip_unavailable_shards": "1"} if self.cluster else {}

    def all_replicas_of(self, table: str) -> str:
        """A table as all replicas have it together: rows that several have come several times."""
        return f"clusterAllReplicas('{self.cluster}', {self.database}.{table})" if self.cluster else table


def folder_of(url: str) -> Path | None:
    """The folder of an embedded event store; None where it is a server's, or all in memory."""
    scheme, host, path, *_ = urlsplit(url)
    return Path(path) if scheme == "chdb" and path and not host else None
