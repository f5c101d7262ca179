"""The pageviews of the sample world are believable, and always the same ones."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from statistics import mean, median
from zoneinfo import ZoneInfo

from heropixel.enrichment.channel import Channel
from heropixel.recording.pageview import PageviewEvent
from heropixel.sample.agents import CRAWLERS
from heropixel.sample.pageviews import DAY, instant_of, pageviews_between, sample_pageviews
from tests.sample.made import ENDING, customers, enriched, persons_of, sixty_days, visits_in


def by_day() -> dict[datetime, int]:
    """The pageviews of the whole days."""
    days = Counter(datetime.fromtimestamp(instant_of(event) // DAY * DAY / 1000, UTC) for event in sixty_days())
    _first, *whole, _last = sorted(days)
    return {day: days[day] for day in whole}


def by_person() -> dict[str, list[PageviewEvent]]:
    events: defaultdict[str, list[PageviewEvent]] = defaultdict(list)
    for event, person in zip(sixty_days(), persons_of(sixty_days()), strict=True):
        if person:
            events[person].append(event)
    return events


def test_the_same_seed_and_end_give_the_same_world() -> None:
    assert sample_pageviews(3, 4, ENDING) == sample_pageviews(3, 4, ENDING)
    assert sample_pageviews(3, 4, ENDING) != sample_pageviews(4, 4, ENDING)


def test_a_world_that_goes_on_keeps_its_pageviews() -> None:
    began, ended = ENDING - 9 * DAY, ENDING - 2 * DAY
    before, after = pageviews_between(7, began, ended, customers()), pageviews_between(7, began, ENDING, customers())
    assert before == after[: len(before)]
    assert instant_of(after[len(before)]) > ended


def test_there_are_sixty_days_until_the_end_in_order() -> None:
    times = [instant_of(event) for event in sixty_days()]
    assert 20_000 < len(times) < 40_000
    assert times == sorted(times)
    assert ENDING - 60 * DAY <= times[0] < ENDING - 60 * DAY + DAY / 8
    assert ENDING - DAY / 8 < times[-1] <= ENDING
    assert len({event.event_id for event in sixty_days()}) == len(times)


def test_weekends_are_quieter() -> None:
    days = by_day()
    weekend = mean(count for day, count in days.items() if day.weekday() >= 5)
    assert weekend < 0.65 * mean(count for day, count in days.items() if day.weekday() < 5)


def test_the_site_grows_and_has_a_launch_day() -> None:
    counts = [*by_day().values()]
    assert mean(counts[-14:]) > 1.2 * mean(counts[:14])
    peak = max(counts)
    place = counts.index(peak)
    assert peak > 1.5 * median(counts[place - 14 : place])


def test_people_sleep_at_night_in_their_own_time_zone() -> None:
    for name in ("Europe/Zurich", "America/New_York"):
        zone = ZoneInfo(name)
        hours = Counter(
            datetime.fromtimestamp(instant_of(event) / 1000, zone).hour
            for event in sixty_days()
            if event.timezone == name
        )
        assert sum(hours[hour] for hour in range(1, 6)) < 0.08 * hours.total()


def test_visits_come_by_every_channel() -> None:
    assert {row.channel for row in enriched()} == {*Channel}


def test_campaigns_run_for_a_part_of_the_time() -> None:
    days: defaultdict[str, set[int]] = defaultdict(set)
    for row in enriched():
        if row.utm_campaign:
            days[row.utm_campaign].add(int(row.timestamp) // DAY)
    assert len(days) >= 8
    assert len(days["brand"]) > 55
    assert len(days["switch-to-example"]) < 40


def test_bots_are_named_and_nobody_else_is_one() -> None:
    kinds = {crawler.user_agent: crawler.kind for crawler, _ in CRAWLERS.weighted}
    assert {row.user_agent: row.bot for row in enriched() if row.user_agent in kinds} == kinds
    assert {row.bot for row in enriched() if row.user_agent not in kinds} == {""}


def test_visitors_have_several_browsers_devices_languages_and_countries() -> None:
    people = [row for row in enriched() if not row.bot]
    assert {row.device for row in people} == {"DESKTOP", "MOBILE", "TABLET"}
    for column, least in (("browser", 6), ("os", 5), ("language", 20), ("country", 20), ("timezone", 20), ("city", 30)):
        values = {getattr(row, column) for row in people}
        assert "" not in values, column
        assert len(values) >= least, column


def test_visits_have_several_pages() -> None:
    visits = [visit for events in by_person().values() for visit in visits_in([*map(instant_of, events)])]
    assert 2 < mean(map(len, visits)) < 3
    assert 0.3 < mean(len(visit) == 1 for visit in visits) < 0.55
    assert 60 < mean((visit[-1] - visit[0]) / 1000 for visit in visits) < 240


def test_most_people_of_the_app_come_again_and_some_visitors_do() -> None:
    days = {person: {instant_of(event) // DAY for event in events} for person, events in by_person().items()}
    again = {person: len(some) > 1 for person, some in days.items() if not person.startswith("daily:")}
    assert mean(came for person, came in again.items() if person.startswith("person ")) > 0.8
    assert 0.15 < mean(came for person, came in again.items() if not person.startswith("person ")) < 0.4


def test_those_who_sign_up_were_anonymous_before() -> None:
    signed_up = [person for person in by_person().items() if "@" in person[0]]
    anonymous = [next(place for place, event in enumerate(events) if event.email) for _, events in signed_up]
    assert len(signed_up) > 200
    assert mean(before > 0 for before in anonymous) > 0.95  # a few began before the first day
    assert {email.partition("@")[2] for email, _ in signed_up} <= {"example.net", "example.org", "mail.example.net"}


def test_some_come_back_from_a_payment_page() -> None:
    paid = [row for row in enriched() if row.referrer_host == "checkout.stripe.com"]
    assert len(paid) > 30
    assert {row.path for row in paid} == {"/welcome"}


def test_visitors_who_do_not_consent_are_new_every_day() -> None:
    refused: defaultdict[str, set[str | None]] = defaultdict(set)
    for event in sixty_days():
        if event.consent is False:
            assert event.visitor_id is not None
            assert (event.email, event.external_id) == (None, None)
            zone = ZoneInfo(event.timezone or "")
            refused[event.visitor_id].add(datetime.fromtimestamp(instant_of(event) / 1000, zone).date().isoformat())
    assert len(refused) > 1_000
    assert all(visitor.startswith("daily:") for visitor in refused)
    assert mean(len(days) > 1 for days in refused.values()) < 0.02  # visits that go on past midnight
