"""Any report and any list of any world is what plain Python counts."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.events import Events
from heropixel.reports import shared_reading
from heropixel.reports.dimensions import TIMES
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.ranges import ComparisonInput
from tests.reports.plain import LONGEST, NOW, PAUSE, Plain, Seen, World
from tests.reports.stored import AUTUMN, COLUMN_OF, DIMENSIONS, HOSTS, HOUR, METRICS, OF_VISITS, PAGES, StoredWorld
from tests.session.examples import examples

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
    plans = draw(st.dictionaries(st.integers(1, 4), st.sampled_from(["pro", "Pro", "free"])))
    return World(order, draw(st.sampled_from([{}, {3: 1}, {4: 2, 3: 2}])), plans)


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
    st.builds(ConditionInput, st.just("TRAIT"), st.just("plan"), is_=st.sampled_from([["PRO"], ["", "free"], ["x"]])),
    st.builds(ConditionInput, st.just("TRAIT"), st.just("plan"), contains=st.just(["RO"])),
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
        now=start + draw(st.integers(1, 96)) * HOUR + draw(st.sampled_from([0, NOW, NOW + 1])),
    )


@st.composite
def comparisons(draw: st.DrawFn, question: Plain) -> ComparisonInput | None:
    """The range before, one somewhere near, or none: those that lie side by side are read as one."""
    end = question.start + draw(st.integers(-60, 60)) * HOUR
    near = ComparisonInput(from_=end - draw(st.integers(1, 96)) * HOUR, to=end)
    return draw(st.sampled_from([ComparisonInput(name="PREVIOUS_PERIOD"), near, None]))


@settings(
    max_examples=examples(60),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(st.data())
def test_any_report_and_list_of_any_world_is_what_plain_python_counts(events: Events, data: st.DataObject) -> None:
    world = data.draw(worlds())
    metrics = data.draw(st.sampled_from([METRICS, OF_VISITS, OF_VISITS[2:], ["VISITORS"]]))
    stored, question = StoredWorld(events, world), data.draw(questions(world))
    with pytest.MonkeyPatch.context() as patch:  # of more pageviews, two ranges are not read as one
        patch.setattr(shared_reading, "AS_ONE", data.draw(st.sampled_from([shared_reading.AS_ONE, 8])))
        stored.check(question, metrics, compare=data.draw(comparisons(question)))
    stored.check_lists(question)
