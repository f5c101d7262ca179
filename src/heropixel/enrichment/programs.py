"""Agents of programs, and of apps that look like programs. They complete the list of is-crawler. Pure."""

import re
from enum import StrEnum
from functools import cache

from ua_parser import RegexResolver, Resolver
from ua_parser.core import Domain
from ua_parser.lazy import DeviceMatcher


class AgentKind(StrEnum):
    """Whose agent it is, where that can be told."""

    APP = "APP"  # people read or listen in it, though it looks like a program
    PROGRAM = "PROGRAM"
    BROWSER = "BROWSER"  # an old one, in a form that programs use too


def caller_of(user_agent: str) -> AgentKind | None:
    """Whose agent it is: the first rule that matches."""
    found = _rules()(user_agent, Domain.DEVICE).device
    return AgentKind(found.family) if found else None


@cache
def _rules() -> Resolver:
    """The engine of ua-parser tries many expressions at once."""
    assert RegexResolver, "the extra `regex` of ua-parser is among the dependencies"  # noqa: S101 - narrows the type
    return RegexResolver(([], [], [DeviceMatcher(sign, "i", caller) for caller, signs in _SIGNS for sign in signs]))


# Telephones and tablets with "bot" or "spider" in their names: Cubot, Logicom's M BOT and others.
TELEPHONES = re.compile(
    r"cubot|(?<=; )(?<!compatible; )[\w -]*(?:bot|spider)[\w +-]*(?=(?: Build/[^;)]*)?(?:; wv)?\) AppleWebKit)",
    re.IGNORECASE,
)

_APPS = (
    r"^microsoft (?:office|outlook)|\bms-office\b|^amazon\.com/\d|^\[fban/|^orca-android/|\blibvlc/|^hotjava/",
    r"^whatsapp/\S+ (?:android|iphone_os|ios)/",  # other agents of WhatsApp are its link previews
    # Players of podcasts and readers of feeds. They fetch for the person, and give addresses of their own.
    r"podcast|\bi?pod[a-z]*/|^pod[a-z]+$|[a-z]podder\b|hermespod|podimo|podgrab|alamofire/|cast(?:amatic|box|ro)\b",
    r"castero|turtlecast|bullhorn|adorilabs|radio\.com|cooler\.fm|fountain\.fm|xbmc|music player",
    r"\b(?:juice|doughnut|overcast)/",
    r"^(?:mail|reeder|newsblur)/[\d.]+ cfnetwork|^newsblur ip|omea reader|; rss reader;|quiterss",
    r"^(?:netnewswire|pulp|rssbandit|liferea|newsbeuter|akregator|feeddlerrss|rssowl)[-/ ]",
    r"^(?:feeddemon|feedstation|podchaser|fdm|btwebclient)[-/ ]",
    r"^url/emacs |^aida64$",
)
# What programs say of their work.
_WORK = (
    r"(?:^|[^m])scan(?:ner|ning|s)?\b|\bsurvey|measurement|health-?(?:check|service)|kube-probe|fastprobe|\bprobe/",
    r"monitor(?:s|ing)?\b|httpmon\b|monitorss|synthetic|uptim(?:e|ia)/|statuscake|status ?page",
    r"checker|\bcheck\b|linkcheck|check_http|validat(?:e|or|ion)\b|\bdcv\b|verification\b",
    r"parser\b|\bparse[ /]|grab(?:ber)?\b|\binspect|inspector|insights?\b|classifier|optimizer|transcoder|screenshot",
    r"(?:image|mail|checker|link|hydra ?|ukr\.net )proxy\b|\bcron\b|\bdaemon \d|\bwebhooks?\b|worker/|dummy connection",
    r"look-?up|link-?expander|link-?chain|(?:form|feed|product) ?finder|resolver\b|\brecon\b|\bresearch\b",
    r"lead ?(?:radar|discovery)|thumbnail|certificate info|internet ?x?search|wordpress/|phish|httpclient",
    r"prospect(?:or|ing)|lead ?gen|\baudit\b|-filter/|externalhit|[a-z]agent(?:/\d|$)|user ?agent\b|useragent",
    r"nameofagent|[/_-]bot[/_]",
)
# Names of programs that drive a real browser, or say that they are one.
_IN_BROWSERS = (
    r"\bptst[ /]|dejaclick|dareboost|datanyze|dmbrowser|functionize|iplabel|\brigor\b|silktide|sparkler|ruxit",
    r"google(?:weblight|imageproxy|adsense|-(?:ad|amp|assess|sites|business|publisher))",
    r"google[ _](?:page ?speed|favicon|search|web|partner_)",
    r"duplexweb|mediapartners|brandverity|pageburst|burpcollaborator|wechatdevtools|securityheaders|marketgoo|inspici",
    r"cloudflare(?:obs|diag)|whatcms|convertify|nutch|yunjiankong|reaver|assetnote|charlotte/|webmoney advisor",
    r"outbrain\b|feeder\.co|freshrss|hotjar|voilabot",
    r"\btime/\d{9}|oast\.|jndi:|nbertaupete|seznamemail|simplepie|feed wrangler|^anonymous,|^thumbor|firefox mutant",
    r"newsai|collapsify|semantic-visions|sindup|turingos|adbeat\.|\bbw/1|foregenix|linktiger|miniature\.io|newsnow",
    r"watchtowr|scope3|modularconnector|\bdaum \d|catchpoint|gtmetrix|openvas|printfriendly|^ps_daily",
    r"testlocally|\babuse\.|\bylt\b",
)
# HTTP libraries, and others of which the agent begins with a name.
_NAMES = (
    r"apache/|applicationhealth|amazon-kendra|arachni|azure|braze |breaker/v|castopod|castro 2,|cf-uc|clamav|collectd",
    r"ddg[-_]android|discourse|duckduckgo/|elb-|email ?ex|go-resty|githubcopilot|google-cloud|grafana|grpc",
    r"hackermention",
    r"hakai|hexometer|hobbit|hwcdn|ifttt|insomania|interasco|invision|jakarta|k6/|keycdn|kiwitcms|l9tcpid",
    r"lolisec|lwp |m2e pro|matomo/|mediahub|medusa|morfeus|mozilliqa|multi-|munin|nginx|nibbler|nuzzel|octopus",
    r"node\.js|oh dear|perimeterx|php|phpmyadmin|placid|prometheus|punkmap|python/|rainmeter|report runner",
    r"reqbin|request-promise|rest-client|roi hunter|root|secweb|shodan|simbiat|sixy\.ch|spark |swcd |trackable|undici",
    r"valimail|w3c|wdg_|webpurify|whatsapp/|xtate|xymon|yahoo:|zendesk|zoom market",
)
# Agents that are nothing but a word, and what no browser begins with.
_WORDS = (
    r"^(?:chrome|firefox|google|url|node|parser|ipad|\d+|default_user_agent|blackboardally)$",
    r"^(?:hello,? world|spotify/1\.0)$",
    r"^(?:[<$]|\{\{)|^iphone(?:\||.*;afengine)",
)
# Forms in which no browser names itself: `Mozilla` without a system or an engine, a contact address, one word alone.
_FORMS = (
    r"^mozilla/\d\.\d+ \(compatible;[^()]*\)/?\*?$|^mozilla/\d\.\d+ ?[a-z][\w.-]*(?:/[\w.]+)?$",
    r"^mozilla/\d\.\d+ \([a-z][\w -]*(?:/[\d.]+)?\)(?: applewebkit/[\d.]+ \(khtml, like gecko\)| \w+)?$",
    r"https?://",
    r"^[a-z0-9_-]*(?:[a-z][a-z]*[0-9_-]|[0-9_-]+[a-z])[a-z0-9_-]*$",
)
# The same forms, in the agents of browsers and apps.
_BROWSERS = (
    r"\(compatible; ?(?:msie|konqueror|netfront|polaris|ncbrowser|ibrowse|netpositive|offbyone)|\(compatible;\)$",
    r"; from: https?://",
    r"^mozilla/\d\.\d+ \((?:windows|x11|mac|linux|ip|android|mobile|tablet)[^)]*\)?$",
    r"^[\w-]*(?:iphone|ip[ao]d|android|music|radio|audio|player|reader|syn|tv|app|spotify|ios)[\w-]*$",
)

_SIGNS = (
    (AgentKind.BROWSER, (r"smart[-_ ]?monitor",)),
    (AgentKind.PROGRAM, ("^microsoft office (?:existence|protocol) discovery",)),
    (AgentKind.APP, _APPS),
    (AgentKind.PROGRAM, (*_WORK, *_IN_BROWSERS, *(f"^(?:{names})" for names in _NAMES), *_WORDS)),
    (AgentKind.BROWSER, _BROWSERS),
    (AgentKind.PROGRAM, _FORMS),
)
