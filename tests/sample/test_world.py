"""The sample world in its stores: what reports and people say of it, and what a second start does."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from heropixel import folder
from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import delete_pixel
from heropixel.directory.users import User
from heropixel.enrichment.channel import Channel
from heropixel.identity.find import find_by_claims
from heropixel.identity.identifiers import Claims
from heropixel.processes.command import operations
from heropixel.processes.index import index_of
from heropixel.recording.pageview import PageviewEvent
from heropixel.reports.ask import Report
from heropixel.reports.exporting import ExportInput
from heropixel.reports.question import ReportInput
from heropixel.reports.ranges import RangeInput
from heropixel.sample import SampleWorld, make_sample_world
from heropixel.sample.pageviews import DAY, instant_of, pageviews_between
from heropixel.settings import Settings
from heropixel.troubles import FileUnusable
from tests.sample.made import USERS, counted, customers, persons_of

NOW = 1_763_000_000_000  # 2025-11-13T02:13:20Z, a Thursday: always the same world
DAYS = 12
METRICS = ["PAGEVIEWS", "VISITORS", "IDENTIFIED_VISITORS", "SESSIONS"]


def started(settings: Settings, now: int, days: int = DAYS) -> SampleWorld:
    world = make_sample_world(settings, USERS, days, lambda _: None, now)
    assert world is not None
    return world


class Made:
    """A world that was made at a moment, and the same pageviews in memory."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=folder)
        self.now = NOW
        self.world = started(self.settings, self.now)
        self.pageviews = pageviews_between(7, self.now - DAYS * DAY, self.now, customers())

    def report(self, *dimensions: str, traffic: Sequence[str] = ("PEOPLE",)) -> Report:
        given = ReportInput(
            pixel_ids=[1],
            range=RangeInput(from_=self.now - DAYS * DAY, to=self.now + 1),
            timezone="UTC",
            metrics=METRICS,
            dimensions=[*dimensions],
            traffic=traffic,
            limit=1000,
        )
        with operations(self.settings, "report") as holder:
            return holder.report(given)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("sample") / "data")


def found_by(settings: Settings, email: str) -> User:
    with closing(open_directory(settings.url_of_directory())) as directory:
        app = app_number(directory.connection, remembered(settings)[0])
        return find_by_claims(directory.connection, app, Claims(email=email), index_of(settings, directory))


def remembered(settings: Settings) -> list[str]:
    told: list[str] = json.loads((settings.data / "sample.json").read_text())
    return told


def exported(settings: Settings) -> list[dict[str, Any]]:
    with operations(settings, "pageviews export") as holder:
        return [*holder.export(ExportInput())]


def test_the_figures_are_those_that_plain_python_counts(made: Made) -> None:
    totals = made.report().totals
    assert totals is not None
    assert totals.visitors is not None
    found = totals.pageviews, totals.visitors.count, totals.identified_visitors, totals.sessions
    assert found == tuple(counted(made.pageviews))
    assert {*totals.visitors.basis} == {"IDENTIFIED_USERS", "VISITOR_IDS", "DAILY_HASHES"}


@pytest.mark.parametrize(
    ("dimension", "value_of"),
    [
        ("PAGE", lambda event: urlsplit(event.url).path),
        ("COUNTRY", lambda event: event.country),
        ("HOSTNAME", lambda event: event.domain),
    ],
)
def test_the_figures_of_rows_are_too(made: Made, dimension: str, value_of: Callable[[PageviewEvent], str]) -> None:
    pageviews: Counter[str] = Counter()
    visitors: defaultdict[str, set[str]] = defaultdict(set)
    for event, person in zip(made.pageviews, persons_of(made.pageviews), strict=True):
        if person:  # bots are not counted
            pageviews[value_of(event)] += 1
            visitors[value_of(event)].add(person)
    rows = {row.values[dimension]: row.figures for row in made.report(dimension).rows}
    assert {value: figures.pageviews for value, figures in rows.items()} == pageviews
    counts = {value: figures.visitors.count for value, figures in rows.items() if figures.visitors}
    assert counts == {value: len(persons) for value, persons in visitors.items()}


def test_every_channel_has_a_row(made: Made) -> None:
    # PAID_SOCIAL begins later in the sixty days. INTERNAL is no origin.
    channels = {row.values["CHANNEL"] for row in made.report("CHANNEL").rows}
    assert channels >= {*Channel} - {Channel.PAID_SOCIAL, Channel.INTERNAL}


def test_bots_are_asked_for_by_their_kind(made: Made) -> None:
    bots = sum(not event.visitor_id for event in made.pageviews)
    rows = {row.values["BOT"]: row.figures.pageviews for row in made.report("BOT", traffic=["BOTS", "AI_AGENTS"]).rows}
    assert {*rows} == {"BOT", "AI_AGENT"}
    assert sum(count or 0 for count in rows.values()) == bots


def test_a_customer_is_found_by_email_and_was_known_before(made: Made) -> None:
    anna = found_by(made.settings, "anna@example.com")
    assert json.loads(anna.traits or "")["city"] == "Bern"
    assert anna.created_at < made.now - DAYS * DAY


def test_who_signs_up_is_found_by_email_with_a_name_a_plan_and_the_time_of_it(made: Made) -> None:
    first: dict[str, PageviewEvent] = {}
    for event in made.pageviews:
        if event.email and event.title == "Welcome":
            first.setdefault(event.email, event)
    assert len(first) > 20
    for email, event in first.items():
        user = found_by(made.settings, email)
        traits = json.loads(user.traits or "")
        assert f"{traits['first_name']}.{traits['last_name']}".lower() in email
        assert {*traits} == {"first_name", "last_name", "city", "plan", "team"}
        assert user.created_at == instant_of(event)


def test_what_somebody_looked_at_before_the_sign_up_is_theirs(made: Made) -> None:
    theirs = Counter(persons_of(made.pageviews))
    users = {row.values["USER"]: row.figures.pageviews for row in made.report("USER").rows}
    named = {person.removeprefix("person "): count for person, count in theirs.items() if "@" in person}
    assert {email: users[str(found_by(made.settings, email).id)] for email in named} == named


def test_a_second_start_adds_only_what_is_missing(tmp_path: Path) -> None:
    settings, now = Settings(data=tmp_path / "data"), NOW
    assert started(settings, now - 2 * DAY, days=3).recorded == len(exported(settings))
    before = len(exported(settings))
    again = started(settings, now, days=3)
    assert again.recorded > 100
    ids = [row["eventId"] for row in exported(settings)]
    assert len({*ids}) == len(ids) == before + again.recorded
    assert {*ids} == {event.event_id for event in pageviews_between(7, now - 5 * DAY, now, customers())}
    assert started(settings, now, days=3).recorded == 0


def test_a_start_after_an_interrupted_one_records_nothing_twice(tmp_path: Path) -> None:
    settings, now = Settings(data=tmp_path / "data"), NOW
    made = started(settings, now, days=2)
    app_id, secret, began, _until = remembered(settings)
    (settings.data / "sample.json").write_text(json.dumps([app_id, secret, began, 0]))
    started(settings, now, days=2)
    assert len(exported(settings)) == made.recorded


def test_a_world_that_was_left_alone_for_long_gets_new_days_until_now(tmp_path: Path) -> None:
    settings, now = Settings(data=tmp_path / "data"), NOW
    old = started(settings, now - 40 * DAY, days=2).recorded
    new = started(settings, now, days=2).recorded
    times = [int(row["timestamp"]) for row in exported(settings)]
    assert len(times) == old + new
    assert sum(time >= now - 2 * DAY for time in times) == new


def test_a_world_of_an_earlier_version_gets_its_pageviews(tmp_path: Path) -> None:
    settings, now = Settings(data=tmp_path / "data"), NOW
    assert started(settings, now, days=0).recorded == 0
    (settings.data / "sample.json").write_text(json.dumps(remembered(settings)[:2]))
    assert started(settings, now, days=1).recorded == len(exported(settings)) > 50


def test_a_folder_with_other_apps_gets_no_sample_world(tmp_path: Path) -> None:
    settings = Settings(data=folder.make(tmp_path / "data"))
    with closing(open_directory(settings.url_of_directory())) as directory, directory.writing() as connection:
        create_app(connection, "Shop", clock())
    assert make_sample_world(settings, USERS, DAYS, lambda _: None, NOW) is None


def test_a_sample_world_without_its_pixel_gets_no_pageviews(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    started(settings, NOW, days=0)
    with closing(open_directory(settings.url_of_directory())) as directory, directory.writing() as connection:
        delete_pixel(connection, 1, erase=False, origin="COMMAND", now=clock())
    assert started(settings, NOW).recorded == 0


def test_a_file_without_an_email_is_refused(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("email,city\nnobody,Bern\n,Bern\n")
    with pytest.raises(FileUnusable, match="none of its rows has an email"):
        make_sample_world(Settings(data=tmp_path / "data"), tmp_path / "users.csv", DAYS, lambda _: None, NOW)
