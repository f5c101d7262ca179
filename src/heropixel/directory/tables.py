"""The tables of the directory: apps, pixels, domains, users and what they are known by.

Made for 100,000,000 identifiers on one disk: an identifier is a 16-byte keyed hash and the number of its user, in the
primary key's own tree (about 30 bytes), and nothing else; whatever is readable stands once a person in `contacts`.
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
    sqlite_autoincrement=True,
)

domains = Table(
    "domains",
    metadata,
    Column("pixel", ForeignKey(pixels.c.id), primary_key=True),
    Column("host", String, primary_key=True, comment="lower case, in punycode"),
    Column("subdomains", Boolean, nullable=False, comment="a registrable domain authorises all below it"),
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
)

users = Table(
    "users",
    metadata,
    # The app's number in the upper bits, then a number of its own: ids grow with age, one column joins everything,
    # and an app that watches its ids learns nothing of how many people another app knows.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("external_id", String),
    Column("traits", Text, comment="a JSON object, or null for none"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds: first heard of"),
    Column("learned", Boolean, nullable=False, comment="from a pageview, not from the operator"),
    Column("suppressed", Boolean, nullable=False, server_default=false()),
    # Merged users keep their identifiers, contacts and pageviews, and stand for another: so a merge can be undone.
    Column("merged_into", BigInteger, comment="the user this one stands for, who stands for nobody else"),
)
Index("ix_users_merged_into", users.c.merged_into, sqlite_where=users.c.merged_into.is_not(None))

identifiers = Table(
    "identifiers",
    metadata,
    Column("key", LargeBinary(16), primary_key=True, comment="keyed hash, see identity/identifiers.py"),
    Column("user_id", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("form", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

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

APP_SHIFT = 40  # a trillion users an app, eight million apps


def app_of_user(user_id: int) -> int:
    """The number of the app a user belongs to."""
    return user_id >> APP_SHIFT
