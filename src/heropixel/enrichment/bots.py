"""Bots are detected by signs, which are stored as reasons. Pure.

One strong sign is enough. Weak signs need two: each of them alone also occurs with people.
"""

import re
from enum import StrEnum
from functools import lru_cache

from is_crawler import crawler_info, crawler_signals

from heropixel.enrichment.programs import TELEPHONES, AgentKind, caller_of


class Bot(StrEnum):
    """The kinds of bots."""

    BOT = "BOT"
    AI_AGENT = "AI_AGENT"  # it reads for a language model: to train it, to search with it, or because somebody asked it


class BotReason(StrEnum):
    """The signs of a bot."""

    # Strong: each is enough.
    AI_AGENT = "AI_AGENT"
    LISTED = "LISTED"
    HEADLESS = "HEADLESS"
    SAYS_SO = "SAYS_SO"
    # Weak: two are needed.
    EMPTY_AGENT = "EMPTY_AGENT"
    NO_BROWSER = "NO_BROWSER"
    NO_CLIENT_HINTS = "NO_CLIENT_HINTS"
    HINTS_DISAGREE = "HINTS_DISAGREE"
    NO_SCREEN = "NO_SCREEN"


STRONG = frozenset((BotReason.AI_AGENT, BotReason.LISTED, BotReason.HEADLESS, BotReason.SAYS_SO))
WEAK_TOGETHER = 2

NO_HINTS = "-"  # the browser was asked for client hints and sent none; empty: it is not known

Detected = tuple[str, tuple[str, ...]]  # the kind, empty for a person, and the reasons


@lru_cache(maxsize=10_000)
def detect(user_agent: str, client_hints: str, no_screen: bool, plain_http: bool, seen_with: bool) -> Detected:  # noqa: FBT001 - cached by place
    """Decide by the agent, its client hints, and whether it has no screen.

    Client hints are only sent over HTTPS. With `seen_with`, an empty agent is no sign: it was not stored.
    """
    reasons = [] if seen_with and not user_agent else _of_agent(user_agent)
    if "headless" in client_hints.lower() and BotReason.HEADLESS not in reasons:
        reasons.append(BotReason.HEADLESS)
    if not STRONG.intersection(reasons):  # they are enough
        if client_hints and not plain_http:
            reasons += _of_hints(user_agent, client_hints)
        if no_screen:
            reasons.append(BotReason.NO_SCREEN)
    return _kind(reasons), tuple(reasons)


@lru_cache(maxsize=10_000)
def is_surely_bot(user_agent: str, client_hints: str) -> bool:
    """Whether the agent alone has a strong sign. Weak signs also occur with people."""
    return bool(STRONG.intersection(detect(user_agent, client_hints, False, True, False)[1]))


def _kind(reasons: list[BotReason]) -> str:
    if BotReason.AI_AGENT in reasons:
        return Bot.AI_AGENT
    if STRONG.intersection(reasons) or len(reasons) >= WEAK_TOGETHER:
        return Bot.BOT
    return ""


def _of_agent(user_agent: str) -> list[BotReason]:
    if not user_agent.strip():
        return [BotReason.EMPTY_AGENT]
    agent = TELEPHONES.sub("", user_agent) if "ndroid" in user_agent else user_agent
    caller = caller_of(agent)
    if caller is AgentKind.APP:
        return []
    if reasons := _of_lists(agent):
        return reasons
    if caller is AgentKind.PROGRAM:
        return [BotReason.SAYS_SO]
    signals = crawler_signals(agent)
    if _SAYING.intersection(signals):
        return [BotReason.SAYS_SO]
    return [BotReason.NO_BROWSER] if signals else []


def _of_lists(agent: str) -> list[BotReason]:
    listed = crawler_info(agent)
    tags = listed.tags if listed else ()
    signs = {
        BotReason.AI_AGENT: _AI_TAGS.intersection(tags) or _AI.search(agent),
        BotReason.LISTED: listed,
        BotReason.HEADLESS: _HEADLESS_TAG in tags or _HEADLESS.search(agent),
    }
    return [reason for reason, found in signs.items() if found]


def _of_hints(user_agent: str, client_hints: str) -> list[BotReason]:
    """Chromium sends client hints with each request, in every brand of it. No other engine does."""
    chromium = _CHROMIUM.search(user_agent)
    if client_hints == NO_HINTS:
        sends = chromium and int(chromium[1]) >= _HINTS_SINCE and not _WITHOUT_HINTS.search(user_agent)
        return [BotReason.NO_CLIENT_HINTS] if sends or not user_agent else []
    hinted = _HINTED.search(client_hints)
    disagree = user_agent and (not chromium or (hinted and hinted[1] != chromium[1]))
    return [BotReason.HINTS_DISAGREE] if disagree else []


_CHROMIUM = re.compile(r"\bChrome/(\d{1,4})")
_HINTED = re.compile(r'"Chromium";\s*v="(\d+)')
_HINTS_SINCE = 89
_WITHOUT_HINTS = re.compile(r"; wv\)|\bWeb0S\b|SMART-TV|\bTizen\b|PlayStation|CrKey|QQBrowser|MicroMessenger")

_AI_TAGS = frozenset(("ai-crawler", "ai-fetcher"))
_HEADLESS_TAG = "browser-automation"
_SAYING = frozenset(("bot_signal", "known_tool", "url_in_ua"))

# Agents of language models that the list has among search engines and others, or not at all.
_AI = re.compile(
    r"GoogleOther|Google-Extended|GoogleAgent|Gemini(?:-|bot|/)|Amazonbot|bedrockbot|Applebot-Extended"
    r"|meta-external|meta-webindexer|GPTBot|ChatGPT|OAI-|OpenAI|Claude-|ClaudeBot|anthropic|Perplexity"
    r"|MistralAI|DeepSeek|Bytespider|CCBot|cohere|YouBot|xAI-|Grok|PanguBot|Timpibot|Diffbot|omgili"
    r"|ImagesiftBot|DuckAssist|Kagibot|Copilot(?:Bot|-)|QuillBot|NovaAct|\bManus\b|Amzn-User|\bDevin/"
    r"|GitHubCopilot|amazon-kendra",
    re.IGNORECASE,
)
_HEADLESS = re.compile(
    r"headless|phantomjs|slimerjs|puppeteer|playwright|selenium|webdriver|cypress|htmlunit|zombie\.js|splash\b",
    re.IGNORECASE,
)
