"""What a content security policy allows, case by case of Content Security Policy Level 3."""

import base64
import hashlib

import httpx
import pytest

from heropixel.installation.policy import FetchKind, PageFetch, of_headers, of_meta

PAGE = "https://shop.example/a"
SCRIPT = "https://px.example/js/pixel.js"
HASH = "sha384-" + base64.b64encode(hashlib.sha384(b"x").digest()).decode()
OTHER = "sha384-" + base64.b64encode(hashlib.sha384(b"y").digest()).decode()


def instead(policy: str, request: PageFetch, page: str = PAGE) -> list[str]:
    """What each policy of a header that forbids would have to say."""
    said = [one.forbids(request, httpx.URL(page)) for one in of_headers([policy])]
    return [directive for directive in said if directive is not None]


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("", True),
        (";;", True),
        ("img-src 'none'", True),
        ("script-src *", True),
        ("script-src https:", True),
        ("script-src http:", True),  # what is asked for by http may come by https
        ("script-src HTTPS:", True),
        ("script-src data:", False),
        ("script-src px.example", True),
        ("script-src PX.Example", True),
        ("script-src https://px.example", True),
        ("script-src http://px.example", True),
        ("script-src wss://px.example", False),
        ("script-src px.example:443", True),
        ("script-src px.example:80", True),
        ("script-src px.example:*", True),
        ("script-src px.example:8443", False),
        ("script-src *.example", True),
        ("script-src *.px.example", False),
        ("script-src https://*", True),
        ("script-src example", False),
        ("script-src x.example", False),
        ("script-src px.example/js/", True),
        ("script-src px.example/js/pixel.js", True),
        ("script-src px.example/js/pixel%2Ejs", True),
        ("script-src px.example/js", False),
        ("script-src px.example/js/pixel.js/", False),
        ("script-src px.example/JS/", False),
        ("script-src px.example/other/", False),
        ("script-src px.example/", True),
        ("script-src", False),
        ("script-src 'none'", False),
        ("script-src 'none' px.example", True),  # beside others it says nothing
        ("script-src 'self'", False),
        ("script-src 'unsafe-inline' 'unsafe-eval'", False),
        ("script-src 'self' px.example", True),
        ("SCRIPT-SRC px.example", True),
        ("script-src 'self'; script-src px.example", False),  # the first of a name counts
        ("script-src-elem px.example; script-src 'none'; default-src 'none'", True),
        ("script-src-elem 'none'; script-src px.example", False),
        ("script-src px.example; default-src 'none'", True),
        ("script-src-attr 'none'", True),
        ("default-src px.example", True),
        ("default-src 'self'", False),
        ("script-src px.example, script-src 'self'", False),  # both must allow
        ("script-src px.example, default-src *", True),
        ("script-src 'nonce-abc'", False),
        ("script-src 'strict-dynamic' px.example https:", False),
        (f"script-src '{HASH}'", False),
        ("sandbox", False),
        ("sandbox allow-forms", False),
        ("sandbox allow-Scripts", True),
        ("upgrade-insecure-requests", True),
    ],
)
def test_a_script_is_allowed_by_its_address(policy: str, allowed: bool) -> None:
    assert (not instead(policy, PageFetch(FetchKind.SCRIPT, httpx.URL(SCRIPT)))) is allowed


@pytest.mark.parametrize(
    ("policy", "nonce", "integrity", "allowed"),
    [
        ("script-src 'nonce-abc'", "abc", "", True),
        ("script-src 'NONCE-abc'", "abc", "", True),
        ("script-src 'nonce-abc'", "ABC", "", False),
        ("script-src 'nonce-abc'", "", "", False),
        ("script-src 'nonce-'", "", "", False),
        ("script-src 'nonce-abc' 'strict-dynamic'", "abc", "", True),
        ("script-src 'strict-dynamic' px.example", "", "", False),
        (f"script-src '{HASH}'", "", HASH, True),
        (f"script-src '{HASH}' 'strict-dynamic'", "", HASH, True),
        (f"script-src '{HASH.replace('sha384', 'SHA384')}'", "", HASH, True),
        (f"script-src '{OTHER}'", "", HASH, False),
        (f"script-src '{HASH}'", "", f"{HASH} {OTHER}", False),  # either would run
        (f"script-src '{HASH}' '{OTHER}'", "", f"{HASH} {OTHER}", True),
        (f"script-src '{HASH}'", "", "md5-abc", False),
    ],
)
def test_a_script_is_allowed_by_its_nonce_or_its_hash(policy: str, nonce: str, integrity: str, allowed: bool) -> None:
    assert (not instead(policy, PageFetch(FetchKind.SCRIPT, httpx.URL(SCRIPT), nonce, integrity))) is allowed


@pytest.mark.parametrize(
    ("page", "url", "source", "allowed"),
    [
        ("https://shop.example/", "https://shop.example/t/collect", "'self'", True),
        ("https://shop.example/", "https://shop.example/t/collect", "'SELF'", True),
        ("https://shop.example/", "https://www.shop.example/collect", "'self'", False),
        ("https://shop.example/", "http://shop.example/collect", "'self'", False),
        ("http://shop.example/", "https://shop.example/collect", "'self'", True),
        ("http://shop.example:8080/", "https://shop.example/collect", "'self'", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/collect", "'self'", True),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9000/collect", "'self'", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9000/collect", "http://127.0.0.1:9000", True),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:9000/collect", "127.0.0.1:*", True),
        ("http://shop.example/", "https://px.example/collect", "px.example", True),
        ("https://shop.example/", "http://px.example/collect", "px.example", False),
        ("https://shop.example/", "http://px.example/collect", "http://px.example", True),
        ("https://shop.example/", "https://[2a00::1]/collect", "https://[2a00::1]", True),
        ("https://shop.example/", "https://xn--bcher-kva.example/collect", "xn--bcher-kva.example", True),
    ],
)
def test_a_source_is_read_against_the_page(page: str, url: str, source: str, allowed: bool) -> None:
    assert (not instead(f"connect-src {source}", PageFetch(FetchKind.CONNECTION, httpx.URL(url)), page)) is allowed


@pytest.mark.parametrize(
    ("kind", "policy", "allowed"),
    [
        (FetchKind.CONNECTION, "connect-src 'self'", False),
        (FetchKind.CONNECTION, "script-src 'none'", True),
        (FetchKind.CONNECTION, "default-src 'self'", False),
        (FetchKind.CONNECTION, "default-src 'self'; connect-src https:", True),
        (FetchKind.CONNECTION, "connect-src 'strict-dynamic' 'nonce-a' https:", True),  # those are of scripts alone
        (FetchKind.CONNECTION, "sandbox", True),
        (FetchKind.IMAGE, "img-src 'self' data:", False),
        (FetchKind.IMAGE, "img-src *", True),
        (FetchKind.IMAGE, "default-src 'none'", False),
    ],
)
def test_what_a_page_sends_and_shows_has_directives_of_its_own(kind: FetchKind, policy: str, allowed: bool) -> None:
    assert (not instead(policy, PageFetch(kind, httpx.URL("https://px.example/collect")))) is allowed


def test_paths_are_not_looked_at_after_a_redirect() -> None:
    request = PageFetch(FetchKind.SCRIPT, httpx.URL(SCRIPT), redirected=True)
    assert not instead("script-src px.example/elsewhere/", request)
    assert instead("script-src other.example/js/", request)


def test_a_meta_tag_is_one_policy_with_fewer_directives() -> None:
    policy = of_meta("script-src 'self', img-src *; sandbox; frame-ancestors 'none'; report-uri /x")
    assert list(policy.directives) == ["script-src"]
    assert not policy.in_header


def script(integrity: str = "") -> PageFetch:
    return PageFetch(FetchKind.SCRIPT, httpx.URL(SCRIPT), integrity=integrity)


def sending(url: str) -> PageFetch:
    return PageFetch(FetchKind.CONNECTION, httpx.URL(url))


@pytest.mark.parametrize(
    ("policy", "asked", "directive"),
    [
        ("script-src 'self'", script(), "script-src 'self' https://px.example"),
        ("default-src 'self'", script(), "script-src 'self' https://px.example"),
        ("default-src 'none'", script(), "script-src https://px.example"),
        ("script-src-elem a.example", script(), "script-src-elem a.example https://px.example"),
        ("script-src 'strict-dynamic'", script(HASH), f"script-src 'strict-dynamic' '{HASH}'"),
        ("sandbox allow-forms", script(), "sandbox allow-forms allow-scripts"),
        ("connect-src", sending("https://px.example:8443/collect"), "connect-src https://px.example:8443"),
        ("default-src 'none'", sending("https://shop.example/collect"), "connect-src 'self'"),
    ],
)
def test_a_forbidding_policy_says_what_would_allow(policy: str, asked: PageFetch, directive: str) -> None:
    assert instead(policy, asked) == [directive]
    assert not instead(directive, asked)
