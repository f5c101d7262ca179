"""What the script costs a page on a slow telephone: Chromium, with its processor slowed down to a quarter.

A page with text and nothing else is loaded with the tag, without a script, and with the smallest script that posts a
beacon, in turns, each time in a new browser context: nothing is cached, compiled or warm. Milliseconds are processor
time of the page's main thread, as Chromium counts it; what other processes of the machine do is not in them, but slows
its caches. The answer comes from here: who gives it is nothing to the page.
"""

import gzip
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, sync_playwright

from benchmarks.line import Line
from benchmarks.servers import HOST
from benchmarks.stage import Stage

SCRIPT = Path(__file__).parent.parent / "src/heropixel/static/pixel.js"
LARGEST = 2_047  # bytes gzipped
SLOWER = 4  # times, as the tools of Chromium and Lighthouse take for a mid-range telephone
MILLISECONDS = 5.0
LOADS = 5  # for each round of the scale
AFTER_LOAD = 400  # milliseconds: the script tells the pageview after 100

BARE = b"""setTimeout(() => fetch("/collect", {method: "POST", keepalive: true, credentials: "include",
    body: JSON.stringify({url: location.href, title: document.title})}), 100)"""
TAGS = {
    "/script": '<script defer src="/pixel.js" data-pixel="1"></script>',
    "/bare": '<script defer src="/bare.js"></script>',
    "/none": "",
}
TEXT = "<h1>Shoes</h1>" + "<p>A shoe is to protect the foot, and to be seen on it.</p>" * 50
LONG_TASKS = """new Promise(done => { const seen = new PerformanceObserver(() => 0);
    seen.observe({type: "longtask", buffered: true}); setTimeout(() => done(seen.takeRecords().length), 50) })"""


def measure(stage: Stage) -> Iterator[Line]:
    """The three pages in turns."""
    chromium = shutil.which("chromium")
    if not chromium or not SCRIPT.exists():
        missing = "Chromium (Debian: apt install chromium)" if SCRIPT.exists() else "pixel.js (see make setup)"
        yield Line(
            "script, main thread", float("nan"), "ms", "bare beacon", float("nan"), note=f"There is no {missing}."
        )
        return
    costs: dict[str, list[Cost]] = {path: [] for path in TAGS}
    with _pages() as port, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        _load(browser, port, "/script")  # warms the machine's disk
        for _ in range(stage.scale.rounds * LOADS):
            for path, of_path in costs.items():
                of_path.append(_load(browser, port, path))
        browser.close()
    script, bare, none = costs["/script"], costs["/bare"], costs["/none"]
    took = [cost.script for cost in script]
    yield Line(
        f"script, main thread, processor {SLOWER} times slower",
        median(took),
        "ms",
        "bare beacon",
        median(cost.script for cost in bare),
        "<=",
        MILLISECONDS,
        "measured",
        note=f"lowest {min(took):.1f}, highest {max(took):.1f} ms",
    )
    for what, field in (("layouts", "layouts"), ("long tasks", "long_tasks")):
        yield Line(
            f"script, {what} of the page with it",
            median(getattr(cost, field) for cost in script),
            "",
            "without",
            median(getattr(cost, field) for cost in none),
            "<=",
            max(1.0, median(getattr(cost, field) for cost in none)) if field == "layouts" else 0.0,
            "measured",
        )
    size = len(gzip.compress(SCRIPT.read_bytes(), 9, mtime=0))
    yield Line("script, gzipped", size, "B", "as it is", SCRIPT.stat().st_size, "<=", LARGEST, "measured")


class Cost(NamedTuple):
    """Of one load of a page."""

    script: float  # milliseconds
    layouts: int
    long_tasks: int


def _load(browser: Browser, port: int, path: str) -> Cost:
    context = browser.new_context()
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"http://{HOST}:{port}{path}")
    page.wait_for_timeout(AFTER_LOAD)
    told = {metric["name"]: metric["value"] for metric in tools.send("Performance.getMetrics")["metrics"]}
    long_tasks = int(page.evaluate(LONG_TASKS))
    context.close()
    seconds = told["ScriptDuration"] + told["V8CompileDuration"]
    return Cost(1000 * seconds, int(told["LayoutCount"]), long_tasks)


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path in TAGS:
            html = f"<!doctype html><title>Shoes</title><link rel=icon href='data:,'>{TAGS[self.path]}{TEXT}"
            self._answer(200, "text/html; charset=utf-8", html.encode())
        else:
            self._answer(200, "text/javascript", BARE if self.path == "/bare.js" else SCRIPT.read_bytes())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer(200, "text/plain", b"")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _pages() -> Iterator[int]:
    with ThreadingHTTPServer((HOST, 0), _Page) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
