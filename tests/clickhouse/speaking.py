"""The HTTP protocol of ClickHouse in front of chDB, as a process of its own: `python -m tests.clickhouse.speaking`.

Every request has a connection of its own, and nothing lasts from one to the next, as behind a load balancer. A request
with a session is refused. It takes parameters and settings in the address or in a form, external data, compression, and
answers with the headers and errors of a server. Before one matching request or more it can be told to fail.

As a replica (`--replica`) it knows a cluster `here` of which it is the one node that is up: replicated engines
become those of one node, with the same memory of tokens, and `ON CLUSTER` is noted in a queue like the cluster's own.
"""

import gzip
import json
import re
import sys
import tempfile
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import HTTP as FORM
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

_OWN = {
    *("database", "query", "query_id", "session_id", "session_timeout", "session_check", "user", "password", "role"),
    *("compress", "decompress", "wait_end_of_query", "client_protocol_version", "default_format", "quota_key"),
    *("send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression", "buffer_size"),
}
_EXTERNAL = re.compile(r"(.+)_(format|structure|types)")
_INSERT = re.compile(rb"\s*INSERT\s+INTO\s+\S+\s*(?:\([^)]*\))?\s*FORMAT\s+(\w+)[ \t]*\r?\n?", re.IGNORECASE)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_LONGEST_VALUE = 131_072  # bytes: `http_max_field_value_size`
_STATUS = {516: 403, 60: 404, 81: 404, 159: 408, 241: 500}


class _FailedError(Exception):
    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(text)


class Engine:
    """What is asked, and what is told to fail. One statement at a time that changes something, as many as read."""

    def __init__(self, folder: str, password: str, *, replica: bool) -> None:
        self._folder = folder
        # The engine lives as long as one connection.
        self._open = chdb.connect(f"{folder}?memory_worker_period_ms=1000")
        self.password = password
        self.replica = replica
        self.faults: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._running = 0
        self._finished = threading.Condition()
        for made in _CLUSTER if replica else ():
            self._open.query(made, "TSV")
        self.down([])

    def down(self, hosts: list[str]) -> None:
        """Which other servers of the cluster are down."""
        if self.replica:
            self._open.query("TRUNCATE TABLE default.cluster_hosts", "TSV")
            for host in ("here-1", *hosts):
                self._open.query(f"INSERT INTO default.cluster_hosts VALUES ('here', '{host}')", "TSV")

    @contextmanager
    def running(self) -> Iterator[None]:
        """A request is being answered."""
        with self._finished:
            self._running += 1
        try:
            yield
        finally:
            with self._finished:
                self._running -= 1
                self._finished.notify_all()

    def release(self) -> None:
        """End what is slow, and wait for the requests that are being answered, also where their client has gone."""
        self.faults = []
        self.released.set()
        with self._finished:
            self._finished.wait_for(lambda: not self._running)
        self.released.clear()

    def fault(self, statement: str) -> str:
        """How this request is to fail; empty: it is not."""
        with self._lock:
            for fault in self.faults:
                if fault["times"] > 0 and re.search(fault["matching"], statement):
                    fault["times"] -= 1
                    return str(fault["kind"])
        return ""

    def run(self, asked: dict[str, str], files: dict[str, bytes], statement: bytes) -> tuple[bytes, str]:
        """Run one statement on a connection of its own; the answer, and its format."""
        connection = chdb.connect(self._folder)
        try:
            if database := asked.get("database"):
                connection.query(f"USE `{database}`", "TSV")
            settings = {name: value for name, value in asked.items() if not self._is_own(name, files)}
            if settings:
                listed = ", ".join(f"{name} = '{_quoted(value)}'" for name, value in settings.items())
                connection.query(f"SET {listed}", "TSV")
            for name, content in files.items():
                _load(connection, name, asked, content)
            return self._answer(connection, asked, statement)
        except RuntimeError as error:
            found = re.search(r"Code: (\d+)", str(error))
            text = str(error)
            raise _FailedError(
                int(found[1]) if found else 1002, text[text.find("Code: ") :] if found else text
            ) from error
        finally:
            connection.close()

    def _is_own(self, name: str, files: dict[str, bytes]) -> bool:
        external = _EXTERNAL.fullmatch(name)
        return name in _OWN or name.startswith("param_") or bool(external and external[1] in files)

    def _answer(self, connection: Any, asked: dict[str, str], statement: bytes) -> tuple[bytes, str]:
        if insert := _INSERT.match(statement):
            with tempfile.NamedTemporaryFile() as file:
                file.write(statement[insert.end() :])
                file.flush()
                into = insert[0].decode().rstrip().rpartition("FORMAT")[0]
                connection.query(f"{into} FROM INFILE '{file.name}' FORMAT {insert[1].decode()}", "TSV")
            return b"", ""
        text = statement.decode()
        if self.replica:
            if " ON CLUSTER `here`" in text:
                connection.query(_QUEUED, "TSV", params={"statement": text.partition("\n")[0]})
            text = _on_one_node(text)
        named = _FORMAT.search(text)
        form = named[1] if named else asked.get("default_format", "TabSeparated")
        bound = {name[6:]: value for name, value in asked.items() if name.startswith("param_")}
        return bytes(connection.query(text, form, params=bound).bytes()), form


# What the servers of a cluster know of each other. This one has done a statement for all; one that is down has not.
_STANDS_FOR = {"distributed_ddl_queue": "default.cluster_queue", "clusters": "default.cluster_hosts"}
_CLUSTER = (
    "CREATE TABLE default.cluster_hosts (cluster String, host_name String) ENGINE = Memory",
    """CREATE TABLE default.cluster_queue (entry String, cluster String, query String, host Nullable(String),
        status Nullable(Enum8('Inactive' = 0, 'Active' = 1, 'Finished' = 2)), exception_code Nullable(UInt16),
        exception_text Nullable(String)) ENGINE = Memory""",
)
_QUEUED = """
    INSERT INTO default.cluster_queue
    SELECT concat('query-', toString(now64(6))), cluster, {statement:String}, host_name,
        if(host_name = 'here-1', 'Finished', 'Inactive'), 0, ''
    FROM default.cluster_hosts
"""


def _on_one_node(text: str) -> str:
    """A statement for a cluster as this node can run it."""
    if re.match(r"\s*CREATE\s+TABLE", text) and "Replicated" in text:
        tokens = "non_replicated_deduplication_window = 10000"
        text = re.sub(r"Replicated(\w*MergeTree)\('[^']*', '[^']*'\)", r"\1", text)
        text = re.sub(r"non_replicated_deduplication_window = \d+, ", "", text)
        text = re.sub(r"\breplicated_deduplication_window\w* = \d+,? ?", "", text)
        text = text.replace("SETTINGS ", f"SETTINGS {tokens}, ") if "SETTINGS" in text else f"{text} SETTINGS {tokens}"
    text = text.replace(" ON CLUSTER `here`", "")
    for table in ("distributed_ddl_queue", "clusters"):
        text = text.replace(f"system.{table}", _STANDS_FOR[table])
    return re.sub(r"clusterAllReplicas\('here', ([\w.`]+)\)", r"\1", text)


def _load(connection: Any, name: str, asked: dict[str, str], content: bytes) -> None:
    """External data as a temporary table of this connection."""
    connection.query(f"CREATE TEMPORARY TABLE `{name}` ({asked[f'{name}_structure']}) ENGINE = Memory", "TSV")
    if content:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            form = asked.get(f"{name}_format", "TabSeparated")
            connection.query(f"INSERT INTO `{name}` FROM INFILE '{file.name}' FORMAT {form}", "TSV")


def _check_sizes(asked: dict[str, str]) -> None:
    """A server by default takes no longer value in an address or a form, also of a parameter."""
    for name, value in asked.items():
        if len(value) > _LONGEST_VALUE:
            text = f"Code: 1000. DB::Exception: HTML Form Exception: Field value too long ({name}). (POCO_EXCEPTION)"
            raise _FailedError(1000, text)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine: Engine

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._send(200, b"Ok.\n" if self.path == "/ping" else b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/told":  # by a test: what is to fail. It answers what was asked since
            self.engine.release()
            answer = json.dumps(self.engine.asked).encode()
            told = json.loads(body)
            self.engine.asked, self.engine.faults = [], told["faults"]
            self.engine.down(told["down"])
            self._send(200, answer)
            return
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = _decompressed(body, self.headers.get("Content-Encoding"))
        files: dict[str, bytes] = {}
        kind = self.headers.get("Content-Type") or ""
        if kind.startswith("multipart/form-data"):
            fields, files = _form(kind, body)
            asked |= fields
            body = b""
        query = asked.pop("query", "").encode()
        statement = query + b"\n" + body if query and body else query or body
        with self.engine.running():
            self._ask(asked, files, statement)

    def _ask(self, asked: dict[str, str], files: dict[str, bytes], statement: bytes) -> None:
        text = statement[:2000].decode(errors="replace")
        self.engine.asked.append({"statement": text, "asked": asked, "external": [*files]})
        fault = self.engine.fault(text)
        if fault == "unavailable":
            self._send(503, b"Service Unavailable")
            return
        if fault == "lost before":
            self._hang_up()
            return
        if fault == "slow":
            self.engine.released.wait(2)
        try:
            self._check(asked)
            _check_sizes(asked)
            answer, form = self.engine.run(asked, files, statement)
        except _FailedError as failed:
            body = f"{failed.text}\n".encode()
            self._send(_STATUS.get(failed.code, 500), body, {"X-ClickHouse-Exception-Code": str(failed.code)})
            return
        if fault == "lost after":
            self._hang_up()
            return
        headers = {"X-ClickHouse-Query-Id": asked.get("query_id", ""), "X-ClickHouse-Timezone": "UTC"}
        headers |= {"X-ClickHouse-Summary": json.dumps({"read_rows": "0", "written_rows": "0"})}
        headers |= {"X-ClickHouse-Format": form} if form else {}
        self._send(200, answer, headers, cut=fault == "cut")

    def _check(self, asked: dict[str, str]) -> None:
        given = self.headers.get("Authorization") or ""
        if given.removeprefix("Basic ") != b64encode(f"heropixel:{self.engine.password}".encode()).decode():
            raise _FailedError(516, "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)")
        if "session_id" in asked:
            raise _FailedError(372, "Code: 372. DB::Exception: Session not found. (SESSION_NOT_FOUND)")

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, *, cut: bool = False) -> None:
        accepted = (self.headers.get("Accept-Encoding") or "").replace(" ", "").split(",")
        encoding = next((name for name in _COMPRESS if name in accepted), "")
        if encoding and len(body) > 200 and status == 200:
            body = _COMPRESS[encoding](body)
        else:
            encoding = ""
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body) + cut * 100)}.items():
            self.send_header(name, value)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


_COMPRESS = {"lz4": lz4.frame.compress, "gzip": gzip.compress}
_DECOMPRESS = {"lz4": lz4.frame.decompress, "gzip": gzip.decompress}


def _decompressed(body: bytes, encoding: str | None) -> bytes:
    return bytes(_DECOMPRESS[encoding](body)) if encoding else body


def _form(kind: str, body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
    """The fields and the files of a form."""
    form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=FORM)
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in form.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename() is None:
            fields[name] = content.decode()
        else:
            files[name] = content
    return fields, files


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that have gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def serve(folder: str, password: str, *, replica: bool) -> None:
    """Serve until the process is ended; the port is printed first."""
    _Requests.engine = Engine(folder, password, replica=replica)
    server = _Server(("127.0.0.1", 0), _Requests)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], replica="--replica" in sys.argv)
