"""The columns of a pageview are one table, and every copy of it agrees."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType

from heropixel.api.schema import load_schema
from heropixel.browser.beacon import Beacon
from heropixel.columns import COLUMNS, LIMITS, OF_THE_STORE, GivenBy, given_by
from heropixel.events import DATABASE, Events
from heropixel.events.erasing import erase_users
from heropixel.events.pageviews import EXPORT_COLUMNS
from heropixel.recording.pageview import TEXT_LIMITS, PageviewEvent
from heropixel.recording.past import PastPageview
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, PIXEL, TIMES, TRAIT, USER
from heropixel.values import camel

ROOT = Path(__file__).parent.parent
SCHEMA = load_schema().type_map
PERSONAL = {name for name, column in {**COLUMNS, **OF_THE_STORE}.items() if column.personal}


def columns_of(events: Events, table: str) -> dict[str, str]:
    """The columns that a table of the event store really has, each with its type."""
    question = "SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String}"
    return {name: type_ for name, type_ in events.ask(question, database=DATABASE, table=table)}  # noqa: C416 - pairs to mypy


def test_every_column_of_the_event_store_is_declared_personal_or_not(events: Events) -> None:
    assert columns_of(events, "pageviews").keys() == {**COLUMNS, **OF_THE_STORE}.keys()
    assert all(isinstance(column.personal, bool) for column in COLUMNS.values())


def test_no_column_of_an_erased_persons_pageviews_keeps_their_data(events: Events) -> None:
    types = columns_of(events, "pageviews")
    texts = {name: f"of-{name}-of-hers" for name, type_ in types.items() if "String" in type_}
    assert texts.keys() >= PERSONAL - {"user_id", "actor", "unlinked_from"}, "what is personal and no text is a number"
    common: dict[str, Any] = {"app": 1, "pixel_id": 1, "timestamp": "1800000000000", "received": "1800000000000"}
    common |= {"user_id": 41, "consent": "given"}
    written: dict[str, Any] = {name: [text] if "Array" in types[name] else text for name, text in texts.items()}
    rows = [
        {**written, **common, "resolution": "FOUND", "journal_position": 1},
        {**written, **common, "resolution": "NOT_KNOWN", "user_id": 0, "journal_position": 2},  # before she was known
        {**written, **common, "resolution": "NOT_KNOWN", "user_id": 0, "journal_position": 3, "unlinked_from": 41},
    ]
    events.insert("\n".join(map(json.dumps, rows)).encode(), "hers")
    assert erase_users(events, 1, [[41]]) == [3]
    named = ", ".join(types)
    for values in events.ask(f"SELECT {named} FROM {DATABASE}.pageviews"):
        left = dict(zip(types, values, strict=True))
        assert not [name for name in PERSONAL & texts.keys() if texts[name] in str(left)]
        assert not [name for name in PERSONAL - {"hostname"} if left[name]]
        assert left["hostname"] == texts["domain"], "the site is not the person"
        kept = texts.keys() - PERSONAL - {"resolution"}
        assert {name for name in kept if left[name] == written[name]} == kept, "what names nobody is counted on"
        assert left["resolution"] == "ERASED"
    assert events.ask(f"SELECT count() FROM {DATABASE}.links") == [(0,)]


def test_pageviews_erased_by_an_earlier_version_lose_columns_that_are_personal_now(events: Events) -> None:
    """The change of the table that does it, once more on a row that such a version has left."""
    from heropixel.events import migrations

    row = {
        "app": 2,
        "pixel_id": 2,
        "timestamp": "1800000000000",
        "received": "1800000000000",
        "event_id": "",
        "journal_position": 9,
    }
    row |= {"resolution": "ERASED", "domain": "example.com", "hostname": "ann.example.com", "referrer_host": "ann.org"}
    row |= {"source": "ann.org", "utm_source": "ann", "utm_medium": "ann", "utm_campaign": "ann", "channel": "REFERRAL"}
    events.insert(json.dumps(row).encode(), "erased")
    (statement,) = [text for _, name, text in migrations() if name == "0012_erased_that_were.sql"]
    events.change(statement.replace("{database}", DATABASE))
    personal = ", ".join(sorted(PERSONAL - {"user_id", "actor", "unlinked_from", "hostname"}))
    ((*left, hostname, channel),) = events.ask(
        f"SELECT {personal}, hostname, channel FROM {DATABASE}.pageviews WHERE app = 2"
    )
    assert (set(left), hostname, channel) == ({""}, "example.com", "REFERRAL")


def test_a_caller_can_give_every_column_that_callers_may_give() -> None:
    fields = PageviewEvent.__struct_fields__
    assert set(fields) >= set(given_by(GivenBy.CALLER))
    assert set(fields[-len(TEXT_LIMITS) :]) == TEXT_LIMITS.keys()
    assert set(TEXT_LIMITS) | set(given_by(GivenBy.IMPORT)) == LIMITS.keys()
    inputs = SCHEMA["PageviewEventInput"]
    assert isinstance(inputs, GraphQLInputObjectType)
    assert set(inputs.fields) == {camel(name) for name in fields}


def test_a_page_and_a_file_of_past_pageviews_give_their_columns_and_no_others() -> None:
    assert COLUMNS.keys() & set(Beacon.__struct_fields__) == set(given_by(GivenBy.PAGE))
    assert set(PastPageview.__struct_fields__) - {"event"} == set(given_by(GivenBy.IMPORT))


def test_a_pageview_of_the_api_has_what_is_exported() -> None:
    pageview = SCHEMA["Pageview"]
    assert isinstance(pageview, GraphQLObjectType)
    assert pageview.fields.keys() == EXPORT_COLUMNS.keys() | {"why", "visitSource"}


def test_the_dimensions_of_the_api_are_those_of_the_columns_and_of_sessions() -> None:
    dimensions, row = SCHEMA["Dimension"], SCHEMA["ReportRow"]
    assert isinstance(dimensions, GraphQLEnumType)
    assert isinstance(row, GraphQLObjectType)
    assert set(dimensions.values) == {*TIMES, *OF_PAGEVIEW, *OF_SESSION, USER, PIXEL, TRAIT}
    assert row.fields.keys() >= {camel(name) for name in dimensions.values.keys() - set(TIMES)}


@pytest.mark.process
def test_the_example_of_how_to_add_a_field_is_true(tmp_path: Path) -> None:
    """Its diff is applied to a copy. There the other tests of this file pass, and the new field works."""
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src/heropixel", source / "heropixel")
    (diff,) = re.findall(r"```diff\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.DOTALL)
    files = re.findall(r"^\+\+\+ b/(.*?)\n(.*?)(?=^--- |\Z)", diff, flags=re.MULTILINE | re.DOTALL)
    assert len(files) == 4
    for name, changes in files:
        apply(changes, tmp_path / name.replace("00NN", "9998"))
    done = subprocess.run(
        [sys.executable, "-c", USES_THE_FIELD, "-q", *_WITHOUT, __file__, "-k", "not example"],
        env={**os.environ, "PYTHONPATH": str(source)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# pytest warns of plugins that were imported before it: here the product has imported one.
_WITHOUT = ("-p", "no:cacheprovider", "-W", "ignore:Module already imported")

USES_THE_FIELD = """
import sys
import pytest
from heropixel.api.live import shown
from heropixel.cli.report import By
from heropixel.directory.registry import Pixel
from heropixel.enrichment import enrich
from heropixel.events.pageviews import EXPORT_COLUMNS
from heropixel.importing.tools.plain import _FIELDS
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.reports.filters import value_of

pixel = Pixel(id=7, app=3, exact=frozenset({"example.com"}), with_subdomains=frozenset())
row = Pageview.parse(PageviewEvent(7, "example.com", site_section="tea"), pixel, 1_800_000_000_000).row
assert (row.site_section, value_of(row, "SITE_SECTION"), shown(enrich(row))["siteSection"]) == ("tea",) * 3
assert "siteSection" in EXPORT_COLUMNS and "siteSection" in _FIELDS and "site-section" in {*By}
sys.exit(pytest.main(sys.argv[1:]))
"""


def apply(changes: str, file: Path) -> None:
    """Apply a diff whose hunks name the line of the definition that they change."""
    text = file.read_text() if file.exists() else ""
    for hunk in re.split("^@@ ", changes, flags=re.MULTILINE):
        if not hunk:
            continue
        definition, _, lines = hunk.partition("\n") if file.exists() else ("", "", hunk)
        before = "".join(f"{line[1:]}\n" for line in lines.splitlines() if line[0] != "+")
        after = "".join(f"{line[1:]}\n" for line in lines.splitlines())
        at = text.index(before, text.index(definition))
        text = text[:at] + after + text[at + len(before) :]
    file.write_text(text)
