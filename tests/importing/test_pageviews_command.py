"""`heropixel pageviews import`: exports of other tools are recognised, and recorded once."""

import json
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from tests.importing.exports import MATOMO_VISIT, TEN, UMAMI_ROW, flat, imported
from tests.launcher import run
from tests.world import World, command, exported, make_world, running

PLAUSIBLE = """\
date,hostname,page,visits,visitors,pageviews,total_scroll_depth,total_scroll_depth_visits
2024-03-31,example.com,/,2,2,3,120,2
2024-04-01,shop.example.com,/tea,1,1,1,40,1
2024-04-01,example.com,/quiet,0,0,0,0,0
"""

NO_TIME = "timestamp must be Unix seconds, Unix milliseconds or ISO 8601, from"


def csv_of(rows: list[dict[str, Any]]) -> str:
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    return "".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in lines)


def test_the_help_says_what_plausible_does_not_know(world: World) -> None:
    said = " ".join(command(world, "pageviews", "import", "--help").split())
    assert "Plausible's export has no visitors" in said


@pytest.fixture(params=["here", "by a server"])
def world_of_both(request: pytest.FixtureRequest, world: World) -> Iterator[World]:
    """A world in which no server runs, and one in which one does."""
    with running(world) if request.param == "by a server" else nullcontext():
        yield world


SAMPLES: list[tuple[str, str, tuple[int, int]]] = [
    ("imported_pages_20240101_20240401.csv", PLAUSIBLE, (4, 0)),
    ("website_event.csv", csv_of([UMAMI_ROW, {**UMAMI_ROW, "event_id": "e-2", "event_type": "2"}]), (1, 1)),
    ("website_event.json", json.dumps([UMAMI_ROW, {**UMAMI_ROW, "event_id": "e-2"}], indent=2), (2, 0)),
    ("visits.json", json.dumps([MATOMO_VISIT]), (2, 1)),
    ("visits.csv", csv_of([flat(MATOMO_VISIT)]), (2, 1)),
    ("pageviews.jsonl", json.dumps({"eventId": "e-1", "timestamp": TEN, "domain": "example.com"}), (1, 0)),
]


def test_the_exports_of_all_tools_are_recognised_and_recorded_once(world_of_both: World, tmp_path: Path) -> None:
    for name, content, (recorded, others) in SAMPLES:
        (tmp_path / name).write_text(content)
        already = 2 if name == "visits.csv" else 1 if name == "website_event.json" else 0  # from the file before
        for fresh in (recorded - already, 0):
            done = imported(world_of_both, tmp_path / name)
            counts = (done["recorded"], done["already_there"], done["no_pageviews"], done["rejected"])
            assert counts == (fresh, recorded - fresh, others, 0), name
    rows = exported(world_of_both)
    assert len(rows) == 9
    assert {row["eventId"].split(":")[0] for row in rows} == {"plausible", "umami", "matomo", "e-1"}


@pytest.mark.process
def test_pageviews_go_from_one_server_to_another_and_name_the_same_people(tmp_path: Path) -> None:
    one, other = make_world(tmp_path / "one"), make_world(tmp_path / "other")
    with running(one) as server:
        assert server.pageview(eventId="e-1", visitorId="v-1", consent=True, properties={"a": [1]})["code"] == 200
        assert server.pageview(url="https://example.com/ü", title='Tea, "green"')["code"] == 200
    for kind in ("jsonl", "csv", "parquet"):
        file = tmp_path / f"pageviews.{kind}"
        command(one, "pageviews", "export", "--format", kind, "--output", str(file))
        done = imported(other, file)
        assert (done["recorded"], done["already_there"]) == ((2, 0) if kind == "jsonl" else (0, 2))
    assert exported(other) == exported(one)


def test_people_are_resolved_by_what_a_row_gives(world_of_both: World, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email,external_id\nanna@example.com,a-1\n")
    command(world_of_both, "users", "import", str(tmp_path / "people.csv"), "--app", world_of_both.app_id)
    rows = [
        {"eventId": f"e-{number}", "timestamp": TEN, "domain": "example.com", **who}
        for number, who in enumerate([{"email": "anna@example.com"}, {"externalId": "a-1"}, {"visitorId": "v-1"}])
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert imported(world_of_both, tmp_path / "rows.jsonl")["recorded"] == 3
    users = {row["eventId"]: row.get("userId") for row in exported(world_of_both)}
    assert users["e-0"] == users["e-1"] is not None
    assert users["e-2"] is None


def test_what_was_sent_to_the_api_is_not_imported_again(world: World, tmp_path: Path) -> None:
    with running(world) as server:
        assert server.pageview(eventId="e-1", timestamp=time.time_ns() // 1_000_000)["code"] == 200
        command(world, "pageviews", "export", "--output", str(tmp_path / "all.jsonl"))
        assert imported(world, tmp_path / "all.jsonl")["already_there"] == 1
    assert len(exported(world)) == 1


def test_an_id_that_stands_twice_in_a_file_is_recorded_once(world_of_both: World, tmp_path: Path) -> None:
    row = {"timestamp": TEN, "domain": "example.com"}
    ids = [f"e-{number}" for number in range(1_500)] * 2  # over several groups
    lines = [json.dumps({"eventId": event_id, **row}) for event_id in ["once", "once", *ids]]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    done = imported(world_of_both, tmp_path / "rows.jsonl")
    assert (done["recorded"], done["already_there"]) == (1_501, 1_501)
    assert len(exported(world_of_both)) == 1_501


def test_rejected_rows_stand_beside_the_file_with_their_reasons(world_of_both: World, tmp_path: Path) -> None:
    ahead = (time.time() + 3600) * 1000
    rows: list[tuple[dict[str, Any], str]] = [
        ({"timestamp": TEN, "domain": "example.net"}, "Domain not authorized"),
        ({"timestamp": TEN, "domain": "no host"}, "Invalid domain"),
        ({"timestamp": TEN, "email": "anna"}, "email is not an email address"),
        (
            {"timestamp": "1989-12-31", "domain": "example.com"},
            NO_TIME,
        ),
        (
            {"timestamp": 600_000_000, "domain": "example.com"},
            NO_TIME,
        ),
        (
            {"timestamp": ahead, "domain": "example.com"},
            NO_TIME,
        ),
        ({"domain": "example.com"}, NO_TIME),
        ({"timestamp": TEN, "eventId": "null"}, "eventId holds a placeholder"),
        ({"timestamp": TEN, "mail": "anna@example.com"}, "mail is not a field of a pageview"),
    ]
    good = json.dumps({"timestamp": 700_000_000, "domain": "example.com"})
    lines = [good, *(json.dumps(row) for row, _ in rows), "{", good]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    done = imported(world_of_both, tmp_path / "rows.jsonl")
    assert (done["recorded"], done["rejected"]) == (2, len(rows) + 1)
    rejected = [json.loads(line) for line in Path(done["rejectedFile"]).read_text().splitlines()]
    reasons = {one["line"]: one["reason"] for one in rejected}
    for line, (_, reason) in enumerate(rows, start=2):
        assert reasons[line].startswith(reason)
    assert reasons[len(rows) + 2].startswith("not a JSON object")


def test_a_placeholder_costs_a_past_pageview_only_the_identifier(world: World, tmp_path: Path) -> None:
    nothing = [
        {"externalId": "not_authenticated"},
        {"visitorId": "*|UNIQID|*"},
        {"email": "##EMAIL##", "phone": "NULL"},
    ]
    rows = [
        json.dumps({"timestamp": TEN + number, "domain": "example.com", **row}) for number, row in enumerate(nothing)
    ]
    rows.append(json.dumps({"timestamp": TEN, "domain": "example.com", "visitorId": float(2**53)}))
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    done = imported(world, tmp_path / "rows.jsonl")
    assert (done["recorded"], done["rejected"]) == (3, 1)
    assert list(done["reasons"]) == ["visitorId is a number whose last digits are lost: write it as a text"]
    left_out = [f"{field} holds a placeholder" for field in ("externalId", "visitorId", "email", "phone")]
    assert done["remarks"] == {f"{why}: the row was taken without it": 1 for why in left_out}
    assert not any({"userId", "visitorId"} & row.keys() for row in exported(world))


def test_a_row_of_many_pageviews_is_rejected_once_for_one_reason(world: World, tmp_path: Path) -> None:
    (tmp_path / "pages.csv").write_text(
        "date,hostname,page,pageviews\n2024-01-05,example.net,/,2500\n2024-01-05,example.com,/,2\n"
    )
    done = imported(world, tmp_path / "pages.csv")
    assert (done["recorded"], done["rejected"], done["reasons"]) == (2, 1, {"Domain not authorized": 1})


def test_what_a_pageview_was_seen_with_is_kept(world: World, tmp_path: Path) -> None:
    (tmp_path / "visits.json").write_text(json.dumps([MATOMO_VISIT]))
    imported(world, tmp_path / "visits.json")
    # In another process: an engine opens one folder a process, and other tests have theirs open.
    script = """
import sys
from heropixel.events import DATABASE, Events
question = f"SELECT DISTINCT browser, browser_version, os, os_version, device FROM {DATABASE}.pageviews"
print(Events(sys.argv[1]).ask(question))
"""
    said = run(world.settings.url_of_events(), script=script).stdout
    assert "('Chrome', '120.0', 'macOS', '14.2', 'DESKTOP')" in said


@pytest.mark.parametrize(
    ("name", "content", "more", "says"),
    [
        ("pages.csv", "name,visitors,pageviews\n/,1,2\n", (), "it has no dates"),
        ("imported_visitors.csv", "date,visitors,pageviews\n2024-01-05,1,2\n", (), "it has no pages"),
        ("people.csv", "email,plan\nanna@example.com,pro\n", (), "it has email, plan, but needs Plausible's"),
        ("website_event.csv", csv_of([UMAMI_ROW]), ("--from", "matomo"), "needs Matomo's visit log"),
        ("error.json", '{"result":"error","message":"no access"}', (), "it has message, result, but needs"),
        ("noise.jsonl", "noise\nnoise\n", (), "it has nothing that can be read"),
        ("visits.json", json.dumps([MATOMO_VISIT])[:-40], (), "the file ends within an object"),
        ("visits.json", json.dumps([MATOMO_VISIT])[:-1], (), "the file is incomplete: its array is not closed"),
        (
            "visits.json",
            '[{"idVisit": 1, "actionDetails": []}, 7]',
            (),
            "it is not a JSON array of objects (at byte 38)",
        ),
        ("visits.xml", "<result/>", (), "its name must end in one of .csv"),
        ("rows.jsonl", "", ("--timezone", "Mars/Olympus"), "is not a time zone such as Europe/Paris"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    world: World, tmp_path: Path, name: str, content: str, more: tuple[str, ...], says: str
) -> None:
    (tmp_path / name).write_text(content)
    words = ("pageviews", "import", str(tmp_path / name), "--pixel", "1", *more)
    said = command(world, *words, expect=2)
    assert says in " ".join(said.replace("│", " ").split())
    assert "Traceback" not in said


def test_a_pixel_that_is_not_there_and_a_folder_that_is_taken_are_named(world: World, tmp_path: Path) -> None:
    from heropixel import folder

    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"timestamp": TEN, "domain": "example.com"}))
    assert "Pixel not found" in command(world, "pageviews", "import", str(file), "--pixel", "99", expect=7)
    with folder.held(world.folder, "another command"):
        said = command(world, "pageviews", "import", str(file), "--pixel", "1", expect=3)
    assert "another command" in said


def test_an_empty_file_has_nothing_to_record(world: World, tmp_path: Path) -> None:
    for name, content in (("rows.jsonl", ""), ("rows.json", "[]"), ("rows.csv", "timestamp,domain\n")):
        (tmp_path / name).write_text(content)
        assert imported(world, tmp_path / name)["recorded"] == 0


def test_parquet_and_packed_files_are_read_too(world: World, tmp_path: Path) -> None:
    import gzip

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([UMAMI_ROW]), tmp_path / "events.parquet")
    (tmp_path / "visits.json.gz").write_bytes(gzip.compress(json.dumps([MATOMO_VISIT]).encode()))
    assert imported(world, tmp_path / "events.parquet")["recorded"] == 1
    assert imported(world, tmp_path / "visits.json.gz")["recorded"] == 2
