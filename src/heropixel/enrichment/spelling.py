"""A page has one spelling, whoever sent its address: its path as a person reads it. Pure.

It follows RFC 3986, section 6.2.2, and for letters of all alphabets RFC 3987. Escapes are decoded where nothing changes
its meaning: `/caf%C3%A9` is `/café`. Escapes of reserved characters stay, in capitals: `%2f` is `%2F`, and no slash.
Two slashes are not one, for a server may tell them apart.
"""

import re
from unicodedata import normalize


def spelled(path: str) -> str:
    """The one spelling of a path, or of a route behind a `#`."""
    if not _PLAIN.fullmatch(path):
        path = normalize("NFC", "".join(map(_spelled_part, _ESCAPES.split(path))))
    if "/." in path:
        path = _without_dots(path)
    return path


# As most paths are.
_PLAIN = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@-]*")
_ESCAPES = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
# A decoded one of these would be read as a part of the address, or as a sign that has a meaning of its own.
_RESERVED = frozenset("/?#%\\!$&'()*+,;=:@")
_JOINERS = frozenset("\u200c\u200d")  # they belong to words of some alphabets, and to emoji


def _spelled_part(part: str) -> str:
    """Either a run of escapes, or the characters between two of them."""
    if not _ESCAPES.fullmatch(part):
        return "".join(_legible(character) for character in part.replace("%", "%25"))
    decoded = bytes.fromhex(part.replace("%", "")).decode(errors="surrogateescape")  # what is no UTF-8 stays escaped
    return "".join(_escaped(one) if one in _RESERVED else _legible(one) for one in decoded)


def _legible(character: str) -> str:
    return character if character.isprintable() or character in _JOINERS else _escaped(character)


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode(errors="surrogateescape"))


def _without_dots(path: str) -> str:
    """Without `.` and `..`, as RFC 3986 removes them."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments[1:]:
        if segment == ".." and kept:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join([segments[0], *kept])
