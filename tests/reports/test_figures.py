"""Every figure of a report equals the count in plain Python."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.errors import EventsTooSlow
from heropixel.events import Bounds, Events
from heropixel.reports import people as people_module
from heropixel.reports.ask import EVERYTHING, Report, Wanted, ask
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, TIMES
from heropixel.reports.figures import Counts, Figures, VisitorFigure, field_of
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Metric, Question, ReportInput, ReportOrder, Traffic
from heropixel.reports.ranges import ComparisonInput, RangeInput
from heropixel.reports.shared_reading import Asked, SharedReading
from tests.reports.plain import LONGEST, PAUSE, Plain, Seen, World, bucket
from tests.session.examples import examples

METRICS = [*map(str, Metric)]
COLUMN_OF = {name.removeprefix("PAGEVIEW_"): column for name, column in OF_PAGEVIEW.items()}  # what pageviews say
DIMENSIONS = [*OF_PAGEVIEW, *OF_SESSION, *TIMES, "USER", "PIXEL"]
HOUR = 3_600_000
AUTUMN = 1_792_886_400_000  # 2026-10-25T00:00Z: in an hour the clocks of Europe are put back
LATER = AUTUMN + 90 * 24 * HOUR  # when it is asked
APPS = count(1)
MERGED: dict[int, dict[int, int]] = {}  # by app
# By connection: tests of several files take turns in a process, and what is kept of a closed one cannot be dropped.
PEOPLE = defaultdict[Events, PersonScopes](lambda: PersonScopes(lambda app: MERGED.get(app, {})))


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    events = Events(f"chdb://{tmp_path_factory.mktemp('reports') / 'events'}")
    yield events
    events.close()


class StoredWorld:
    """A world in the event store, as an app of its own. Its pixels and users have their own numbers."""

    def __init__(self, events: Events, world: World) -> None:
        self.events = events
        self.world = world
        self.app = next(APPS)
        MERGED[self.app] = {self.user(one): self.user(other) for one, other in world.merged.items()}
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

    def ask(self, wanted: Wanted = EVERYTHING, **question: Any) -> Report:
        given = ReportInput(
            **{"pixel_ids": [self.pixel(1)], "metrics": METRICS, "limit": 1000, **question},
        )
        asked = Question.parse(given, {self.pixel(number): None for number in range(10)}, {}, LATER)
        people = PEOPLE[self.events]
        people.sweep()
        alone = ask(
            self.events, lambda range_: people.scope(self.events, self.app, asked.pixels, range_), asked, wanted
        )
        together = Asked(self.app, asked, wanted)
        other = together._replace(question=msgspec.structs.replace(asked, dimensions=("LANGUAGE",), step=None))
        with SharedReading(self.events, people, [together, other, together]) as reading:
            assert reading.answer(together) == alone, "read together"
        return alone

    def check(self, plain: Plain, **question: Any) -> Report:
        """Ask, and compare with what plain Python counts."""
        report = self.ask(
            pixel_ids=[self.pixel(number) for number in plain.pixels],
            range=RangeInput(from_=plain.start, to=plain.end),
            timezone=plain.zone.key,
            dimensions=plain.dimensions,
            traffic=[traffic.name for traffic in Traffic if traffic in plain.traffic],
            filter=self.stored(plain.filter),
            **question,
        )
        expected = {self.stored_key(plain, key): figures(counts) for key, counts in plain.counts().items()}
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


def figures(counts: Counts) -> Figures:
    return Figures.of(counts, [*Metric], exact=True)


# --- generated worlds ---

PAGES = ["", "/", "/tea", "/Tea/green", "/a_b", "/100%"]
HOSTS = ["", "example.com", "www.example.com", "example.org"]
TEXTS = st.fixed_dictionaries(
    {"PAGE": st.sampled_from(PAGES), "CHANNEL": st.sampled_from(["DIRECT", "INTERNAL", "INTERNAL", "EMAIL"])},
    optional={
        name: st.sampled_from(HOSTS if name in ("REFERRER", "HOSTNAME") else ["", "x", "Ünü", "x'y"])
        for name in COLUMN_OF
        if name not in ("PAGE", "CHANNEL", "BOT")
    },
)
# The person of a pageview: anonymous, found, learned, suppressed, or none.
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
    st.builds(ConditionInput, st.sampled_from(["CHANNEL", "PAGEVIEW_CHANNEL"]), is_=st.just(["EMAIL", "INTERNAL"])),
    st.builds(ConditionInput, st.sampled_from(["SOURCE", "UTM_TERM"]), contains=st.just(["X"])),
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
    max_examples=examples(120),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.data())
def test_any_report_on_any_world_is_what_plain_python_counts(events: Events, data: st.DataObject) -> None:
    world = data.draw(worlds())
    StoredWorld(events, world).check(data.draw(questions(world)))


# --- one world, every dimension and metric ---


@pytest.fixture(scope="module")
def stored(events: Events) -> StoredWorld:
    """Some hundred pageviews of four days, of all kinds of persons."""
    chance = Random(4)
    visitors = ["", *(f"v{number}" for number in range(12)), *(f"daily:{number}" for number in range(4))]
    values = {name: ["", "x", "y", f"{name} z"] for name in COLUMN_OF if name != "BOT"} | {"PAGE": PAGES}
    values |= {"CHANNEL": ["DIRECT", "INTERNAL", "x"], "REFERRER": [*HOSTS, "x"], "HOSTNAME": [*HOSTS, "x"]}
    pageviews = []
    for _ in range(400):
        visitor, user = chance.choice(visitors), chance.choice([0, 0, 0, 1, 2, 3, 4])
        pageviews.append(
            Seen(
                pixel=chance.choice([1, 1, 2]),
                at=AUTUMN + chance.randrange(-30, 60) * HOUR + chance.choice([0, 1, 600_000, PAUSE - 1]),
                visitor=visitor,
                user=user,
                resolution=chance.choice(["FOUND", "CREATED"]) if user else chance.choice(["NOT_KNOWN", "SUPPRESSED"]),
                bot=chance.choice(["", "", "", "BOT", "AI_AGENT"]),
                texts={name: chance.choice(some) for name, some in values.items()},
            )
        )
    return StoredWorld(events, World(pageviews, {4: 1}))


def whole(stored: StoredWorld, *dimensions: str, **more: Any) -> Plain:
    start = AUTUMN - 24 * HOUR
    zone = ZoneInfo("Europe/Zurich")
    return Plain(stored.world, [1], start, start + 96 * HOUR, zone, dimensions)._replace(**more)


@pytest.mark.parametrize("dimension", [name for name in DIMENSIONS if name != "MINUTE"])
def test_every_metric_by_every_dimension_is_what_plain_python_counts(stored: StoredWorld, dimension: str) -> None:
    report = stored.check(whole(stored, dimension))
    assert report.rows


def test_every_metric_by_minute_is_what_plain_python_counts(stored: StoredWorld) -> None:
    report = stored.check(whole(stored, "MINUTE", start=AUTUMN - HOUR, end=AUTUMN + 3 * HOUR))
    assert len(report.rows) == 4 * 60


@pytest.mark.parametrize("dimension", [*OF_PAGEVIEW, *OF_SESSION])
def test_every_dimension_can_be_filtered_by(stored: StoredWorld, dimension: str) -> None:
    value = {"PAGE": "/tea", "ENTRY_PAGE": "/tea", "EXIT_PAGE": "/", "BOT": "BOT"}.get(dimension, "x")
    tree = FilterInput(on=ConditionInput(dimension, is_=[value]))
    report = stored.check(whole(stored, "DAY", filter=tree, traffic=["", "BOT", "AI_AGENT"]))
    assert report.totals
    assert report.totals.pageviews


@pytest.mark.parametrize("traffic", [["BOT"], ["AI_AGENT"], ["", "AI_AGENT"]])
def test_bots_are_counted_where_they_are_asked_for(stored: StoredWorld, traffic: list[str]) -> None:
    stored.check(whole(stored, "BOT", traffic=traffic))


def test_several_dimensions_and_pixels_at_once(stored: StoredWorld) -> None:
    stored.check(whole(stored, "COUNTRY", "DAY", "EXIT_PAGE", "PIXEL", pixels=[1, 2]))


def test_totals_are_of_all_rows_also_of_those_that_are_left_out(stored: StoredWorld) -> None:
    asked: dict[str, Any] = {"range": RangeInput(from_=AUTUMN, to=AUTUMN + 48 * HOUR), "dimensions": ["PAGE"]}
    cut, all_rows = stored.ask(**asked, limit=2), stored.ask(**asked)
    assert (len(cut.rows), cut.row_count, cut.totals) == (2, len(all_rows.rows), all_rows.totals)
    assert cut.rows == all_rows.rows[:2]
    assert stored.ask(**asked, limit=2, offset=2).rows == all_rows.rows[2:4]
    beyond = stored.ask(**asked, offset=100)
    assert (beyond.rows, beyond.row_count) == ([], len(all_rows.rows))


@pytest.mark.parametrize("metric", METRICS)
def test_rows_can_be_ordered_by_every_metric(stored: StoredWorld, metric: str) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 48 * HOUR)
    for descending in (True, False):
        order = [ReportOrder(metric=metric, descending=descending)]
        rows = stored.ask(range=range_, dimensions=["CITY"], order_by=order).rows
        numbers = [number(getattr(row.figures, field_of(Metric(metric)))) for row in rows]
        assert numbers == sorted(numbers, reverse=descending)


def number(figure: Any) -> Any:
    """The sort key of rows. Without sessions there is no bounce rate, and it sorts below 0."""
    return figure.count if isinstance(figure, VisitorFigure) else -1 if figure is None else figure


def test_rows_can_be_ordered_by_a_dimension_and_time_backwards(stored: StoredWorld) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 48 * HOUR)
    order = [ReportOrder(dimension="DAY"), ReportOrder(dimension="CITY", descending=False)]
    rows = stored.ask(range=range_, dimensions=["CITY", "DAY"], order_by=order).rows
    keys = [(-(row.begin or 0), row.values["CITY"]) for row in rows]
    assert keys == sorted(keys)


def test_a_time_series_by_another_dimension_has_as_many_series_as_asked_for_without_holes(
    stored: StoredWorld,
) -> None:
    range_ = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 96 * HOUR)
    whole_range = stored.ask(range=range_, dimensions=["PAGE"], limit=2).rows
    rows = stored.ask(range=range_, dimensions=["DAY", "PAGE"], limit=2).rows
    assert len(rows) == 5 * 2
    assert {row.values["PAGE"] for row in rows} == {row.values["PAGE"] for row in whole_range}


def test_the_comparison_is_what_the_other_range_has(stored: StoredWorld) -> None:
    now = RangeInput(from_=AUTUMN, to=AUTUMN + 24 * HOUR)
    before = ComparisonInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN)
    compared = stored.ask(range=now, compare=before, dimensions=["HOUR", "CHANNEL"])
    alone = stored.ask(range=RangeInput(from_=before.from_, to=before.to), dimensions=["HOUR", "CHANNEL"])
    other = {(row.begin, row.values["CHANNEL"]): row.figures for row in alone.rows}
    for row in compared.rows:
        assert row.begin is not None
        assert row.comparison == other.get((row.begin - 24 * HOUR, row.values["CHANNEL"]), figures(Counts()))
    assert compared.comparison_totals == alone.totals
    assert compared.totals != alone.totals


def test_the_previous_period_of_two_instants_is_as_long_and_ends_where_they_begin(stored: StoredWorld) -> None:
    range_ = RangeInput(from_=AUTUMN + HOUR, to=AUTUMN + 20 * HOUR)
    report = stored.ask(range=range_, compare=ComparisonInput(name="PREVIOUS_PERIOD"))
    before = stored.ask(range=RangeInput(from_=AUTUMN - 18 * HOUR, to=AUTUMN + HOUR))
    assert report.comparison_totals == before.totals


# --- what the definitions say ---


def at(*gaps: int, **who: Any) -> list[Seen]:
    """Pageviews of one visitor, so many milliseconds apart."""
    instants = [AUTUMN]
    for gap in gaps:
        instants.append(instants[-1] + gap)
    return [Seen(1, instant, **({"visitor": "v1"} | who)) for instant in instants]


WEEK = RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 144 * HOUR)


@pytest.mark.parametrize(
    ("gaps", "sessions"),
    [
        ([], 1),
        ([PAUSE - 1], 1),
        ([PAUSE], 2),
        ([60_000, PAUSE, 60_000], 2),
        ([PAUSE - 1] * 48, 1),  # a day but 48 ms
        ([PAUSE - 1] * 49, 2),  # beyond a day
        ([PAUSE - 1] * 100, 3),
    ],
)
def test_a_session_ends_after_30_minutes_without_a_pageview_or_after_24_hours(
    events: Events, gaps: list[int], sessions: int
) -> None:
    (row,) = StoredWorld(events, World(at(*gaps))).ask(range=WEEK).rows
    assert (row.figures.sessions, row.figures.pageviews) == (sessions, len(gaps) + 1)


def test_a_session_over_midnight_is_counted_once_on_the_day_it_began(events: Events) -> None:
    night = World([Seen(1, AUTUMN - 60_000, "v1"), Seen(1, AUTUMN + 60_000, "v1")])
    stored = StoredWorld(events, night)
    days = stored.ask(range=RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN + 24 * HOUR), dimensions=["DAY"]).rows
    assert [row.figures.sessions for row in days] == [1, 0]
    assert [row.figures.pageviews for row in days] == [1, 1]
    second = stored.ask(range=RangeInput(from_=AUTUMN, to=AUTUMN + 24 * HOUR)).rows[0].figures
    assert (second.sessions, second.pageviews, second.visitors and second.visitors.count) == (0, 1, 1)
    first = stored.ask(range=RangeInput(from_=AUTUMN - 24 * HOUR, to=AUTUMN)).rows[0].figures
    assert (first.sessions, first.bounce_rate, first.session_duration) == (1, 0.0, 120.0), "all of it, to its end"


def test_stitched_history_is_the_users(events: Events) -> None:
    world = World([*at(HOUR), Seen(1, AUTUMN + 2 * HOUR, "v1", user=1, resolution="FOUND"), Seen(1, AUTUMN, "v2")])
    visitors = StoredWorld(events, world).ask(range=WEEK).rows[0].figures.visitors
    assert visitors
    assert (visitors.count, visitors.identified_users, visitors.basis) == (2, 1, ["IDENTIFIED_USERS", "VISITOR_IDS"])


def test_a_suppressed_pageview_of_a_linked_visitor_is_not_the_users(events: Events) -> None:
    world = World([*at(resolution="SUPPRESSED"), Seen(1, AUTUMN, "v1", user=1, resolution="FOUND")])
    figures_ = StoredWorld(events, world).ask(range=WEEK).rows[0].figures
    assert (figures_.identified_visitors, figures_.visitors and figures_.visitors.count) == (1, 2)


def test_merged_users_are_one_visitor_and_two_again_afterwards(events: Events) -> None:
    pageviews = [Seen(1, AUTUMN, user=user, resolution="FOUND") for user in (1, 2)]
    assert StoredWorld(events, World(pageviews, {2: 1})).ask(range=WEEK).rows[0].figures.identified_visitors == 1
    assert StoredWorld(events, World(pageviews)).ask(range=WEEK).rows[0].figures.identified_visitors == 2


def test_a_visitor_without_consent_is_counted_each_day_and_the_figure_says_so(events: Events) -> None:
    world = World([Seen(1, AUTUMN, "daily:monday"), Seen(1, AUTUMN + 24 * HOUR, "daily:tuesday")])
    visitors = StoredWorld(events, world).ask(range=WEEK).rows[0].figures.visitors
    assert visitors == VisitorFigure(2, ["DAILY_HASHES"], 0, 0, 2, exact=True)


def test_a_pageview_without_a_person_counts_as_a_pageview_only(events: Events) -> None:
    (row,) = StoredWorld(events, World([Seen(1, AUTUMN, resolution="NO_IDENTIFIER")])).ask(range=WEEK).rows
    assert row.figures == figures(Counts(pageviews=1))


def test_a_filter_counts_the_sessions_that_saw_such_a_page_whole(events: Events) -> None:
    pages = ["/", "/tea", "/"]
    world = World([seen._replace(texts={"PAGE": page}) for seen, page in zip(at(60_000, 60_000), pages, strict=True)])
    only = FilterInput(on=ConditionInput("PAGE", is_=["/tea"]))
    found = StoredWorld(events, world).ask(range=WEEK, filter=only).rows[0].figures
    assert (found.pageviews, found.sessions, found.session_duration, found.pages_per_session) == (1, 1, 120.0, 3.0)


def test_a_day_with_25_hours_has_25_hours_and_a_day_without_pageviews_has_a_row(events: Events) -> None:
    stored = StoredWorld(events, World(at()))
    day = RangeInput(from_="2026-10-25", to="2026-10-25")
    hours = stored.ask(range=day, timezone="Europe/Zurich", dimensions=["HOUR"]).rows
    assert len(hours) == 25
    days = stored.ask(
        range=RangeInput(from_="2026-10-24", to="2026-10-27"), timezone="Europe/Zurich", dimensions=["DAY"]
    )
    assert [row.figures.pageviews for row in days.rows] == [0, 1, 0, 0]
    lengths = [(after.begin or 0) - (before.begin or 0) for before, after in pairwise(days.rows)]
    assert [length // HOUR for length in lengths] == [24, 25, 24]


def test_beyond_what_can_be_counted_visitors_are_estimated_within_one_percent_and_the_figure_says_so(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_module, "EXACT_PAGEVIEWS", 1_000)
    monkeypatch.setattr(people_module, "EXACT_VISITORS", 100_000)
    for count_, exact in ((99_000, True), (150_000, False)):
        stored = StoredWorld(events, World([]))
        events.change(
            "INSERT INTO heropixel.pageviews"
            " (app, pixel_id, timestamp, received, journal_position, event_id, visitor_id, resolution, domain)"
            " SELECT {app:UInt32}, {pixel:Int32}, fromUnixTimestamp64Milli({at:Int64}, 'UTC'),"
            " now64(3), 1000000000 + number, '', toString(number), 'NOT_KNOWN', 'example.com'"
            " FROM numbers({count:UInt64})",
            app=stored.app,
            pixel=stored.pixel(1),
            at=AUTUMN,
            count=count_,
        )
        visitors = stored.ask(range=WEEK).rows[0].figures.visitors
        assert visitors
        assert visitors.exact is exact
        assert visitors.count == count_ if exact else abs(visitors.count - count_) < count_ / 100


def test_what_a_report_needs_beyond_its_bounds_is_refused(events: Events) -> None:
    for bounds in (Bounds(1, 1 << 30, 1 << 28), Bounds(60, 10_000_000, 1 << 40)):
        bounded = Events(events._url, bounds)
        with pytest.raises(EventsTooSlow):
            bounded.ask("SELECT uniqExact(cityHash64(number)) FROM numbers(100000000000)")
        bounded.close()
