"""Bots are recognised by real user agents. One weak sign is not enough."""

from typing import Any

import pytest

from heropixel.enrichment import BotReason
from heropixel.enrichment.bots import STRONG
from tests.enrichment.rows import enriched

COMPATIBLE = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; "
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK}"
CHROME = f"{WINDOWS} Chrome/140.0.0.0 Safari/537.36"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
SAFARI = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.3 Safari/605.1.15"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Mobile/15E148"
NEXUS = f"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36"
OLD_ANDROID = f"Mozilla/5.0 (Linux; Android 5.0) {BLINK} Mobile Safari/537.36"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {BLINK}"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
WEB_VIEW = f"Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) {BLINK} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36"

AI_AGENTS = [
    COMPATIBLE + "GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
    COMPATIBLE + "OAI-SearchBot/1.0; +https://openai.com/searchbot)",
    COMPATIBLE + "ClaudeBot/1.0; +claudebot@anthropic.com)",
    COMPATIBLE + "Claude-User/1.0; +Claude-User@anthropic.com)",
    COMPATIBLE + "Claude-SearchBot/1.0; +Claude-SearchBot@anthropic.com)",
    COMPATIBLE + "PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)",
    COMPATIBLE + "Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
    "Mozilla/5.0 (compatible; GoogleOther)",
    f"{NEXUS} (compatible; GoogleOther)",
    "Mozilla/5.0 (compatible; Google-Extended/1.0)",
    f"{OLD_ANDROID} (compatible; Bytespider; spider-feedback@bytedance.com)",
    "CCBot/2.0 (https://commoncrawl.org/faq/)",
    f"{MAC} (compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "Mozilla/5.0 (compatible; Applebot-Extended/0.1; +http://www.apple.com/go/applebot)",
    "DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)",
    COMPATIBLE + "MistralAI-User/1.0; +https://docs.mistral.ai/robots)",
    "cohere-ai",
]

OTHER_BOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    f"{NEXUS} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    f"{SAFARI} (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "python-requests/2.32.3",
    "curl/8.5.0",
    "Wget/1.21.4",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers)",
    "Mozilla/5.0 (compatible; a-new-bot/0.1; +https://bot.example/)",
]

HEADLESS = [
    f"Mozilla/5.0 (X11; Linux x86_64) {BLINK} HeadlessChrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    f"{CHROME} Playwright/1.55",
    f"{CHROME} Cypress/15.0.0",
]

PEOPLE = [
    CHROME,
    SAFARI,
    FIREFOX,
    WEB_VIEW,
    f"{CHROME} Edg/140.0.0.0",
    f"Mozilla/5.0 (Linux; Android 10; CUBOT X30) {BLINK} Chrome/120.0.0.0 Mobile Safari/537.36",
    f"{IPHONE} [FBAN/FBIOS;FBAV/440.0.0.1]",
    f"{IPHONE} Instagram 340.0.0",
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) {BLINK} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36 GSA/15.2",
    f"Mozilla/5.0 (Web0S; Linux/SmartTV) {BLINK} Chrome/79.0.3945.79 Safari/537.36 WebAppManager",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
]


@pytest.mark.parametrize("agent", AI_AGENTS)
def test_agents_of_language_models_are_a_kind_of_their_own(agent: str) -> None:
    row = enriched(user_agent=agent)
    assert row.bot == "AI_AGENT"
    assert BotReason.AI_AGENT in row.bot_reasons


@pytest.mark.parametrize("agent", OTHER_BOTS)
def test_a_bot_is_recognised_by_its_agent(agent: str) -> None:
    row = enriched(user_agent=agent)
    assert row.bot == "BOT"
    assert {BotReason.LISTED, BotReason.SAYS_SO}.intersection(row.bot_reasons)


@pytest.mark.parametrize("agent", HEADLESS)
def test_a_browser_without_a_person_is_a_bot(agent: str) -> None:
    row = enriched(user_agent=agent)
    assert row.bot == "BOT"
    assert BotReason.HEADLESS in row.bot_reasons


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_persons_pageview_is_no_bot_and_has_no_reasons(agent: str) -> None:
    row = enriched(user_agent=agent)
    assert (row.bot, row.bot_reasons) == ("", ())


HINTS = '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"'
HTTPS = "https://example.com/"

SIGNS: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
    # One weak sign.
    ({}, "", ("EMPTY_AGENT",)),
    ({"user_agent": "  "}, "", ("EMPTY_AGENT",)),
    ({"user_agent": "MyShop/3.2 (iPhone; iOS 17.0; Scale/3.00)"}, "", ("NO_BROWSER",)),
    ({"user_agent": CHROME, "client_hints": "-"}, "", ("NO_CLIENT_HINTS",)),
    ({"user_agent": CHROME, "client_hints": HINTS.replace("140", "139")}, "", ("HINTS_DISAGREE",)),
    ({"user_agent": FIREFOX, "client_hints": HINTS}, "", ("HINTS_DISAGREE",)),
    ({"user_agent": CHROME, "screen": "0x0"}, "", ("NO_SCREEN",)),
    # Two.
    ({"client_hints": "-"}, "BOT", ("EMPTY_AGENT", "NO_CLIENT_HINTS")),
    ({"user_agent": CHROME, "client_hints": "-", "viewport": "0x0"}, "BOT", ("NO_CLIENT_HINTS", "NO_SCREEN")),
    ({"user_agent": "agent", "screen": "0x0"}, "BOT", ("NO_BROWSER", "NO_SCREEN")),
    # None: whoever says nothing of client hints says nothing against a browser, nor do those who never send them.
    ({"user_agent": CHROME}, "", ()),
    ({"user_agent": CHROME, "client_hints": HINTS}, "", ()),
    ({"user_agent": SAFARI, "client_hints": "-"}, "", ()),
    ({"user_agent": FIREFOX, "client_hints": "-"}, "", ()),
    ({"user_agent": WEB_VIEW, "client_hints": "-"}, "", ()),
    ({"user_agent": CHROME.replace("140", "80"), "client_hints": "-"}, "", ()),
    ({"user_agent": CHROME, "client_hints": "-", "url": "http://example.com/"}, "", ()),
    # A strong one says it all.
    ({"user_agent": CHROME, "client_hints": HINTS.replace("Google Chrome", "HeadlessChrome")}, "BOT", ("HEADLESS",)),
    ({"user_agent": "curl/8.5.0", "screen": "0x0"}, "BOT", ("LISTED",)),
]


@pytest.mark.parametrize(("given", "bot", "reasons"), SIGNS)
def test_of_weak_signs_it_takes_two(given: dict[str, Any], bot: str, reasons: tuple[str, ...]) -> None:
    row = enriched(**{"url": HTTPS, **given})
    assert (row.bot, row.bot_reasons) == (bot, reasons)


def test_every_reason_is_in_the_tables() -> None:
    assert {reason for _, _, reasons in SIGNS for reason in reasons} | STRONG == set(BotReason)
