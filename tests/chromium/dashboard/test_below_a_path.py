"""Behind a proxy, below a path, the dashboard is what it is on a host name of its own."""

import re
from pathlib import Path

import pytest

from tests.chromium.dashboard.conftest import Look, link_of
from tests.proxies.fronts import block, caddy_site, nginx_site
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_below_a_path_somebody_signs_in_and_sees_the_figures(look: Look, shown: Server, tmp_path: Path) -> None:
    upstream = int(shown.url.rpartition(":")[2])
    with nginx_site(tmp_path, block("# /etc/nginx/sites-available/dashboard"), upstream) as front:
        site = f"https://localhost:{front.port}/pixels"
        window = await look(link_of(shown), url=site, storage_state=None, ignore_https_errors=True)
        await window.click("Site", within="main")
        assert window.page.url == f"{site}/#/pixels/1"
        await window.page.wait_for_selector(".plot canvas")
        assert (await window.stream()).url == f"{site}/graphql"
        assert {request.url for request in window.requests if not request.url.startswith(site)} <= {"about:blank"}
        assert (await window.context.request.get(f"{site}/metrics")).status == 404


async def test_a_proxy_passes_the_dashboard_on_and_nothing_that_is_the_operators(shown: Server, tmp_path: Path) -> None:
    upstream = int(shown.url.rpartition(":")[2])
    site = caddy_site(tmp_path, block("# /etc/caddy/Caddyfile\nredir"), upstream)
    with site as front, front.client("127.0.0.2") as client:
        page = client.get("/pixels/")
        (script,) = re.findall(r'script type="module" src="([^"]+)"', page.text)
        assert client.get(f"/pixels/{script}").headers["content-type"].startswith("text/javascript")
        assert client.post("/pixels/graphql", json={"query": "{ __typename }"}).status_code == 200
        for path in ("/metrics", "/operator/report", "/health"):
            assert client.get(f"/pixels{path}").status_code == 404, path
