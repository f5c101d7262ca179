"""The rate limit counts tokens, in bounded memory."""

import math
import multiprocessing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heropixel.wire.rate_limits import RateLimit, address_key


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(limit: RateLimit, key: str, tries: int) -> int:
    return sum(limit.take(key) == 0.0 for _ in range(tries))


def test_a_burst_is_taken_and_then_as_many_a_second_as_there_may_be(clock: Clock) -> None:
    limit = RateLimit(20, 200, clock)
    assert taken(limit, "a", 300) == 200
    clock.now += 1
    assert taken(limit, "a", 300) == 20
    clock.now += 0.5
    assert taken(limit, "a", 300) == 10
    clock.now += 3_600
    assert taken(limit, "a", 300) == 200, "no more than a burst is saved"


@pytest.mark.parametrize(("per_second", "burst"), [(5_000, 20_000), (1 / 3, 7), (0.1, 1)])
def test_while_the_clock_stands_still_exactly_a_burst_is_taken(per_second: float, burst: int, clock: Clock) -> None:
    limit = RateLimit(per_second, burst, clock)
    assert taken(limit, "a", burst + 1_000) == burst


@given(
    per_second=st.floats(0.01, 100_000),
    burst=st.integers(1, 1_000),
    start=st.floats(0, 1e8),
    pauses=st.lists(st.floats(0, 10), max_size=20),
)
def test_a_client_that_waits_as_told_is_accepted(
    per_second: float, burst: int, start: float, pauses: list[float]
) -> None:
    clock = Clock(start)
    limit = RateLimit(per_second, burst, clock)
    for pause in pauses:
        clock.now += pause
        while (wait := limit.take("a")) == 0.0:
            pass
        assert wait <= 1 / per_second * 1.01
        clock.now += wait
        assert limit.take("a") == 0.0


@given(st.lists(st.floats(0, 5), max_size=300))
def test_no_period_accepts_more_than_a_burst_and_its_refill(pauses: list[float]) -> None:
    clock = Clock()
    limit = RateLimit(2, 10, clock)
    count = 0
    for pause in pauses:
        clock.now += pause
        count += taken(limit, "a", 3)
    assert count <= math.ceil(10 + 2 * (clock.now - 1_000_000.0) + 0.01)


def test_one_does_not_wait_for_another(clock: Clock) -> None:
    limit = RateLimit(20, 5, clock)
    assert taken(limit, "a", 100) == 5
    assert taken(limit, "b", 100) == 5


def test_a_rate_of_zero_sets_no_limit(clock: Clock) -> None:
    limit = RateLimit(0, 1, clock)
    assert taken(limit, "a", 1_000) == 1_000
    limit.note("a")
    assert not limit


def test_many_addresses_do_not_make_others_wait(clock: Clock) -> None:
    limit = RateLimit(20, 200, clock)
    for number in range(20_000):
        assert taken(limit, f"flood {number}", 5) == 5
    assert taken(limit, "visitor", 200) > 190


def test_an_address_waits_because_of_others_only_where_all_its_slots_are_taken(clock: Clock) -> None:
    limit = RateLimit(20, 200, clock)
    for number in range(100):
        assert taken(limit, f"loud {number}", 201) == 200
    # 300 of 262,144 slots are taken, so one key in 700 million waits.
    assert all(limit.take(f"quiet {number}") == 0.0 for number in range(2_000))


def test_a_client_over_the_limit_is_kept_when_many_others_send_little(clock: Clock) -> None:
    limit = RateLimit(20, 200, clock)
    count = taken(limit, "loud", 1_000)
    for number in range(10_000):
        clock.now += 0.0005
        limit.take(f"quiet {number}")
        count += taken(limit, "loud", 1)
    assert count == pytest.approx(200 + 20 * 5, abs=1), "as if it were alone"


def test_a_token_that_is_given_back_can_be_taken_again(clock: Clock) -> None:
    limit = RateLimit(1, 3, clock)
    assert taken(limit, "a", 5) == 3
    limit.give_back("a")
    assert taken(limit, "a", 5) == 1
    limit.give_back("b")
    assert taken(limit, "b", 5) == 3, "a full bucket takes none"


def test_what_is_noted_beyond_the_burst_is_owed(clock: Clock) -> None:
    limit = RateLimit(2, 3, clock)
    for owed in (0, 0, 0, 0.5, 1):
        limit.note("a")
        assert limit.owed("a") == pytest.approx(owed)
    assert limit.owed("b") == 0
    assert limit
    clock.now += 2.5
    assert limit.owed("a") == 0
    assert not limit


@pytest.mark.process
def test_processes_that_are_forked_after_it_was_made_share_one_limit() -> None:
    limit = RateLimit(0.001, 100)
    taking = [multiprocessing.get_context("fork").Process(target=taken, args=(limit, "a", 30)) for _ in range(2)]
    for process in taking:
        process.start()
    for process in taking:
        process.join()
    assert 40 <= taken(limit, "a", 100) <= 42, "a race may give one token to both"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("no: address", "no: other", False),
        ("", "", True),
    ],
)
def test_an_address_of_ipv6_counts_by_its_network_and_one_of_ipv4_alone(one: str, other: str, *, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same
