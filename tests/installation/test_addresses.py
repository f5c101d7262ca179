"""The addresses that the server may connect to for a URL that a caller gave."""

import ipaddress

import pytest

from heropixel.installation.addresses import is_public
from heropixel.installation.urls import Unusable, absolute, joined


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_that_leads_inwards_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "must begin with https://"),
        ("shop.example.com", "must begin with https://"),
        ("//shop.example.com/", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "must begin with https://"),
        ("ftp://shop.example.com/", "must begin with https://"),
        ("javascript:alert(1)", "must begin with https://"),
        ("data:text/html,<script>", "must begin with https://"),
        ("https://", "no host name"),
        ("https:///path", "no host name"),
        ("https://exa mple.com/", "no host name"),
        ("http://2130706433/", "no host name"),
        ("http://127.1/", "no host name"),
        ("http://0177.0.0.1/", "Invalid IPv4"),
        ("https://anna:secret@shop.example.com/", "user name or a password"),
        ("https://anna@shop.example.com/", "user name or a password"),
        ("https://shop.example.com@127.0.0.1/", "user name or a password"),
        ("http://shop.example.com:22/", "no page on port 22"),
        ("http://shop.example.com:25/", "no page on port 25"),
        ("http://shop.example.com:99999/", "no page on port 99999"),
        ("http://shop.example.com:http/", "Invalid port"),
        ("https://shop.example.com/\0a", "non-printable"),
        ("https://shop.example.com/" + "x" * 9_000, "longer than 8,192"),
    ],
)
def test_an_address_that_no_browser_would_open_says_why(url: str, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        absolute(url)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("  https://shop.example.com/a\n/b ", "https://shop.example.com/a/b"),
        ("HTTPS://Shop.Example.com:443/", "https://shop.example.com/"),
        ("http://shop.example.com:8080/?a=\\b", "http://shop.example.com:8080/?a=\\b"),
        ("https:\\\\shop.example.com\\a", "https://shop.example.com/a"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://0x7f.1/", "http://0x7f.1/"),
    ],
)
def test_an_address_is_read_as_browsers_read_it(url: str, read: str) -> None:
    assert str(absolute(url)) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("pixel.js", "https://shop.example.com/a/pixel.js"),
        ("/pixel.js", "https://shop.example.com/pixel.js"),
        ("//px.example.com/pixel.js", "https://px.example.com/pixel.js"),
        ("\\\\px.example.com/pixel.js", "https://px.example.com/pixel.js"),
        ("../pixel.js?x#y", "https://shop.example.com/pixel.js?x#y"),
        ("http://px.example.com:81/p", "http://px.example.com:81/p"),
    ],
)
def test_an_address_in_a_page_is_read_against_the_page(text: str, read: str) -> None:
    assert str(joined(absolute("https://shop.example.com/a/b?c"), text)) == read
