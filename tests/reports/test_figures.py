"""Every figure of a report is what plain Python counts from the raw pageviews."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.events import Events
from heropixel.reports.ask import EVERYTHING, Report, Wanted, ask
from heropixel.reports.dimensions import COLUMNS, OF_SESSION, TIMES
from heropixel.reports.figures import Counts, Figures
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.people import People
from heropixel.reports.question import Metric, Question, ReportInput, Traffic
from heropixel.reports.ranges import RangeInput
from tests.reports.plain import LONGEST, PAUSE, Plain, Seen, World, bucket

METRICS = [*map(str, Metric)]
DIMENSIONS = [*COLUMNS, *OF_SESSION, *TIMES, "USER", "PIXEL"]
HOUR = 3_600_000
AUTUMN = 1_792_886_400_000  # 2026-10-25T00:00Z: in an hour the clocks of Europe are put back
APPS = count(1)
PEOPLE = People()


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    events = Events(f"chdb://{tmp_path_factory.mktemp('reports') / 'events'}")
    yield events
    events.close()


class Told:
    """A world that the event store was told, as an app of its own: pixels and users are numbered within it."""

    def __init__(self, events: Events, world: World) -> None:
        self.events = events
        self.world = world
        self.app = next(APPS)
        rows = [
            json.dumps(
                {
                    "app": self.app,
                    "pixel_id": self.pixel(seen.pixel),
                    "timestamp": seen.at / 1000,
                    "received": 1_800_000_000 + place,
                    "journal_position": self.app * 10_000 + place,
                    "event_id": f"{place}",
                    "visitor_id": seen.visitor,
                    "user_id": self.user(seen.user),
                    "resolution": seen.resolution,
                    "domain": "example.com",
                    "bot": seen.bot,
                    **{COLUMNS[name]: text for name, text in seen.texts.items()},
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

    def ask(self, wanted: Wanted = EVERYTHING, **question: Any) -> Report:
        given = ReportInput(
            **{"pixel_ids": [self.pixel(1)], "metrics": METRICS, "limit": 1000, **question},
        )
        asked = Question.parse(given, {self.pixel(number): None for number in range(10)}, {}, AUTUMN)
        merged = {self.user(one): self.user(other) for one, other in self.world.merged.items()}
        return ask(self.events, PEOPLE, self.app, asked, merged, wanted)

    def check(self, plain: Plain, **question: Any) -> Report:
        """Ask, and compare with what plain Python counts."""
        report = self.ask(
            pixel_ids=[self.pixel(number) for number in plain.pixels],
            range=RangeInput(from_=plain.start, to=plain.end),
            timezone=plain.zone.key,
            dimensions=plain.dimensions,
            traffic=[traffic.name for traffic in Traffic if traffic in plain.traffic],
            filter=self.told(plain.filter),
            **question,
        )
        expected = {self.told_key(plain, key): figures(counts) for key, counts in plain.counts().items()}
        found = {self.key(plain, row): row.figures for row in report.rows}
        assert len(found) == len(report.rows), "no row comes twice"
        nothing = figures(Counts())
        assert {key: row for key, row in found.items() if row != nothing} == {
            key: row for key, row in expected.items() if row != nothing
        }
        totals = plain._replace(dimensions=()).counts().get((), Counts())
        assert report.totals == figures(totals)
        return report

    def key(self, plain: Plain, row: Any) -> tuple[object, ...]:
        return tuple(
            bucket(name, row.begin, plain.zone) if name in TIMES else row.values[name] for name in plain.dimensions
        )

    def told_key(self, plain: Plain, key: Sequence[Any]) -> tuple[object, ...]:
        """The ids in a row of plain Python, as the event store has them."""
        return tuple(self.told_value(name, value) for name, value in zip(plain.dimensions, key, strict=True))

    def told_value(self, name: str, value: Any) -> Any:
        if name == "USER" and value:
            return str(self.user(int(value)))
        return str(self.pixel(int(value))) if name == "PIXEL" else value

    def told(self, tree: FilterInput | None) -> FilterInput | None:
        if tree is None:
            return None
        on = tree.on
        if on and on.dimension in ("USER", "PIXEL"):
            return FilterInput(
                on=ConditionInput(on.dimension, is_=[self.told_value(on.dimension, value) for value in on.is_ or ()])
            )
        return FilterInput(
            and_=None if tree.and_ is None else [part for part in map(self.told, tree.and_) if part],
            or_=None if tree.or_ is None else [part for part in map(self.told, tree.or_) if part],
            not_=self.told(tree.not_),
            on=on,
        )


def figures(counts: Counts) -> Figures:
    return Figures.of(counts, [*Metric], exact=True)


# --- generated worlds ---

PAGES = ["", "/", "/tea", "/Tea/green", "/a_b", "/100%"]
TEXTS = st.fixed_dictionaries(
    {"PAGE": st.sampled_from(PAGES), "CHANNEL": st.sampled_from(["DIRECT", "EMAIL"])},
    optional={
        name: st.sampled_from(["", "x", "Ünü", "x'y"]) for name in COLUMNS if name not in ("PAGE", "CHANNEL", "BOT")
    },
)
# Whose a pageview is: anonymous, found, learned, suppressed, and of nobody.
WHO = st.one_of(
    st.builds(lambda visitor: {"visitor": visitor}, st.sampled_from(["v1", "v2", "v3", "daily:1", "daily:2"])),
    st.builds(
        lambda user, visitor, created: {
            "user": user,
            "visitor": visitor,
            "resolution": "CREATED" if created else "FOUND",
        },
        st.integers(1, 4),
        st.sampled_from(["", "v1", "v2", "v4"]),
        st.booleans(),
    ),
    st.builds(lambda visitor: {"visitor": visitor, "resolution": "SUPPRESSED"}, st.sampled_from(["v1", "v3"])),
    st.just({"resolution": "NO_IDENTIFIER"}),
)
GAPS = st.sampled_from([0, 1, 60_000, PAUSE - 1, PAUSE, HOUR, 7 * HOUR, LONGEST - 1, LONGEST])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    at = AUTUMN - draw(st.integers(0, 3 * 24)) * HOUR
    pageviews = []
    for gap in draw(st.lists(GAPS, max_size=30)):
        at += gap
        pageviews.append(
            Seen(
                draw(st.sampled_from([1, 1, 1, 2])),
                at,
                bot=draw(st.sampled_from(["", "", "", "BOT", "AI_AGENT"])),
                texts=draw(TEXTS),
                **draw(WHO),
            )
        )
    order = draw(st.permutations(pageviews)) if draw(st.booleans()) else pageviews  # late pageviews
    return World(order, draw(st.sampled_from([{}, {3: 1}, {4: 2, 3: 2}])))


CONDITIONS = st.one_of(
    st.builds(ConditionInput, st.just("PAGE"), is_=st.lists(st.sampled_from(PAGES), min_size=1, max_size=2)),
    st.builds(ConditionInput, st.sampled_from(["ENTRY_PAGE", "EXIT_PAGE"]), is_=st.just(["/", "/tea"])),
    st.builds(ConditionInput, st.sampled_from(["ENTRY_PAGE", "PAGE"]), is_not=st.just(["/"])),
    st.builds(ConditionInput, st.just("PAGE"), contains=st.sampled_from([["TEA"], ["%"], ["_"], ["x", "/"]])),
    st.builds(ConditionInput, st.just("CITY"), contains_not=st.sampled_from([["ü"], ["x"], ["'"]])),
    st.builds(ConditionInput, st.just("PAGE"), wildcard=st.sampled_from([["/t*"], ["/?ea"], ["/a_?"], ["*%"], ["*"]])),
    st.builds(ConditionInput, st.just("USER"), is_=st.sampled_from([["1"], ["2", "4"], [""]])),
    st.builds(ConditionInput, st.just("PIXEL"), is_=st.sampled_from([["1"], ["2"]])),
)
FILTERS = st.recursive(
    st.builds(FilterInput, on=CONDITIONS),
    lambda filters: st.one_of(
        st.builds(FilterInput, and_=st.lists(filters, min_size=1, max_size=2)),
        st.builds(FilterInput, or_=st.lists(filters, min_size=1, max_size=2)),
        st.builds(FilterInput, not_=filters),
    ),
    max_leaves=3,
)


@st.composite
def questions(draw: st.DrawFn, world: World) -> Plain:
    start = AUTUMN + draw(st.integers(-60, 60)) * HOUR + draw(st.sampled_from([0, 1]))
    steps = draw(st.lists(st.sampled_from(["HOUR", "DAY", "WEEK", "MONTH"]), max_size=1))
    others = [name for name in DIMENSIONS if name not in TIMES]
    return Plain(
        world,
        pixels=draw(st.sampled_from([[1], [2], [1, 2]])),
        start=start,
        end=start + draw(st.integers(1, 96)) * HOUR,
        zone=ZoneInfo(draw(st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu"]))),
        dimensions=draw(st.permutations([*steps, *draw(st.lists(st.sampled_from(others), max_size=2, unique=True))])),
        filter=draw(st.none() | FILTERS),
        traffic=draw(st.sampled_from([[""], ["BOT", "AI_AGENT"], ["", "BOT", "AI_AGENT"]])),
    )


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.data())
def test_any_report_on_any_world_is_what_plain_python_counts(events: Events, data: st.DataObject) -> None:
    world = data.draw(worlds())
    Told(events, world).check(data.draw(questions(world)))
