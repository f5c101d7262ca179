"""One rule ends a session: reports and `userSessions` agree."""

from itertools import pairwise
from random import Random
from typing import Any

import pytest

from heropixel.events import Events
from heropixel.events.people import session_counts, sessions_of
from heropixel.events.sessions import FIGURES, LONGEST, PAUSE
from heropixel.reports.people import person_in_sql
from heropixel.reports.ranges import Range, RangeInput
from heropixel.reports.session_sql import sessions
from tests.reports import plain
from tests.reports.plain import Seen, World
from tests.reports.stored import AUTUMN, PEOPLE, StoredWorld

PERSONS = range(1, 7)
GAPS = [0, 1, 60_000, PAUSE - 1, PAUSE, PAUSE + 1, 7 * PAUSE]
UNTIL = AUTUMN + 9 * LONGEST


def pageviews(chance: Random) -> list[Seen]:
    """Pageviews of several persons with several browsers. Some browsers are linked later."""
    made = []
    for person in PERSONS:
        at = AUTUMN + chance.randrange(LONGEST)
        for _ in range(chance.randint(60, 200)):
            browser = f"v{person}-{chance.randrange(3)}"
            known = chance.random() < 0.5
            made.append(Seen(1, at, browser, *((person, "FOUND") if known else (0, "NOT_KNOWN"))))
            at += chance.choices(GAPS, [2, 2, 2, 300, 1, 1, 2])[0]
        made += [Seen(1, AUTUMN + person, f"v{person}-{browser}", person, "FOUND") for browser in range(3)]
    chance.shuffle(made)  # recorded in another order than they happened
    return [seen for seen in made if seen.at < UNTIL]


@pytest.mark.parametrize("seed", range(3))
def test_reports_and_the_sessions_of_a_user_are_cut_alike(events: Events, seed: int) -> None:
    stored = StoredWorld(events, World(pageviews(Random(seed))))
    users = {stored.user(person): [stored.user(person)] for person in PERSONS}
    of_users = sorted(
        (user, session.started, session.ended, session.pageviews)
        for user, ids in users.items()
        for session in sessions_of(events, stored.app, {user: ids}, None, 1_000)
    )

    scope = PEOPLE[events].scope(events, stored.app, [stored.pixel(1)], Range(AUTUMN, UNTIL))
    source = (
        f"SELECT toUnixTimestamp64Milli(timestamp) AS at, journal_position, {person_in_sql(scope)} AS person"
        f" FROM heropixel.pageviews WHERE app = {stored.app}"
    )
    of_reports = events.ask(f"SELECT person, start, finish, length FROM ({sessions(source, [*FIGURES], scope)})")
    assert sorted(map(tuple, of_reports)) == of_users

    report = stored.ask(range=RangeInput(from_=AUTUMN, to=UNTIL), dimensions=["USER"])
    counted = {int(row.values["USER"]): row.figures.sessions for row in report.rows}
    assert counted == session_counts(events, stored.app, users)
    assert any(next_[0] == one[0] and next_[1] - one[2] < PAUSE for one, next_ in pairwise(of_users)), "one was cut"


def test_plain_python_which_figures_are_compared_with_has_the_same_limits() -> None:
    assert (plain.PAUSE, plain.LONGEST) == (PAUSE, LONGEST)


def test_a_run_of_more_than_a_day_is_cut_alike_whatever_the_range(events: Events) -> None:
    """A kiosk that loads a page every 20 minutes for five days, beside a visitor of a few."""
    start, day = AUTUMN + 7 * 60_000, LONGEST
    kiosk = [Seen(1, start + at, "kiosk") for at in range(0, 5 * day + 1, 20 * 60_000)]
    stored = StoredWorld(events, World([*kiosk, *(Seen(1, AUTUMN + n * day // 2, f"v{n}") for n in range(12))]))

    def sessions_in(first: int, end: int, *, shared: bool = True) -> int:
        asked: dict[str, Any] = {"range": RangeInput(from_=first, to=end), "metrics": ["SESSIONS", "SESSION_DURATION"]}
        report = stored.ask(**asked) if shared else stored.alone(stored.asked(**asked))
        assert report.totals
        return report.totals.sessions or 0

    everything, third_day = (AUTUMN - day, AUTUMN + 8 * day), (AUTUMN + 2 * day, AUTUMN + 3 * day)
    whole = {range_: sessions_in(*range_) for range_ in (everything, third_day)}
    assert whole[everything] == 12 + 6
    # Where they are fewer, each also shares a reading.
    for (begin, end), width, shared in (
        (everything, day, False),
        (everything, 2 * day, True),
        (third_day, day // 2, True),
        (third_day, day // 12, False),
    ):
        parts = range(begin, end, width)
        counted = sum(sessions_in(first, min(first + width, end), shared=shared) for first in parts)
        assert counted == whole[begin, end], f"in parts of {width} ms"
    last = stored.ask(range=RangeInput(from_=AUTUMN + 4 * day, to=AUTUMN + 5 * day), dimensions=["ENTRY_PAGE"])
    assert sum(row.figures.sessions or 0 for row in last.rows) == 1 + 2
