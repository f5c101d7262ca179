"""The tables of the directory: apps, pixels, domains, users and their identifiers.

They are made for 100,000,000 identifiers on one disk. An identifier is a 16-byte keyed hash and the number of its user,
in the tree of the primary key (about 30 bytes), and nothing else. Readable contacts are stored once a person, in
`contacts`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
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

apps = Table(
    "apps",
    metadata,
    Column("number", Integer, primary_key=True, comment="short, for keys; never shown"),
    Column("id", String, nullable=False, unique=True, comment="appId"),
    Column("name", String, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("last_user", BigInteger, nullable=False, server_default=text("0"), comment="highest user id given out"),
    sqlite_autoincrement=True,
)

secrets = Table(
    "secrets",
    metadata,
    Column(
        "sha256",
        LargeBinary(32),
        primary_key=True,
        comment="of the secret; the secret itself is never stored",
    ),
    Column("app", ForeignKey(apps.c.number), nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("expires_at", BigInteger, comment="Unix milliseconds: it works until then; null: until it is rotated"),
)

pixels = Table(
    "pixels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("app", ForeignKey(apps.c.number), nullable=False),
    Column("name", String, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("consent_mode", String, nullable=False, server_default="REQUIRED", comment="see consent_modes.py"),
    sqlite_autoincrement=True,
)

domains = Table(
    "domains",
    metadata,
    Column("pixel", ForeignKey(pixels.c.id), primary_key=True),
    Column("host", String, primary_key=True, comment="lower case, in punycode"),
    Column("subdomains", Boolean, nullable=False, comment="a registrable domain authorises all below it"),
)

# A table of its own, since a retention is a promise to the visitors of a site and outlives its pixel: the pageviews
# of a pixel that was deleted without erasing them are still kept for so long.
retentions = Table(
    "retentions",
    metadata,
    Column("pixel", Integer, primary_key=True, autoincrement=False),
    Column("days", Integer, nullable=False, comment="its pageviews are kept; a pixel that is not here: for ever"),
)

state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True, comment="always 1"),
    Column(
        "revision",
        BigInteger,
        nullable=False,
        comment="grows with every change of the tables above: a server sees at a glance whether to read them again",
    ),
    Column("key_check", LargeBinary(16), comment="a hash of the key of the identifiers: another key finds nobody"),
    Column("store_emails", Boolean, nullable=False, server_default=true(), comment="and telephone numbers, readable"),
)

users = Table(
    "users",
    metadata,
    # The app's number in the upper bits, then a number of its own. Ids grow with age, and one column joins everything.
    # An app that watches its ids learns nothing of how many people another app knows.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("external_id", String),
    Column("traits", Text, comment="a JSON object, or null for none"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds: first heard of"),
    Column("learned", Boolean, nullable=False, comment="from a pageview, not from the operator"),
    # A merged user keeps identifiers, contacts and pageviews, and points to its surviving user: a merge can be undone.
    Column("merged_into", BigInteger, comment="the user this one stands for, who stands for nobody else"),
    Column(
        "suppressed_until",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="Unix milliseconds; of who speaks for a person: the latest of all suppressions of her contacts",
    ),
)
Index("ix_users_merged_into", users.c.merged_into, sqlite_where=users.c.merged_into.is_not(None))

identifiers = Table(
    "identifiers",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="keyed hash, see identity/identifiers.py"),
    Column("user_id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("form", SmallInteger, nullable=False),
    # The keys of a user are made again from their contacts when needed. The keys of what is not stored cannot be.
    Column("lone", Boolean, nullable=False, server_default=false(), comment="made of no contact: see the index"),
    # A byte, where there is none. A pageview that is linked after its answer needs it to know that it comes too late.
    Column("linked_at", BigInteger, comment="Unix milliseconds: since when a visitor is the user's; of others null"),
    sqlite_with_rowid=False,
)
Index("ix_identifiers_lone", identifiers.c.user_id, sqlite_where=identifiers.c.lone)

contacts = Table(
    "contacts",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, primary_key=True, comment="email or phone"),
    Column("value", String, primary_key=True, comment="normalised"),
    sqlite_with_rowid=False,
)

merges = Table(
    "merges",
    metadata,
    Column("id", Integer, primary_key=True),
    # The two users that were shown to be one, each with the identifier that named it, as a key and by its kind.
    Column("one", BigInteger, nullable=False, index=True),
    Column("one_key", LargeBinary(16), nullable=False, index=True),
    Column("one_by", String, nullable=False),
    Column("other", BigInteger, nullable=False, index=True),
    Column("other_key", LargeBinary(16), nullable=False, index=True),
    Column("other_by", String, nullable=False),
    Column("origin", String, nullable=False, comment="API, COMMAND or IMPORT"),
    Column("merged_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("undone_at", BigInteger, comment="Unix milliseconds; null: it holds"),
    Column("older", BigInteger, nullable=False, comment="who stayed"),
    Column("newer", BigInteger, nullable=False, comment="who stands for the older one since"),
    Column("gained", Text, nullable=False, comment="what the older one got by it: JSON, see directory/merges.py"),
    sqlite_autoincrement=True,
)

unreliable = Table(
    "unreliable",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="of an identifier that too many people share"),
    Column("marked_at", BigInteger, nullable=False, comment="Unix milliseconds"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("app", Integer, nullable=False),
    Column("kind", String, nullable=False, comment="by what: a value of the contract's enum `Identifier`"),
    Column("value", String, comment="the email or telephone number; null: only its digest was given, or she is erased"),
    Column("reason", String, nullable=False),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("expires_at", BigInteger, comment="Unix milliseconds; null: never"),
    Column("tombstone", Boolean, nullable=False, comment="of a person who was erased, not to be learned again"),
    sqlite_autoincrement=True,
)
Index("ix_suppressions_app", suppressions.c.app, suppressions.c.id)
Index("ix_suppressions_expires_at", suppressions.c.expires_at, sqlite_where=suppressions.c.expires_at.is_not(None))

suppressed = Table(
    "suppressed",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="as in identifiers, where it need not be"),
    Column("suppression", ForeignKey(suppressions.c.id), nullable=False, index=True),
    sqlite_with_rowid=False,
)

claims = Table(
    "claims",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("app", Integer, nullable=False),
    Column("visitor_id", String, nullable=False),
    Column("known_by", LargeBinary, nullable=False, comment="keys as in identifiers, see identity/claim.py"),
    Column("received", BigInteger, nullable=False, comment="Unix milliseconds"),
    sqlite_autoincrement=True,
)

# What was done here and is still to be done in the event store; see upkeep/upkeep.py.

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("app", Integer, nullable=False),
    Column("visitor_id", String, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("linked_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    sqlite_autoincrement=True,
)

erasures = Table(
    "erasures",
    metadata,
    Column("id", String, primary_key=True, comment="of the receipt"),
    Column("app", Integer, nullable=False),
    Column("users", Text, comment="a JSON list of ids whose pageviews are to be erased; null: done, or none"),
    Column("pixel", Integer, comment="whose pageviews are to be erased; null: done, or none"),
    Column("counts", Text, nullable=False, comment="what was erased: a JSON object of numbers"),
    Column("origin", String, nullable=False, comment="API or COMMAND"),
    Column("requested_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("done_at", BigInteger, comment="Unix milliseconds; null: not yet"),
    Column("known_by", LargeBinary, comment="the keys of those users, joined, for what waits; null: done, or none"),
)
Index("ix_erasures_waiting", erasures.c.requested_at, sqlite_where=erasures.c.done_at.is_(None))

APP_SHIFT = 40  # a trillion users an app, eight million apps


def app_of_user(user_id: int) -> int:
    """The number of the app a user belongs to."""
    return user_id >> APP_SHIFT
