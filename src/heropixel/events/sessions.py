"""The one place that decides where sessions begin and end: pageviews of persons, in order, cut in SQL. Pure.

A session is a series of a person's pageviews. It ends after 30 minutes without one. A longer series is cut every 24
hours from its first pageview. The pageviews of each person become arrays, at a tenth of the cost of window functions
(2.6 million pageviews of 380,000 persons: 0.2 s of processor time instead of 1.0).

A series may have begun before the pageviews that are read. `begun` is a table of persons with the beginning of the
series that their first pageview here belongs to; a person whose first pageview begins it may be left out.

A `source` below is a query. Its rows are pageviews with `person` (0: no person), `at` in Unix milliseconds, and the
named columns. Each `made` expression is an array in SQL. It may use `seen`, which has the columns in the order of their
names, `times`, and `beginnings` and `endings`, which mark the first and the last pageview of each session.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from heropixel.events.lookups import LookupTable

PAUSE: Final = 30 * 60_000  # milliseconds without a pageview that end a session
LONGEST: Final = 24 * 3_600_000  # milliseconds; the longest distance of a pageview from the beginning of its session

NOTHING: Final[Mapping[str, str]] = {}

# By person, in steps: where a series starts, since nothing was before it or too long ago; from there on, the time of
# that start, and how many days have passed since; where sessions begin and end. What a step uses twice is of a step
# before.
_RESUMED: Final = {
    "resumed": f"arrayMap((time, before) -> time - before >= {PAUSE},"
    f" times, arrayPushFront(arrayPopBack(times), times[1] - {PAUSE}))",
}
_PIECE: Final = {
    "run": "arrayFill((time, resumes) -> resumes, opened, resumed)",
    "piece": f"arrayMap((time, begun) -> intDiv(time - begun, {LONGEST}), times, run)",
}
_BEGINNINGS: Final = (
    "arrayMap((resumes, own, before) -> resumes OR own != before,"
    " resumed, piece, arrayPushFront(arrayPopBack(piece), 0))"
)
_ENDINGS: Final = {"endings": "arrayPushBack(arrayPopFront(beginnings), true)"}


def of_first(array: str) -> str:
    """For each pageview, the value of the first pageview of its session: carried to the right."""
    return f"arrayFill((value, begins) -> begins, {array}, beginnings)"


def of_last(array: str) -> str:
    """For each pageview, the value of the last pageview of its session: carried to the left."""
    return f"arrayReverseFill((value, ends) -> ends, {array}, endings)"


# The figures of a session, for each of its pageviews.
FIGURES: Final[Mapping[str, str]] = {
    "start": of_first("times"),
    "finish": of_last("times"),
    "length": "arrayMap((last, first) -> last - first + 1,"
    f" {of_last('arrayEnumerate(times)')}, {of_first('arrayEnumerate(times)')})",
}


# The same for each session, with what they need of a person. A third of the values, so they are told apart early.
OF_SESSIONS: Final[Mapping[str, str]] = {
    "start": "arrayFilter((time, begins) -> begins, times, beginnings)",
    "finish": "arrayFilter((time, ends) -> ends, times, endings)",
    "length": "arrayMap((first, last) -> last - first + 1, firsts, lasts)",
}
OF_PERSON: Final[Mapping[str, str]] = {
    "firsts": "arrayFilter((number, begins) -> begins, arrayEnumerate(times), beginnings)",
    "lasts": "arrayFilter((number, ends) -> ends, arrayEnumerate(times), endings)",
}


def pageviews_in_sessions(
    source: str,
    columns: Sequence[str],
    made: Mapping[str, str],
    begun: LookupTable | None = None,
    of_person: Mapping[str, str] = NOTHING,
) -> str:
    """Each pageview with `person` and the `made` values. Pageviews are ordered by `at` and then by the columns.

    `of_person` are values that are computed once for a person, of `times`. A `made` expression may use them.
    """
    names = ", ".join(made)
    each = ", ".join(f"each_{name} AS {name}" for name in made)
    by_person = _by_person(source, columns, {f"each_{name}": array for name, array in made.items()}, begun, of_person)
    return f"SELECT person, {names} FROM ({by_person}) ARRAY JOIN {each}"  # noqa: S608 - names are ours


def sessions(
    source: str,
    columns: Sequence[str],
    made: Mapping[str, str],
    begun: LookupTable | None = None,
    of_person: Mapping[str, str] = NOTHING,
) -> str:
    """Each session with `person` and the `made` values, which are arrays of sessions: `OF_SESSIONS` and `firsts`."""
    return pageviews_in_sessions(source, columns, made, begun, {**OF_PERSON, **of_person})


class Small(NamedTuple):
    """A number of pageviews that fits beside time and position into 64 bits."""

    value: str  # an expression, below SMALL
    since: str  # an expression: no pageview is before it, or SMALL_WITHIN or more after it


def sessions_with(
    number: str | Small, source: str, made: Mapping[str, str], begun: LookupTable | None, of_person: Mapping[str, str]
) -> str:
    """The same where a number of each pageview is all that is made of it besides times: `numbers`, in order.

    Numbers are sorted twice as quickly as tuples, and a small one with its time. Of one instant, the last 21 bits of
    the position decide: the order in which pageviews were recorded, unless 2,000,000 others came between.
    """
    if isinstance(number, Small):
        key = f"(toUInt64(at - {number.since}) * {_INSTANT} + journal_position % {_INSTANT}) * {SMALL} + {number.value}"
        numbers = f"arrayMap(key -> key % {SMALL}, keys)"
        times = f"arrayMap(key -> toInt64(intDiv(key, {_INSTANT * SMALL})) + {number.since}, keys)"
    else:
        key = f"at * {_INSTANT} + journal_position % {_INSTANT}"
        numbers = f"arraySort((number, key) -> key, groupArray({number}), groupArray({key}))"
        times = f"arrayMap(key -> intDiv(key, {_INSTANT}), keys)"
    arrays = f"""
        SELECT person, arraySort(groupArray({key})) AS keys, {numbers} AS numbers
        FROM ({source}) WHERE person != 0 GROUP BY person
    """  # noqa: S608 - names are ours
    each = {f"each_{name}": array for name, array in made.items()}
    by_person = _cut(arrays, times, each, begun, {**OF_PERSON, **of_person})
    listed = ", ".join(f"each_{name} AS {name}" for name in made)
    return f"SELECT person, {', '.join(made)} FROM ({by_person}) ARRAY JOIN {listed}"  # noqa: S608 - names are ours


_INSTANT: Final = 1 << 21  # milliseconds take the other 42 bits, until the year 2109
SMALL: Final = 1 << 8
SMALL_WITHIN: Final = 1 << 35  # milliseconds, 397 days: the bits that are left


def firsts(array: str) -> str:
    """For each session, the value of its first pageview."""
    return f"arrayFilter((value, begins) -> begins, {array}, beginnings)"


def lasts(array: str) -> str:
    """For each session, the value of its last pageview."""
    return f"arrayFilter((value, ends) -> ends, {array}, endings)"


def session_counts(source: str) -> str:
    """Each person with their number of sessions."""
    by_person = _by_person(source, [], {"sessions": "countEqual(beginnings, true)"})
    return f"SELECT person, sessions FROM ({by_person})"  # noqa: S608 - names are ours


def last_series(source: str) -> str:
    """Each person with the beginning of the series that their last pageview belongs to."""
    by_person = _by_person(source, [], {"beginning": "run[-1]"})
    return f"SELECT person, beginning FROM ({by_person})"  # noqa: S608 - names are ours


def _by_person(
    source: str,
    columns: Sequence[str],
    made: Mapping[str, str],
    begun: LookupTable | None = None,
    of_person: Mapping[str, str] = NOTHING,
) -> str:
    """Each person with what is made of its pageviews."""
    seen, times = (f"tuple(at, {', '.join(columns)})", "seen.1") if columns else ("at", "seen")
    arrays = f"SELECT person, arraySort(groupArray({seen})) AS seen FROM ({source}) WHERE person != 0 GROUP BY person"  # noqa: S608 - names are ours, and values are bound
    return _cut(arrays, times, made, begun, of_person)


def _cut(
    arrays: str, times: str, made: Mapping[str, str], begun: LookupTable | None, of_person: Mapping[str, str] = NOTHING
) -> str:
    """Each person with what is made of its pageviews, which `arrays` has in order.

    Each step is a query around the one before. Beside each other in one query, every name that a step uses would be
    replaced by its whole expression, and the engine would take 240 ms to plan what it answers in 10. Each query around
    another costs as well, the more the deeper it lies: one for each name takes 76 ms, one for each step 34.
    """
    pieces = {"opened": _opened(begun), **_PIECE}
    # So few pageviews cannot go on for so long, unless they go on with earlier ones. Others' days are not counted then.
    beginnings = _BEGINNINGS if begun else f"if(length(times) < {LONGEST // PAUSE}, resumed, {_BEGINNINGS})"
    for step in ({"times": times}, _RESUMED, pieces, {"beginnings": beginnings}, {**_ENDINGS, **of_person}):
        arrays = f"SELECT *, {_listed(step)} FROM ({arrays})"  # noqa: S608 - as above
    return f"SELECT person, {_listed(made)} FROM ({arrays})"  # noqa: S608 - as above


def _listed(made: Mapping[str, str]) -> str:
    return ", ".join(f"{array} AS {name}" for name, array in made.items())


def _opened(begun: LookupTable | None) -> str:
    """The times, of which the first is that of the beginning of its series."""
    if begun is None:
        return "times"
    first = f"if(({begun.get('beginning', 'person')} AS known) != 0, known, times[1])"
    return f"arrayPushFront(arrayPopFront(times), {first})"
