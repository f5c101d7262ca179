"""Worlds in the event store, and what reports of them must be; see plain.py."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import count
from typing import Any

import msgspec

from heropixel.events import Events
from heropixel.reports.ask import EVERYTHING, Report, Wanted, ask
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, TIMES
from heropixel.reports.figures import Counts, Figures
from heropixel.reports.filters import EVERYTHING as ANY
from heropixel.reports.filters import ConditionInput, FilterInput, parse_filter
from heropixel.reports.listing import ListQuestion, count_pageviews, list_pageviews
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Metric, Question, ReportInput, Traffic
from heropixel.reports.ranges import Range, RangeInput
from heropixel.reports.seen import SeenQuestion, seen_people
from heropixel.reports.shared_reading import Asked, SharedReading
from tests.reports.plain import NOW, PIXEL, Plain, World, bucket

METRICS = [*map(str, Metric)]
OF_VISITS = ["VISITORS", "PAGEVIEWS", "SESSIONS", "BOUNCE_RATE", "SESSION_DURATION"]  # what visits alone can answer
COLUMN_OF = {name.removeprefix("PAGEVIEW_"): column for name, column in OF_PAGEVIEW.items()}  # what pageviews say
DIMENSIONS = [*OF_PAGEVIEW, *OF_SESSION, *TIMES, "USER", "TRAIT", "PIXEL"]
HOUR = 3_600_000
AUTUMN = 1_792_886_400_000  # 2026-10-25T00:00Z: in an hour the clocks of Europe are put back
LATER = AUTUMN + 90 * 24 * HOUR  # when it is asked
PAGES = ["", "/", "/tea", "/Tea/green", "/a_b", "/100%"]
HOSTS = ["", "example.com", "www.example.com", "example.org"]
APPS = count(1)
MERGED: dict[int, dict[int, int]] = {}  # by app
# By connection: tests of several files take turns in a process, and what is kept of a closed one cannot be dropped.
PLANS: dict[int, list[bytes]] = {}
PEOPLE = defaultdict[Events, PersonScopes](
    lambda: PersonScopes(lambda app: MERGED.get(app, {}), lambda app, name: PLANS[app] if name == "plan" else [])
)


class StoredWorld:
    """A world in the event store, as an app of its own. Its pixels and users have their own numbers."""

    def __init__(self, events: Events, world: World) -> None:
        self.events = events
        self.world = world
        self.app = next(APPS)
        MERGED[self.app] = {self.user(one): self.user(other) for one, other in world.merged.items()}
        plans = [{"person": self.user(user), "value": plan} for user, plan in world.plans.items()]
        PLANS[self.app] = [json.dumps(plan).encode() for plan in plans]
        rows = [
            json.dumps(
                {
                    "app": self.app,
                    "pixel_id": self.pixel(seen.pixel),
                    "timestamp": str(seen.at),
                    "received": str(1_800_000_000_000 + place * 1000),
                    "journal_position": self.app * 10_000 + place,
                    "event_id": f"{place}",
                    "visitor_id": seen.visitor,
                    "user_id": self.user(seen.user),
                    "resolution": seen.resolution,
                    "domain": "example.com",
                    "bot": seen.bot,
                    **{COLUMN_OF[name]: text for name, text in seen.texts.items()},
                }
            )
            for place, seen in enumerate(world.pageviews)
        ]
        if rows:
            events.insert("\n".join(rows).encode(), f"world-{self.app}")

    def pixel(self, number: int) -> int:
        return self.app * 10 + number

    def user(self, number: int) -> int:
        return (self.app << 40) + number if number else 0

    def ask(self, wanted: Wanted = EVERYTHING, now: int = LATER, **question: Any) -> Report:
        people, together = PEOPLE[self.events], self.asked(wanted, now, **question)
        people.sweep()
        alone, asked = self.alone(together), together.question
        other = together._replace(question=msgspec.structs.replace(asked, dimensions=("LANGUAGE",), step=None))
        of_visits = msgspec.structs.replace(asked, dimensions=("EXIT_PAGE", "CHANNEL"), step=None, filter=ANY)
        group = [together, other, together._replace(question=of_visits), together]
        with SharedReading(self.events, people, group) as reading:
            assert reading.answer(together) == alone, "read together"
        return alone

    def asked(self, wanted: Wanted = EVERYTHING, now: int = LATER, **question: Any) -> Asked:
        """A question, which is not asked yet."""
        given = ReportInput(
            **{"pixel_ids": [self.pixel(1)], "metrics": METRICS, "limit": 1000, **question},
        )
        parsed = Question.parse(given, {self.pixel(number): PIXEL for number in range(10)}, {}, now)
        return Asked(self.app, parsed, wanted)

    def alone(self, asked: Asked) -> Report:
        """The answer to a question that shares no reading."""
        question = asked.question
        scope_of = partial(PEOPLE[self.events].scope, self.events, self.app, question.pixels, traits=question.traits)
        return ask(self.events, scope_of, question, asked.wanted)

    def check(self, plain: Plain, metrics: Sequence[str] = METRICS, **question: Any) -> Report:
        """Ask, and compare with what plain Python counts."""
        report = self.ask(**self.given(plain, metrics, **question))
        self.compare(report, plain, metrics)
        return report

    def check_all(self, plains: Sequence[Plain], metrics: Sequence[str] = METRICS, alone: Wanted = EVERYTHING) -> None:
        """Check questions that share a reading, and each of them alone. It asks less than `check` of each."""
        group = [self.asked(**self.given(plain, metrics)) for plain in plains]
        for asked, report, plain in zip(group, self.together(group), plains, strict=True):
            self.compare(report, plain, metrics)
            assert report.rows, plain.dimensions
            by_itself = self.alone(asked._replace(wanted=alone))
            assert (by_itself.rows, by_itself.row_count) == (report.rows, report.row_count), "read together"
            assert by_itself.totals == (report.totals if alone.totals else None)

    def together(self, group: Sequence[Asked]) -> list[Report]:
        """The answers to questions that share a reading."""
        PEOPLE[self.events].sweep()
        with SharedReading(self.events, PEOPLE[self.events], group) as reading:
            return [reading.answer(asked) for asked in group]

    def given(self, plain: Plain, metrics: Sequence[str] = METRICS, **question: Any) -> dict[str, Any]:
        """The question as `ask` and `asked` take it."""
        return dict(
            pixel_ids=[self.pixel(number) for number in plain.pixels],
            range=RangeInput(from_=plain.start, to=plain.end),
            timezone=plain.zone.key,
            dimensions=plain.dimensions,
            traffic=[traffic.name for traffic in Traffic if traffic in plain.traffic],
            trait="plan" if "TRAIT" in plain.dimensions else None,
            filter=self.stored(plain.filter),
            now=plain.now or LATER,
            metrics=metrics,
            **question,
        )

    def compare(self, report: Report, plain: Plain, metrics: Sequence[str] = METRICS) -> None:
        """Compare a report with what plain Python counts."""
        until_now = (plain.now or LATER) - NOW < plain.end
        of = partial(figures, until_now=until_now, metrics=metrics)
        expected = {self.stored_key(plain, key): of(counts) for key, counts in plain.counts().items()}
        found = {self.key(plain, row): row.figures for row in report.rows}
        assert len(found) == len(report.rows), "no row comes twice"
        nothing = of(Counts())
        assert {key: row for key, row in found.items() if row != nothing} == {
            key: row for key, row in expected.items() if row != nothing
        }
        totals = plain._replace(dimensions=()).counts().get((), Counts())
        assert report.totals == of(totals)

    def check_lists(self, plain: Plain) -> None:
        """The list of pageviews, and who was here, of what plain Python counts."""
        people, traffic = PEOPLE[self.events], tuple(Traffic(kind) for kind in plain.traffic)
        people.sweep()
        tree = parse_filter(self.stored(plain.filter), {}, of_sessions=True, of_users=True)
        pixels, range_ = tuple(map(self.pixel, plain.pixels)), Range(plain.start, plain.end)
        question = ListQuestion(pixels, range_, tree, traffic)
        totals = plain._replace(dimensions=()).counts().get((), Counts())
        assert count_pageviews(self.events, people, self.app, question) == totals.pageviews
        listed = list_pageviews(self.events, people, self.app, question, None, 1_000, with_visits=True)
        assert len(listed) == totals.pageviews
        by_channel = plain._replace(dimensions=["CHANNEL"]).counts()
        assert Counter(row["visitSource"]["channel"] or "" for _, row in listed) == Counter(
            {str(channel): each.pageviews for (channel,), each in by_channel.items() if each.pageviews}
        )
        seen = seen_people(self.events, people, self.app, SeenQuestion(pixels, range_, tree, traffic))
        assert len(seen) == totals.users

    def key(self, plain: Plain, row: Any) -> tuple[object, ...]:
        return tuple(
            bucket(name, row.begin, plain.zone) if name in TIMES else row.values[name] for name in plain.dimensions
        )

    def stored_key(self, plain: Plain, key: Sequence[Any]) -> tuple[object, ...]:
        """The ids in a row of plain Python, as the event store has them."""
        return tuple(self.stored_value(name, value) for name, value in zip(plain.dimensions, key, strict=True))

    def stored_value(self, name: str, value: Any) -> Any:
        if name == "USER" and value:
            return str(self.user(int(value)))
        return str(self.pixel(int(value))) if name == "PIXEL" else value

    def stored(self, tree: FilterInput | None) -> FilterInput | None:
        if tree is None:
            return None
        on = tree.on
        if on and on.dimension in ("USER", "PIXEL"):
            return FilterInput(
                on=ConditionInput(on.dimension, is_=[self.stored_value(on.dimension, value) for value in on.is_ or ()])
            )
        return FilterInput(
            and_=None if tree.and_ is None else [part for part in map(self.stored, tree.and_) if part],
            or_=None if tree.or_ is None else [part for part in map(self.stored, tree.or_) if part],
            not_=self.stored(tree.not_),
            on=on,
        )


def figures(counts: Counts, *, until_now: bool = False, metrics: Sequence[str] = METRICS) -> Figures:
    return Figures.of(counts, [*map(Metric, metrics)], exact=True, until_now=until_now)
