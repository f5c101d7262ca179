"""The connection of a command to the server that holds the folder: answers, and errors if there is none."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from tempfile import TemporaryDirectory

import pytest

from heropixel import folder
from heropixel.errors import EventsUnavailable
from heropixel.operating.line import OperatorsLine, line_to_holder
from heropixel.processes.sockets import opened_sockets
from heropixel.troubles import FolderInUse, ServerRefused, ServerUnreachable

Answer = Callable[[BaseHTTPRequestHandler], object]


def answering(status: int, body: str, promised: int = 0) -> Answer:
    """An answer; of more bytes than are promised the rest never comes."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body) + promised))
        request.end_headers()
        request.wfile.write(body.encode())

    return answer


def echoing(request: BaseHTTPRequestHandler) -> None:
    body = request.rfile.read(int(request.headers["content-length"] or 0)).decode()
    answering(200, f"{request.command} {request.path} {body}")(request)


@contextmanager
def line(data: Path, answer: Answer) -> Iterator[OperatorsLine]:
    """A line to a server that holds the folder and answers so."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answering(200, "there")(self)

        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with TemporaryDirectory() as short:
        server = ThreadingUnixStreamServer(f"{short}/operators", Door)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            with held(data, f"{short}/operators"), line_to_holder(data) as opened:
                assert opened
                yield opened
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def held(data: Path, operators: str) -> Iterator[None]:
    with folder.held(data, "heropixel serve") as announce:
        announce("http://127.0.0.1:8000", operators)
        yield


def test_without_a_holder_of_the_folder_there_is_no_line(tmp_path: Path) -> None:
    with line_to_holder(tmp_path / "new") as nobody:
        assert nobody is None


def test_a_folder_that_a_command_holds_is_in_use(tmp_path: Path) -> None:
    with (
        folder.held(tmp_path, "heropixel reprocess"),
        pytest.raises(FolderInUse, match=r"\(heropixel reprocess, pid \d+\)"),
        line_to_holder(tmp_path),
    ):
        pass


def test_what_is_asked_is_answered_whatever_proxy_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with line(tmp_path, echoing) as asked:
        assert asked.post("/operator/report?a=1", b"question", 10) == b"POST /operator/report?a=1 question"


def test_lines_come_one_by_one(tmp_path: Path) -> None:
    with line(tmp_path, answering(200, "one\ntwo\n")) as asked:
        assert [*asked.lines("POST", "/", 10)] == ["one", "two"]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (answering(400, "No such question"), ServerRefused, "^No such question.$"),
        (answering(503, "The disk is full"), EventsUnavailable, "^The disk is full$"),
        (answering(404, "Not Found"), ServerUnreachable, "404"),
        (answering(500, "Oh"), ServerUnreachable, "500"),
        (answering(200, "one\n", promised=100), ServerUnreachable, "without sending complete message body"),
    ],
)
def test_what_is_not_answered_is_raised_with_its_reason(
    tmp_path: Path, answer: Answer, error: type[Exception], message: str
) -> None:
    with line(tmp_path, answer) as asked:
        with pytest.raises(error, match=message):
            asked.post("/", b"", 10)
        with pytest.raises(error, match=message):
            [*asked.lines("POST", "/", 10)]


def test_a_server_that_is_silent_for_too_long_does_not_answer(tmp_path: Path) -> None:
    enough = threading.Event()
    with line(tmp_path, lambda _: enough.wait(20)) as asked:
        with pytest.raises(ServerUnreachable, match=r"is open in heropixel serve, pid \d+, which does not answer"):
            asked.post("/", b"", 0.1)
        enough.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore does not close its socket
def test_without_a_listening_server_there_is_no_answer(tmp_path: Path) -> None:
    with held(tmp_path, "/nowhere"), line_to_holder(tmp_path) as asked:
        assert asked
        with pytest.raises(ServerUnreachable):
            asked.post("/", b"", 10)


def test_an_engine_that_is_away_is_told_soon_by_a_command_that_may_take_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heropixel.operating.line._THERE_SECONDS", 0.1)
    with opened_sockets() as sockets, held(tmp_path, str(sockets.operators)), line_to_holder(tmp_path) as asked:
        assert asked
        with pytest.raises(ServerUnreachable, match=r"which does not answer \(timed out\)\. Wait until it is ready"):
            asked.post("/operator/backup", b"", 86_400)
