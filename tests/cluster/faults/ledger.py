"""What callers of a cluster were answered, and so what has to be true of its stores."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from enum import Enum
from itertools import pairwise
from typing import Any, NamedTuple


class Outcome(Enum):
    """What a caller knows of a pageview."""

    RECORDED = "answered 200"
    REFUSED = "surely not recorded"
    UNKNOWN = "not known"


class Answer(NamedTuple):
    """What a node said to one request, and when."""

    node: int
    sent: float
    came: float
    outcome: Outcome
    reason: str  # empty: it is recorded
    body: dict[str, Any]


class Said(NamedTuple):
    """What is known of one pageview at the end."""

    outcome: Outcome
    user: str | None  # its id, where one was found or created
    is_linked: bool  # whether the row has to have that user: not where people are merged or erased


class Ledger:
    """Pageviews by their titles, each of which is there once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pageviews: dict[str, Said] = {}
        self.repeatable: dict[str, dict[str, Any]] = {}  # title -> the event, which may be sent again
        self.users: dict[str, str] = {}  # email -> the user's id
        self.linked: dict[str, str] = {}  # visitor -> the user's id
        self.merged: list[str] = []
        self.suppressed: list[str] = []
        self.erased: dict[str, list[str]] = {}  # email -> titles
        self.answers: list[Answer] = []
        self.reasons: Counter[str] = Counter()
        self.false: list[str] = []  # what must not be

    def heard(self, answer: Answer) -> None:
        """Note one answer."""
        with self._lock:
            self.answers.append(answer)
            self.reasons[answer.reason] += 1

    def settle(self, title: str, said: Said) -> None:
        """Note the last word on a pageview. Of a title that was said before, both have to be alike."""
        with self._lock:
            before = self.pageviews.get(title)
            if before is None or before.outcome is not Outcome.RECORDED:
                self.pageviews[title] = said
            elif said.outcome is Outcome.RECORDED and said.user != before.user:
                self.false.append(f"{title} was answered {before.user}, and repeated {said.user}")

    def known_as(self, email: str, user: str | None) -> None:
        """Note who an address is: everywhere and always the same."""
        with self._lock:
            before = self.users.setdefault(email, user or "")
            if before != (user or ""):
                self.false.append(f"{email} was answered {before}, and later {user}")

    def recorded_between(self, sent: float, came: float) -> list[Answer]:
        """The answers 200 to requests that were sent after one moment and answered before another."""
        with self._lock:
            return [a for a in self.answers if a.sent > sent and a.came < came and a.outcome is Outcome.RECORDED]

    def longest_silence(self, since: float) -> float:
        """The longest time without a 200, in seconds."""
        with self._lock:
            came = [a.came for a in self.answers if a.outcome is Outcome.RECORDED and a.came > since]
        times = [since, *sorted(came), time.monotonic()]
        return max(later - earlier for earlier, later in pairwise(times))

    def check(self, rows: Iterable[tuple[str, str]]) -> Counter[str]:
        """Compare with all rows of the event store, as pairs of title and user; what was compared.

        Raises:
            AssertionError: something is lost, false, or there twice.
        """
        assert not self.false, self.false[:5]
        of_title: dict[str, list[str]] = defaultdict(list)
        for title, user in rows:
            of_title[title].append(user)
        erased = {title for titles in self.erased.values() for title in titles}
        nameless = len(of_title.pop("", []))
        assert nameless == len(erased), f"{len(erased)} pageviews of the erased, {nameless} rows that name nobody"
        strangers = of_title.keys() - self.pageviews.keys()
        assert not strangers, f"rows that nobody sent: {sorted(strangers)[:5]}"
        compared: Counter[str] = Counter({"erased": nameless})
        bad = []
        pairs: set[tuple[str | None, str]] = set()
        for title, said in self.pageviews.items():
            found = of_title.get(title, [])
            wanted = {Outcome.RECORDED: (1,), Outcome.REFUSED: (0,), Outcome.UNKNOWN: (0, 1)}[said.outcome]
            if title in erased:
                wanted = (0,)
            if len(found) not in wanted:
                bad.append(f"{title}: {said.outcome.value}, and there {len(found)} times")
            compared[said.outcome.value] += 1
            if said.is_linked and said.outcome is Outcome.RECORDED and found and title not in erased:
                pairs.add((said.user, found[0]))
                compared["linked"] += said.user is not None
        assert not bad, f"{len(bad)} of {len(self.pageviews)}: {bad[:8]}"
        _check_alike(pairs)
        return compared


def _check_alike(pairs: set[tuple[str | None, str]]) -> None:
    """Each user that was answered is one user of the event store, and nobody is nobody."""
    for place in (0, 1):
        several = [each for each, count in Counter(pair[place] for pair in pairs).items() if count > 1]
        assert not several, f"not linked as answered: {[pair for pair in pairs if pair[place] in several][:5]}"
    assert all((user is None) == (row == "0") for user, row in pairs), [
        p for p in pairs if (p[0] is None) != (p[1] == "0")
    ]
