"""The columns of a pageview, one a line. Limits, cleaning, exports, dimensions and erasing follow from this table."""

from collections.abc import Mapping
from enum import Enum, Flag, auto
from typing import Annotated, Final, NamedTuple, get_type_hints

import msgspec


class GivenBy(Flag):
    """Who fills a column."""

    SERVER = auto()  # the time of receipt, the app, the user
    CALLER = auto()  # a caller of the API's `pageview`, in the field of the same name
    PAGE = auto()  # a beacon of a browser
    IMPORT = auto()  # a file of past pageviews; it may give what callers give too
    RULES = auto()  # enrichment derives it from the other columns
    STORE = auto()  # the event store derives it from other columns


class Cleaning(Enum):
    """What is removed from a text before it is stored anywhere."""

    ADDRESS = auto()  # of a URL: parameters that look like secrets or name a person
    TEXT = auto()  # of a text with an email address: the whole text


class Column(NamedTuple):
    """The properties of a column beside its name and its type."""

    given_by: GivenBy
    # True: erasing a person clears the column in their pageviews. A text that anybody may write freely can name a
    # person, and so can a part of such a text. A number that is no id cannot, nor can a word from a list that many
    # people share. There is no default: each column must decide.
    personal: bool
    limit: int | None = None  # the most characters that may be given
    cleaned: Cleaning | None = None
    exported: type | None = str  # its type in lists and exports; None: it is not exported
    dimension: str = ""  # its name in reports and filters; empty: it is no dimension
    # Whether it says where a visit came from. Then the dimension is of the visit, and `PAGEVIEW_` and the same name is
    # what the pageview itself said.
    of_visit: bool = False


_CALLER, _PAGE, _RULES = GivenBy.CALLER, GivenBy.CALLER | GivenBy.PAGE, GivenBy.RULES
_COMPLETED, _SEEN_WITH = GivenBy.CALLER | _RULES, GivenBy.IMPORT | _RULES
_ADDRESS, _TEXT = Cleaning.ADDRESS, Cleaning.TEXT


class Row(msgspec.Struct, omit_defaults=True, gc=False, forbid_unknown_fields=True):
    """A pageview on its way to the event store, with the columns it has there. Lists and exports keep their order.

    Times are Unix milliseconds as text. The version of the event engine decides whether it reads a bare number as
    seconds, reads it as milliseconds or refuses it. It reads a text of ten digits or fewer as seconds. Milliseconds
    have twelve digits from 1990 on.
    """

    app: Annotated[int, Column(GivenBy.SERVER, personal=False, exported=None)]
    pixel_id: Annotated[int, Column(_PAGE, personal=False, exported=int)]
    timestamp: Annotated[str, Column(_CALLER, personal=False, exported=int)]
    received: Annotated[str, Column(GivenBy.SERVER, personal=False, exported=None)]
    event_id: Annotated[str, Column(_CALLER, personal=True)]
    domain: Annotated[str, Column(_CALLER, personal=False)]  # the owner of the pixel has authorised it
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
    language: Annotated[str, Column(_PAGE | _RULES, personal=False, limit=256, dimension="LANGUAGE")] = ""
    timezone: Annotated[str, Column(_PAGE, personal=False, limit=256)] = ""
    user_agent: Annotated[str, Column(_CALLER, personal=True, limit=2048)] = ""
    client_hints: Annotated[str, Column(_CALLER, personal=True, limit=2048, exported=None)] = ""
    screen: Annotated[str, Column(_PAGE, personal=False, limit=256)] = ""
    viewport: Annotated[str, Column(_PAGE, personal=False, limit=256)] = ""
    country: Annotated[str, Column(_COMPLETED, personal=False, limit=256, dimension="COUNTRY")] = ""
    region: Annotated[str, Column(_COMPLETED, personal=True, limit=256, dimension="REGION")] = ""
    city: Annotated[str, Column(_COMPLETED, personal=True, limit=256, dimension="CITY")] = ""
    place_basis: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="PLACE_BASIS")] = ""
    utm_source: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_SOURCE", of_visit=True)
    ] = ""
    utm_medium: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_MEDIUM", of_visit=True)
    ] = ""
    utm_campaign: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_CAMPAIGN", of_visit=True)
    ] = ""
    utm_term: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_TERM", of_visit=True)
    ] = ""
    utm_content: Annotated[
        str, Column(_COMPLETED, personal=True, limit=512, cleaned=_TEXT, dimension="UTM_CONTENT", of_visit=True)
    ] = ""
    consent: Annotated[str, Column(_PAGE, personal=False, exported=bool)] = "unknown"
    properties: Annotated[str, Column(_PAGE, personal=True, exported=dict)] = ""  # a JSON object
    hostname: Annotated[str, Column(_RULES, personal=True, dimension="HOSTNAME")] = ""
    path: Annotated[str, Column(_RULES, personal=True, dimension="PAGE")] = ""
    query: Annotated[str, Column(_RULES, personal=True)] = ""
    referrer_host: Annotated[str, Column(_RULES, personal=True, dimension="REFERRER", of_visit=True)] = ""
    source: Annotated[str, Column(_RULES, personal=True, dimension="SOURCE", of_visit=True)] = ""
    channel: Annotated[str, Column(_RULES, personal=False, dimension="CHANNEL", of_visit=True)] = ""
    browser: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="BROWSER")] = ""
    browser_version: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="BROWSER_VERSION")] = ""
    os: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="OS")] = ""
    os_version: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="OS_VERSION")] = ""
    device: Annotated[str, Column(_SEEN_WITH, personal=False, limit=256, dimension="DEVICE")] = ""
    bot: Annotated[str, Column(_RULES, personal=False, dimension="BOT")] = ""
    bot_reasons: Annotated[tuple[str, ...], Column(_RULES, personal=False, exported=list)] = ()
    rules: Annotated[str, Column(GivenBy.SERVER, personal=False)] = ""
    # Why the pageview is its user's; see events/evidence.py. The form is that of the email that matched.
    normalisation: Annotated[str, Column(GivenBy.SERVER, personal=True, exported=None)] = ""
    imported: Annotated[int, Column(GivenBy.SERVER, personal=False, exported=None)] = 0  # 1: from a file
    unlinked_from: Annotated[int, Column(GivenBy.SERVER, personal=True, exported=None)] = 0  # see identity/unlink.py


def _columns() -> dict[str, Column]:
    hints = get_type_hints(Row, include_extras=True)
    return {name: hints[name].__metadata__[0] for name in Row.__struct_fields__}


COLUMNS: Final[Mapping[str, Column]] = _columns()

# The most characters that may be given, for the texts that are stored unchanged.
LIMITS: Final[Mapping[str, int]] = {name: column.limit for name, column in COLUMNS.items() if column.limit}

# A column that only the table has. The event store computes it again whenever its source columns are rewritten.
OF_THE_STORE: Final[Mapping[str, Column]] = {"actor": Column(GivenBy.STORE, personal=True, exported=None)}


def given_by(giver: GivenBy) -> tuple[str, ...]:
    """The columns that this giver fills."""
    return tuple(name for name, column in COLUMNS.items() if giver in column.given_by)


# The query of a page's URL may give these too, under the same names.
CAMPAIGN: Final = tuple(name for name in COLUMNS if name.startswith("utm_"))
