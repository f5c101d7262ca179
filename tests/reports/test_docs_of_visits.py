"""The examples of docs/reports.md on where visits came from, and the list of return pages, are true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from heropixel.columns import Row
from heropixel.enrichment import enrich
from heropixel.enrichment.senders import SENDERS, SenderKind
from heropixel.events import Events
from heropixel.reports.ranges import RangeInput
from tests.event_stores import new_event_store
from tests.reports.plain import World
from tests.reports.stored import AUTUMN, HOUR, StoredWorld

DOCS = Path(__file__).parents[2] / "docs"
DIMENSIONS = ["PAGEVIEW_CHANNEL", "CHANNEL", "SOURCE", "UTM_CAMPAIGN"]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    events = Events(new_event_store(tmp_path_factory.mktemp("docs-of-visits")))
    yield events
    events.close()


def table() -> list[list[str]]:
    """The rows of the example."""
    (found,) = re.findall(r"\| time \| page .*?\n\| --- .*?\n(.*?)\n\n", (DOCS / "reports.md").read_text(), re.DOTALL)
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in found.splitlines()]


def test_the_visits_of_the_documentation_came_from_where_it_says(events: Events) -> None:
    stored = StoredWorld(events, World([]))
    rows = []
    for place, (time, page, referrer, *_) in enumerate(table()):
        hours, minutes = map(int, time.split(":"))
        at = AUTUMN + hours * HOUR + minutes * 60_000
        sent = {"visitor_id": "one", "resolution": "NOT_KNOWN", "journal_position": place + 1}
        url = f"https://example.com{page}"
        row = Row(stored.app, stored.pixel(1), str(at), str(at), f"e{place}", "example.com", url=url, referrer=referrer)
        derived = enrich(row)
        columns = ("hostname", "path", "referrer_host", "source", "channel", "utm_source", "utm_medium", "utm_campaign")
        sent |= {name: getattr(derived, name) for name in columns}
        sent |= {
            name: getattr(row, name) for name in ("app", "pixel_id", "timestamp", "received", "event_id", "domain")
        }
        rows.append(json.dumps(sent))
    events.insert("\n".join(rows).encode(), "docs")
    day = RangeInput(from_=AUTUMN, to=AUTUMN + 24 * HOUR)
    found: dict[str, list[str]] = {}
    for dimension in DIMENSIONS:
        for answer in stored.ask(range=day, dimensions=["PAGE", dimension]).rows:
            found.setdefault(answer.values["PAGE"], []).append(answer.values[dimension])
    assert found == {page.partition("?")[0]: said for _, page, _, *said in table()}


def test_every_return_page_is_documented_with_its_hosts() -> None:
    documented = {
        line.split("|")[1].strip(): re.findall("`(.*?)`", line)
        for line in (DOCS / "enrichment.md").read_text().partition("### Returns")[2].partition("\n## ")[0].splitlines()
        if line.count("|") == 3 and "`" in line
    }
    known = [line.split("|") for line in SENDERS[SenderKind.RETURN].strip().splitlines()]
    assert documented == {name.strip(): hosts.split() for name, hosts, _ in known}
