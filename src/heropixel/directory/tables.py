"""The tables of the directory: apps, pixels, domains, users and their identifiers.

They are made for 100,000,000 identifiers on one disk. An identifier is a 16-byte keyed hash and the number of its user,
in the tree of the primary key (about 30 bytes), and nothing else. Readable contacts are stored once a person, in
`contacts`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

# 8 bytes on both: SQLite gives its INTEGER as many as a number needs, and gives out ids only where a column is one.
NUMBER = BigInteger().with_variant(Integer, "sqlite")
# In the order of their bytes, as SQLite has it: otherwise pages of lists would differ with the server's language.
STRING = String().with_variant(String(collation="C"), "postgresql")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _partial_index(name: str, column: ColumnElement[int], where: ColumnElement[bool]) -> None:
    Index(name, column, sqlite_where=where, postgresql_where=where)


apps = Table(
    "apps",
    metadata,
    Column("number", NUMBER, primary_key=True, comment="the app in keys and user ids; never shown"),
    Column("id", STRING, nullable=False, unique=True, comment="appId"),
    Column("name", STRING, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column(
        "last_user",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="the highest user id of this app so far",
    ),
    sqlite_autoincrement=True,
)

secrets = Table(
    "secrets",
    metadata,
    Column(
        "sha256",
        LargeBinary(32),
        primary_key=True,
        comment="the digest of the secret; the secret itself is not stored",
    ),
    Column("app", ForeignKey(apps.c.number), nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("expires_at", BigInteger, comment="Unix milliseconds; null: valid until it is rotated"),
)

pixels = Table(
    "pixels",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("app", ForeignKey(apps.c.number), nullable=False),
    Column("name", STRING, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("consent_mode", STRING, nullable=False, server_default="REQUIRED", comment="see consent_modes.py"),
    Column("timezone", STRING, nullable=False, server_default="UTC", comment="its name in the IANA database"),
    Column("week_starts_on", STRING, nullable=False, server_default="MONDAY", comment="see calendars.py"),
    sqlite_autoincrement=True,
)

domains = Table(
    "domains",
    metadata,
    Column("pixel", ForeignKey(pixels.c.id), primary_key=True),
    Column("host", STRING, primary_key=True, comment="lower case, in punycode"),
    Column("subdomains", Boolean, nullable=False, comment="whether its subdomains are authorised too"),
)

return_hosts = Table(
    "return_hosts",
    metadata,
    Column("pixel", ForeignKey(pixels.c.id), primary_key=True),
    Column("host", STRING, primary_key=True, comment="lower case, in punycode; with all below it"),
)

# A table of its own, since a retention is a promise to the visitors of a site and outlives its pixel. It still holds
# for the pageviews of a pixel that was deleted without erasing them.
retentions = Table(
    "retentions",
    metadata,
    Column("pixel", NUMBER, primary_key=True, autoincrement=False),
    Column("days", NUMBER, nullable=False, comment="how long pageviews are kept; without a row: for ever"),
)

state = Table(
    "state",
    metadata,
    Column("id", NUMBER, primary_key=True, comment="always 1"),
    Column(
        "revision",
        BigInteger,
        nullable=False,
        comment="grows with every change of the tables above, so that servers know when to read them again",
    ),
    Column("key_check", LargeBinary(16), comment="a hash of the identifier key; another key would find no user"),
    Column(
        "store_emails",
        Boolean,
        nullable=False,
        server_default=true(),
        comment="whether readable emails and phones are stored",
    ),
)

users = Table(
    "users",
    metadata,
    # The app's number in the upper bits, then a number of its own. Ids grow with age, and one column joins everything.
    # An app cannot tell from its ids how many users another app has.
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("external_id", STRING),
    Column("traits", TEXT, comment="a JSON object, or null for none"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("learned", Boolean, nullable=False, comment="whether a pageview created the user, not the operator"),
    # A merged user keeps identifiers, contacts and pageviews, and points to its surviving user: a merge can be undone.
    Column("merged_into", BigInteger, comment="the surviving user, never merged itself; null: not merged"),
    Column(
        "suppressed_until",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="Unix milliseconds; of a surviving user: the latest end of a suppression of their contacts",
    ),
)
_partial_index("ix_users_merged_into", users.c.merged_into, users.c.merged_into.is_not(None))

identifiers = Table(
    "identifiers",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="a keyed hash, see identity/identifiers.py"),
    Column("user_id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("form", SmallInteger, nullable=False),
    # The keys of a stored contact are computed again when needed. Lone keys cannot be, so the index finds them.
    Column("lone", Boolean, nullable=False, server_default=false(), comment="whether it comes from no stored contact"),
    # Null takes one byte. A pageview that is linked after its answer must not replace a link that is newer than itself.
    Column("linked_at", BigInteger, comment="of a visitor, Unix milliseconds; null: no visitor, or not known"),
    sqlite_with_rowid=False,
)
_partial_index("ix_identifiers_lone", identifiers.c.user_id, identifiers.c.lone)

contacts = Table(
    "contacts",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", STRING, primary_key=True, comment="email or phone"),
    Column("value", STRING, primary_key=True, comment="normalised"),
    sqlite_with_rowid=False,
)

merges = Table(
    "merges",
    metadata,
    Column("id", NUMBER, primary_key=True),
    # The two users that were shown to be one person. Each has the key and the kind of the identifier that named it.
    Column("one", BigInteger, nullable=False, index=True),
    Column("one_key", LargeBinary(16), nullable=False, index=True),
    Column("one_by", STRING, nullable=False),
    Column("other", BigInteger, nullable=False, index=True),
    Column("other_key", LargeBinary(16), nullable=False, index=True),
    Column("other_by", STRING, nullable=False),
    Column("origin", STRING, nullable=False, comment="API, COMMAND or IMPORT"),
    Column("merged_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("undone_at", BigInteger, comment="Unix milliseconds; null: in force"),
    Column("older", BigInteger, nullable=False, comment="the surviving user"),
    Column("newer", BigInteger, nullable=False, comment="the user that was merged into the older one"),
    Column("gained", TEXT, nullable=False, comment="what the older user gained: JSON, see directory/merges.py"),
    Column(
        "given_back",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="whether it was undone because its identifier is shared, not by hand",
    ),
    sqlite_autoincrement=True,
)

unreliable = Table(
    "unreliable",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="the key of an identifier that too many users share"),
    Column("marked_at", BigInteger, nullable=False, comment="Unix milliseconds"),
)

# Most identifiers that one call named together belong to one user, and need no row here: see directory/pairs.py.
pairs = Table(
    "pairs",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="a key as in identifiers"),
    Column("other", LargeBinary(16), primary_key=True, comment="a key as in identifiers"),
    Column("role", SmallInteger, primary_key=True, autoincrement=False, comment="see directory/pairs.py"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("app", NUMBER, nullable=False),
    Column("kind", STRING, nullable=False, comment="the kind of contact: a value of the enum `Identifier`"),
    Column("value", STRING, comment="the email or phone; null: given as a digest, or erased"),
    Column("reason", STRING, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("expires_at", BigInteger, comment="Unix milliseconds; null: never"),
    Column("tombstone", Boolean, nullable=False, comment="whether it keeps an erased person from being learned again"),
    sqlite_autoincrement=True,
)
Index("ix_suppressions_app", suppressions.c.app, suppressions.c.id)
_partial_index("ix_suppressions_expires_at", suppressions.c.expires_at, suppressions.c.expires_at.is_not(None))

suppressed = Table(
    "suppressed",
    metadata,
    Column(
        "key", LargeBinary(16), primary_key=True, comment="a key as in identifiers, whether it is stored there or not"
    ),
    Column("suppression", ForeignKey(suppressions.c.id), nullable=False, index=True),
    sqlite_with_rowid=False,
)

claims = Table(
    "claims",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("app", NUMBER, nullable=False),
    Column("visitor_id", STRING, nullable=False),
    Column(
        "known_by", LargeBinary, nullable=False, comment="the keys of the claimed identifiers, see identity/claim.py"
    ),
    Column("received", BigInteger, nullable=False, comment="Unix milliseconds"),
    sqlite_autoincrement=True,
)

# Changes that upkeep still applies to the event store; see upkeep/upkeep.py.

links = Table(
    "links",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("app", NUMBER, nullable=False),
    Column("visitor_id", STRING, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("linked_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column(
        "evidence",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="what linked it, see directory/link_evidence.py; 0: not kept",
    ),
    sqlite_autoincrement=True,
)

# A browser that was taken from a user. It is not linked to them again by pageviews; see identity/unlink.py.
unlinks = Table(
    "unlinks",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("app", NUMBER, nullable=False),
    Column("visitor_id", STRING, nullable=False),
    Column("key", LargeBinary(16), nullable=False, index=True, comment="the key of the visitor, as in identifiers"),
    Column("person", BigInteger, nullable=False, index=True, comment="the surviving user at that time"),
    Column("users", TEXT, nullable=False, comment="all users who were that person: a JSON list of ids"),
    Column("origin", STRING, nullable=False, comment="API or COMMAND"),
    Column("unlinked_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("undone_at", BigInteger, comment="Unix milliseconds; null: not undone"),
    Column("lifted_at", BigInteger, comment="when identify linked the browser to the person again; null: it did not"),
    Column("linked_to", BigInteger, comment="the user that the browser was linked to; null: none of these users"),
    Column("linked_at", BigInteger, comment="since when, Unix milliseconds; null: not known"),
    # What the event store must do, and what it must give back; see upkeep/unlinking.py.
    Column("waiting", Boolean, nullable=False, server_default=true(), comment="whether the event store lags behind"),
    Column("removed", TEXT, comment="links that were removed: a JSON list of user, time, evidence; null: not yet read"),
    Column("pageviews", NUMBER, comment="how many pageviews it took from the person; null: not yet counted"),
    sqlite_autoincrement=True,
)
_partial_index("ix_unlinks_waiting", unlinks.c.id, unlinks.c.waiting)

erasures = Table(
    "erasures",
    metadata,
    Column("id", STRING, primary_key=True, comment="the id of the receipt"),
    Column("app", NUMBER, nullable=False),
    Column("users", TEXT, comment="the users to erase from the event store: a JSON list of ids; null: done, or none"),
    Column("pixel", NUMBER, comment="the pixel to erase from the event store; null: done, or none"),
    Column("counts", TEXT, nullable=False, comment="what was erased: a JSON object of numbers"),
    Column("origin", STRING, nullable=False, comment="API or COMMAND"),
    Column("requested_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("done_at", BigInteger, comment="Unix milliseconds; null: not yet"),
    Column(
        "known_by",
        LargeBinary,
        comment="the keys of these users, concatenated, to find their waiting pageviews; null: done, or none",
    ),
)
_partial_index("ix_erasures_waiting", erasures.c.requested_at, erasures.c.done_at.is_(None))

APP_SHIFT = 40  # a trillion users an app, eight million apps


def app_of_user(user_id: int) -> int:
    """The number of the app a user belongs to."""
    return user_id >> APP_SHIFT
