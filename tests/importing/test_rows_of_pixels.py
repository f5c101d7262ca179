"""Imports of pageviews go by each row's pixel, and say what is not recorded as it was."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from heropixel.directory import open_directory
from heropixel.directory.pixels import create_pixel
from heropixel.directory.registry import Pixel
from heropixel.importing.tools.plain import Plain
from heropixel.importing.tools.recognising import recognise
from heropixel.importing.tools.tool import NO_PIXEL, Site
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow, open_rows
from heropixel.transfer.converting import UnusableRow
from heropixel.troubles import FileUnusable
from tests.world import World, command, exported

TEN = 1_704_448_800_000  # 2024-01-05 10:00:00 UTC
PIXELS = {
    number: Pixel(number, 1, frozenset(), frozenset({domain})) for number, domain in ((1, "example.com"), (2, "b.test"))
}


@pytest.mark.parametrize(
    ("wanted", "row", "pixel", "remark"),
    [
        (1, {}, 1, ""),
        (1, {"pixelId": 1}, 1, ""),
        (1, {"pixelId": "1"}, 1, ""),
        (1, {"pixelId": 2, "domain": "b.test"}, 2, "of pixel 2, and was taken for it, not for pixel 1"),
        (1, {"pixelId": 2}, 1, "of pixel 2 of another server, and was taken for pixel 1"),  # 2 has other domains here
        (1, {"pixelId": 9}, 1, "of pixel 9 of another server, and was taken for pixel 1"),
        (NO_PIXEL, {"pixelId": 2, "domain": "b.test"}, 2, ""),
        (NO_PIXEL, {"pixelId": 1}, 1, ""),
    ],
)
def test_a_row_goes_to_the_pixel_that_it_names_and_to_no_other_in_silence(
    wanted: int, row: dict[str, Any], pixel: int, remark: str
) -> None:
    reader = Plain(Site(wanted, "", UTC, PIXELS))
    values = {"timestamp": TEN, "domain": "example.com", **row}
    (pageview,) = reader.pageviews(FileRow(2, values))
    assert pageview is not None
    assert pageview.event.pixel_id == pixel
    assert "".join(reader.remarks).endswith(remark)
    assert len(reader.remarks) == bool(remark)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({}, "it names no pixel .* say with --pixel"),
        ({"pixelId": 9}, "it is of pixel 9, which is not here: say with --pixel"),
        ({"pixelId": "Web"}, "pixelId is not the number of a pixel"),
    ],
)
def test_a_row_of_no_pixel_that_is_here_is_rejected_where_none_is_named(row: dict[str, Any], why: str) -> None:
    with pytest.raises(UnusableRow, match=why):
        list(Plain(Site(NO_PIXEL, "", UTC, PIXELS)).pageviews(FileRow(2, {"timestamp": TEN, **row})))


@pytest.mark.process
@pytest.mark.parametrize("named", [("--pixel", "1"), ()], ids=["with --pixel", "without"])
def test_an_export_of_several_pixels_goes_back_to_them(world: World, tmp_path: Path, named: tuple[str, ...]) -> None:
    directory = open_directory(world.settings.url_of_directory())
    with directory.writing() as connection:
        other = create_pixel(connection, PIXELS[1].app, "Other", ["b.test"], now=1)
    directory.close()
    rows = [
        {"eventId": "e-1", "pixelId": 1, "timestamp": TEN, "domain": "example.com", "title": "x" * 3_000},
        {"eventId": "e-2", "pixelId": other, "timestamp": TEN, "domain": "b.test"},
        {"eventId": "e-3", "pixelId": other, "timestamp": TEN, "domain": "other.test"},
    ]
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    done = json.loads(command(world, "pageviews", "import", str(file), *named, "--json"))
    assert (done["recorded"], done["rejected"]) == (2, 1)
    assert {(row["eventId"], row["pixelId"]) for row in exported(world)} == {("e-1", 1), ("e-2", other)}
    assert done["remarks"]["title was cut to 2048 characters"] == 1
    assert any("was taken for it, not for pixel 1" in remark for remark in done["remarks"]) is bool(named)


# --- what the field sends ---


def told(path: Path, content: str, **more: Any) -> list[PastPageview | None]:
    path.write_text(content)
    with open_rows(path) as source:
        kind, rows = recognise(source, None, **more)
        reader = kind(Site(7, "example.com", UTC))
        return [pageview for row in rows if isinstance(row, FileRow) for pageview in reader.pageviews(row)]


def test_a_table_of_mysql_has_null_for_nothing_and_no_host_is_the_domain_of_the_pixel(tmp_path: Path) -> None:
    first, second = told(
        tmp_path / "website_event.csv",
        '"event_id","session_id","visit_id","created_at","url_path","url_query","utm_source","referrer_domain",'
        '"page_title","event_type","hostname"\n'
        '"e-1","s-1","v-1","2025-01-10 08:00:00","/prices",NULL,NULL,NULL,"Prices","1",NULL\n'
        '"e-2","s-1","v-1","2025-01-10 08:01:00","/about","","NULL","google.com","About","1","example.com"\n',
    )
    assert first is not None
    assert second is not None
    assert (first.event.url, first.event.referrer, first.event.utm_source) == ("https://example.com/prices", "", None)
    assert (second.event.url, second.event.referrer) == ("https://example.com/about", "https://google.com")


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ("view_id,website_id,session_id,created_at,url,referrer", "Update Umami to version 2 first"),
        ("event_id,website_id,session_id,created_at,url,event_type,event_value", "Update Umami to version 2 first"),
        ("session_id,website_id,hostname,browser,os,device,created_at", "joined with session"),
        ("event_data_id,website_event_id,data_key,string_value,created_at", "table event_data"),
    ],
)
def test_other_tables_of_umami_say_what_to_do_first(tmp_path: Path, columns: str, says: str) -> None:
    with pytest.raises(FileUnusable, match=says):
        told(tmp_path / "table.csv", f"{columns}\n")


def test_columns_of_another_program_are_named_by_the_operator(tmp_path: Path) -> None:
    file = "Zeit;Seite;Titel\n1704448800;https://example.com/tea;Tee\n"
    with pytest.raises(FileUnusable, match='--column "Page"=url'):
        told(tmp_path / "log.csv", file)
    chosen = {"zeit": "timestamp", "Seite": "url", "Titel": "title"}
    (pageview,) = told(tmp_path / "log.csv", file, chosen=chosen)
    assert pageview is not None
    assert (pageview.event.url, pageview.event.title) == ("https://example.com/tea", "Tee")


def test_the_default_export_of_matomo_is_read_by_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    content = (
        "idVisit,visitorId,actionDetails_0_type,actionDetails_0_url,actionDetails_0_pageTitle,actionDetails_0_timestamp\n"
        "9001,9dc9cf8485eecd01,action,https://example.com/,Café,1714989600\n"
    )
    path.write_bytes(content.encode("utf-16"))
    with open_rows(path) as source:
        kind, rows = recognise(source, None)
        (row,) = rows
        assert isinstance(row, FileRow)
        (pageview,) = kind(Site(7, "example.com", UTC)).pageviews(row)
    assert pageview is not None
    assert (pageview.event.url, pageview.event.title) == ("https://example.com/", "Café")
