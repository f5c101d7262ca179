"""The script as a file: its size, how it works under a strict policy, and that each option is documented."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest

from tests.chromium.chromium import need_script
from tests.chromium.site import SCRIPT, Site
from tests.chromium.visit import Visit

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "pixel/src").glob("*.ts"))
LARGEST = 2_500  # bytes gzipped

in_a_browser = pytest.mark.asyncio(loop_scope="session")


def test_the_script_is_smaller_than_its_limit() -> None:
    need_script()
    assert len(gzip.compress(SCRIPT.read_bytes(), 9, mtime=0)) <= LARGEST


def test_the_script_is_ascii_and_makes_no_code_of_text() -> None:
    need_script()
    script = SCRIPT.read_bytes().decode("ascii")
    assert not re.search(r"\beval\b|\bFunction\(|innerHTML|document\.write|createElement|\.style\b", script)


POLICY = "default-src 'none'; script-src {host}; connect-src {host}; img-src {host}"


@in_a_browser
@pytest.mark.parametrize("host", ["", "pixel.localhost"])
async def test_a_strict_content_security_policy_allows_the_script(site: Site, visit: Visit, host: str) -> None:
    allowed = site.product_url(host=host) if host else "'self'"
    image = site.product_url("/pixel.gif?pixelId=2", host) if host else "/stats/pixel.gif?pixelId=2"
    site.put(
        "/strict",
        site.tag(host=host),
        f"<img src='{image}' alt=''>",
        Content_Security_Policy=POLICY.format(host=allowed),
    )
    await visit.context.add_init_script(
        """window.violations = [];
           addEventListener('securitypolicyviolation', event => violations.push(event.blockedURI))"""
    )
    await visit.go("/strict")
    await visit.sent(1)
    await visit.run("heropixel.consent(true)")
    await visit.run("heropixel.identify({email: 'anna@example.com'})")
    await visit.sent(3)
    await visit.answered(3)
    assert await visit.run("violations") == []


@in_a_browser
@pytest.mark.parametrize("host", ["", "pixel.localhost"])
@pytest.mark.parametrize("policy", ["no-referrer", "same-origin", "origin"])
async def test_a_page_that_tells_no_referrer_is_counted(site: Site, visit: Visit, host: str, policy: str) -> None:
    site.put("/discreet", site.tag(host=host), Referrer_Policy=policy)
    await visit.go("/discreet")
    await visit.sent(1)
    await visit.answered(1)


@in_a_browser
async def test_subresource_integrity_lets_the_very_script_pass_and_no_other(site: Site, visit: Visit) -> None:
    digest = base64.b64encode(hashlib.sha384(SCRIPT.read_bytes()).digest()).decode()
    name = f"pixel.{hashlib.sha256(SCRIPT.read_bytes()).hexdigest()[:12]}.js"
    tag = site.tag(host="pixel.localhost", script=name)
    whole = tag.replace("data-pixel", f"integrity='sha384-{digest}' crossorigin data-pixel")
    site.put("/whole", whole)
    site.put("/other", whole.replace(f"-{digest[:4]}", "-AAAA"))
    await visit.go("/whole")
    await visit.sent(1)
    await visit.go("/other")
    await visit.sent(1)
    assert "integrity" in visit.troubles.pop()


@in_a_browser
async def test_the_script_touches_nothing_of_the_page(site: Site, visit: Visit) -> None:
    site.put("/touched", site.tag(), "<p>Hello</p>")
    await visit.context.add_init_script(
        """window.changes = [];
           const note = changes => window.changes.push(...changes.map(change => change.type));
           const everything = {childList: true, attributes: true, characterData: true, subtree: true};
           new MutationObserver(note).observe(document, everything)"""
    )
    await visit.go("/touched")
    await visit.run("window.changes.length = 0")
    await visit.sent(1)
    await visit.run("heropixel.consent(true)")
    await visit.sent(2)
    assert await visit.run("window.changes") == []


def options_read() -> set[str]:
    """The `data-*` attributes that the sources read, by their names in HTML."""
    text = "\n".join(source.read_text() for source in SOURCES)
    named = set(re.findall(r"\bdataset\.(\w+)", text))
    named |= set(re.findall(r"\boption\(\"(\w+)\"\)", text))
    named |= set(re.findall(r"given\.(email|sha256|externalId)\b", text))  # the dataset is the first that is given
    return {"data-" + re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name) for name in named}


def test_every_option_of_the_tag_is_documented() -> None:
    text = (ROOT / "docs/pixel.md").read_text()
    assert set(re.findall(r"^\| `(data-[\w-]+)` \|", text, flags=re.MULTILINE)) == options_read()


def test_every_call_and_every_field_is_documented() -> None:
    text = (ROOT / "docs/pixel.md").read_text()
    sources = {source.stem: source.read_text() for source in SOURCES}
    listed = sources["main"].partition("const calls")[2].partition("\n};")[0]
    calls = re.findall(r"^  (\w+)(?:\(|:)", listed, flags=re.MULTILINE)
    assert {"pageview", "identify", "consent", "optOut"} == set(calls)
    for call in calls:
        assert f"heropixel.{call}(" in text
    pageview = sources["pages"].partition("  const fields = {")[2].partition("};")[0]
    fields = set(re.findall(r"^    (\w+)[:,]", pageview, flags=re.MULTILINE)) | {
        "consent",
        "private",
        "visitorId",
        "replaces",
    }
    sent = set(
        re.findall(r"^\| `(\w+)` \|", text.partition("## What is sent")[2].partition("\n## ")[0], flags=re.MULTILINE)
    )
    assert sent == fields | {"pixelId", "id", "event", "sha256", "externalId"}
