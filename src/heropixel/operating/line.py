"""The client of the operators' endpoint: a connection from a command to the server that holds the folder."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from heropixel import folder
from heropixel.errors import EventsUnavailable
from heropixel.troubles import FolderInUse, ServerRefused, ServerUnreachable

THERE = "/operator"  # whoever answers here answers all requests

STATE = "/operator/state"

# The server accepts connections also while the part of it that answers is started again, so connecting says nothing.
_THERE_SECONDS = 10


class OperatorsLine:
    """Sends requests to the server that holds a folder. Several threads may do so at the same time."""

    def __init__(self, data: Path, holder: folder.Holder, http: httpx.Client) -> None:
        self._data = data
        self._holder = holder
        self._http = http
        self._is_there = False

    def get(self, path: str, seconds: float) -> bytes:
        """The body of the answer; see `post`."""
        with self._asking("GET", path, b"", seconds) as response:
            return response.read()

    def post(self, path: str, body: bytes, seconds: float) -> bytes:
        """The body of the answer; `seconds` is the timeout for each read.

        Raises:
            ServerUnreachable: the server does not answer.
            ServerRefused: the server refuses the request; the message is the server's.
            EventsUnavailable: the server's event store cannot do it now.
        """
        with self._asking("POST", path, body, seconds) as response:
            return response.read()

    def lines(self, method: str, path: str, seconds: float) -> Iterator[str]:
        """The lines of the answer, while they arrive; `seconds` is the timeout for each read.

        Raises:
            ServerUnreachable, ServerRefused, EventsUnavailable: see `post`.
        """
        with self._asking(method, path, b"", seconds) as response:
            yield from response.iter_lines()

    @contextmanager
    def _asking(self, method: str, path: str, body: bytes, seconds: float) -> Iterator[httpx.Response]:
        try:
            if not self._is_there:  # before a request that may take hours
                self._http.get(THERE, timeout=_THERE_SECONDS).raise_for_status()
                self._is_there = True
            with self._http.stream(method, path, content=body, timeout=seconds) as response:
                if response.status_code == httpx.codes.BAD_REQUEST:
                    raise ServerRefused(why=response.read().decode())
                if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    raise EventsUnavailable(response.read().decode())
                yield response.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerUnreachable(folder=self._data, process=self._holder, why=error) from None


@contextmanager
def line_to_holder(data: Path) -> Iterator[OperatorsLine | None]:
    """A client for the server that holds the folder; None where no process holds it.

    Raises:
        FolderInUse: a command holds it, and commands answer no requests.
    """
    holder = folder.holder_of(data)
    if holder is None:
        yield None
        return
    if not holder.operators:
        raise FolderInUse(process=holder, folder=data)
    # It is asked by http: loading authorities would take 25 ms.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx.HTTPTransport(uds=holder.operators, verify=nobody)
    with httpx.Client(transport=transport, base_url="http://heropixel", trust_env=False) as http:
        yield OperatorsLine(data, holder, http)
