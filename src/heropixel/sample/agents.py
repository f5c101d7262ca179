"""What visits the sample site: browsers on several devices, and bots."""

from typing import NamedTuple

from heropixel.enrichment.bots import Bot
from heropixel.sample.chance import Choice


class Machine(NamedTuple):
    """A browser on a device, and what they say of themselves."""

    user_agent: str
    screen: str
    viewport: str


class Crawler(NamedTuple):
    """A bot, and the kind that it should be recognised as."""

    name: str
    kind: Bot
    user_agent: str


_BLINK, _CHROME = "AppleWebKit/537.36 (KHTML, like Gecko)", "Chrome/152.0.0.0"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1"
_GECKO = "Gecko/20100101 Firefox/156.0"
_WINDOWS, _MAC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_LINUX, _ANDROID = "Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (Linux; Android 10; K)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)"
_IPAD = "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X)"
_ON_WINDOWS = f"{_WINDOWS} {_BLINK} {_CHROME} Safari/537.36"

_DESKTOPS = (
    (30, _ON_WINDOWS, "1920x1080", "1920x945"),
    (9, _ON_WINDOWS, "1536x864", "1536x730"),
    (16, f"{_MAC} {_BLINK} {_CHROME} Safari/537.36", "1728x1117", "1728x962"),
    (14, f"{_MAC} {_WEBKIT} Safari/605.1.15", "1512x982", "1512x860"),
    (13, f"{_ON_WINDOWS} Edg/152.0.0.0", "1920x1080", "1903x950"),
    (6, f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:156.0) {_GECKO}", "1920x1080", "1920x955"),
    (5, f"Mozilla/5.0 (X11; Linux x86_64; rv:156.0) {_GECKO}", "2560x1440", "2560x1300"),
    (3, f"{_LINUX} {_BLINK} {_CHROME} Safari/537.36", "2560x1440", "2560x1310"),
    (2, f"{_ON_WINDOWS} OPR/136.0.0.0", "1366x768", "1366x640"),
)
_HANDHELDS = (
    (42, f"{_IPHONE} {_WEBKIT} Mobile/15E148 Safari/604.1", "393x852", "393x659"),
    (34, f"{_ANDROID} {_BLINK} {_CHROME} Mobile Safari/537.36", "412x915", "412x784"),
    (9, f"{_ANDROID} {_BLINK} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", "384x832", "384x700"),
    (8, f"{_IPAD} {_WEBKIT} Mobile/15E148 Safari/604.1", "820x1180", "820x1106"),
    (4, "Mozilla/5.0 (Android 15; Mobile; rv:156.0) Gecko/156.0 Firefox/156.0", "412x892", "412x760"),
)
_COMPATIBLE = f"Mozilla/5.0 {_BLINK[:-1]}; compatible"
_CRAWLERS = (
    (24, "Googlebot", Bot.BOT, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    (12, "bingbot", Bot.BOT, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
    (9, "AhrefsBot", Bot.BOT, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    (10, "UptimeRobot", Bot.BOT, "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"),
    (4, "HeadlessChrome", Bot.BOT, f"{_LINUX} {_BLINK} HeadlessChrome/152.0.0.0 Safari/537.36"),
    (14, "GPTBot", Bot.AI_AGENT, f"{_COMPATIBLE}; GPTBot/1.2; +https://openai.com/gptbot)"),
    (10, "ClaudeBot", Bot.AI_AGENT, f"{_COMPATIBLE}; ClaudeBot/1.0; +claudebot@anthropic.com)"),
    (6, "PerplexityBot", Bot.AI_AGENT, f"{_COMPATIBLE}; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)"),
    (9, "ChatGPT-User", Bot.AI_AGENT, f"{_COMPATIBLE}; ChatGPT-User/1.0; +https://openai.com/bot)"),
)

DESKTOPS = Choice((Machine(*told), weight) for weight, *told in _DESKTOPS)
HANDHELDS = Choice((Machine(*told), weight) for weight, *told in _HANDHELDS)
CRAWLERS = Choice((Crawler(name, kind, agent), weight) for weight, name, kind, agent in _CRAWLERS)
