"""The table of shares: links by which anybody sees one pixel."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, Table, false

from heropixel.directory.tables import STRING, TEXT, apps, metadata, pixels

shares = Table(
    "shares",
    metadata,
    Column("sha256", LargeBinary(32), primary_key=True, comment="the digest of the token; the token is not stored"),
    Column("id", STRING, nullable=False, unique=True, comment="public: it is in the address of the page"),
    Column("app", ForeignKey(apps.c.number), nullable=False, index=True),
    Column("pixel", ForeignKey(pixels.c.id), nullable=False, index=True),
    Column("name", STRING, nullable=False),
    Column("password", STRING, comment="Argon2id, encoded; null: none"),
    Column("filter", TEXT, comment="JSON, as the API has it; null: all pageviews of the pixel"),
    Column("embed_on", TEXT, nullable=False, comment="a JSON list of the origins that may frame it"),
    Column("signing_key", LargeBinary(32), nullable=False, comment="signs the sessions of its visitors"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("expires_at", BigInteger, comment="Unix milliseconds; null: it works until it is revoked"),
    Column("used_at", BigInteger, comment="Unix milliseconds, to a minute; null: never"),
    Column("show_people", Boolean, nullable=False, server_default=false(), comment="false: figures only"),
)
