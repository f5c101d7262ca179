"""The response time of an overview, compared with usual SQL on PostgreSQL.

The overview is the first view of a dashboard: a time series by day and eight breakdowns, nine reports in one document.
The client measures the time. Everything is warm: the data was read before. Each range begins a millisecond after the
one before, so that no cached answer is used.

Sources, channels and campaigns are those of the visit here, and those of the pageview on PostgreSQL: usual SQL for the
former would be several times as slow. That both count alike is compared with the pageview's own.

Two things affect these numbers. Past months are merged, as in a store that had the time. And PostgreSQL gets
the usual queries, without tables of sums that could be prepared and kept up to date.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import msgspec

from benchmarks import report_world, usual_sql
from benchmarks.line import Line
from benchmarks.quiet import wait_until_quiet
from benchmarks.report_world import END, LARGE, MEDIUM, Shape
from benchmarks.servers import Server, serve_product
from benchmarks.stage import RUN, Stage
from benchmarks.usual_sql import Connection, Day, Overview, Top
from benchmarks.world import World
from heropixel.reports.dimensions import OF_ORIGIN
from heropixel.values import camel

OVERVIEW_SECONDS = 1.5  # of 2,500,000 pageviews
SMALL_MILLISECONDS = 150.0  # of 50,000
TIMES_POSTGRES = 10.0
TIMES_FOR_TEN_STORES = 1.3
TIMES_FOR_TEN_RANGES = 12.0

SHORT, LONG = timedelta(days=18), timedelta(days=180)
SMALL_ONES = 3  # overviews of 50,000 pageviews in a turn. Their median counts: a single one varies too much
PAUSE = 2.5  # seconds before each: what the server shares between simultaneous reports has expired then
TOLERANCE = 0.01


def measure(stage: Stage) -> Iterator[Line]:
    """Everything in turns."""
    shape = stage.scale.reports
    with ExitStack() as open_now:
        here = open_now.enter_context(Dashboard.of(shape, RUN / "reports"))
        tenth = open_now.enter_context(Dashboard.of(stage.scale.reports_tenth, RUN / "reports-tenth"))
        postgres = open_now.enter_context(usual_sql.filled(report_world.kept(shape)))
        connection = open_now.enter_context(postgres.connect())
        agreed = agreement(here, connection)
        turns = [Turn.take(here, tenth, connection) for _ in range(stage.scale.rounds)]
        yield from _lines(shape, turns, agreed)


class Dashboard:
    """A server on a world, and a client that requests overviews."""

    def __init__(self, server: Server, world: World) -> None:
        self.server = server
        self.world = world
        self._moments = count()

    @classmethod
    def of(cls, shape: Shape, folder: Path) -> "Dashboard":
        """A dashboard on a copy of the world of this shape."""
        world = report_world.linked_to(report_world.kept(shape), folder)
        return cls(serve_product(folder), world)

    def __enter__(self) -> "Dashboard":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def seconds(self, pixel: int, length: timedelta) -> float:
        """The response time of the overview of the last days."""
        began = time.monotonic()
        answer = self._answer(pixel, *self.range(length))
        took = time.monotonic() - began
        _check(answer)
        return took

    def range(self, length: timedelta) -> tuple[datetime, datetime]:
        """A range of this length at the end of the world's data. It is different each time."""
        return END - length + timedelta(milliseconds=next(self._moments)), END

    def overview(self, pixel: int, begin: datetime, end: datetime, *, own: bool = False) -> Overview:
        """The figures of the overview; with `own`, by what pageviews say themselves."""
        data = _check(self._answer(pixel, begin, end, own=own))
        days = [
            Day(
                datetime.fromisoformat(row["time"]).date(),
                row["pageviews"],
                row["visitors"]["count"],
                row["sessions"],
                row["identifiedVisitors"],
            )
            for row in data["days"]["rows"]
        ]
        tops = {
            column: [Top(row[field], row["visitors"]["count"], row["pageviews"]) for row in data[field]["rows"]]
            for column, field in _FIELDS.items()
        }
        return Overview(days, tops)

    def _answer(self, pixel: int, begin: datetime, end: datetime, *, own: bool = False) -> bytes:
        auth = {"appId": self.world.app_id, "appSecret": self.world.app_secret}
        of = {"pixelIds": [pixel], "range": {"from": _milliseconds(begin), "to": _milliseconds(end)}}
        variables: dict[str, object] = {"auth": auth, "days": {**of, **_DAYS}}
        for column, field in _FIELDS.items():
            dimension = _DIMENSIONS[column]
            variables[field] = {**of, **_TOP, "dimensions": [_own(dimension) if own else dimension]}
        body = msgspec.json.encode({"query": _DOCUMENT_OF_OWN if own else _DOCUMENT, "variables": variables})
        return self.server.ask("POST", "/graphql", body, timeout=300)[1]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _check(body: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(body)
    if "errors" in answer or any(report["code"] != 200 for report in answer["data"].values()):
        raise RuntimeError(f"The overview was not answered: {body[:2000]!r}")
    data: dict[str, Any] = answer["data"]
    return data


_DIMENSIONS = {
    "path": "PAGE",
    "source": "SOURCE",
    "channel": "CHANNEL",
    "utm_campaign": "UTM_CAMPAIGN",
    "country": "COUNTRY",
    "browser": "BROWSER",
    "os": "OS",
    "device": "DEVICE",
}
_FIELDS = {**{column: column for column in _DIMENSIONS}, "path": "page", "utm_campaign": "utmCampaign"}

_DAYS: Final = {"metrics": ["PAGEVIEWS", "VISITORS", "SESSIONS", "IDENTIFIED_VISITORS"], "dimensions": ["DAY"]}
_TOP: Final = {"metrics": ["VISITORS", "PAGEVIEWS"], "orderBy": [{"metric": "VISITORS"}], "limit": usual_sql.TOP}


def _own(dimension: str) -> str:
    """What a pageview says itself, for the dimensions of visits."""
    return f"PAGEVIEW_{dimension}" if dimension in OF_ORIGIN else dimension


def _document(value_of: Mapping[str, str]) -> str:
    """The overview, with where a row has the value of each field."""
    return (
        "query Overview($auth: AuthInput!, $days: ReportInput!, "
        + ", ".join(f"${field}: ReportInput!" for field in value_of)
        + ") { days: report(auth: $auth, report: $days)"
        + " { code message rows { time pageviews visitors { count } sessions identifiedVisitors } } "
        + " ".join(
            f"{field}: report(auth: $auth, report: ${field})"
            f" {{ code message rows {{ {field}: {value} visitors {{ count }} pageviews }} }}"
            for field, value in value_of.items()
        )
        + " }"
    )


_DOCUMENT = _document({field: field for field in _FIELDS.values()})
_DOCUMENT_OF_OWN = _document({field: camel(_own(_DIMENSIONS[column])) for column, field in _FIELDS.items()})


class Turn(NamedTuple):
    """The response times of overviews in seconds, one after the other."""

    large: float
    postgres: float  # for the large pixel
    medium: float
    tenth: float  # for the medium pixel, in a store of a tenth of the size
    short: float
    long: float

    @classmethod
    def take(cls, here: Dashboard, tenth: Dashboard, postgres: Connection) -> "Turn":
        """Measure all of them, once the machine is idle."""
        wait_until_quiet()
        month = report_world.PERIOD
        return cls(
            large=here.seconds(LARGE, month),
            postgres=_seconds_of_postgres(postgres, *here.range(month)),
            medium=_seconds_of_small(here),
            tenth=_seconds_of_small(tenth),
            short=here.seconds(LARGE, SHORT),
            long=here.seconds(LARGE, LONG),
        )


def _seconds_of_small(dashboard: Dashboard) -> float:
    taken = []
    for _ in range(SMALL_ONES):
        time.sleep(PAUSE)
        taken.append(dashboard.seconds(MEDIUM, report_world.PERIOD))
    return median(taken)


def _seconds_of_postgres(postgres: Connection, begin: datetime, end: datetime) -> float:
    began = time.monotonic()
    usual_sql.ask(postgres, LARGE, begin, end)
    return time.monotonic() - began


def _lines(shape: Shape, turns: Sequence[Turn], agreed: str) -> Iterator[Line]:
    of = dict(zip(Turn._fields, zip(*turns, strict=True), strict=True))
    large, medium, tenth, short, long = (median(of[name]) for name in ("large", "medium", "tenth", "short", "long"))
    yield Line(
        f"overview of {shape.large:,} pageviews in 30 days",
        large,
        "s",
        f"of {shape.medium:,}",
        medium,
        "<=",
        OVERVIEW_SECONDS,
        "measured",
        note=_shown(of["large"]),
    )
    yield Line(
        f"overview of {shape.medium:,} pageviews in 30 days",
        medium * 1000,
        "ms",
        f"of {shape.large:,}",
        large * 1000,
        "<=",
        SMALL_MILLISECONDS,
        "measured",
        note=_shown(of["medium"]),
    )
    yield Line(
        "the same in a store of ten times the pageviews",
        medium * 1000,
        "ms",
        "in the small store",
        tenth * 1000,
        "<=",
        TIMES_FOR_TEN_STORES,
        note=f"in the small store: {_shown(of['tenth'])}",
    )
    yield Line(
        "overview of 180 days",
        long,
        "s",
        "of 18 days",
        short,
        "<=",
        TIMES_FOR_TEN_RANGES,
        note=f"{_shown(of['long'])} beside {_shown(of['short'])}",
    )
    note = f"{_shown(of['postgres'])}; {agreed}"
    what = "the usual SQL on PostgreSQL"
    yield Line(what, median(of["postgres"]), "s", "ours", large, ">=", TIMES_POSTGRES, note=note)


def _shown(seconds: Sequence[float]) -> str:
    return " ".join(f"{one:.3f}" for one in seconds) + " s"


def agreement(here: Dashboard, postgres: Connection) -> str:
    """How well both agree on the figures of the large pixel: times are only compared for the same figures.

    Raises:
        RuntimeError: they differ.
    """
    begin, end = here.range(report_world.PERIOD)
    ours, theirs = here.overview(LARGE, begin, end, own=True), usual_sql.ask(postgres, LARGE, begin, end)
    pairs: list[tuple[Day | Top, Day | Top]] = list(zip(ours.days, theirs.days, strict=True))
    for column, tops in theirs.tops.items():
        same = {top.value: top for top in tops}
        both = [(top, same[top.value]) for top in ours.tops[column] if top.value in same]
        # Values at the end of the list may have nearly the same count.
        if len(both) < len(tops) - 1 or len(ours.tops[column]) != len(tops):
            raise RuntimeError(f"Other values of {column} come first: {ours.tops[column]}, on PostgreSQL {tops}")
        pairs += both
    differences = [_difference(mine, other) for mine, other in pairs]
    return f"figures differ by {max(differences):.3%} at most"


def _difference(mine: Day | Top, theirs: Day | Top) -> float:
    """The largest difference in a row. The pageviews and the values of the dimension must be equal."""
    if mine[0] != theirs[0] or mine.pageviews != theirs.pageviews:
        raise RuntimeError(f"Not the same pageviews: {mine}, on PostgreSQL {theirs}")
    counts = zip(mine[1:], theirs[1:], strict=True)
    difference = max(abs(int(one) - int(other)) / max(int(other), 1) for one, other in counts)
    if difference > TOLERANCE:
        raise RuntimeError(f"Not the same figures: {mine}, on PostgreSQL {theirs}")
    return difference
