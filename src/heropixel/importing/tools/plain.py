"""Pageviews by the field names of the API: what `heropixel pageviews export` writes, or any other program."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from heropixel.columns import GivenBy, given_by
from heropixel.directory.hosts import host_in
from heropixel.events.pageviews import EXPORT_COLUMNS
from heropixel.importing.tools.cells import text_of
from heropixel.importing.tools.own_ids import OwnIds
from heropixel.importing.tools.tool import NO_PIXEL, Site
from heropixel.nothing import NO_VALUES
from heropixel.recording.pageview import PageviewEvent
from heropixel.recording.past import PastPageview
from heropixel.strict_json import JsonRefused, decode
from heropixel.transfer import FileRow
from heropixel.transfer.converting import UnusableRow
from heropixel.values import camel, id_of

_FIELDS = {field.encode_name: field.name for field in msgspec.structs.fields(PageviewEvent)}
_SEEN_WITH = {camel(name): name for name in given_by(GivenBy.IMPORT)}
# Of an export: what that server made of the pageview. Its pixel is read apart.
_NOT_TAKEN = {"pixelId"} | (EXPORT_COLUMNS.keys() - _FIELDS.keys() - _SEEN_WITH.keys())

# A word for no value in one of these is refused by name.
_DECIDING = frozenset(
    (
        "domain",
        "timestamp",
        "eventId",
        "sessionId",
        "email",
        "md5",
        "sha1",
        "sha256",
        "phone",
        "externalId",
        "visitorId",
    )
)

_CONSENT = {"": None, "true": True, "false": False}


class Plain:
    """Makes a pageview of each row. Its user is found or learned as if the row had been sent to the API."""

    names_pixels: ClassVar[bool] = True
    wants: ClassVar[str] = "heropixel's own pageviews as .jsonl, .csv or .parquet, with timestamp and domain"

    def __init__(self, site: Site) -> None:
        self.remarks: Counter[str] = Counter()
        self._site = site
        self._ids = OwnIds()

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """See `Tool.recognises`."""
        return "timestamp" in names and bool(names & {"domain", "url", "eventid", "pixelid", "visitorid"})

    def pageviews(self, row: FileRow) -> Iterator[PastPageview | None]:
        """See `Tool.pageviews`."""
        event: dict[str, Any] = {}
        seen_with: dict[str, str] = {}
        for name, value in row.values.items():
            if name in _NOT_TAKEN or value is None or value == "":
                continue
            if name not in _DECIDING and isinstance(value, str) and value in NO_VALUES:
                continue
            if field := _FIELDS.get(name):
                event[field] = _value(name, row.values)
            elif field := _SEEN_WITH.get(name):
                seen_with[field] = text_of(row.values, name)
            else:
                raise UnusableRow(f"{name[:60]} is not a field of a pageview")
        event.setdefault("domain", self._site.domain)
        if "event_id" not in event:
            event["event_id"] = f"heropixel:{self._ids.of(row.values)}"
        pixel = self._pixel_of(text_of(row.values, "pixelId"), event["domain"])
        yield PastPageview(PageviewEvent(pixel_id=pixel, **event), **seen_with)

    def _pixel_of(self, named: str, domain: str) -> int:
        """The pixel that a row names, if it is here and authorises the domain; else the one that the operator names.

        Raises:
            UnusableRow: there is no such pixel, and the operator has named none.
        """
        wanted = self._site.pixel
        number = id_of(named) if named else wanted
        if number is None:
            raise UnusableRow("pixelId is not the number of a pixel")
        if number == wanted != NO_PIXEL:
            return wanted
        pixel, host = self._site.pixels.get(number), host_in(domain)
        if pixel is not None and (wanted == NO_PIXEL or (host is not None and pixel.authorises(host))):
            if wanted != NO_PIXEL:
                self.remarks[f"the row is of pixel {number}, and was taken for it, not for pixel {wanted}"] += 1
            return number
        if wanted == NO_PIXEL:
            what = f"it is of pixel {number}, which is not here" if named else "it names no pixel (pixelId)"
            raise UnusableRow(f"{what}: say with --pixel for which one it is to be recorded")
        self.remarks[f"the row is of pixel {number} of another server, and was taken for pixel {wanted}"] += 1
        return wanted


def _value(name: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 - as PageviewEvent has it
    if name == "consent":
        return _consent(values[name])
    if name == "properties":
        return _properties(values[name])
    return text_of(values, name)


def _consent(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    try:
        return _CONSENT[str(value).strip().lower()]
    except KeyError:
        raise UnusableRow("consent is neither true nor false") from None


def _properties(value: object) -> object:
    """An object; CSV and Parquet have it as text."""
    if not isinstance(value, str):
        return value
    try:
        return decode(value.encode())
    except JsonRefused:
        raise UnusableRow("properties is not a JSON object") from None
