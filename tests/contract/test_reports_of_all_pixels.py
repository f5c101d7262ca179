"""A report that names no pixels is of all that the caller may see."""

from tests.contract.reporting import Site
from tests.contract.signed_in import Client, key_of, member_of
from tests.contract.waiting import eventually
from tests.world import Server

ALL = "query { report(report: { range: { name: TODAY }, dimensions: [PIXEL] }) { code reason rows { pixel } } }"


def test_a_report_without_pixels_is_of_all_that_the_caller_may_see(server: Server) -> None:
    two = Site(server)
    other = two.create("Other", "example.com")["pixel"]["id"]
    for pixel in (two.site, other):
        assert two.pageview(pixelId=pixel, visitorId=f"of-{pixel}")["code"] == 200

    def pixels(caller: Client) -> list[int]:
        return sorted(row["pixel"] for row in caller(ALL)["rows"])

    viewer = member_of(two, "VIEWER")
    eventually(lambda: pixels(viewer), [two.site, other])
    assert pixels(key_of(two, "READ_FIGURES", pixelIds=[two.site])) == [two.site]
