"""The figures of reports in plain Python, as docs/reports.md defines them. It is slow and obvious."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import translate
from re import match
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from heropixel.directory.registry import Pixel
from heropixel.reports.figures import Counts
from heropixel.reports.filters import ConditionInput, FilterInput

PAUSE, LONGEST = 1_800_000, 86_400_000  # milliseconds
PIXEL = Pixel(1, 1, frozenset(), frozenset())  # with the usual calendar
NOW = 300_000  # milliseconds
TIMES = ("MINUTE", "HOUR", "DAY", "WEEK", "MONTH")
OF_VISIT = ("REFERRER", "SOURCE", "CHANNEL", "UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_TERM", "UTM_CONTENT")


class Seen(NamedTuple):
    """A pageview, in the order in which it was recorded."""

    pixel: int
    at: int  # Unix milliseconds
    visitor: str = ""
    user: int = 0
    resolution: str = "NOT_KNOWN"
    bot: str = ""
    texts: Mapping[str, str] = {}  # by dimension

    def linked(self) -> bool:
        return bool(self.user and self.visitor)


class Visit(NamedTuple):
    """A session."""

    start: int
    pageviews: list[int]  # by their places in the world

    def key(self) -> tuple[int, int]:
        return self.start, self.pageviews[0]


class World(NamedTuple):
    """All pageviews of an app, and which of its users are others, with their plans."""

    pageviews: Sequence[Seen]
    merged: Mapping[int, int] = {}
    plans: Mapping[int, str] = {}  # the trait of this name

    def persons(self) -> list[tuple[str, object]]:
        """The person of each pageview, as kind and id. ("", "") is no person."""
        first: dict[str, tuple[int, int]] = {}  # the earliest link of a visitor: its time, and the user
        for seen in self.pageviews:
            if seen.linked():
                link = seen.at, seen.user
                first[seen.visitor] = min(first.get(seen.visitor, link), link)
        owners = {visitor: user for visitor, (_, user) in first.items()}
        return [self._person(seen, owners) for seen in self.pageviews]

    def _person(self, seen: Seen, owners: Mapping[str, int]) -> tuple[str, object]:
        user = seen.user or (owners.get(seen.visitor, 0) if seen.resolution == "NOT_KNOWN" else 0)
        if user:
            return "users", self.merged.get(user, user)
        if not seen.visitor:
            return "", ""
        return ("daily_hashes" if seen.visitor.startswith("daily:") else "visitor_ids"), seen.visitor


class Plain(NamedTuple):
    """A question to a world."""

    world: World
    pixels: Sequence[int]
    start: int
    end: int
    zone: ZoneInfo
    dimensions: Sequence[str] = ()
    filter: FilterInput | None = None
    traffic: Sequence[str] = ("",)
    now: int = 0  # when it is asked; 0: long after

    def counts(self) -> dict[tuple[object, ...], Counts]:
        """The counts by the values of the dimensions, in their order; rows of nothing are left out."""
        persons, visits = self.world.persons(), self._visits()
        visit_of = {place: visit for visit in visits for place in visit.pageviews}
        firsts = self._firsts(persons)
        rows: defaultdict[tuple[object, ...], defaultdict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
        for place, seen in enumerate(self.world.pageviews):
            visit = visit_of.get(place)
            if not self._asked(seen) or not self._fits(self.filter, self._value_of(place, visit)):
                continue
            if self.start <= seen.at < self.end:
                row = rows[self._key(place, visit, seen.at)]
                row["pageviews"].add(place)
                kind, person = persons[place]
                if kind:
                    row[kind].add(person)
                    if self.now and seen.at >= self.now - NOW:
                        row[f"now {kind}"].add(person)
                    if kind != "daily_hashes":
                        row[f"{self._news(firsts[persons[place]], seen.at)} {kind}"].add(person)
                    if seen.resolution == "CREATED":
                        row["new_users"].add(person)
            if visit and self.start <= visit.start < self.end:
                rows[self._key(place, visit, visit.start)]["visits"].add(visit.key())
        by_key = {visit.key(): visit for visit in visits}
        return {key: _counted(row, [by_key[visit] for visit in row["visits"]], self) for key, row in rows.items()}

    def _asked(self, seen: Seen) -> bool:
        return seen.pixel in self.pixels and seen.bot in self.traffic

    def _firsts(self, persons: Sequence[tuple[str, object]]) -> dict[tuple[str, object], int]:
        """The time of each person's first pageview on these pixels, whatever the filter."""
        firsts: dict[tuple[str, object], int] = {}
        for seen, person in zip(self.world.pageviews, persons, strict=True):
            if self._asked(seen):
                firsts[person] = min(seen.at, firsts.get(person, seen.at))
        return firsts

    def _news(self, first: int, at: int) -> str:
        """Whether a person is new in the range, and in the bucket of a pageview."""
        steps = [name for name in self.dimensions if name in TIMES]
        same = all(bucket(step, first, self.zone) == bucket(step, at, self.zone) for step in steps)
        return "new" if first >= self.start and same else "returning"

    def _visits(self) -> list[Visit]:
        """The sessions, which are the same whatever the range."""
        of_person: defaultdict[tuple[str, object], list[int]] = defaultdict(list)
        for place, (seen, person) in enumerate(zip(self.world.pageviews, self.world.persons(), strict=True)):
            if person[0] and self._asked(seen):
                of_person[person].append(place)
        return [visit for places in of_person.values() for visit in self._cut(places)]

    def _cut(self, places: Iterable[int]) -> Iterator[Visit]:
        visit: Visit | None = None
        before = run = 0
        for place in sorted(places, key=lambda place: (self.world.pageviews[place].at, place)):
            at = self.world.pageviews[place].at
            resumed = visit is None or at - before >= PAUSE
            if resumed:
                run = at
            if visit is None or resumed or (at - run) // LONGEST != (before - run) // LONGEST:
                if visit:
                    yield visit
                visit = Visit(at, [])
            visit.pageviews.append(place)
            before = at
        if visit:
            yield visit

    def _value_of(self, place: int, visit: Visit | None) -> Callable[[str], str]:
        def value(dimension: str) -> str:
            seen = self.world.pageviews[place]
            match dimension:
                case "ENTRY_PAGE" | "EXIT_PAGE":
                    end = 0 if dimension == "ENTRY_PAGE" else -1
                    return self.world.pageviews[visit.pageviews[end]].texts.get("PAGE", "") if visit else ""
                case _ if dimension in OF_VISIT:
                    return self.origin_of(visit.pageviews if visit else [place]).get(dimension, "")
                case "USER":
                    kind, person = self.world.persons()[place]
                    return str(person) if kind == "users" else ""
                case "TRAIT":
                    kind, person = self.world.persons()[place]
                    return self.world.plans.get(int(str(person)), "") if kind == "users" else ""
                case "PIXEL":
                    return str(seen.pixel)
                case "BOT":
                    return seen.bot
            return seen.texts.get(dimension.removeprefix("PAGEVIEW_"), "")

        return value

    def origin_of(self, places: Iterable[int]) -> Mapping[str, str]:
        """What the pageview says that a visit came by: the first from elsewhere, else the first direct one."""
        said = [self.world.pageviews[place].texts for place in places]
        outside = [texts for texts in said if texts.get("CHANNEL") != "INTERNAL" and not _own_link(texts)]
        elsewhere = [texts for texts in outside if texts.get("CHANNEL") != "DIRECT"]
        return next(iter([*elsewhere, *outside]), {"CHANNEL": "INTERNAL"})

    def _key(self, place: int, visit: Visit | None, at: int) -> tuple[object, ...]:
        value = self._value_of(place, visit)
        return tuple(bucket(name, at, self.zone) if name in TIMES else value(name) for name in self.dimensions)

    def _fits(self, tree: FilterInput | None, value: Callable[[str], str]) -> bool:
        if tree is None:
            return True
        if tree.and_ is not None:
            return all(self._fits(part, value) for part in tree.and_)
        if tree.or_ is not None:
            return any(self._fits(part, value) for part in tree.or_)
        if tree.not_ is not None:
            return not self._fits(tree.not_, value)
        assert tree.on
        return _holds(tree.on, value(tree.on.dimension))


def _own_link(texts: Mapping[str, str]) -> bool:
    referrer, host = (_site(texts.get(name, "")) for name in ("REFERRER", "HOSTNAME"))
    return bool(texts.get("REFERRER")) and referrer == host


def _site(host: str) -> str:
    return ".".join(host.split(".")[-2:]) if "." in host else ""


def _holds(condition: ConditionInput, text: str) -> bool:
    if condition.is_ is not None and condition.trait:
        return text.lower() in map(str.lower, condition.is_)
    if condition.is_ is not None:
        return text in condition.is_
    if condition.is_not is not None:
        return text not in condition.is_not
    if condition.contains is not None:
        return any(part.lower() in text.lower() for part in condition.contains)
    if condition.contains_not is not None:
        return not any(part.lower() in text.lower() for part in condition.contains_not)
    assert condition.wildcard is not None
    return any(match(translate(form.replace("[", "[[]")), text) is not None for form in condition.wildcard)


def bucket(step: str, at: int, zone: ZoneInfo) -> object:
    """What the clock on the wall says of an instant: its day, or the like."""
    local = datetime.fromtimestamp(at / 1000, zone)
    match step:
        case "MONTH":
            return local.year, local.month
        case "WEEK":
            return local.date() - timedelta(days=local.weekday())
        case "DAY":
            return local.date()
        case "HOUR":
            return local.date(), local.hour, local.utcoffset()
    return local.date(), local.hour, local.minute, local.utcoffset()


def _counted(row: Mapping[str, set[Any]], visits: Sequence[Visit], plain: Plain) -> Counts:
    def length(visit: Visit) -> int:
        return plain.world.pageviews[visit.pageviews[-1]].at - visit.start

    return Counts(
        pageviews=len(row["pageviews"]),
        users=len(row["users"]),
        visitor_ids=len(row["visitor_ids"]),
        daily_hashes=len(row["daily_hashes"]),
        new_users=len(row["new_users"]),
        sessions=len(visits),
        bounces=sum(len(visit.pageviews) == 1 for visit in visits),
        duration=sum(map(length, visits)),
        session_pageviews=sum(len(visit.pageviews) for visit in visits),
        now_users=len(row["now users"]),
        now_visitor_ids=len(row["now visitor_ids"]),
        now_daily_hashes=len(row["now daily_hashes"]),
        new_known=len(row["new users"]),
        new_visitor_ids=len(row["new visitor_ids"]),
        returning_users=len(row["returning users"]),
        returning_visitor_ids=len(row["returning visitor_ids"]),
    )
