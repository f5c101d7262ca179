"""A question as SQL: the query to the event store, and its bound values. Pure.

There are two kinds of counts, each from the pageviews of a range in one pass: pageviews with their visitors, and
sessions that began. `person` is the person of a pageview; see people.py.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from heropixel.events.lookups import LookupTable
from heropixel.events.sessions import LONGEST
from heropixel.reports.dimensions import IS_DAILY_HASH, IS_USER, IS_VISITOR_ID, OF_SESSION, name_in_sql, value_in_sql
from heropixel.reports.figures import IN_SQL, NEEDS, OF_PAGEVIEWS, OF_VISITS, Counts
from heropixel.reports.filter_sql import FilterSql
from heropixel.reports.filters import EVERYTHING
from heropixel.reports.first_pageviews import is_new
from heropixel.reports.origins import origin_in_sql
from heropixel.reports.people import PersonScope
from heropixel.reports.question import Metric, Question
from heropixel.reports.ranges import Range
from heropixel.reports.session_sql import (
    INSIDE,
    columns_of_sessions,
    is_placed,
    of_nobody,
    pageviews_in_sessions,
    pageviews_with_sessions,
    sessions,
)
from heropixel.reports.source_sql import bound_in_source, pageviews_in_sql


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


def visits(
    question: Question, range_: Range, scope: PersonScope, dimensions: Sequence[str], *, inside: bool
) -> Statement:
    """Each visit of a range and of 24 hours around it, with all its figures and these dimensions of sessions.

    A pageview of nobody is one, too. For questions with any filter. `inside`: see `needs_inside`.
    """
    everything = msgspec.structs.replace(question, filter=EVERYTHING)
    return _Counting(everything, range_, Rows(dimensions=dimensions), scope).all_visits(inside=inside)


def needs_inside(question: Question, range_: Range) -> bool:
    """Whether it has to be known how many pageviews of a visit are in the range.

    Whether there are any is known without: its first or its last pageview is, unless the visit goes on on both sides.
    A visit is shorter than 24 hours, so that happens only to shorter ranges.
    """
    return Metric.PAGEVIEWS in question.metrics or range_.end - range_.start < LONGEST


def which(place: int, of: int) -> int:
    """The mark of rows by one of several dimensions: a bit for each other dimension, the first one highest."""
    return (1 << of) - 1 - (1 << of - 1 - place)


class _Counting:
    def __init__(self, question: Question, range_: Range, rows: Rows, scope: PersonScope) -> None:
        self._question = question
        self._rows = rows
        self._scope = scope
        self._filter = FilterSql(question.filter, scope.traits)
        self._needed = {name for metric in question.metrics for name in NEEDS[metric]}
        self._needs_inside = needs_inside(question, range_)
        self._counts = [name for name in Counts._fields if name in self._needed]
        self._names = [name_in_sql(dimension) for dimension in rows.dimensions]
        self._keys = ([] if rows.begins is None else ["begin"]) + self._names
        self._bound: dict[str, Any] = {
            **bound_in_source(question, range_),
            "begins": list(rows.begins or ()),
            "now": question.now_since,
            **self._filter.parameters,
        }

    def statement(self) -> Statement:
        counted, *others = parts = self._parts()
        if others:
            summed = ", ".join([*self._keys, *(f"sum({name}) AS {name}" for name in self._counts)])
            counted = f"SELECT {summed} FROM ({' UNION ALL '.join(parts)}){self._group}"  # noqa: S608 - names are ours
        if self._rows.with_count or self._rows.only is not None:
            total = ", count() OVER ()" if self._rows.with_count else ""
            counted = f"SELECT *{total} FROM ({counted}){self._only()}"  # noqa: S608 - names are ours
        return Statement(counted + self._order(), self._bound, self._counts)

    def all_visits(self, *, inside: bool) -> Statement:
        figures = ["start", "finish", "length", *([INSIDE] if inside else [])]
        return Statement(self._made_visits(figures, with_nobody=True), self._bound, figures)

    def _parts(self) -> list[str]:
        if self._of_visits_alone:
            return [self._visited()]
        made = {self._pageviews: self._needed & OF_PAGEVIEWS, self._sessions: self._needed - OF_PAGEVIEWS}
        return [make() for make, needed in made.items() if needed]

    def each_alone(self) -> Statement:
        names = ", ".join(self._names)
        sets = ", ".join(f"({name})" for name in self._names)
        counted = ", ".join(f"{text} AS {name}" for name, text in self._of_pageviews().items())
        text = f"""
            SELECT grouping({names}) AS which, {names}, {counted}
            FROM ({self._own(self._own_columns() | self._learned_column())})
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
        values, lists = [f"toString({name})" for name in self._names], [f"{{{name}:Array(String)}}" for name in bound]
        # The engine compares each pageview, so this must be a look into a set: `has` takes ten times as long.
        if len(values) == 1:
            return f" WHERE {values[0]} IN {lists[0]}"
        return f" WHERE ({', '.join(values)}) IN arrayZip({', '.join(lists)})"

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
        own = self._own_columns() | self._learned_column()
        return self._counted(
            "at", self._of_pageviews(), self._with_sessions() if self._session_names() else self._own(own)
        )

    def _of_pageviews(self) -> dict[str, str]:
        """The wanted counts that are made of pageviews."""
        made = {
            "pageviews": "count()",
            **self._of_persons(),
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
        return is_new(self._scope.firsts or LookupTable(), begin)

    def _of_persons(self) -> dict[str, str]:
        kinds = {"users": IS_USER, "visitor_ids": IS_VISITOR_ID, "daily_hashes": IS_DAILY_HASH}
        return {name: self._persons(condition) for name, condition in kinds.items()}

    def _persons(self, condition: str) -> str:
        # 17 bits of a hash choose a register: off by 0.3 % at one standard deviation.
        count = "uniqExactIf" if self._scope.exact else "uniqCombined64If(17)"
        return f"{count}(person, {condition})"

    def _with_sessions(self) -> str:
        """Pageviews with the columns of their sessions. Those without a person are in no session."""
        kept = [*self._own_columns(), *self._filter.columns(), *self._learned_column()]
        names = self._session_names()
        in_sessions = pageviews_with_sessions(self._around(names), names, kept, self._scope)
        return f"""
            SELECT * FROM ({in_sessions})
            WHERE {_in_range("at")} AND {self._filter.where_in_sessions()}
        """  # noqa: S608 - names are ours, and values are bound

    def _sessions(self) -> str:
        """Sessions that began in the range and have a matching pageview; one row for each value they have."""
        began = _in_range("start")
        if self._filter.only_of_sessions and {*self._rows.dimensions} <= {*OF_SESSION}:
            source = f"{self._visits([])} WHERE person != 0 AND {began} AND {self._filter.where_in_sessions()}"
        else:
            kept = [*self._own_columns(), *self._filter.columns()]
            names = [*self._figures(), *self._session_names()]
            keys = ", ".join(["person", "start", *self._names])
            others = "".join(f", any({name}) AS {name}" for name in self._figures() if name != "start")
            in_sessions = pageviews_in_sessions(self._around(names), names, kept, self._scope)
            source = f"""
                SELECT {keys}{others} FROM ({in_sessions})
                WHERE {began} AND {self._filter.where_in_sessions()}
                GROUP BY {keys}
            """  # noqa: S608 - names are ours, and values are bound
        return self._counted("start", self._of_sessions(), source)

    def _of_sessions(self, only: str = "true") -> dict[str, str]:
        """The counts that are made of sessions: of those of which a condition holds."""
        return {
            "sessions": f"countIf({only})",
            "bounces": f"countIf({only} AND length = 1)",
            "duration": f"toUInt64(sumIf(finish - start, {only}))",
            "session_pageviews": f"sumIf(length, {only})",
        }

    def _figures(self) -> list[str]:
        """The figures of sessions that the question uses."""
        return ["start", "finish", "length"] if self._needed & _OF_WHOLE_SESSIONS else ["start"]

    @property
    def _of_visits_alone(self) -> bool:
        """Whether the visits alone answer the question, without a look at each pageview."""
        return (
            bool(self._session_names())
            and self._rows.begins is None
            and self._filter.only_of_sessions
            and {*self._rows.dimensions} <= {*OF_SESSION}
            and self._needed <= OF_VISITS
        )

    def _visited(self) -> str:
        """Counts of visits with pageviews in the range, of those pageviews, and of their visitors."""
        made = {
            "pageviews": f"sum({INSIDE})",
            **self._of_persons(),
            **self._of_sessions(f"person != 0 AND {_in_range('start')}"),
        }
        here = f"{INSIDE} > 0" if self._needs_inside else f"({_in_range('start')} OR {_in_range('finish')})"
        more = [INSIDE] if self._needs_inside else ["finish"]
        source = f"{self._visits(more, with_nobody=True)} WHERE {here} AND {self._filter.where_in_sessions()}"
        return self._counted("start", made, source)

    def _visits(self, more: Sequence[str], *, with_nobody: bool = False) -> str:
        """A query for the visits, which may have visits of nobody."""
        figures = [*dict.fromkeys([*self._figures(), *more])]
        shared = self._scope.visits
        if shared and shared.columns >= {*figures, *self._session_names()}:
            return f"SELECT * FROM {shared.table}"  # noqa: S608 - a name of ours
        return f"SELECT * FROM ({self._made_visits(figures, with_nobody=with_nobody)})"  # noqa: S608 - names are ours

    def _made_visits(self, figures: Sequence[str], *, with_nobody: bool) -> str:
        """Each visit with these figures and the columns of sessions. A pageview of nobody is one, too, if wanted."""
        names = [*figures, *self._session_names()]
        of_persons = sessions(self._around(), names, self._scope)
        if not with_nobody:
            return of_persons
        inside = f"toInt64({_in_range('at')})"
        shown = {"person": "person", "start": "at", "finish": "at", "length": "1", INSIDE: inside}
        shown = {name: value for name, value in shown.items() if name == "person" or name in figures}
        return f"{of_persons} UNION ALL {of_nobody(self._around(), names, shown, self._scope)}"

    def _counted(self, time: str, made: dict[str, str], source: str) -> str:
        """The wanted counts that are in `made`, and 0 for the others."""
        keys = [f"roundDown({time}, {{begins:Array(Int64)}}) AS begin"] if self._rows.begins is not None else []
        columns = [f"{made[name]} AS {name}" if name in made else f"0 AS {name}" for name in self._counts]
        shown = ", ".join([*keys, *self._names, *columns])
        return f"SELECT {shown} FROM ({source}){self._group}"  # noqa: S608 - names are ours, and values are bound

    def _session_names(self) -> list[str]:
        """The columns of sessions that the question uses."""
        looked_at = {*self._rows.dimensions, *self._filter.of_sessions}
        return [name_in_sql(dimension) for dimension in OF_SESSION if dimension in looked_at]

    def _own_columns(self) -> dict[str, str]:
        """The dimensions that pageviews have of their own."""
        own = [dimension for dimension in self._rows.dimensions if dimension not in OF_SESSION]
        table = self._scope.traits.get(self._question.trait)
        return {name_in_sql(dimension): value_in_sql(dimension, table) for dimension in own}

    def _around(self, names: Sequence[str] = ()) -> str:
        """The pageviews that make up the sessions of the range, with the columns of filter and dimensions.

        Where a table has them with these columns `names` of their sessions, with these.
        """
        columns = self._own_columns() | self._filter.columns()
        if names and self._scope.placed and is_placed(names, self._scope):
            columns |= self._learned_column() | {name: name for name in names}
            return pageviews_in_sql(self._scope._replace(seen=self._scope.placed.table), columns, around=LONGEST)
        if columns:  # of one instant, the one recorded first is the first
            columns["journal_position"] = "journal_position"
        columns |= {name: name for name in sorted(columns_of_sessions(self._session_names()))}
        if "origin" in columns and self._scope.origins and not self._scope.seen:
            columns["origin"] = origin_in_sql(self._scope.origins.columns)
        return pageviews_in_sql(self._scope, columns | self._learned_column(), around=LONGEST)

    def _learned_column(self) -> dict[str, str]:
        """The column that shows that a pageview learned its user, where this is counted."""
        return {"resolution": "resolution"} if "new_users" in self._needed else {}

    def _own(self, columns: dict[str, str]) -> str:
        """Pageviews of the range that match the filter, with these columns."""
        return pageviews_in_sql(self._scope, columns, where=self._filter.where())


_OF_WHOLE_SESSIONS: Final = {"bounces", "duration", "session_pageviews"}


def _in_range(time: str) -> str:
    return f"({time} >= {{start:Int64}} AND {time} < {{end:Int64}})"


def _sortable(metric: str) -> str:
    """A metric to order by. Where it has no value, it sorts below zero."""
    return f"ifNotFinite(toFloat64({IN_SQL[Metric(metric)]}), -1)"
