"""The columns of a pageview, a line each: limits, cleaning, exports, dimensions and erasing follow from here."""

from collections.abc import Mapping
from enum import Enum, Flag, auto
from typing import Annotated, Final, NamedTuple, get_type_hints

import msgspec


class GivenBy(Flag):
    """Who fills a column."""

    SERVER = auto()  # what was received when, whose it is
    CALLER = auto()  # the API's `pageview`, in the field of the same name
    PAGE = auto()  # a beacon of a browser
    IMPORT = auto()  # a file of past pageviews, beside what callers give
    RULES = auto()  # enrichment: what the rest says
    STORE = auto()  # the event store itself, from other columns


class Cleaning(Enum):
    """What is taken out of a text before it is written anywhere."""

    ADDRESS = auto()  # of an address: parameters that look like secrets or name a person
    TEXT = auto()  # the address of a person, and with it the whole text


class Column(NamedTuple):
    """What there is to know of a column beside its name and its type."""

    given_by: GivenBy
    # Erasing a person takes it from her pageviews. A text that anybody may write freely can name her, and so can a part
    # of one; a number that is no id and a word of a list that many share cannot. There is no default: say it.
    personal: bool
    limit: int | None = None  # characters that may be given
    cleaned: Cleaning | None = None
    exported: type | None = str  # as what lists and exports have it; None: it stays here
    dimension: str = ""  # its name where reports tell figures by it and filters look at it


_CALLER, _PAGE, _RULES = GivenBy.CALLER, GivenBy.CALLER | GivenBy.PAGE, GivenBy.RULES
_COMPLETED, _SEEN_WITH = GivenBy.CALLER | _RULES, GivenBy.IMPORT | _RULES
_ADDRESS, _TEXT = Cleaning.ADDRESS, Cleaning.TEXT


class Row(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """A pageview on its way to the event store, by the columns it has there. Lists and exports keep their order.

    Times are Unix milliseconds as text: whether a bare number is seconds, milliseconds or refused depends on the
    version of the event engine. In a text of ten digits or fewer it sees seconds; from 1990 on there are twelve.
    """

    app: Annotated[int, Column(GivenBy.SERVER, personal=False, exported=None)]
    pixel_id: Annotated[int, Column(_PAGE, personal=False, exported=int)]
    timestamp: Annotated[str, Column(_CALLER, personal=False, exported=int)]
    received: Annotated[str, Column(GivenBy.SERVER, personal=False, exported=None)]
    event_id: Annotated[str, Column(_CALLER, personal=True)]
    domain: Annotated[str, Column(_CALLER, personal=False)]  # one that the pixel's owner has authorised
    user_id: Annotated[int, Column(GivenBy.SERVER, personal=True)] = 0
    visitor_id: Annotated[str, Column(_PAGE, personal=True)] = ""
    session_id: Annotated[str, Column(_CALLER, personal=True)] = ""
    resolution: Annotated[str, Column(GivenBy.SERVER, personal=False, exported=None)] = ""
    matched_on: Annotated[str, Column(GivenBy.SERVER, personal=True, exported=None)] = ""
    journal_position: Annotated[int, Column(GivenBy.SERVER, personal=False, exported=None)] = 0
    url: Annotated[str, Column(_PAGE | _RULES, personal=True, limit=8192, cleaned=_ADDRESS)] = ""
    canonical: Annotated[str, Column(_PAGE | _RULES, personal=True, limit=8192, cleaned=_ADDRESS)] = ""
    title: Annotated[str, Column(_PAGE, personal=True, limit=2048)] = ""
    description: Annotated[str, Column(_PAGE, personal=True, limit=2048)] = ""
    referrer: Annotated[str, Column(_PAGE | _RULES, personal=True, limit=8192, cleaned=_ADDRESS)] = ""
    language: Annotated[str, Column(_PAGE, personal=False, limit=256, dimension="LANGUAGE")] = ""
    timezone: Annotated[str, Column(_PAGE, personal=False, limit=256)] = ""
    user_agent: Annotated[str, Column(_CALLER, personal=True, limit=2048)] = ""
    client_hints: Annotated[str, Column(_CALLER, personal=True, limit=2048, exported=None)] = ""
    screen: Annotated[str, Column(_PAGE, personal=False, limit=256)] = ""
    viewport: Annotated[str, Column(_PAGE, personal=False, limit=256)] = ""
    country: Annotated[str, Column(_CALLER, personal=False, limit=256, dimension="COUNTRY")] = ""
    region: Annotated[str, Column(_CALLER, personal=True, limit=256, dimension="REGION")] = ""
    city: Annotated[str, Column(_CALLER, personal=True, limit=256, dimension="CITY")] = ""
    utm_source: Annotated[str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_SOURCE")] = ""
    utm_medium: Annotated[str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_MEDIUM")] = ""
    utm_campaign: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_CAMPAIGN")
    ] = ""
    utm_term: Annotated[str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_TERM")] = ""
    utm_content: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_CONTENT")
    ] = ""
    consent: Annotated[str, Column(_PAGE, personal=False, exported=bool)] = "unknown"
    properties: Annotated[str, Column(_PAGE, personal=True, exported=dict)] = ""  # a JSON object
    hostname: Annotated[str, Column(_RULES, personal=True, dimension="HOSTNAME")] = ""
    path: Annotated[str, Column(_RULES, personal=True, dimension="PAGE")] = ""
    query: Annotated[str, Column(_RULES, personal=True)] = ""
    referrer_host: Annotated[str, Column(_RULES, personal=True, dimension="REFERRER")] = ""
    source: Annotated[str, Column(_RULES, personal=True, dimension="SOURCE")] = ""
    channel: Annotated[str, Column(_RULES, personal=False, dimension="CHANNEL")] = ""
    browser: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="BROWSER")] = ""
    browser_version: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="BROWSER_VERSION")] = ""
    os: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="OS")] = ""
    os_version: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="OS_VERSION")] = ""
    device: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="DEVICE")] = ""
    bot: Annotated[str, Column(_RULES, personal=False, dimension="BOT")] = ""
    bot_reasons: Annotated[tuple[str, ...], Column(_RULES, personal=False, exported=list)] = ()
    rules: Annotated[str, Column(GivenBy.SERVER, personal=False)] = ""


def _columns() -> dict[str, Column]:
    hints = get_type_hints(Row, include_extras=True)
    return {name: hints[name].__metadata__[0] for name in Row.__struct_fields__}


COLUMNS: Final[Mapping[str, Column]] = _columns()

# How many characters may be given, of the texts that are kept as they come.
LIMITS: Final[Mapping[str, int]] = {name: column.limit for name, column in COLUMNS.items() if column.limit}

# What the table has beside: the event store makes it anew whenever the columns that it is made of are rewritten.
OF_THE_STORE: Final[Mapping[str, Column]] = {"actor": Column(GivenBy.STORE, personal=True, exported=None)}


def given_by(giver: GivenBy) -> tuple[str, ...]:
    """The columns that somebody fills."""
    return tuple(name for name, column in COLUMNS.items() if giver in column.given_by)


# What the query of an address may give too, under the same name.
CAMPAIGN: Final = tuple(name for name in COLUMNS if name.startswith("utm_"))
