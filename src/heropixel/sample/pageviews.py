"""Believable pageviews of a small site: the same ones for the same seed, as of the same moment.

Days are made one after the other, each from its own random numbers. So a world that began at some moment only grows:
one that ends later has the same pageviews, and those of the further days.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from heropixel.recording.pageview import PageviewEvent
from heropixel.sample.agents import CRAWLERS, DESKTOPS, HANDHELDS, Machine
from heropixel.sample.arrivals import AT_WORK, CYCLE, LAUNCHED, NEWSLETTERS, RETURNED, Arrival, newcomers_on
from heropixel.sample.chance import Choice
from heropixel.sample.pages import HOST, PAGES
from heropixel.sample.people import SamplePerson, SignUps
from heropixel.sample.towns import TOWNS, Town, town_of
from heropixel.sample.visits import PIXEL, Visitor, visit, visitor_id_of

DAY: Final = 86_400_000  # milliseconds


def sample_pageviews(seed: int, days: int, ending: int, customers: Sequence[SamplePerson] = ()) -> list[PageviewEvent]:
    """The pageviews of so many days until a moment (Unix milliseconds), in the order of their time.

    `customers` are known people: most of them come again and again.
    """
    return pageviews_between(seed, ending - days * DAY, ending, customers)


def instant_of(event: PageviewEvent) -> int:
    """Its time, in Unix milliseconds."""
    return int(event.timestamp or 0)


def pageviews_between(
    seed: int, began: int, ending: int, customers: Sequence[SamplePerson] = ()
) -> list[PageviewEvent]:
    """The pageviews of a world that began at a moment, until another one. Each of them keeps its event id."""
    first = _day_of(began) - timedelta(1)  # in the west of it, that day is not over yet
    world = _Days(seed, first, customers)
    made = [event for _ in range((_day_of(ending) - first).days + 2) for event in world.following()]
    name = f"sample-{seed}-{began // DAY}"
    numbered = (replace(event, event_id=f"{name}-{number:06}") for number, event in enumerate(made, 1))
    return sorted((event for event in numbered if began <= instant_of(event) <= ending), key=instant_of)


class _Days:
    """The days of the world. Each knows the visitors of those before it."""

    def __init__(self, seed: int, first: date, customers: Sequence[SamplePerson]) -> None:
        self._seed = seed
        self._next = first
        self._number = 0  # of the next day
        self._visitors = 0
        self._sign_ups = SignUps(seed)
        self._due: defaultdict[int, list[tuple[Visitor, Choice[Arrival]]]] = defaultdict(list)
        self._readers: dict[int, Visitor] = {}  # of newsletters, by their numbers
        self._launch = _first_tuesday(first + timedelta(_LAUNCH))
        self._begin(Random(f"{seed}/customers"), customers)  # noqa: S311 - a sample, no secret

    def _begin(self, rng: Random, customers: Sequence[SamplePerson]) -> None:
        """Plan the first visit of the customers who use the app at all."""
        for person in customers:
            town = town_of(person.city) or TOWNS.of(rng)
            if rng.random() < _ACTIVE:
                machines = [DESKTOPS.of(rng), *([HANDHELDS.of(rng)] if rng.random() < _SECOND_DEVICE else [])]
                for machine in machines:
                    visitor = self._visitor(town, machine, consents=True)
                    visitor.person, visitor.is_at_work = person, True
                    self._readers[visitor.number] = visitor
                    self._due[rng.randrange(_FIRST_VISITS)].append((visitor, AT_WORK))

    def following(self) -> list[PageviewEvent]:
        """The pageviews of the next day, visit after visit."""
        day, number = self._next, self._number
        self._next, self._number = day + timedelta(1), number + 1
        rng = Random(f"{self._seed}/{number}")  # noqa: S311 - a sample, no secret
        events: list[PageviewEvent] = []
        for visitor, arrival in self._visits(rng, day, number):
            begin = _moment(rng, day, visitor)
            visitor_id = visitor_id_of(self._seed, visitor, number)
            events += visit(rng, visitor, arrival, begin, self._sign_ups, visitor_id)
            self._plan(rng, visitor, number)
        return [*events, *_crawled(rng, day)]

    def _visits(self, rng: Random, day: date, number: int) -> Iterator[tuple[Visitor, Arrival]]:
        """Who comes on a day, and where from."""
        is_weekend = day.weekday() in _WEEKEND
        readers = self._readers_today(rng, day)
        for visitor, arrivals in self._due.pop(number, []):
            if is_weekend and visitor.is_at_work and rng.random() < _OFF_WORK:
                self._due[number + rng.randint(1, 3)].append((visitor, arrivals))
            elif visitor.number not in readers:
                yield visitor, arrivals.of(rng)
        yield from readers.values()
        newcomers = newcomers_on(number)
        growth = 1 + _GROWTH * min(number, CYCLE)
        for _ in range(round(_NEWCOMERS * growth * _WEEK[day.weekday()] * rng.uniform(0.92, 1.08))):
            yield self._newcomer(rng), newcomers.of(rng)
        for _ in range(_LAUNCH_VISITS.get((day - self._launch).days % CYCLE, 0) if day >= self._launch else 0):
            yield self._newcomer(rng), LAUNCHED.of(rng)

    def _readers_today(self, rng: Random, day: date) -> dict[int, tuple[Visitor, Arrival]]:
        """The readers who follow a link of the newsletter, by their numbers. It goes out every other Tuesday."""
        weeks, weekday = divmod(day.toordinal() - 1, 7)  # the first day of all was a Monday
        share = _READ.get(weekday, 0.0) if weeks % 2 else 0.0
        letter = NEWSLETTERS[weeks // 2 % len(NEWSLETTERS)]
        return {number: (each, letter) for number, each in self._readers.items() if rng.random() < share}

    def _newcomer(self, rng: Random) -> Visitor:
        machines = HANDHELDS if rng.random() < _HANDHELD else DESKTOPS
        return self._visitor(TOWNS.of(rng), machines.of(rng), consents=rng.random() < _CONSENT)

    def _visitor(self, town: Town, machine: Machine, *, consents: bool) -> Visitor:
        self._visitors += 1
        return Visitor(self._visitors, town, machine, consents)

    def _plan(self, rng: Random, visitor: Visitor, number: int) -> None:
        """Decide whether and when a visitor comes again."""
        if visitor.is_at_work:
            self._readers[visitor.number] = visitor  # they may have just signed up
            if rng.random() < _STAYS:
                self._due[number + 1 + int(rng.expovariate(1 / _DAYS_BETWEEN))].append((visitor, AT_WORK))
        elif rng.random() < _RETURNS:
            self._due[number + 1 + int(rng.expovariate(1 / _DAYS_BETWEEN))].append((visitor, RETURNED))


def _crawled(rng: Random, day: date) -> Iterator[PageviewEvent]:
    """The pageviews of bots, which a site sends as it sends those of people."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000
    for _ in range(rng.randint(*_CRAWLED)):
        path = rng.choice(_PUBLIC)
        yield PageviewEvent(
            PIXEL,
            HOST,
            timestamp=int(midnight + rng.randrange(DAY)),
            url=f"https://{HOST}{path}",
            title=PAGES[path].title,
            user_agent=CRAWLERS.of(rng).user_agent,
        )


def _moment(rng: Random, day: date, visitor: Visitor) -> float:
    """When a visit of a day begins, by the visitor's own clock, in Unix milliseconds."""
    hours = _EVENINGS if visitor.machine in _HELD else _OFFICE
    begin = datetime(
        day.year, day.month, day.day, hours.of(rng), rng.randrange(60), tzinfo=ZoneInfo(visitor.town.timezone)
    )
    return begin.timestamp() * 1000 + rng.randrange(60_000)


def _day_of(instant: int) -> date:
    return datetime.fromtimestamp(instant / 1000, UTC).date()


def _first_tuesday(day: date) -> date:
    return day + timedelta((1 - day.weekday()) % 7)


_NEWCOMERS = 92  # visits on an average day at the beginning
_GROWTH = 0.011  # a day, until the first cycle is over
_WEEK = (1.04, 1.1, 1.08, 1.03, 0.92, 0.5, 0.56)  # from Monday
_WEEKEND = (5, 6)
_OFF_WORK = 0.8  # of visits at work that fall on a weekend, which are on another day
_LAUNCH = 36  # days after the beginning, on the next Tuesday
_LAUNCH_VISITS = {0: 380, 1: 190, 2: 80, 3: 40, 4: 20}  # by days since the launch
_READ = {1: 0.12, 2: 0.04, 3: 0.02}  # the share of readers, by weekday
_CRAWLED = (26, 44)  # pageviews of bots on a day

_ACTIVE, _SECOND_DEVICE, _FIRST_VISITS = 0.6, 0.3, 7  # of customers; and the days within which they come first
_HANDHELD, _CONSENT = 0.42, 0.74  # of newcomers
_RETURNS, _STAYS, _DAYS_BETWEEN = 0.3, 0.93, 4.5  # shares who come again: others, people of the app; mean days

# By hour of the day.
_OFFICE = Choice(enumerate((1, 0.5, 0.3, 0.2, 0.2, 0.6, 2, 5, 10, 13, 14, 12, 8, 11, 14, 13, 11, 8, 6, 5, 6, 6, 4, 2)))
_EVENINGS = Choice(enumerate((3, 1.5, 0.8, 0.5, 0.5, 1.2, 4, 8, 8, 7, 7, 8, 10, 8, 7, 7, 8, 9, 10, 11, 13, 14, 11, 6)))
_HELD = frozenset(machine for machine, _ in HANDHELDS.weighted)
_PUBLIC = [path for path, page in PAGES.items() if page.host == HOST]
