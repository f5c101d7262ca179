"""Which answers are compressed: large ones of figures, and none by whose length a stranger could guess a secret."""

import json
import zlib
from typing import Any

import pytest

from heropixel.api.compressing import compressed
from heropixel.api.sign_in_pages import Reply

TAKES = {b"accept-encoding": b"gzip, deflate, br"}
ME = {"code": 200, "member": {"email": "anna@example.com"}}
ROWS = [{"page": f"/products/{number}", "visitors": {"count": number}} for number in range(50)]
OVERVIEW = {"data": {"me": ME, "pages": {"code": 200, "rows": ROWS}}}
ROOTS = {"me": "me", "pages": "report"}


def made(body: dict[str, Any], roots: dict[str, str] = ROOTS, headers: dict[bytes, bytes] = TAKES) -> bytes | None:
    return compressed(body, lambda: roots, headers, Reply())


def test_a_compressed_answer_is_the_same_answer_in_fewer_bytes() -> None:
    answer = made(OVERVIEW)
    assert answer
    assert json.loads(zlib.decompress(answer, wbits=31)) == OVERVIEW
    assert len(answer) < len(json.dumps(OVERVIEW)) / 4


@pytest.mark.parametrize("header", [b"", b"identity", b"br", b"gzip;q=0, br"])
def test_who_does_not_take_gzip_gets_none(header: bytes) -> None:
    assert made(OVERVIEW, headers={b"accept-encoding": header}) is None
    assert made(OVERVIEW, headers={}) is None


@pytest.mark.parametrize("root", ["pageviews", "users", "createKey", "createShare", "rotateSecret", "signIn", "verify"])
def test_what_may_hold_a_secret_is_not_compressed_nor_is_what_stands_beside_it(root: str) -> None:
    assert made(OVERVIEW | {"data": {**OVERVIEW["data"], "other": {}}}, {**ROOTS, "other": root}) is None


def test_reports_of_people_and_answers_with_errors_are_not_compressed() -> None:
    assert compressed(OVERVIEW, lambda: ROOTS, TAKES, Reply(tells_people=True)) is None
    assert made({**OVERVIEW, "errors": [{"message": "no"}]}) is None
    assert made({"data": None}) is None


def test_what_a_stranger_writes_into_a_report_tells_nothing_of_who_looks_at_it() -> None:
    def length(email: str) -> int:
        return len(made({"data": {"me": {"email": email}, "pages": {"rows": [{"page": "/anna@example.com"}]}}}) or b"")

    assert length("anna@example.com") == length("elpmaxe@moc.anna")  # the same letters, in another order
