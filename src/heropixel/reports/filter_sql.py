"""A filter as SQL: its conditions are tested on pageviews, and combined there or after sessions are known. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from heropixel.reports.dimensions import IS_USER, OF_SESSION, TRAIT, USER, name_in_sql, value_in_sql
from heropixel.reports.filters import All, Condition, Either, Filter, Not, Operator, conditions
from heropixel.reports.trait_sql import like, persons_in_sql


class FilterSql:
    """A filter, and the values that are bound in its SQL."""

    def __init__(self, tree: Filter, traits: Mapping[str, str] | None = None) -> None:
        """`traits` has the table of each trait that the filter uses; see people.py."""
        self._tree = tree
        self._traits = traits or {}
        self._numbered = dict(enumerate(conditions(tree)))
        self._place = {id(condition): place for place, condition in self._numbered.items()}
        self.parameters: dict[str, Any] = {}
        self._tried = {place: self._try(place, condition) for place, condition in self._numbered.items()}

    @property
    def only_of_sessions(self) -> bool:
        """Whether all of its conditions are on sessions."""
        return all(condition.dimension in OF_SESSION for condition in self._numbered.values())

    @property
    def of_sessions(self) -> list[str]:
        """The dimensions of sessions that the filter uses."""
        return [condition.dimension for condition in self._numbered.values() if condition.dimension in OF_SESSION]

    def where(self) -> str:
        """The filter as a condition on the columns of pageviews."""
        return _joined(self._tree, lambda condition: self._tried[self._place[id(condition)]])

    def columns(self) -> dict[str, str]:
        """The conditions to test on pageviews before they are put into sessions, each under a name."""
        return {
            f"fits_{place}": self._tried[place]
            for place, condition in self._numbered.items()
            if condition.dimension not in OF_SESSION
        }

    def where_in_sessions(self) -> str:
        """The filter as a condition on `columns` and the dimensions of sessions."""

        def in_sql(condition: Condition) -> str:
            place = self._place[id(condition)]
            return self._tried[place] if condition.dimension in OF_SESSION else f"fits_{place}"

        return _joined(self._tree, in_sql)

    def _try(self, place: int, condition: Condition) -> str:
        """A condition in SQL. Its values are bound."""
        name = f"values_{place}"
        if condition.dimension == USER:
            self.parameters[name] = [int(value or 0) for value in condition.values]
            return f"if({IS_USER}, person, 0) IN {{{name}:Array(UInt64)}}"
        if condition.dimension == TRAIT:
            in_sql, bound = persons_in_sql(self._traits[condition.trait], name, condition)
            self.parameters |= bound
            return in_sql
        in_session = condition.dimension in OF_SESSION
        value = name_in_sql(condition.dimension) if in_session else value_in_sql(condition.dimension)
        if condition.operator is Operator.WILDCARD:
            patterns = {f"{name}_{number}": like(each) for number, each in enumerate(condition.values)}
            self.parameters |= patterns
            return f"({' OR '.join(f'{value} LIKE {{{bound}:String}}' for bound in patterns)})"
        self.parameters[name] = list(condition.values)
        if condition.operator is Operator.CONTAINS:
            return f"multiSearchAnyCaseInsensitiveUTF8({value}, {{{name}:Array(String)}})"
        return f"{value} IN {{{name}:Array(String)}}"


def _joined(tree: Filter, in_sql: Callable[[Condition], str]) -> str:
    match tree:
        case All(parts):
            return f"({' AND '.join(_joined(part, in_sql) for part in parts)})" if parts else "true"
        case Either(parts):
            return f"({' OR '.join(_joined(part, in_sql) for part in parts)})"
        case Not(part):
            return f"NOT {_joined(part, in_sql)}"
        case Condition():
            return in_sql(tree)
