"""Kinds of devices, bots and people are told from many real agents, and from those of reports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.enrichment.rows import enriched

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
GALAXY = f"Mozilla/5.0 (Linux; Android 9; SM-A730F; wv) {BLINK} Version/4.0 Chrome/76.0.3809.89 Mobile Safari/537.36"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} Mobile/15E148"


def sample() -> Iterator[tuple[str, str]]:
    for line in (Path(__file__).parent / "agents.tsv").read_text().splitlines():
        if not line.startswith("#"):
            kind, agent = line.split("\t")
            yield kind, agent


SAMPLE = list(sample())
DEVICES = [(kind, agent) for kind, agent in SAMPLE if kind != "BOT"]
BOTS = [agent for kind, agent in SAMPLE if kind == "BOT"]


def test_19_of_20_devices_have_their_kind() -> None:
    assert len(DEVICES) == 300
    right = [kind == enriched(user_agent=agent).device for kind, agent in DEVICES]
    assert sum(right) >= 0.95 * len(DEVICES)


def test_19_of_20_bots_are_recognised() -> None:
    assert len(BOTS) >= 140
    assert sum(enriched(user_agent=agent).bot != "" for agent in BOTS) >= 0.95 * len(BOTS)


def test_nobody_of_300_people_is_called_a_bot() -> None:
    assert [agent for _, agent in DEVICES if enriched(user_agent=agent).bot] == []


# What looks like another kind.
KINDS = [
    (f"{GALAXY} Instagram 105.0.0.18.119 Android (28/9; 420dpi; 1080x2094; samsung; SM-A730F; pt_BR)", "MOBILE"),
    ("Dalvik/2.1.0 (Linux; U; Android 9; SM-J600FN Build/PPR1)", "MOBILE"),
    ("Dalvik/2.1.0 (Linux; U; Android 9; SM-T590 Build/PPR1)", "TABLET"),
    (f"Mozilla/5.0 (Linux; Android 12; Lenovo TB-X606F) {BLINK} Chrome/120.0.0.0 Mobile Safari/537.36", "TABLET"),
    (f"Mozilla/5.0 (Linux; Android 13; 23043RP34G) {BLINK} Chrome/120.0.0.0 Mobile Safari/537.36", "TABLET"),
    (f"Mozilla/5.0 (Linux; Android 10; AGS3-W09) {BLINK} Chrome/120.0.0.0 Mobile Safari/537.36", "TABLET"),
    (f"Mozilla/5.0 (Linux; Android 14; SM-S918B) {BLINK} Chrome/120.0.0.0 Mobile Safari/537.36", "MOBILE"),
    (f"Mozilla/5.0 (Linux; Android 11; MiTV-AYFR0) {BLINK} Chrome/102.0.0.0 Mobile Safari/537.36", "TV"),
    (f"Mozilla/5.0 (Linux; Android 9; AFTKA) {BLINK} Chrome/102.0.0.0 Mobile Safari/537.36", "TV"),
    (f"Mozilla/5.0 (Linux; Android 12; Smart Box 4K) {BLINK} Chrome/102.0.0.0 Safari/537.36", "TV"),
    (f"Mozilla/5.0 (Linux; arm; Android 11; H-LED43BU7003) {BLINK} Chrome/104.0.0.0 Mobile Safari/537.36", "TV"),
    (f"Mozilla/5.0 (X11; Linux armv7l) {BLINK} Chrome/88.0.4324.182 Safari/537.36 CrKey/1.56", "TV"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} Chrome/140.0.0.0 Safari/537.36", "DESKTOP"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) {BLINK} Chrome/140.0.0.0 Safari/537.36", "CONSOLE"),
    (f"Mozilla/5.0 (Linux; Android 13; Retroid Pocket 4 Pro) {BLINK} Chrome/122.0.0.0 Mobile Safari/537.36", "CONSOLE"),
    (f"Mozilla/5.0 (Linux; Tizen 4.0; SAMSUNG SM-R760) {BLINK} Chrome/56.0.2924.0 Mobile Safari/537.36", "WEARABLE"),
    (
        f"Mozilla/5.0 (Linux; Android 9; ASUS Chromebook Flip C302) {BLINK} Chrome/85.0.4183.127 Safari/537.36",
        "DESKTOP",
    ),
    ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Media Center PC 6.0; Tablet PC 2.0; rv:11.0) like Gecko", "DESKTOP"),
]


@pytest.mark.parametrize(("agent", "device"), KINDS)
def test_the_model_of_a_device_says_its_kind(agent: str, device: str) -> None:
    row = enriched(user_agent=agent)
    assert (row.device, row.bot) == (device, "")


OFFICE = "Microsoft Office Word/16.78.1008 (Mac OS/14.0; Desktop; en-US; NonAppStore; Apple/Mac14,9)"

PEOPLE = [
    *(f"{IPHONE} {app}" for app in ("[Pinterest/iOS]", "Snapchat/12.90", "[LinkedInApp]/9.29", "Flipboard/4.3")),
    *(f"{IPHONE} {app}" for app in ("Twitter for iPhone/10.40", "GSA/320.0", "WhatsApp/2.24", "BingSapphire/29.4")),
    *(f"{IPHONE} {app}" for app in ("MicroMessenger/8.0.49(0x18003130)", "AliApp(AP/10.5) AlipayClient/10.5")),
    *(f"{GALAXY} {app}" for app in ("[FB_IAB/FB4A;FBAV/400.0.0.1;]", "trill_340503 BytedanceWebview/d8a21c6")),
    *(f"{GALAXY} {app}" for app in ("TwitterAndroid", "KAKAOTALK 2710", "NAVER(inapp; search; 1400; 12.3)")),
    OFFICE,
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    f"Mozilla/5.0 (Linux; Android 6.0; B BOT 550 Build/MRA58K; wv) {BLINK} Chrome/54.0.2840.85 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 6.0.1; M BOT TAB 101 Build/MOB30R) {BLINK} Chrome/54.0.2840.85 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 8.1.0; XBot Junior) {BLINK} Chrome/87.0.4280.101 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 8.1.0; Gemini_4G) {BLINK} Chrome/99.0.4844.73 Mobile Safari/537.36",
    "[FBAN/FB4A;FBAV/26.0.0.22.16;FBMF/Sony;FBPN/com.facebook.katana;FBDV/C1905;FBSV/4.1.2;]",
    "WhatsApp/2.18.65 Android/6.0 Device/NOA-NOA_H4se",
    "Podimo/1.11.3 build 91/Android 28",
]


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_in_apps_office_programs_and_telephones_named_bot_are_people(agent: str) -> None:
    row = enriched(user_agent=agent)
    assert (row.bot, row.bot_reasons) == ("", ())


CHROME = f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} Chrome/120.0.0.0 Safari/537.36"

PROGRAMS = [
    f"{CHROME} PTST/220216.200657",
    f"{CHROME} RuxitSynthetic/1.0 v104032285451",
    f"{CHROME} Uptime/1.0 (https://uptime.com)",
    f"{CHROME} (compatible; a-new-thing/0.1; https://new.example/about)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    f"Mozilla/5.0 (Linux; Android 8.0; Pixel 2 Build/O; DuplexWeb-Google/1.0) {BLINK} Chrome/74.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; FormFinder/1.0)",
    "Mozilla/5.0 zgrab/0.x",
    "Mozilla/5.0 (Exchange check)",
    "grpc-java-netty/1.28.1",
    "Sectigo DCV",
    "Datadog/Synthetics",
    "PunkMap (https://github.com/openeasm/punkmap)",
    "NameOfAgent",
]


@pytest.mark.parametrize("agent", PROGRAMS)
def test_a_program_that_drives_a_browser_or_gives_only_its_name_is_a_bot(agent: str) -> None:
    assert enriched(user_agent=agent).bot == "BOT"
