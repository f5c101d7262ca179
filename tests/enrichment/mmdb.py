"""Writes a small file in MaxMind's format (https://maxmind.github.io/MaxMind-DB/)."""

import ipaddress
import struct
from pathlib import Path
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"


def write(path: Path, places: dict[str, dict[str, Any]]) -> Path:
    """Write records by network, IPv4 and IPv6. An existing file is replaced atomically, as update programs do."""
    tree: list[list[Any]] = [[None, None]]
    offsets: list[int] = []
    section = b""
    for number, (network, record) in enumerate(places.items()):
        _insert(tree, ipaddress.ip_network(network), number)
        offsets.append(len(section))
        section += _encoded(record)
    nodes = b"".join(_record(side, len(tree), offsets) for node in tree for side in node)
    about = {
        "node_count": _control(6, 4) + struct.pack(">I", len(tree)),
        "record_size": _short(24),
        "ip_version": _short(6),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": _short(2),
        "binary_format_minor_version": _short(0),
        "build_epoch": _control(9, 8) + struct.pack(">Q", 1),
        "description": {"en": "Test"},
    }
    fresh = path.with_suffix(".new")
    fresh.write_bytes(nodes + b"\0" * 16 + section + _MARKER + _encoded(about))
    return fresh.rename(path)


def _insert(tree: list[list[Any]], network: ipaddress.IPv4Network | ipaddress.IPv6Network, number: int) -> None:
    bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[: network.prefixlen]
    if network.version == 4:
        bits = "0" * 96 + bits
    node = 0
    for bit in map(int, bits[:-1]):
        if tree[node][bit] is None:
            tree.append([None, None])
            tree[node][bit] = len(tree) - 1
        node = tree[node][bit]
    tree[node][int(bits[-1])] = ("record", number)


def _record(side: Any, count: int, offsets: list[int]) -> bytes:
    value = count if side is None else side if isinstance(side, int) else count + 16 + offsets[side[1]]
    return int(value).to_bytes(3)


def _encoded(value: Any) -> bytes:
    if isinstance(value, dict):
        return _control(7, len(value)) + b"".join(_encoded(name) + _encoded(item) for name, item in value.items())
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    return bytes(value)  # a number, encoded already


def _short(number: int) -> bytes:
    return _control(5, 2) + struct.pack(">H", number)


def _control(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])
