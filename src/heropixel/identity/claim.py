"""Who a visitor says he is after his pageview was sent: kept before the answer, looked up and linked after it.

So the answer takes as long for somebody who is known as for somebody who is not (docs/decisions/0011).
"""

import msgspec

from heropixel.directory import Directory
from heropixel.directory.claims import Claim, remove_claims, waiting_claims
from heropixel.directory.links import Link, add_links
from heropixel.identity.identifiers import Claims, Index, Known, keys_of
from heropixel.identity.resolve import LateQuestion, link

_AT_ONCE = 1_000
_ROUNDS = 10  # then it is the turn of other work, however fast new ones come: people wait to be erased


def claim_of(app: int, claims: Claims, index: Index, now: int) -> Claim:
    """That the visitor of these claims is whom the rest of them names; `now` is in Unix milliseconds."""
    return Claim(app, claims.visitor_id or "", msgspec.msgpack.encode(keys_of(claims, app, index)), now)


def settle_claims(directory: Directory, now: int) -> None:
    """Link the visitors of claims that name somebody who is known and not suppressed; forget the others.

    The oldest first; of very many, some are left for the next time.

    Raises:
        sqlalchemy.exc.DBAPIError: those that are left wait.
    """
    for _ in range(_ROUNDS):
        waiting = waiting_claims(directory.connection, _AT_ONCE)
        if not waiting:
            break
        claims = [claim for _, claim in waiting]
        questions = [LateQuestion(_DECODER.decode(claim.known_by), claim.received) for claim in claims]
        found = link(directory, questions, now)
        with directory.writing() as connection:
            # Without a pageview to show it, the event store has to be told.
            add_links(
                connection,
                [
                    Link(claim.app, claim.visitor_id, resolution.via, claim.received)
                    for claim, resolution in zip(claims, found, strict=True)
                    if resolution.via and resolution.matched_on != "VISITOR_ID"
                ],
            )
            remove_claims(connection, waiting[-1][0])


_DECODER = msgspec.msgpack.Decoder(tuple[Known, ...])
