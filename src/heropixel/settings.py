"""Every setting, its default and its meaning, once. Each is read from the environment as `HEROPIXEL_` and its name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from heropixel.postgres import without_secrets

_PREFIX = "HEROPIXEL_"


def _key(value: str | None) -> str | None:
    if value is not None and not re.fullmatch("([0-9a-fA-F]{2}){32,64}", value):
        raise ValueError("it must be 64 to 128 hexadecimal digits")
    return value


class LogLevel(StrEnum):
    """The least severe lines that are logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Settings(BaseModel):
    """How this server is run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(Path("data"), description="The folder of the embedded stores.")
    host: str = Field("127.0.0.1", description="The address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="The port the server listens on.")

    doors: int | None = Field(
        None,
        ge=0,
        le=64,
        description="Processes that serve HTTP; 0: everything in one process. Left out: one a core but one, 1 to 8.",
    )

    public_url: str | None = Field(
        None,
        description="The address of the server as browsers know it, for links. Left out: that of the request.",
    )

    log_level: LogLevel = Field(LogLevel.INFO, description="What is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`.")
    access_log: bool = Field(
        False,
        description="True: the log has a line for each HTTP request, with method, path and status, without addresses.",
    )

    directory_url: str | None = Field(
        None,
        description="The URL of the directory, such as `postgresql://user:password@host/db`."
        " Left out: SQLite in the data folder.",
    )
    journal_url: str | None = Field(None, description="The URL of the journal. Left out: SQLite in the data folder.")
    events_url: str | None = Field(None, description="The URL of the event store. Left out: chDB in the data folder.")
    key: Annotated[str | None, AfterValidator(_key)] = Field(
        None,
        description="The key of the identifiers: 64 to 128 hexadecimal digits. Left out: a file in the data folder.",
    )

    store_emails: bool | None = Field(
        None,
        description="False: store only digests of emails and telephone numbers. Left out: as last set, at first true.",
    )

    pages_identify: bool = Field(
        True,
        description="False: only your backend links browsers to users; `heropixel.identify` of a page is ignored.",
    )
    max_browsers: int = Field(
        100, ge=1, description="Browsers that pages may link to one user. Your backend may link more."
    )

    places: Path | None = Field(
        None,
        description="A file in MaxMind's format with the place of an `ip`, see enrichment.md. Left out: no places.",
    )
    trusted_proxies: str = Field(
        "",
        description="Networks of your trusted proxies (`10.0.0.0/8, ::1`), see proxying.md. Left out: none.",
    )
    address_header: str = Field(
        "X-Forwarded-For",
        description="The one header in which they give the visitor's address, such as `CF-Connecting-IP`, `Forwarded`.",
    )
    place_headers: str = Field(
        "",
        description="Headers of country, region, city, such as `CF-IPCountry, CF-Region, CF-IPCity`. Left out: none.",
    )

    address_rate: float = Field(
        20, ge=0, allow_inf_nan=False, description="Beacons a second from one address, IPv6 by its /64. 0: no limit."
    )
    address_burst: int = Field(200, ge=1, description="Beacons that one address may send in a burst.")
    pixel_rate: float = Field(
        5_000, ge=0, allow_inf_nan=False, description="Beacons a second for one pixel. 0: no limit."
    )
    pixel_burst: int = Field(20_000, ge=1, description="Beacons that one pixel may receive in a burst.")

    secret_rate: float = Field(
        1,
        ge=0,
        allow_inf_nan=False,
        description="Wrong secrets a second from one address before it waits. 0: no limit.",
    )
    secret_burst: int = Field(50, ge=1, description="Wrong secrets that one address may send in a burst.")

    max_header_bytes: int = Field(32_768, ge=4_096, description="Bytes in the headers of a request.")
    max_headers: int = Field(100, ge=20, description="Headers of a request.")
    head_seconds: float = Field(20, gt=0, description="How long the line and the headers of a request may take.")
    body_seconds: float = Field(30, gt=0, description="How long the body of a request may take after them.")
    max_body: int = Field(1_000_000, description="Bytes in a request body, before and after decompressing.")
    max_beacon: int = Field(65_536, description="Bytes in a beacon; browsers send no more than the default.")
    max_events: int = Field(1_000, description="Pageviews in one `pageviews` call, users in one `identifyMany` call.")
    max_joined: int = Field(
        5,
        ge=2,
        description="Names that one externalId or email may be given with; with more it is shared and joins nobody.",
    )
    max_contacts: int = Field(10_000, description="Contacts in one `suppress` or `unsuppress` call.")
    max_page: int = Field(100, description="Nodes in one page of a list.")
    max_user_data: int = Field(10_000, description="Pageviews in one answer of `userData`.")
    max_tokens: int = Field(2_000, description="Tokens in a GraphQL document.")
    max_depth: int = Field(20, description="Levels of fields in a GraphQL document.")
    max_aliases: int = Field(30, description="Aliases in a GraphQL document, fragments counted each time.")
    max_root_fields: int = Field(
        10, description="Root fields in a GraphQL document: it limits pageviews, and guesses at a secret."
    )
    max_fields: int = Field(500, description="Fields in a GraphQL document, fragments counted each time.")
    max_introspected: int = Field(
        60_000, description="Values in an answer about the schema itself; tools ask for a third of the default."
    )
    public_schema: bool = Field(
        True, description="False: introspection, /schema.graphql and queries by GET are answered only with credentials."
    )
    max_documents: int = Field(1_000, description="Prepared GraphQL documents kept in memory.")
    report_seconds: int = Field(30, ge=1, description="How long one report may take.")
    report_memory: int = Field(
        1_000_000_000,
        ge=100_000_000,
        description="Bytes of memory that one report may use; beyond a quarter of it, the disk is used.",
    )
    verify_private: bool = Field(
        False,
        description="True: `verifyInstallation` may fetch private addresses, for any client with credentials.",
    )
    min_free_disk: int = Field(
        500_000_000,
        ge=0,
        description="Bytes that stay free on the disk: with less, pageviews are refused as DISK_ALMOST_FULL. 0: none.",
    )
    max_waiting: int = Field(
        10_000, description="Pageviews that may wait to be recorded, at all doors; more are refused as OVERLOADED."
    )
    max_listeners: int = Field(
        2_000, description="WebSockets and event streams with credentials that are open at once, at all doors together."
    )
    max_subscriptions: int = Field(50, description="Subscriptions on one WebSocket, and requests in progress on it.")
    max_unread: int = Field(1_000, description="Unread pageviews of one subscriber; with more, it is dropped.")
    way_back_days: int = Field(
        14,
        ge=0,
        description="Days until the copy of the folder from before an upgrade is deleted. 0: no such copy is made.",
    )
    leave_seconds: float = Field(
        0,
        ge=0,
        allow_inf_nan=False,
        description="How long a stopping server goes on serving while `/ready` says 503: a load balancer takes it out.",
    )
    drain_seconds: int = Field(5, description="How long a stopping server may take to finish its requests.")

    @classmethod
    def of(cls, variables: Mapping[str, str], **given: object) -> "Settings":
        """The settings in the variables of an environment, in any letter case; an empty one is not set.

        What is given goes before them.

        Raises:
            ValidationError: the value of a setting is wrong.
        """
        lower = {variable.lower(): value for variable, value in variables.items() if value}
        read = {name: lower[key] for name in cls.model_fields if (key := (_PREFIX + name).lower()) in lower}
        return cls.model_validate(read | given)

    def without_secrets(self) -> dict[str, Any]:
        """Every setting as plain JSON. Of the key it says only whether there is one, of URLs not the password."""
        plain: dict[str, Any] = self.model_dump(mode="json")
        urls = {name: value and without_secrets(value) for name, value in plain.items() if name.endswith("_url")}
        return plain | urls | {"key": self.key and "***"}

    def url_of_directory(self) -> str:
        """Where the directory is."""
        return self.directory_url or f"sqlite:///{self.data.absolute() / 'directory.sqlite3'}"

    def url_of_journal(self) -> str:
        """Where the journal is."""
        return self.journal_url or f"sqlite:///{self.data.absolute() / 'journal.sqlite3'}"

    def folder_of_journal(self) -> Path:
        """The folder of the journal's files and of what belongs beside them; the data folder where it has no files."""
        scheme, _, path = self.url_of_journal().partition(":///")
        return Path(path).absolute().parent if scheme == "sqlite" else self.data.absolute()

    def stores_in_folder(self) -> dict[str, Path]:
        """The stores that are files of the data folder, by their names."""
        paths = {"directory": "directory.sqlite3", "journal": "journal.sqlite3", "event store": "events"}
        elsewhere = {"directory": self.directory_url, "journal": self.journal_url, "event store": self.events_url}
        return {store: self.data.absolute() / path for store, path in paths.items() if elsewhere[store] is None}

    @property
    def keeps_files(self) -> bool:
        """Whether a store is in files of this machine. Otherwise the server needs no data folder."""
        urls = self.url_of_directory(), self.url_of_journal(), self.url_of_events()
        return any(url.startswith(("sqlite:", "chdb:")) for url in urls)

    def folders(self) -> dict[str, Path]:
        """The folders of the stores that are files, by what they hold."""
        return {"data": self.data.absolute(), "journal": self.folder_of_journal()} if self.keeps_files else {}

    def url_of_events(self) -> str:
        """Where the event store is."""
        return self.events_url or f"chdb://{self.data.absolute() / 'events'}"


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None where it is not there, or of another kind."""
    scheme, _, path = url.partition(":///")
    file = Path(path)
    return file if scheme == "sqlite" and path and file.is_file() else None


def no_settings(variables: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """The variables that look like a setting and are none, each with the setting that may be meant."""
    known = [name.upper() for name in Settings.model_fields]
    for variable in variables:
        name = variable.upper().removeprefix(_PREFIX)  # settings are read in any letter case
        if name != variable.upper() and name not in known:
            yield variable, next((_PREFIX + meant for meant in get_close_matches(name, known, 1)), None)
