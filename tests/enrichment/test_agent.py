"""Browser, operating system and device, by real user agents or by the names of another tool."""

import pytest

from tests.enrichment.rows import enriched

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"

# The agent; browser, its version, operating system, its version, device.
AGENTS = [
    (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0.0.0 Safari/537.36",
        ("Chrome", "140", "Windows", "", "DESKTOP"),
    ),
    (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
        ("Edge", "140", "Windows", "", "DESKTOP"),
    ),
    (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0",
        ("Opera", "124", "Windows", "", "DESKTOP"),
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
        ("Internet Explorer", "11", "Windows", "", "DESKTOP"),
    ),
    (
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.3 Safari/605.1.15",
        ("Safari", "18.3", "macOS", "", "DESKTOP"),
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0",
        ("Firefox", "142", "macOS", "", "DESKTOP"),
    ),
    (
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
        ("Firefox", "142", "Linux", "", "DESKTOP"),
    ),
    (
        f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/140.0.0.0 Safari/537.36",
        ("Chrome", "140", "ChromeOS", "", "DESKTOP"),
    ),
    (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) {WEBKIT} Version/18.4 Mobile/15E148 Safari/604.1",
        ("Safari", "18.4", "iOS", "18.4", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) {WEBKIT} CriOS/140.0.1 Mobile/15E148 Safari/604.1",
        ("Chrome", "140", "iOS", "18.4", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) {WEBKIT} FxiOS/142.0 Mobile/15E148 Safari/605.1.15",
        ("Firefox", "142", "iOS", "18.4", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) {WEBKIT} Version/16.5 Mobile/15E148 Safari/604.1",
        ("Safari", "16.5", "iOS", "16.5", "TABLET"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36",
        ("Chrome", "140", "Android", "", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Safari/537.36",
        ("Chrome", "140", "Android", "", "TABLET"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 14; SM-S918B) {BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        ("Samsung Internet", "28", "Android", "14", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) {BLINK} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
        ("Chrome", "140", "Android", "14", "MOBILE"),
    ),
    (
        "Mozilla/5.0 (Android 15; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0",
        ("Firefox", "142", "Android", "15", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (Linux; Android 11; KFTRWI) {BLINK} Silk/120.2.1 like Chrome/120.0.6099.230 Safari/537.36",
        ("Amazon Silk", "120.2", "Android", "11", "TABLET"),
    ),
    (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Mobile/15E148 [FBAN/FBIOS;FBAV/440.0.0.1]",
        ("Facebook", "440", "iOS", "18", "MOBILE"),
    ),
    (
        f"Mozilla/5.0 (PlayStation; PlayStation 5/4.03) {WEBKIT} Version/13.0 Safari/605.1.15",
        ("Safari", "13", "", "", "CONSOLE"),
    ),
    (
        f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) {WEBKIT} Version/6.0 TV Safari/538.1",
        ("Safari", "6", "Tizen", "6", "TV"),
    ),
    (
        f"Mozilla/5.0 (Web0S; Linux/SmartTV) {BLINK} Chrome/79.0.3945.79 Safari/537.36 WebAppManager",
        ("Chrome", "79", "webOS", "", "TV"),
    ),
    (
        "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
        ("Opera", "36.2", "Android", "", "MOBILE"),
    ),
    ("Lynx/2.8.9rel.1 libwww-FM/2.14", ("Lynx", "2.8", "", "", "")),
    ("noise", ("", "", "", "", "")),
]


@pytest.mark.parametrize(("agent", "expected"), AGENTS)
def test_an_agent_says_browser_system_and_device(agent: str, expected: tuple[str, ...]) -> None:
    row = enriched(user_agent=agent, browser="what an import said", device="laptop")
    assert (row.browser, row.browser_version, row.os, row.os_version, row.device) == expected


PHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS {{}} like Mac OS X) {WEBKIT} {{}}Mobile/15E148 Safari/604.1"

# The agent; the system, and its version where the agent says it.
FROZEN = [
    (f"Mozilla/5.0 (Windows NT 6.1; Win64; x64) {BLINK} Chrome/109.0.0.0 Safari/537.36", ("Windows", "7")),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/140.0.0.0 Safari/537.36", ("Windows", "")),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) {WEBKIT} Version/14.1 Safari/605.1.15", ("macOS", "10.14")),
    (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/26.0 Safari/605.1.15", ("macOS", "")),
    (PHONE.format("18_6", "Version/18.6 "), ("iOS", "18.6")),
    (PHONE.format("18_7", "Version/18.7 "), ("iOS", "18.7")),
    (PHONE.format("18_7", "Version/26.1 "), ("iOS", "26.1")),
    (PHONE.format("18_6", "Version/26.0 "), ("iOS", "26")),
    (PHONE.format("18_7", "CriOS/141.0.1 "), ("iOS", "")),
    (PHONE.format("26_0", "CriOS/141.0.1 "), ("iOS", "26")),
    (PHONE.format("18_7", "[FBAN/FBIOS;FBSN/iOS;FBSV/26.1.1;] "), ("iOS", "26.1")),
    (PHONE.format("18_7", "Instagram 400.0.0.1 (iPhone17,1; iOS 26_0_1; en_US) "), ("iOS", "26")),
    (PHONE.format("18_7", "Instagram 400.0.0.1 (iPhone17,1; iOS 18_7_1; en_US) "), ("iOS", "18.7")),
    (f"Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36", ("Android", "")),
    (
        f"Mozilla/5.0 (Linux; Android 10; K; wv) {BLINK} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36",
        ("Android", ""),
    ),
    (f"Mozilla/5.0 (Linux; Android 10; SM-A205U) {BLINK} Chrome/90.0.1.2 Mobile Safari/537.36", ("Android", "10")),
    ("Mozilla/5.0 (Android 10; Mobile; rv:142.0) Gecko/142.0 Firefox/142.0", ("Android", "")),
]


@pytest.mark.parametrize(("agent", "expected"), FROZEN)
def test_a_version_that_browsers_froze_is_not_told_as_a_fact(agent: str, expected: tuple[str, str]) -> None:
    row = enriched(user_agent=agent)
    assert (row.os, row.os_version) == expected


# As other tools call them: browser, system, its version, device; and as they are called here.
GIVEN = [
    (("Chrome", "Mac", "14.2", "Desktop"), ("Chrome", "macOS", "14.2", "DESKTOP")),
    (("chrome", "Mac OS", "", "laptop"), ("Chrome", "macOS", "", "DESKTOP")),
    (("crios", "iOS", "", "mobile"), ("Chrome", "iOS", "", "MOBILE")),
    (("edge-chromium", "Windows 10", "", "desktop"), ("Edge", "Windows", "", "DESKTOP")),
    (("Mobile Safari", "iOS", "17", "Smartphone"), ("Safari", "iOS", "17", "MOBILE")),
    (("Firefox", "GNU/Linux", "", "Desktop"), ("Firefox", "Linux", "", "DESKTOP")),
    (("Microsoft Edge", "Windows", "11", "Phablet"), ("Edge", "Windows", "11", "MOBILE")),
    (("Samsung Browser", "Android", "14", "tablet"), ("Samsung Internet", "Android", "14", "TABLET")),
    (("", "", "", "Smart TV"), ("", "", "", "TV")),
    (("Something", "Haiku", "", "Car browser"), ("Something", "Haiku", "", "")),
    (("Safari", "macOS", "14", "DESKTOP"), ("Safari", "macOS", "14", "DESKTOP")),
]


@pytest.mark.parametrize(("given", "expected"), GIVEN)
def test_without_an_agent_what_was_given_stays_by_its_usual_name(
    given: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    browser, os, os_version, device = given
    row = enriched(browser=browser, os=os, os_version=os_version, device=device)
    assert (row.browser, row.os, row.os_version, row.device) == expected
    assert row.bot_reasons == (), "its agent is not empty: nobody kept it"
