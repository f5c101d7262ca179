"""Why a pageview is this person's: the evidence as typed steps, from the pageview to the surviving user.

All pageviews of a page are looked up together: two queries in the event store, and two statements in the directory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from heropixel.columns import Row
from heropixel.directory.link_evidence import unpacked
from heropixel.directory.merges import Merge, merges_in_force, people
from heropixel.directory.thread import DirectoryThread
from heropixel.events.asking import Asking
from heropixel.events.evidence import EvidenceRead, Recorded, VisitorLink
from heropixel.events.pageviews import ListPlace
from heropixel.shown import EVIDENCE, KEY_NAMES, LINKED_BY, MERGED_BY
from heropixel.values import date_time

Step = dict[str, Any]  # under the names of the contract's type `Evidence`


class Why:
    """Finds out why pageviews are their people's."""

    def __init__(self, directory: DirectoryThread, asking: Asking) -> None:
        self._directory = directory
        self._asking = asking

    async def put(self, app: int, listed: Sequence[tuple[ListPlace, dict[str, Any]]]) -> None:
        """Put `why` into listed pageviews. The `userId` of each must be its person."""
        places = [(row["pixelId"], place.timestamp, place.position) for place, row in listed]
        read = await self._asking.evidence(app, places)
        owners = owners_of(read.links)
        persons = {int(row["userId"]) for _, row in listed if row["userId"]}
        merges = await self._directory.read(lambda connection: _merges(connection, persons)) if persons else []
        for place, row in listed:
            recorded = read.recorded.get(place.position)
            person = int(row["userId"] or 0)
            row["why"] = [*steps(recorded, person, read, owners, merges)] if recorded else []


def _merges(connection: Connection, persons: Iterable[int]) -> list[Merge]:
    members = [member for each in people(connection, [*persons]).values() for member in each]
    return merges_in_force(connection, members) if len(members) > len({*persons}) else []


def owners_of(links: Iterable[VisitorLink]) -> dict[str, VisitorLink]:
    """The link that decides whose the anonymous pageviews of each browser are: the earliest."""
    owners: dict[str, VisitorLink] = {}
    for link in links:
        first = owners.get(link.visitor_id)
        if first is None or (link.linked_at, link.user_id) < (first.linked_at, first.user_id):
            owners[link.visitor_id] = link
    return owners


def steps(
    recorded: Recorded, person: int, read: EvidenceRead, owners: Mapping[str, VisitorLink], merges: Sequence[Merge]
) -> Iterator[Step]:
    """The steps of one pageview. A pageview without a user has none, unless its browser was taken from a user."""
    if person and recorded.imported:
        yield _step("IMPORTED", f"It came from an imported file at {date_time(recorded.received)}.", recorded.received)
    if recorded.unlinked_from:
        yield _step(
            "UNLINKED",
            f"Its browser was taken from user {recorded.unlinked_from}, and shows nothing any more.",
            visitorId=recorded.visitor_id,
            userId=str(recorded.unlinked_from),
        )
    if not person:
        return
    named = named_step(recorded)
    if named:
        yield named
    user = recorded.user_id
    if not user or recorded.matched_on == "VISITOR_ID":
        link = owners.get(recorded.visitor_id) if not user else _link_of(read.links, recorded)
        if link is not None:
            user = link.user_id
            yield link_step(link)
    yield from (merge_step(merge) for merge in _way(user, person, merges))


def named_step(recorded: Recorded) -> Step | None:
    """What the pageview itself says."""
    if not recorded.user_id:
        return _step(
            "STITCHED",
            "It named nobody. Its browser was linked to this user first.",
            visitorId=recorded.visitor_id,
        )
    if recorded.resolution == "CREATED":
        return _step("LEARNED", "It gave an email address that nobody had: the user was learned.", key="EMAIL")
    if recorded.matched_on == "VISITOR_ID":
        text = "It named nobody. Its browser was linked to this user before."
        return _step("RECOGNISED", text, key="VISITOR_ID", visitorId=recorded.visitor_id)
    if not recorded.matched_on:
        return None
    form = recorded.normalisation or None
    how = f", as {_FORMS[form]} writes it" if form in _FORMS else ""
    text = f"It gave {KEY_NAMES[recorded.matched_on]} of this user{how}."
    return _step("NAMED", text, key=recorded.matched_on, normalisation=form)


_FORMS = {"GOOGLE": "Google", "UID2": "UID2"}


def of_row(row: Row) -> list[Step]:
    """What a pageview that was recorded a moment ago says itself, without any look at a store."""
    if not row.user_id:
        return []
    recorded = Recorded(
        row.user_id,
        row.visitor_id,
        row.resolution,
        row.matched_on,
        row.normalisation,
        imported=False,
        received=int(row.received),
        unlinked_from=row.unlinked_from,
    )
    step = named_step(recorded)
    return [step] if step else []


def link_step(link: VisitorLink) -> Step:
    """When and by what a browser was linked."""
    evidence = unpacked(link.evidence)
    if evidence is None:
        text = f"The browser was linked at {date_time(link.linked_at)}. What linked it was not kept then."
        return _step("LINKED", text, link.linked_at, visitorId=link.visitor_id, userId=str(link.user_id))
    by = f" with {KEY_NAMES[evidence.key]}" if evidence.key else ""
    text = f"The browser was linked at {date_time(evidence.at)} by {LINKED_BY[evidence.by.name]}{by}."
    return _step(
        "LINKED",
        text,
        evidence.at,
        visitorId=link.visitor_id,
        userId=str(link.user_id),
        linkedBy=evidence.by.name,
        key=evidence.key,
    )


def merge_step(merge: Merge) -> Step:
    """When and by what two users became one person."""
    keys = " and ".join(KEY_NAMES[key] for key in merge.evidence)
    why = f", since {MERGED_BY[merge.origin]} named {keys} together" if keys else f", by hand ({merge.origin})"
    text = f"Users {merge.one} and {merge.other} became one at {date_time(merge.merged_at)}{why}."
    return _step("MERGED", text, merge.merged_at, mergeId=str(merge.id), mergedBy=merge.origin, keys=merge.evidence)


def _step(kind: str, text: str, at: int | None = None, **more: Any) -> Step:  # noqa: ANN401 - fields of the contract
    given = {"kind": kind, "text": text, "at": date_time(at), **more}
    return {name: value for name in EVIDENCE if (value := given.get(name)) is not None}


def _link_of(links: Iterable[VisitorLink], recorded: Recorded) -> VisitorLink | None:
    return next(
        (link for link in links if (link.visitor_id, link.user_id) == (recorded.visitor_id, recorded.user_id)), None
    )


def _way(start: int, person: int, merges: Sequence[Merge]) -> list[Merge]:
    """The shortest chain of merges from a user to the surviving user."""
    came: dict[int, Merge | None] = {start: None}
    order = [start]
    for user in order:
        for merge in merges:
            for one, other in ((merge.one, merge.other), (merge.other, merge.one)):
                if one == user and other not in came:
                    came[other] = merge
                    order.append(other)
    way: list[Merge] = []
    at = person
    while (last := came.get(at)) is not None:
        way.append(last)
        at = last.one if last.other == at else last.other
    return way[::-1]
