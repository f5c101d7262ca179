"""The cost of the script on a slow telephone: Chromium with CPU throttling, at a quarter of the speed.

A page is loaded with the tag, and with the smallest script that posts a beacon, in turns, each time in a new browser
context. The milliseconds are CPU time of the page's main thread, from Chromium's trace: the run of the script and each
call into it, with the promises that are settled at its end, where the beacon is sent. The promises that the answer
settles are left out, some hundredths of a millisecond. No other developer tool is on, since they make each request and
error slower. So no browser automation library is used.

Chromium throttles by stopping the main thread again and again. On a busy machine it throttles more than it should. So
another line shows four times the cost without throttling.

Half of the cost is that of the first use of a part of the browser (fetch, cookies, history) in a page. In nearly all
pages another script has paid it before. So the page has such a script, and another line shows the cost without it.
"""

import gzip
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from websockets.sync.client import ClientConnection, connect

from benchmarks.line import Line
from benchmarks.servers import HOST
from benchmarks.stage import RUN, Stage

SCRIPT = Path(__file__).parent.parent / "src/heropixel/static/pixel.js"
LARGEST = 2_500  # bytes gzipped
SLOWER = 4  # times: the throttling of Chromium's tools and of Lighthouse for a mid-range telephone
MILLISECONDS = 5.0
LONG = 50.0  # milliseconds: the W3C's limit of a long task
LOADS = 4  # for each round of the scale
WATCHED = 1.0  # seconds: the script sends the pageview a tenth of a second after the page has loaded

TEXT = "<h1>Shoes</h1>" + "<p>A shoe is to protect the foot, and to be seen on it.</p>" * 50
OWN = b"""(async () => {
    const { dataset } = document.currentScript, seen = /seen=(\\w+)/.exec(document.cookie);
    document.cookie = "seen=yes;path=/";
    addEventListener("popstate", () => 0);
    history.replaceState({}, "", new URL(location.href).href);
    const list = await fetch("/list", { method: "POST", credentials: "include",
        body: JSON.stringify({ seen, lang: navigator.language, wide: screen.width + innerWidth, ...dataset }) });
    await list.text();
    document.title = "Shoes";
})()"""
BARE = b"""setTimeout(() => fetch("/collect", {method: "POST", keepalive: true, credentials: "include",
    body: JSON.stringify({url: location.href, title: document.title})}), 100)"""
FILES = {"/own.js": lambda: OWN, "/bare.js": lambda: BARE, "/pixel.js": SCRIPT.read_bytes}


def measure(stage: Stage) -> Iterator[Line]:
    """Both scripts in turns, in a page with another script and in a page without."""
    chromium = shutil.which("chromium")
    if not chromium or not SCRIPT.exists():
        missing = "Chromium (Debian: apt install chromium)" if SCRIPT.exists() else "pixel.js (see make setup)"
        yield Line("script, main thread", 0, "ms", "bare beacon", 0, note=f"not measured: there is no {missing}")
        return
    usual, alone, fast, without = Costs(), Costs(), Costs(), Costs()
    with _pages() as address, _browser(chromium) as browser:
        browser.load(f"{address}/?own&pixel", "pixel")  # warms the disk
        for _ in range(stage.scale.rounds * LOADS):
            for costs, own, slower in ((usual, "own&", SLOWER), (alone, "", SLOWER), (fast, "own&", 1)):
                costs.script.append(browser.load(f"{address}/?{own}pixel", "pixel", slower))
                costs.bare.append(browser.load(f"{address}/?{own}bare", "bare", slower))
            without.script.append(browser.load(f"{address}/?own", "pixel"))
    slowed = f"processor {SLOWER} times slower"
    yield usual.line(f"script, main thread, {slowed}")._replace(sign="<=", target=MILLISECONDS, of="measured")
    yield alone.line(f"script, main thread, the only script of the page, {slowed}")
    yield fast.line(f"script, main thread, {SLOWER} times the cost without throttling", SLOWER)
    layouts = [median(cost.layouts for cost in costs.script) for costs in (usual, without)]
    yield Line("script, layouts", layouts[0], "", "without", layouts[1], "<=", layouts[1], "measured")
    long = max(cost.longest for cost in usual.script)
    yield Line("script, longest task", long, "ms", "long is", LONG, "<=", 1)
    size = len(gzip.compress(SCRIPT.read_bytes(), 9, mtime=0))
    yield Line("script, gzipped", size, "B", "as it is", SCRIPT.stat().st_size, "<=", LARGEST, "measured")


Event = dict[str, Any]  # an event of the trace, in Chromium's Trace Event Format


class Cost(NamedTuple):
    """The cost of one load of a page."""

    spent: float  # milliseconds of CPU time in the script
    longest: float  # milliseconds of the longest task
    layouts: int  # of the page


class Costs:
    """The costs of many loads, with the script and with a bare beacon."""

    def __init__(self) -> None:
        self.script: list[Cost] = []
        self.bare: list[Cost] = []

    def line(self, what: str, times: int = 1) -> Line:
        spent = [cost.spent * times for cost in self.script]
        return Line(
            what,
            median(spent),
            "ms",
            "bare beacon",
            median(cost.spent * times for cost in self.bare),
            note=f"lowest {min(spent):.1f}, highest {max(spent):.1f} ms",
        )


class Browser:
    """A running Chromium, controlled over the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._asked = 0
        self._trace: list[Event] = []

    def load(self, address: str, script: str, slower: int = SLOWER) -> Cost:
        """Load a page in a new browser context, and measure its cost."""
        context = self._ask("Target.createBrowserContext")["browserContextId"]
        target = self._ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Emulation.setCPUThrottlingRate", session, rate=slower)
        time.sleep(0.2)
        self._trace.clear()
        categories = {"includedCategories": ["devtools.timeline", "v8"]}
        self._ask("Tracing.start", transferMode="ReportEvents", traceConfig=categories)
        self._ask("Page.navigate", session, url=address)
        time.sleep(WATCHED)
        self._ask("Tracing.end", until="Tracing.tracingComplete")
        self._ask("Target.disposeBrowserContext", browserContextId=context)
        events = _of_the_page([event for event in self._trace if event["ph"] == "X"], address)
        spent = [event["tdur"] / 1000 for event in _entries(events, f"/{script}.js")]
        return Cost(sum(spent), max(spent, default=0.0), sum(event["name"] == "Layout" for event in events))

    def _ask(self, method: str, session: str = "", until: str = "", **params: object) -> dict[str, Any]:
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": params} | ({"sessionId": session} if session else {})
        self._connection.send(json.dumps(asked))
        result: dict[str, Any] | None = None
        told = not until
        while result is None or not told:
            message = json.loads(self._connection.recv(60))
            if message.get("method") == "Tracing.dataCollected":
                self._trace += message["params"]["value"]
            told = told or message.get("method") == until
            if message.get("id") == self._asked:
                result = message["result"]
        return result


def _of_the_page(events: list[Event], address: str) -> list[Event]:
    """The events of the page's main thread. The browser has other pages of its own."""
    site = address.partition("?")[0]
    threads = {_thread(event) for event in events if event["name"] == "EvaluateScript" and _url(event).startswith(site)}
    return [event for event in events if _thread(event) in threads]


def _entries(events: list[Event], script: str) -> list[Event]:
    """The calls into the script. Nested calls are part of the outer one."""
    calls = [event for event in events if event["name"] == "v8.callFunction"]
    entries = {}
    for event in events:
        if _url(event).endswith(script) and event["name"] in ("EvaluateScript", "FunctionCall"):
            # Promises are settled after a function has returned, within the V8 call around it.
            around = [call for call in calls if _is_within(event, call)] if event["name"] == "FunctionCall" else []
            entry = max(around, key=lambda call: int(call["ts"]), default=event)
            entries[entry["ts"]] = entry
    return list(entries.values())


def _is_within(inner: Event, outer: Event) -> bool:
    return bool(outer["ts"] <= inner["ts"] and inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"])


def _thread(event: Event) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _url(event: Event) -> str:
    return str(event.get("args", {}).get("data", {}).get("url", ""))


@contextmanager
def _browser(chromium: str) -> Iterator[Browser]:
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    arguments += ["--disable-component-update", "--remote-debugging-port=0", f"--user-data-dir={RUN / 'chromium'}"]
    with subprocess.Popen([chromium, *arguments], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            said = next(found for line in process.stderr if (found := re.search(r"ws://\S+", line)))
            with connect(said[0], max_size=None) as connection:
                yield Browser(connection)
        finally:
            process.terminate()
            process.wait(20)


class _Page(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, scripts = self.path.partition("?")
        if path in FILES:
            self._answer("text/javascript", FILES[path]())
            return
        tags = "".join(
            f'<script defer src="/{name}.js" data-pixel="1"></script>' for name in scripts.split("&") if name
        )
        html = f"<!doctype html><title>Shoes</title><link rel=icon href='data:,'>{tags}{TEXT}"
        self._answer("text/html; charset=utf-8", html.encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._answer("text/plain", b"")

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _pages() -> Iterator[str]:
    with ThreadingHTTPServer((HOST, 0), _Page) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
