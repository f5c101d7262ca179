"""The documents that a share may run: those of its views, by their hashes, as the dashboard was built with them."""

import hashlib
from collections.abc import Iterable
from importlib import resources

import msgspec

FILE = "shared_documents.json"


class SharedDocuments:
    """The documents of the views that a share shows."""

    def __init__(self, hashes: Iterable[str] = ()) -> None:
        self._hashes = frozenset(hashes)

    @classmethod
    def built(cls) -> "SharedDocuments":
        """Those of the dashboard that was built into this package; none where there is no dashboard."""
        file = resources.files("heropixel") / "static" / "dashboard" / FILE
        if not file.is_file():
            return cls()
        return cls(msgspec.json.decode(file.read_bytes(), type=dict[str, str]).values())

    def __contains__(self, document: str) -> bool:
        """Whether a document is one of them, to the letter."""
        return hashlib.sha256(document.encode("utf-8", "replace")).hexdigest() in self._hashes
