"""Who a visitor says he is after his pageview was sent: kept before the answer, looked up and linked after it.

So the answer takes as long for somebody who is known as for somebody who is not (docs/decisions/0011).
"""

from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.claims import Claim, add_claim, remove_claims, waiting_claims
from heropixel.directory.links import Link, add_links
from heropixel.directory.suppressions import suppressed_among
from heropixel.directory.users import Found, Identifier, look_for, put_identifiers
from heropixel.identity.identifiers import NO_EMAIL, Claims, Index, Kind, keys_of

_AT_ONCE = 1_000


def keep_claim(connection: Connection, app: int, claims: Claims, index: Index) -> None:
    """Keep that the visitor of these claims is whom the rest of them names."""
    keys = [known.key for known in keys_of(claims, app, index)]
    add_claim(connection, Claim(app, claims.visitor_id or "", keys))


def settle_claims(directory: Directory, now: int) -> None:
    """Link the visitors of all claims that name somebody who is known and not suppressed; forget the others.

    Raises:
        sqlalchemy.exc.DBAPIError: those that are left wait.
    """
    while waiting := waiting_claims(directory.connection, _AT_ONCE):
        with directory.writing() as connection:
            _settle(connection, [claim for _, claim in waiting], now)
            remove_claims(connection, waiting[-1][0])


def _settle(connection: Connection, claims: list[Claim], now: int) -> None:
    wanted = [key for claim in claims for key in claim.keys]
    found, any_suppressed = look_for(connection, wanted)
    suppressed = suppressed_among(connection, wanted, now) if any_suppressed else {}
    identifiers: dict[bytes, Identifier] = {}
    links: list[Link] = []
    for claim in claims:
        named = None if suppressed.keys() & claim.keys else _named(claim, found)
        *_, visitor = claim.keys
        linked = found.get(visitor)
        if named is None or named.user.suppressed_until > now or (linked and linked.user.id == named.user.id):
            continue
        found[visitor] = named
        identifiers[visitor] = (visitor, named.via, Kind.VISITOR_ID, NO_EMAIL, True, now)
        links.append(Link(claim.app, claim.visitor_id, named.via, now))
    put_identifiers(connection, identifiers.values())
    add_links(connection, links)


def _named(claim: Claim, found: dict[bytes, Found]) -> Found | None:
    """Whom the strongest of its keys names that names anybody."""
    *says, _visitor = claim.keys
    return next((found[key] for key in says if key in found), None)
