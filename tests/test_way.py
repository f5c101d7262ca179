"""The way of a pageview in CONTRIBUTING is right: a test follows a pageview through the calls."""

import asyncio
import json
import re
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import heropixel
from heropixel.wire.asgi import Application
from tests.api.inside import whole_server
from tests.world import PAGEVIEW, World

PACKAGE = Path(heropixel.__file__).parent
CONTRIBUTING = PACKAGE.parents[1] / "CONTRIBUTING.md"


class Followed:
    """The files of the package that a pageview runs through: in its task, in the writer, and later in the loader."""

    def __init__(self) -> None:
        self.request: list[str] = []  # in the order of their first call
        self.writer: list[str] = []
        self.loader: list[str] = []
        self.task: asyncio.Task[Any] | None = None  # what is followed; None until then

    def __call__(self, frame: FrameType, event: str, _arg: object) -> None:
        if self.task is None or event != "call":
            return
        file = Path(frame.f_code.co_filename)
        if not file.is_relative_to(PACKAGE):
            return
        thread = threading.current_thread().name
        if thread.startswith("loader"):
            files = self.loader
        elif thread.startswith("writer"):
            files = self.writer
        elif thread == "MainThread" and self._is_ours():
            files = self.request
        else:
            return
        name = str(file.relative_to(PACKAGE))
        if name not in files:
            files.append(name)

    def _is_ours(self) -> bool:
        """Whether the event loop runs the task, or calls what no task waits in: the recorder's callbacks."""
        return asyncio.current_task() in (self.task, None) and self.task is not None and not self.task.done()


def mapped(heading: str) -> list[str]:
    """The files that a section of CONTRIBUTING names, in their order."""
    (section,) = re.findall(
        rf"^### {heading}\n(.*?)(?=^##|\Z)", CONTRIBUTING.read_text(), flags=re.DOTALL | re.MULTILINE
    )
    return list(dict.fromkeys(re.findall(r"`([\w/]+\.py)`", section)))


async def test_the_way_of_a_pageview_in_contributing_is_right(world: World) -> None:
    followed = Followed()
    threading.setprofile(followed)  # of threads that begin from now on: the writer's and the loader's
    try:
        async with whole_server(world.settings) as (whole, application):
            await post(application, world, "first")  # prepares the document
            await whole.engine.backlog.drain()
            sys.setprofile(followed)
            followed.task = asyncio.create_task(post(application, world, "second"))
            await followed.task
            sys.setprofile(None)
            await whole.engine.backlog.drain()
            followed.task = None
    finally:
        threading.setprofile(None)
        sys.setprofile(None)
    answered = mapped("Until it is answered")
    assert {*followed.request, *followed.writer} == {*answered}
    until_recorded = (
        followed.request.index("recording/recorder.py") + 1
    )  # from there on the door and the writer take turns
    assert followed.request[:until_recorded] == answered[:until_recorded], "in this order"
    loaded = mapped("Until it is loaded")
    assert {*followed.loader} == {*loaded}
    # The loader looks for expired receipts also where it has found nothing to load, just before the pageview came.
    expires = "clock.py"
    assert [file for file in followed.loader if file != expires] == [file for file in loaded if file != expires]


async def post(application: Application, world: World, event_id: str) -> None:
    event = {"pixelId": world.pixel, "domain": "example.com", "email": "anna@example.com", "eventId": event_id}
    body = json.dumps({"query": PAGEVIEW, "variables": {"auth": world.auth, "event": event}}).encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))],
        "client": ("127.0.0.1", 1),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    assert json.loads(sent[-1]["body"])["data"]["pageview"]["code"] == 200
