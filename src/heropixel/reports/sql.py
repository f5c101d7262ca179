"""A question as SQL: the query to the event store, and its bound values. Pure.

There are two kinds of counts, each from the pageviews of a range in one pass: pageviews with their visitors, and
sessions that began. `person` is the person of a pageview; see people.py.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from heropixel.events import DATABASE
from heropixel.events.sessions import LONGEST
from heropixel.reports.dimensions import IS_DAILY_HASH, IS_USER, IS_VISITOR_ID, OF_SESSION, name_in_sql, value_in_sql
from heropixel.reports.figures import IN_SQL, NEEDS, OF_PAGEVIEWS, Counts
from heropixel.reports.filter_sql import FilterSql
from heropixel.reports.first_pageviews import is_new
from heropixel.reports.people import PersonScope, person_in_sql
from heropixel.reports.question import Metric, Question, Traffic
from heropixel.reports.ranges import Range
from heropixel.reports.session_sql import pageviews_in_sessions, sessions


class Statement(NamedTuple):
    """SQL, and its bound values."""

    text: str
    parameters: dict[str, Any]
    counts: list[str]  # the fields of `Counts` that it returns, after the keys


class Rows(NamedTuple):
    """The rows of a question to query."""

    begins: Sequence[int] | None = None  # of its buckets; without: rows have no time
    dimensions: Sequence[str] = ()
    only: Sequence[Sequence[str]] | None = None  # values of the dimensions
    limit: int | None = None  # in the order of the question
    offset: int = 0
    with_count: bool = False  # also how many there are


def counts(question: Question, range_: Range, rows: Rows, scope: PersonScope) -> Statement:
    """Counts by dimensions: the beginning of the bucket, the values of the dimensions, and then the counts."""
    return _Counting(question, range_, rows, scope).statement()


def counts_by_each(question: Question, range_: Range, dimensions: Sequence[str], scope: PersonScope) -> Statement:
    """The first rows by each of several dimensions, in one pass: the mark `which`, the values of all, the counts.

    Only for counts of pageviews and their visitors, and for a pageview's own dimensions; see `which`.
    """
    return _Counting(question, range_, Rows(dimensions=dimensions, limit=question.limit), scope).each_alone()


def which(place: int, of: int) -> int:
    """The mark of rows by one of several dimensions: a bit for each other dimension, the first one highest."""
    return (1 << of) - 1 - (1 << of - 1 - place)


class _Counting:
    def __init__(self, question: Question, range_: Range, rows: Rows, scope: PersonScope) -> None:
        self._question = question
        self._rows = rows
        self._scope = scope
        self._begun = scope.begun or None
        self._filter = FilterSql(question.filter, scope.traits)
        self._needed = {name for metric in question.metrics for name in NEEDS[metric]}
        self._counts = [name for name in Counts._fields if name in self._needed]
        self._names = [name_in_sql(dimension) for dimension in rows.dimensions]
        self._keys = ([] if rows.begins is None else ["begin"]) + self._names
        self._bound: dict[str, Any] = {
            "pixels": list(question.pixels),
            "start": range_.start,
            "end": range_.end,
            "traffic": [str(traffic) for traffic in question.traffic],
            "begins": list(rows.begins or ()),
            "now": question.now_since,
            **self._filter.parameters,
        }

    def statement(self) -> Statement:
        parts = []
        if self._needed & OF_PAGEVIEWS:
            parts.append(self._pageviews())
        if self._needed - OF_PAGEVIEWS:
            parts.append(self._sessions())
        counted = parts[0]
        if len(parts) > 1:
            summed = ", ".join([*self._keys, *(f"sum({name}) AS {name}" for name in self._counts)])
            counted = f"SELECT {summed} FROM ({' UNION ALL '.join(parts)}){self._group}"  # noqa: S608 - names are ours
        if self._rows.with_count or self._rows.only is not None:
            total = ", count() OVER ()" if self._rows.with_count else ""
            counted = f"SELECT *{total} FROM ({counted}){self._only()}"  # noqa: S608 - names are ours
        return Statement(counted + self._order(), self._bound, self._counts)

    def each_alone(self) -> Statement:
        names = ", ".join(self._names)
        sets = ", ".join(f"({name})" for name in self._names)
        counted = ", ".join(f"{text} AS {name}" for name, text in self._of_pageviews().items())
        text = f"""
            SELECT grouping({names}) AS which, {names}, {counted}
            FROM ({self._own(self._own_columns() | self._learned_column(), filtered=True)})
            GROUP BY GROUPING SETS ({sets})
            ORDER BY which, {self._orders()} LIMIT {{limit:UInt32}} BY which
        """  # noqa: S608 - names are ours, and values are bound
        return Statement(text, self._bound | {"limit": self._rows.limit}, self._counts)

    @property
    def _group(self) -> str:
        return f" GROUP BY {', '.join(self._keys)}" if self._keys else ""

    def _only(self) -> str:
        if self._rows.only is None:
            return ""
        bound = {
            f"only_{name}": [values[place] for values in self._rows.only] for place, name in enumerate(self._names)
        }
        self._bound |= bound
        lists = ", ".join(f"{{{name}:Array(String)}}" for name in bound)
        return f" WHERE has(arrayZip({lists}), tuple({', '.join(f'toString({name})' for name in self._names)}))"

    def _order(self) -> str:
        if self._rows.limit is None:
            return ""
        self._bound |= {"limit": self._rows.limit, "offset": self._rows.offset}
        return f" ORDER BY {self._orders()} LIMIT {{limit:UInt32}} OFFSET {{offset:UInt32}}"

    def _orders(self) -> str:
        orders = [
            (_sortable(order.metric) if order.metric else name_in_sql(order.dimension or ""), order.descending)
            for order in self._question.order
            if order.metric or order.dimension in self._rows.dimensions
        ]
        if not any(order.metric for order in self._question.order):
            orders.append((_sortable(self._question.metrics[0]), True))
        parts = [f"{column} {'DESC' if descending else 'ASC'}" for column, descending in orders]
        return ", ".join([*parts, *self._names])

    def _pageviews(self) -> str:
        """Counts of pageviews and their visitors."""
        of_sessions = {*self._rows.dimensions, *self._filter.of_sessions} & {*OF_SESSION}
        source = (
            self._with_sessions()
            if of_sessions
            else self._own(self._own_columns() | self._learned_column(), filtered=True)
        )
        return self._counted("at", self._of_pageviews(), source)

    def _of_pageviews(self) -> dict[str, str]:
        """The wanted counts that are made of pageviews."""
        made = {
            "pageviews": "count()",
            "users": self._persons(IS_USER),
            "visitor_ids": self._persons(IS_VISITOR_ID),
            "daily_hashes": self._persons(IS_DAILY_HASH),
            "new_users": "uniqExactIf(person, resolution = 'CREATED' AND person != 0)",
            "now_users": self._persons(f"{IS_USER} AND at >= {{now:Int64}}"),
            "now_visitor_ids": self._persons(f"{IS_VISITOR_ID} AND at >= {{now:Int64}}"),
            "now_daily_hashes": self._persons(f"{IS_DAILY_HASH} AND at >= {{now:Int64}}"),
            "new_known": self._persons(f"{IS_USER} AND {self._is_new}"),
            "new_visitor_ids": self._persons(f"{IS_VISITOR_ID} AND {self._is_new}"),
            "returning_users": self._persons(f"{IS_USER} AND NOT {self._is_new}"),
            "returning_visitor_ids": self._persons(f"{IS_VISITOR_ID} AND NOT {self._is_new}"),
        }
        return {name: made[name] for name in self._counts if name in made}

    @property
    def _is_new(self) -> str:
        """Whether the first pageview of the person is in the range, and in the bucket where there are buckets."""
        begin = "{start:Int64}" if self._rows.begins is None else "greatest(begin, {start:Int64})"
        return is_new(self._scope.firsts, begin)

    def _persons(self, condition: str) -> str:
        # 17 bits of a hash choose a register: off by 0.3 % at one standard deviation.
        return f"{'uniqExactIf' if self._scope.exact else 'uniqCombined64If(17)'}(person, {condition})"

    def _with_sessions(self) -> str:
        """Pageviews with the pages of their sessions. Those without a person are in no session."""
        kept = [*self._own_columns(), *self._filter.columns(), *self._learned_column()]
        names = self._session_names()
        no_session = [*(f"'' AS {name}" for name in names), *kept]
        return f"""
            SELECT * FROM
            (
                SELECT person, at, {", ".join([*names, *kept])}
                FROM ({pageviews_in_sessions(self._around(), names, kept, self._begun)})
                UNION ALL
                SELECT person, at, {", ".join(no_session)} FROM ({self._around()}) WHERE person = 0
            )
            WHERE at >= {{start:Int64}} AND at < {{end:Int64}} AND {self._filter.where_in_sessions()}
        """  # noqa: S608 - names are ours, and values are bound

    def _sessions(self) -> str:
        """Sessions that began in the range and have a matching pageview; one row for each value they have."""
        made = {
            "sessions": "count()",
            "bounces": "countIf(length = 1)",
            "duration": "toUInt64(sum(finish - start))",
            "session_pageviews": "sum(length)",
        }
        needed = (
            ["start", "finish", "length"] if self._needed & {"bounces", "duration", "session_pageviews"} else ["start"]
        )
        names, began = self._session_names(), "start >= {start:Int64} AND start < {end:Int64}"
        if self._filter.lets_all_through and {*self._rows.dimensions} <= {*OF_SESSION}:
            source = f"SELECT * FROM ({sessions(self._around(), [*needed, *names], self._begun)}) WHERE {began}"  # noqa: S608 - as below
        else:
            kept = [*self._own_columns(), *self._filter.columns()]
            keys = ", ".join(["person", "start", *self._names])
            others = "".join(f", any({name}) AS {name}" for name in needed if name != "start")
            in_sessions = pageviews_in_sessions(self._around(), [*needed, *names], kept, self._begun)
            source = f"""
                SELECT {keys}{others} FROM ({in_sessions})
                WHERE {began} AND {self._filter.where_in_sessions()}
                GROUP BY {keys}
            """  # noqa: S608 - names are ours, and values are bound
        return self._counted("start", made, source)

    def _counted(self, time: str, made: dict[str, str], source: str) -> str:
        """The wanted counts that are in `made`, and 0 for the others."""
        keys = [f"roundDown({time}, {{begins:Array(Int64)}}) AS begin"] if self._rows.begins is not None else []
        columns = [f"{made[name]} AS {name}" if name in made else f"0 AS {name}" for name in self._counts]
        shown = ", ".join([*keys, *self._names, *columns])
        return f"SELECT {shown} FROM ({source}){self._group}"  # noqa: S608 - names are ours, and values are bound

    def _session_names(self) -> list[str]:
        """The pages of sessions that the question uses."""
        looked_at = {*self._rows.dimensions, *self._filter.of_sessions}
        return [name_in_sql(dimension) for dimension in OF_SESSION if dimension in looked_at]

    def _own_columns(self) -> dict[str, str]:
        """The dimensions that pageviews have of their own."""
        own = [dimension for dimension in self._rows.dimensions if dimension not in OF_SESSION]
        table = self._scope.traits.get(self._question.trait)
        return {name_in_sql(dimension): value_in_sql(dimension, table) for dimension in own}

    def _around(self) -> str:
        """The pageviews that make up the sessions of the range, with the columns of filter and dimensions."""
        columns = self._own_columns() | self._filter.columns()
        if self._session_names():
            columns["path"] = "path"
        if columns:  # of one instant, the one recorded first is the first
            columns["journal_position"] = "journal_position"
        return self._own(columns | self._learned_column(), around=LONGEST)

    def _learned_column(self) -> dict[str, str]:
        """The column that shows that a pageview learned its user, where this is counted."""
        return {"resolution": "resolution"} if "new_users" in self._needed else {}

    def _own(self, columns: dict[str, str], *, around: int = 0, filtered: bool = False) -> str:
        """Pageviews of the range and `around` milliseconds before and after it, with these columns."""
        shared = self._scope.seen
        at = "at" if shared else "toUnixTimestamp64Milli(pageviews.timestamp)"
        person = "person" if shared else person_in_sql(self._scope)
        shown = {"at": at, "person": person, **columns}
        listed = ", ".join(f"{value} AS {name}" if value != name else name for name, value in shown.items())
        where = [*(self._within_seen(around) if shared else self._within(around)), *([self._filter.where()] * filtered)]
        return f"SELECT {listed} FROM {shared or f'{DATABASE}.pageviews'} WHERE {' AND '.join(where)}"  # noqa: S608 - as above

    def _within_seen(self, around: int) -> list[str]:
        return [f"at >= {{start:Int64}} - {around}", f"at < {{end:Int64}} + {around}"]

    def _within(self, around: int) -> list[str]:
        of_whom = ["bot IN {traffic:Array(String)}"] if len(self._question.traffic) < len(Traffic) else []
        return [
            "pixel_id IN {pixels:Array(Int32)}",
            f"timestamp >= fromUnixTimestamp64Milli({{start:Int64}} - {around}, 'UTC')",
            f"timestamp < fromUnixTimestamp64Milli({{end:Int64}} + {around}, 'UTC')",
            *of_whom,
        ]


def _sortable(metric: str) -> str:
    """A metric to order by. Where it has no value, it sorts below zero."""
    return f"ifNotFinite(toFloat64({IN_SQL[Metric(metric)]}), -1)"
