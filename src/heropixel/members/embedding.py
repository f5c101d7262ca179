"""Origins of pages that may show a share in a frame. Pure."""

import re
from collections.abc import Sequence

from heropixel.directory.hosts import normalise_host
from heropixel.members.share_refusals import InvalidOrigin

MOST = 20  # of one share: each is in a header of its page

_ORIGIN = re.compile(r"(https?)://([^/?#@:\s]+)(?::(\d{1,5}))?/?", re.IGNORECASE)


def usable_origins(given: Sequence[str]) -> tuple[str, ...]:
    """The origins in their one form, as `frame-ancestors` of a policy takes them, each once.

    Raises:
        InvalidOrigin: one is none, or there are too many.
    """
    if len(given) > MOST:
        raise InvalidOrigin(origin=f"the list of {len(given)}", limit=MOST)
    return tuple(dict.fromkeys(map(_usable, given)))


def _usable(text: str) -> str:
    found = _ORIGIN.fullmatch(text.strip())
    host = found and normalise_host(found[2])
    if not found or host is None:
        raise InvalidOrigin(origin=text[:60], limit=MOST)
    return f"{found[1].lower()}://{host}" + (f":{int(found[3])}" if found[3] else "")
