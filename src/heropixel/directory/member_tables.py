"""The tables of those who may use an app beside its secret: members, their sessions, keys, and the audit list."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, Table, false

from heropixel.directory.tables import NUMBER, STRING, TEXT, apps, metadata

members = Table(
    "members",
    metadata,
    Column("id", STRING, primary_key=True),
    Column("email", STRING, unique=True, comment="normalised; null: the first owner, until they give one"),
    Column("password", STRING, comment="Argon2id, encoded; null: none yet"),
    Column("show_addresses", Boolean, nullable=False, server_default=false(), comment="addresses are not masked"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
)

roles = Table(
    "roles",
    metadata,
    Column("member", ForeignKey(members.c.id), primary_key=True),
    Column("app", ForeignKey(apps.c.number), primary_key=True),
    Column("role", STRING, nullable=False, comment="see members/roles.py"),
    Column("added_at", BigInteger, nullable=False, comment="Unix milliseconds"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("sha256", LargeBinary(32), primary_key=True, comment="the digest of the cookie; the cookie is not stored"),
    Column("member", ForeignKey(members.c.id), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("used_at", BigInteger, nullable=False, comment="Unix milliseconds, to a minute"),
    Column("by_link", Boolean, nullable=False, comment="begun by a link, not by a password"),
    Column("user_agent", STRING, nullable=False, comment="the browser, so that its owner recognises it"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("sha256", LargeBinary(32), primary_key=True, comment="the digest of the token; the token is not stored"),
    Column("member", ForeignKey(members.c.id), index=True, comment="null: whoever signs in first, as owner of all"),
    Column("expires_at", BigInteger, nullable=False, comment="Unix milliseconds"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("sha256", LargeBinary(32), primary_key=True, comment="the digest of the key; the key itself is not stored"),
    Column("id", STRING, nullable=False, unique=True),
    Column("app", ForeignKey(apps.c.number), nullable=False, index=True),
    Column("name", STRING, nullable=False),
    Column("scopes", TEXT, nullable=False, comment="a JSON list, see members/roles.py"),
    Column("pixels", TEXT, comment="a JSON list of ids; null: all pixels, also those made later"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("expires_at", BigInteger, comment="Unix milliseconds; null: it works until it is revoked"),
    Column("used_at", BigInteger, comment="Unix milliseconds, to a minute; null: never"),
)

# No personal data: only ids, which name nobody once the person is erased or the member removed.
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("app", NUMBER, nullable=False),
    Column("at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("by", STRING, nullable=False, comment="MEMBER, KEY, SECRET or COMMAND"),
    Column("by_id", STRING, comment="of the member or the key; null: the app's secret, or a command"),
    Column("action", STRING, nullable=False, comment="the operation of the API"),
    Column("about", STRING, nullable=False, comment="ids of what it was done to"),
    sqlite_autoincrement=True,
)
Index("ix_audit_entries_app", audit_entries.c.app, audit_entries.c.id)
Index("ix_audit_entries_at", audit_entries.c.at)
