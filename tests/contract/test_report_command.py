"""Section 6 of the contract, from outside: the command `heropixel report`."""

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest

from heropixel.operating.line import line_to_holder
from heropixel.reports.question import ReportInput
from heropixel.reports.ranges import RangeInput
from heropixel.troubles import ServerRefused
from tests.test_docs import DOCS, shell_blocks
from tests.world import Server, World, command, make_world, running


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world with some pageviews, whose server has stopped."""
    world = make_world(tmp_path_factory.mktemp("report") / "data")
    with running(world) as server:
        for number in range(6):
            page = ("/tea", "/tea", "/")[number % 3]
            server.pageview(
                url=f"https://example.com{page}", visitorId=f"v{number % 2}", country=("CH", "")[number % 2]
            )
        server.loaded(6)
        assert "/tea" in command(world, "report", "--pixel", "1", "--by", "page"), "while the server runs"
    return world


def test_the_command_prints_a_table_with_bars(told: World) -> None:
    said = command(told, "report", "--pixel", "1", "--last", "30d", "--by", "page", PYTHONIOENCODING="utf-8")
    (tea,) = (line for line in said.splitlines() if "/tea" in line)
    (root,) = (line for line in said.splitlines() if "│ /  " in line)
    assert tea.count("█") == root.count("█") == 24
    assert "all" in said
    assert "0 by user, 2 by visitor id" in said
    plain = command(told, "report", "--pixel", "1", "--by", "page", PYTHONIOENCODING="ascii")
    assert "#" * 24 in plain


def test_the_command_prints_json_and_csv(told: World) -> None:
    words = ["report", "--pixel", "1", "--by", "country", "--metric", "pageviews", "--metric", "visitors"]
    whole = json.loads(command(told, *words, "--json"))
    assert [(row["country"], row["pageviews"]) for row in whole["rows"]] == [("", 3), ("CH", 3)]
    assert (whole["totals"]["pageviews"], whole["timezone"]) == (6, "UTC")
    rows = list(csv.DictReader(io.StringIO(command(told, *words, "--csv", "--compare"))))
    assert [(row["country"], row["pageviews"], row["pageviews_before"]) for row in rows] == [
        ("", "3", "0"),
        ("CH", "3", "0"),
    ]
    assert {row["visitors_basis"] for row in rows} == {"VISITOR_IDS"}


def test_a_month_that_the_compared_range_does_not_have_is_left_empty_by_the_command(told: World) -> None:
    # Four days of two months, and the four days before, which are of one.
    words = ["report", "--pixel", "1", "--from", "2024-03-30", "--to", "2024-04-02", "--by", "month", "--compare"]
    rows = list(csv.DictReader(io.StringIO(command(told, *words, "--csv"))))
    assert [(row["pageviews_before"], row["visitors_exact"]) for row in rows] == [("0", "true"), ("", "true")]
    (april,) = (line for line in command(told, *words).splitlines() if "│ 2024-04" in line)
    assert april.split("│")[-2].strip() == ""


def test_the_command_filters_and_takes_ranges_in_a_time_zone(told: World) -> None:
    words = ["report", "--pixel", "1", "--metric", "pageviews", "--json", "--timezone", "Asia/Tokyo"]
    for condition, count in (("page=/tea", 4), ("page!=/tea", 2), ("page=/t*", 4), ("country=CH|DE", 3), ("page~E", 4)):
        assert json.loads(command(told, *words, "--filter", condition))["totals"]["pageviews"] == count, condition
    nothing = json.loads(command(told, *words, "--from", "2020-01-01", "--to", "2020-01-31"))
    assert (nothing["range"]["from"], nothing["totals"]["pageviews"]) == ("2019-12-31T15:00:00.000Z", 0)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--pixel", "9"], 7, "heropixel pixels list"),
        (["--pixel", "1", "--last", "2y"], 2, "24h, 30d, 8w or 12mo"),
        (["--pixel", "1", "--filter", "page"], 2, "page=/tea"),
        (["--pixel", "1", "--filter", "pag=/tea"], 2, "pag is not a dimension; the dimensions are minute, hour"),
        (["--pixel", "1", "--timezone", "Mars"], 2, "Europe/Zurich"),
        (["--pixel", "1", "--to", "2026-01-01"], 2, "both from and to"),
        (["--pixel", "1", "--from", "2026-01-01", "--last", "7d"], 2, "give only one of --last, --range"),
        (["--pixel", "1", "--json", "--csv"], 2, "give either --json or --csv"),
        (["--pixel", "1", "--by", "minute"], 2, "2000 are allowed"),
    ],
)
def test_the_command_says_what_is_wrong_and_how_to_ask_it_right(
    told: World, words: list[str], code: int, message: str
) -> None:
    assert message in " ".join(command(told, "report", *words, expect=code).split())


def test_a_server_that_refuses_the_commands_report_says_why(server: Server) -> None:
    for pixels in ([], [987654]):
        asked = msgspec.json.encode(ReportInput(RangeInput(name="TODAY"), pixels))
        with line_to_holder(server.world.folder) as line:
            assert line
            with pytest.raises(ServerRefused, match=r"^Pixel not found\.$"):
                line.post("/operator/report", asked, 60)


def test_a_table_fits_the_terminal_and_cuts_no_figure(told: World) -> None:
    words = ["report", "--pixel", "1", "--by", "page", "--by", "country", "--compare"]
    lines = command(told, *words, "--metric", "pageviews", "--metric", "session-duration", PYTHONIOENCODING="utf-8")
    assert "…" not in lines
    assert "Before: from" in lines


def test_the_command_takes_ranges_by_name(told: World) -> None:
    words = ["report", "--pixel", "1", "--metric", "pageviews", "--json", "--compare"]
    last_month = json.loads(command(told, *words, "--range", "last-month"))
    assert last_month["range"]["from"] == last_month["comparisonRange"]["to"]
    assert last_month["totals"]["pageviews"] == 0
    since = json.loads(command(told, *words, "--from", "2026-01-01"))
    assert (since["range"]["from"], since["totals"]["pageviews"]) == ("2026-01-01T00:00:00.000Z", 6)


def test_asking_a_folder_that_is_not_there_makes_none(tmp_path: Path) -> None:
    said = command(None, "--data", str(tmp_path / "nowhere"), "report", "--pixel", "1", expect=2)
    assert "Is --data right?" in " ".join(said.split())
    assert not (tmp_path / "nowhere").exists()


def test_what_the_documentation_says_of_the_command_works(told: World) -> None:
    lines = shell_blocks(DOCS / "reports.md")[0].splitlines()
    assert len(lines) == 4
    for line in lines:
        words = [word.strip("'") for word in line.partition("#")[0].partition(">")[0].split()]
        assert command(told, *words[1:])
