"""The identifiers that a browser sends after its pageview: they are stored before the answer, and resolved after it.

So the answer takes as long for a known user as for an unknown one (docs/decisions/0011).
"""

import msgspec

from heropixel.directory import Directory
from heropixel.directory.claims import Claim, remove_claims, waiting_claims
from heropixel.directory.link_evidence import LinkedBy, packed
from heropixel.directory.links import Link, add_links
from heropixel.identity.browsers import UNBOUNDED
from heropixel.identity.identifiers import Claims, Index, Known, keys_of
from heropixel.identity.resolve import LateQuestion, link

_AT_ONCE = 1_000
_ROUNDS = 10  # then other work has its turn, however fast new claims come: erasures are waiting


def claim_of(app: int, claims: Claims, index: Index, now: int) -> Claim:
    """The claim that this visitor is the user of the other identifiers; `now` is in Unix milliseconds."""
    return Claim(app, claims.visitor_id or "", msgspec.msgpack.encode(keys_of(claims, app, index)), now)


def apply_claims(directory: Directory, now: int, most_browsers: int = UNBOUNDED) -> None:
    """Link the visitors of claims that name a known user who is not suppressed. Delete the other claims.

    The oldest claims come first. Of very many, some are left for the next call.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory failed. The claims that are left wait for the next call.
    """
    for _ in range(_ROUNDS):
        waiting = waiting_claims(directory.connection, _AT_ONCE)
        if not waiting:
            break
        claims = [claim for _, claim in waiting]
        questions = [LateQuestion(_DECODER.decode(claim.known_by), claim.received) for claim in claims]
        found = link(directory, questions, now, most_browsers)
        with directory.writing() as connection:
            # No pageview shows this link, so it must be written to the event store.
            add_links(
                connection,
                [
                    Link(
                        claim.app,
                        claim.visitor_id,
                        resolution.via,
                        claim.received,
                        packed(LinkedBy.BROWSER_IDENTIFY, resolution.matched_on or "", claim.received),
                    )
                    for claim, resolution in zip(claims, found, strict=True)
                    if resolution.via and not resolution.unlinked and resolution.matched_on != "VISITOR_ID"
                ],
            )
            remove_claims(connection, waiting[-1][0])


_DECODER = msgspec.msgpack.Decoder(tuple[Known, ...])
