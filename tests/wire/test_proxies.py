"""The visitor's address and host, by the headers of trusted proxies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from heropixel.troubles import SettingUnusable
from heropixel.wire.proxies import Proxies

TRUSTED = "10.0.0.0/8, 192.0.2.7, 2001:db8:cd::/48, ::ffff:172.16.0.0/108"
PEER = "10.0.0.1"
VISITOR = "203.0.113.9"
LISTED = "X-Forwarded-For"


def address(header: str, *lines: str | bytes, peer: str = PEER) -> str:
    """The address, by what one header says in so many lines; other headers are forged."""
    name = header.lower().encode()
    forged = [
        (other, b"6.6.6.6")
        for other in (b"x-forwarded-for", b"cf-connecting-ip", b"x-real-ip", b"true-client-ip", b"fastly-client-ip")
        if other != name
    ] + ([(b"forwarded", b"for=6.6.6.6")] if name != b"forwarded" else [])
    told = [(name, line.encode() if isinstance(line, str) else line) for line in lines]
    proxies = Proxies.parse(TRUSTED, header)
    found = proxies.address_of(peer, [*forged, *told])
    assert proxies.address_of(peer, [*told, *forged]) == found, "also when it asks again"
    return found


@pytest.mark.parametrize(
    ("peer", "itself"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("11.0.0.1", "11.0.0.1"),
        ("192.0.2.8", "192.0.2.8"),
        ("2001:DB8:CE:0::1", "2001:db8:ce::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        ("/run/proxy.sock", "/run/proxy.sock"),
    ],
)
@pytest.mark.parametrize("header", [LISTED, "Forwarded", "CF-Connecting-IP"])
def test_an_untrusted_peer_is_counted_by_its_own_address(header: str, peer: str, itself: str) -> None:
    assert address(header, "for=6.6.6.6" if header == "Forwarded" else "6.6.6.6", peer=peer) == itself


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], PEER),
        ([""], PEER),
        ([VISITOR], VISITOR),
        ([f" {VISITOR}\t"], VISITOR),
        ([f"6.6.6.6, {VISITOR}"], VISITOR),
        ([f"6.6.6.6,{VISITOR},10.0.0.3 , 10.0.0.2"], VISITOR),
        ([f"6.6.6.6, {VISITOR}, 192.0.2.7, 2001:db8:cd::1, 172.17.0.1, ::ffff:10.0.0.2"], VISITOR),
        (["6.6.6.6", VISITOR], VISITOR),
        (["6.6.6.6", f"7.7.7.7, {VISITOR}", "10.0.0.3", "10.0.0.2"], VISITOR),
        (["10.0.0.4, 10.0.0.3"], "10.0.0.4"),
        ([f"{VISITOR}:51334"], VISITOR),
        ([f"{VISITOR}:51334, 10.0.0.2:80"], VISITOR),
        (["2001:DB8:0:0::9"], "2001:db8::9"),
        (["[2001:db8::9]"], "2001:db8::9"),
        (["[2001:db8::9]:443"], "2001:db8::9"),
        (["::ffff:203.0.113.9"], VISITOR),
        (["[::ffff:203.0.113.9]:443"], VISITOR),
        (["fe80::9%eth0"], "fe80::9"),
        (["[fe80::9%25eth0]:443"], "fe80::9"),
        ([f"{VISITOR}, , ,"], VISITOR),
        # Garbage ends the walk at the last that was good: what stands before it may be anybody's.
        (["unknown"], PEER),
        (["6.6.6.6, unknown, 10.0.0.3"], "10.0.0.3"),
        (["6.6.6.6, 010.0.0.3"], PEER),
        (["6.6.6.6, 203.0.113.9:"], VISITOR),
        (["6.6.6.6, 203.0.113.9:80:80"], PEER),
        (["6.6.6.6, [203.0.113.9"], PEER),
        (["6.6.6.6, [2001:db8::9]443"], PEER),
        (["6.6.6.6, 203.0.113.999"], PEER),
        (["6.6.6.6, 203.0.113"], PEER),
        (["6.6.6.6, 3405803785"], PEER),
        (["6.6.6.6, shop.example"], PEER),
        (["6.6.6.6, ٢٠٣.0.113.9"], PEER),
        ([b"6.6.6.6, \xff\x00"], PEER),
        ([f"6.6.6.6, {'1' * 10_000}"], PEER),
        (["6.6.6.6, for=203.0.113.9"], PEER),
    ],
)
@pytest.mark.parametrize("header", [LISTED, "CF-Connecting-IP", "True-Client-IP", "Fly-Client-IP", "X-Real-IP"])
def test_a_list_is_read_from_the_right_past_those_that_are_trusted(
    header: str, lines: list[str | bytes], found: str
) -> None:
    assert address(header, *lines) == found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([], PEER),
        ([f"for={VISITOR}"], VISITOR),
        ([f'For="{VISITOR}:47011"'], VISITOR),
        ([f"for={VISITOR}:47011"], VISITOR),
        (['for="[2001:db8::9]:4711"'], "2001:db8::9"),
        (["for=[2001:db8::9]"], "2001:db8::9"),
        ([f'proto=https;by=10.0.0.1;for="{VISITOR}";host=shop.example'], VISITOR),
        ([f"for=6.6.6.6, for={VISITOR};proto=http;by=203.0.113.43, for=10.0.0.2"], VISITOR),
        (["for=6.6.6.6", f"for=7.7.7.7, for={VISITOR}", "for=10.0.0.2"], VISITOR),
        ([f'for={VISITOR};note="a, for=6.6.6.6; \\", for=7.7.7.7"'], VISITOR),
        ([f'for="\\{VISITOR}"'], VISITOR),
        ([f'for="{VISITOR}:_port"'], VISITOR),
        ([f"for={VISITOR}; proto=https ;"], VISITOR),
        ([f"for={VISITOR}, ,"], VISITOR),
        (["for=unknown"], PEER),
        (["for=6.6.6.6, for=_hidden, for=10.0.0.3"], "10.0.0.3"),
        (["for=6.6.6.6, proto=https"], PEER),
        (["for=6.6.6.6, for=7.7.7.7;for=8.8.8.8"], PEER),
        (["for=6.6.6.6, for"], PEER),
        (["for=6.6.6.6, for="], PEER),
        (["for=6.6.6.6, for = 7.7.7.7"], PEER),
        (["for=6.6.6.6, 7.7.7.7"], PEER),
        (["for=6.6.6.6, for=7.7.7.7 for=8.8.8.8"], PEER),
        # A quote that the caller leaves open swallows what the proxy adds: then nobody is believed, in this line.
        ([f'for=6.6.6.6, for="7.7.7.7, for={VISITOR}'], PEER),
        (['for=6.6.6.6, for=", for="[2001:db8::9]"'], PEER),
        (['for=6.6.6.6;x=", for="[2001:db8::9]";x="y"'], PEER),
        (['for=6.6.6.6, for="7.7.7.7', f"for={VISITOR}"], VISITOR),
        ([f"garbage;;=, for={VISITOR}"], VISITOR),
        ([b"for=6.6.6.6, for=\xff\x00"], PEER),
    ],
)
def test_forwarded_is_read_as_rfc_7239_has_it(lines: list[str | bytes], found: str) -> None:
    assert address("Forwarded", *lines) == found


def test_a_name_is_read_in_any_letter_case() -> None:
    assert (
        Proxies.parse(PEER, " cf-CONNECTING-ip ").address_of(PEER, [(b"cf-connecting-ip", b"203.0.113.9")]) == VISITOR
    )


@pytest.mark.parametrize(
    ("header", "peer", "headers", "host"),
    [
        (LISTED, "9.9.9.9", {"host": "Pixel.example:8000", "x-forwarded-host": "forged.example"}, "pixel.example:8000"),
        (LISTED, PEER, {"host": "pixel.internal", "x-forwarded-host": "shop.example"}, "shop.example"),
        (LISTED, PEER, {"host": "pixel.internal", "x-forwarded-host": "forged.example, Shop.example"}, "shop.example"),
        (LISTED, PEER, {"host": "shop.example", "x-forwarded-host": ""}, "shop.example"),
        (LISTED, PEER, {"host": "shop.example", "forwarded": "for=1.1.1.1;host=forged.example"}, "shop.example"),
        (LISTED, PEER, {"x-forwarded-host": "shop.example"}, "shop.example"),
        (LISTED, PEER, {}, ""),
        ("Forwarded", "9.9.9.9", {"host": "a.example", "forwarded": "for=1.1.1.1;host=forged.example"}, "a.example"),
        (
            "Forwarded",
            PEER,
            {"host": "a.internal", "forwarded": 'for=1.1.1.1;host="shop.example:8443"'},
            "shop.example:8443",
        ),
        ("Forwarded", PEER, {"host": "a.internal", "x-forwarded-host": "forged.example"}, "a.internal"),
        (
            "Forwarded",
            PEER,
            {"host": "a", "forwarded": "for=1.1.1.1;host=shop.example, for=10.0.0.2;host=b"},
            "shop.example",
        ),
        ("Forwarded", PEER, {"host": "a", "forwarded": "for=1.1.1.1;host=forged.example, for=2.2.2.2;host=b"}, "b"),
        ("Forwarded", PEER, {"host": "a", "forwarded": "for=1.1.1.1;host=forged.example, for=_hidden;host=b"}, "b"),
        ("Forwarded", PEER, {"host": "a", "forwarded": "for=1.1.1.1, for=10.0.0.2;host=shop.example"}, "shop.example"),
    ],
)
def test_the_host_is_the_one_that_the_first_trusted_proxy_was_asked_for(
    header: str, peer: str, headers: dict[str, str], host: str
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert Proxies.parse(TRUSTED, header).forwarded_host(peer, raw) == host


PIECES = st.sampled_from(
    [
        b"for=",
        b"10.0.0.2",
        b"203.0.113.9",
        b"[",
        b"]",
        b":",
        b"::1",
        b"%",
        b",",
        b";",
        b'"',
        b"\\",
        b" ",
        b"host=",
        b"\xff",
    ]
)
VALUES = st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join)


@given(peer=st.text(max_size=50) | st.ip_addresses().map(str), values=st.lists(VALUES, max_size=4))
def test_no_header_value_ends_in_an_error(peer: str, values: list[bytes]) -> None:
    for header in (LISTED, "Forwarded"):
        proxies = Proxies.parse("0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1", header)
        headers = [(header.lower().encode(), value) for value in values] + [(b"host", value) for value in values]
        assert isinstance(proxies.address_of(peer, headers), str)
        assert isinstance(proxies.forwarded_host(peer, headers), str)
        assert isinstance(proxies.trusts(peer), bool)


@given(written=VALUES, visitor=st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_whatever_a_caller_writes_he_is_not_believed(written: bytes, visitor: object) -> None:
    told = str(visitor).encode()
    quoted = b'"[' + told + b']"' if b":" in told else told
    for header, added in ((LISTED, told), ("Forwarded", b"for=" + quoted + b";host=shop.example")):
        proxies = Proxies.parse(PEER, header)
        alone = proxies.address_of(PEER, [(header.lower().encode(), added)])
        found = proxies.address_of(PEER, [(header.lower().encode(), written + b", " + added)])
        assert found in (alone, PEER), "the proxy's own address where he has spoilt what it adds"
        if header == LISTED:
            assert found == alone or alone == PEER


@pytest.mark.parametrize(
    "evil",
    [b'"\\' * 30_000, b"a=b;" * 15_000, b'a="' * 20_000, b" ;" * 30_000 + b"!", b"," * 60_000, b"10.0.0.2," * 7_000],
    ids=lambda evil: repr(evil[:4]),
)
def test_a_header_made_to_be_slow_to_read_is_not(evil: bytes) -> None:
    for header in (LISTED, "Forwarded"):
        proxies = Proxies.parse(TRUSTED, header)
        for _ in range(10):
            proxies.address_of(PEER, [(header.lower().encode(), evil)])
            proxies.forwarded_host(PEER, [(header.lower().encode(), evil)])


@pytest.mark.parametrize(
    ("trusted", "header", "says"),
    [
        ("10.0.0.0/99", LISTED, "HEROPIXEL_TRUSTED_PROXIES cannot be used"),
        ("proxy.example", LISTED, "HEROPIXEL_TRUSTED_PROXIES cannot be used"),
        ("10.0.0.1 10.0.0.2", LISTED, "HEROPIXEL_TRUSTED_PROXIES cannot be used"),
        (
            "0.0.0.0/0",
            LISTED,
            r"HEROPIXEL_TRUSTED_PROXIES cannot be used: 0\.0\.0\.0/0 is every address, .* or 10\.0\.0\.0/8",
        ),
        ("10.0.0.0/8, ::/0", LISTED, "HEROPIXEL_TRUSTED_PROXIES cannot be used: ::/0 is every address"),
        ("10.1.2.3/0", LISTED, "HEROPIXEL_TRUSTED_PROXIES cannot be used: 10.1.2.3/0 is every address"),
        ("::ffff:0:0/96", LISTED, "HEROPIXEL_TRUSTED_PROXIES cannot be used: ::ffff:0:0/96 is every address"),
        ("", "", "HEROPIXEL_ADDRESS_HEADER cannot be used: it must be the name of one header"),
        (
            "",
            "X-Forwarded-For, Forwarded",
            "HEROPIXEL_ADDRESS_HEADER cannot be used: it must be the name of one header",
        ),
        ("", "X-Forwarded-For:", "HEROPIXEL_ADDRESS_HEADER cannot be used: it must be the name of one header"),
        ("", "Für", "HEROPIXEL_ADDRESS_HEADER cannot be used: it must be the name of one header"),
    ],
)
def test_settings_that_cannot_be_used_are_said_at_the_start(trusted: str, header: str, says: str) -> None:
    with pytest.raises(SettingUnusable, match=says):
        Proxies.parse(trusted, header)


def test_a_proxy_missing_in_the_settings_is_logged_once_without_its_visitors() -> None:
    proxies = Proxies.parse("", LISTED)
    with capture_logs() as logs:
        proxies.address_of("198.51.100.1", [(b"host", b"shop.example")])
        assert not logs
        for _ in range(3):
            proxies.address_of("198.51.100.1", [(b"x-forwarded-for", b"203.0.113.9")])
    (line,) = logs
    assert "HEROPIXEL_TRUSTED_PROXIES" in line["event"]
    assert "198.51.100.1" not in str(line)
    assert "203.0.113.9" not in str(line)


def test_a_proxy_that_sends_no_address_is_logged_once() -> None:
    proxies = Proxies.parse(TRUSTED, "Forwarded")
    with capture_logs() as logs:
        proxies.address_of(PEER, [(b"forwarded", b"for=203.0.113.9")])
        assert not logs
        for _ in range(3):
            proxies.address_of(PEER, [(b"x-forwarded-for", b"203.0.113.9")])
    (line,) = logs
    assert "HEROPIXEL_ADDRESS_HEADER" in line["event"]
    assert line["header"] == "forwarded"


def test_without_a_proxy_nobody_is_trusted() -> None:
    proxies = Proxies.parse(" , ", LISTED)
    assert not proxies
    assert not proxies.trusts("127.0.0.1")
    assert Proxies.parse(TRUSTED, LISTED)
