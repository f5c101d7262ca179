"""The entry of a pageview in the journal says of its user what the resolution says."""

from itertools import product

import msgspec
import pytest

from heropixel.directory.users import User
from heropixel.identity.identifiers import Form
from heropixel.identity.resolve import BOT, NO_CONSENT, NO_IDENTIFIER, NOT_KNOWN, SUPPRESSED, Resolution
from heropixel.recording.pageview import Entry, put_resolution
from tests.recording.parsing import NOW, line, parse

ANN = User(3 << 40, None, None, NOW)
FOUND = [
    Resolution(user=ANN, via=ANN.id + merged, matched_on=word, form=form, unlinked=unlinked)
    for word, form, merged, unlinked in product(
        ("EXTERNAL_ID", "EMAIL", "MD5", "VISITOR_ID"), (*Form, None), (0, 5), (False, True)
    )
]
CREATED = Resolution(user=ANN, via=ANN.id, created=True)


@pytest.mark.parametrize("title", [None, 'A "title"'])
def test_a_line_says_of_its_user_what_the_resolution_says(title: str | None) -> None:
    pageview = parse(title=title, md5="5" * 32)
    for resolution in (*FOUND, CREATED, NOT_KNOWN, BOT, SUPPRESSED, NO_CONSENT, NO_IDENTIFIER):
        expected = msgspec.structs.replace(pageview.row)
        put_resolution(expected, resolution if resolution is not BOT else NOT_KNOWN)  # the API resolves bots
        written = line(pageview, resolution)
        assert written.endswith(b"}\n")
        assert written.count(b"\n") == 1
        assert msgspec.json.decode(written, type=Entry) == expected


def test_pageviews_without_an_event_id_get_ids_of_their_own() -> None:
    ids = {parse().row.event_id for _ in range(2_000)}
    assert len(ids) == 2_000
    assert all(len(id_) == 32 and bytes.fromhex(id_) for id_ in ids)
