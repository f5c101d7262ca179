"""Names for pageviews that have none, the same ones each time their file is read."""

import hashlib

import msgspec

from heropixel.transfer.converting import UnusableRow


class OwnIds:
    """Event ids for what its export gives none: made of its content, and of its place among its like in the file.

    So the same file gives the same ids, and two rows that are alike stay two. Takes some 100 bytes a row.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def of(self, content: object) -> str:
        """The id of the next row with this content.

        Raises:
            UnusableRow: it cannot be hashed.
        """
        try:
            digest = hashlib.blake2b(_encode(content), digest_size=16).digest()
        except RecursionError:
            raise UnusableRow("it is nested too deeply") from None
        place = self._seen.get(digest, 0)
        self._seen[digest] = place + 1
        return f"{digest.hex()}-{place}" if place else digest.hex()


_encode = msgspec.json.Encoder(order="deterministic").encode
