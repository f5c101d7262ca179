"""Agents of programs that nobody looks at, and of apps that look like them. They complete the list of is-crawler. Pure."""

import re
from enum import StrEnum
from functools import cache

from ua_parser import RegexResolver, Resolver
from ua_parser.core import Domain
from ua_parser.lazy import DeviceMatcher


class Caller(StrEnum):
    """Whose agent it is, where that can be told."""

    APP = "APP"  # people read or listen in it, though it looks like a program
    PROGRAM = "PROGRAM"
    BROWSER = "BROWSER"  # an old one, in a form that programs use too


def caller_of(user_agent: str) -> Caller | None:
    """Whose agent it is: the first rule that matches."""
    found = _rules()(user_agent, Domain.DEVICE).device
    return Caller(found.family) if found else None


@cache
def _rules() -> Resolver:
    """The engine of ua-parser tries many expressions at once."""
    assert RegexResolver, "the extra `regex` of ua-parser is among the dependencies"  # noqa: S101 - narrows the type
    matchers = [DeviceMatcher(sign, "i", caller) for caller, signs in _SIGNS for sign in signs]
    return RegexResolver(([], [], matchers))


# Telephones and tablets with "bot" or "spider" in their names: Cubot, Logicom's M BOT and others.
TELEPHONES = re.compile(
    r"cubot|(?<=; )(?<!compatible; )[\w -]*(?:bot|spider)[\w +-]*(?=(?: Build/[^;)]*)?(?:; wv)?\) AppleWebKit)",
    re.IGNORECASE,
)

_APPS = (
    r"^microsoft (?:office|outlook)|\bms-office\b|^amazon\.com/\d|^\[fban/|^orca-android/|\blibvlc/|^hotjava/",
    r"^whatsapp/\S+ (?:android|iphone_os|ios)/",  # other agents of WhatsApp are its link previews
    # Players of podcasts and readers of feeds. They fetch for the person, and give addresses of their own.
    r"podcast|\bi?pod[a-z]*/|^pod[a-z]+$|[a-z]podder\b|hermespod|podimo|podgrab|alamofire/|cast(?:amatic|box|ro)\b|castero",
    r"turtlecast|bullhorn|adorilabs|radio\.com|cooler\.fm|fountain\.fm|xbmc|music player|\b(?:juice|doughnut|overcast)/",
    r"^(?:mail|reeder|newsblur)/[\d.]+ cfnetwork|^newsblur ip|omea reader|; rss reader;|quiterss",
    r"^(?:netnewswire|pulp|rssbandit|liferea|newsbeuter|akregator|feeddlerrss|rssowl|feeddemon|feedstation|podchaser|fdm|btwebclient)[-/ ]|^url/emacs |^aida64$",
)
# What programs say of their work.
_WORK = (
    r"(?:^|[^m])scan(?:ner|ning|s)?\b|\bsurvey|measurement|health-?(?:check|service)|kube-probe|fastprobe|\bprobe/",
    r"(?:site-?|url-)?monitor(?:s|ing)?\b|httpmon\b|monitorss|synthetic|uptim(?:e|ia)/|statuscake|status ?page",
    r"checker|\bcheck\b|linkcheck|check_http|validat(?:e|or|ion)\b|\bdcv\b|verification\b",
    r"parser\b|\bparse[ /]|grab(?:ber)?\b|\binspect|inspector|insights?\b|classifier|optimizer|transcoder|thumbnail|screenshot",
    r"(?:image|mail|checker|link|hydra ?|ukr\.net )proxy\b|\bcron\b|\bdaemon \d|\bwebhooks?\b|worker/|dummy connection",
    r"look-?up|link-?expander|link-?chain|(?:form|feed|product) ?finder|resolver\b|\brecon\b|\bresearch\b|lead ?(?:radar|discovery)",
    r"certificate info|internet ?x?search|wordpress/|phish|httpclient|[a-z]agent/\d|user ?agent\b|useragent|nameofagent|[/_-]bot[/_]",
)
# Names of programs that drive a real browser, or say that they are one.
_IN_BROWSERS = (
    r"\bptst[ /]|dejaclick|dareboost|datanyze|dmbrowser|functionize|iplabel|\brigor\b|silktide|sparkler|ruxit|catchpoint|gtmetrix",
    r"google(?:weblight|imageproxy|adsense|-(?:assess|sites|business)|[ _](?:page ?speed|favicon|search|web|partner_))",
    r"duplexweb|mediapartners|brandverity|pageburst|burpcollaborator|wechatdevtools|securityheaders|marketgoo|inspici",
    r"cloudflareobs|assetnote|charlotte/|webmoney advisor|outbrain\b|feeder\.co|freshrss|hotjar|voilabot",
    r"\btime/\d{9}|oast\.|jndi:|nbertaupete|seznamemail|simplepie|feed wrangler|^anonymous,|^thumbor|firefox mutant",
    r"newsai|collapsify|semantic-visions|sindup|turingos|adbeat\.|\bbw/1|foregenix|linktiger|miniature\.io|newsnow|openvas",
    r"printfriendly|^ps_daily|testlocally|\babuse\.|\bylt\b|watchtowr|scope3|modularconnector|\bdaum \d",
)
# HTTP libraries, and others of which the agent is only a name.
_NAMES = (
    r"^(?:grpc|go-resty|rest-client|undici|request-promise|node$|lwp |jakarta|php|hwcdn|clamav|collectd|applicationhealth)",
    r"^(?:elb-|apache/|azure|grafana|prometheus|matomo/|munin|nginx|discourse|zendesk|zoom market|xymon|hobbit|k6/|xtate)",
    r"^(?:google-cloud|yahoo:|ddg[-_]android|duckduckgo/|swcd |ifttt|invision|keycdn|kiwitcms|secweb|phpmyadmin|wdg_|w3c)",
    r"^(?:octopus|nibbler|nuzzel|hakai|l9tcpid|hexometer|trackable|mediahub|perimeterx|webpurify|placid|sixy\.ch|lolisec)",
    r"^(?:braze |cf-uc|email ?ex|interasco|m2e pro|roi hunter|rainmeter|report runner|medusa|python/|arachni|oh dear|punkmap)",
    r"^(?:castopod|multi-|root|simbiat|hackermention|insomania|morfeus|mozilliqa|valimail|spark |breaker/v|castro 2,|whatsapp/)",
    r"^(?:chrome|firefox|ipad|\d+|default_user_agent|parser|blackboardally|hello,? world|spotify/1\.0)$|^[<$]|^iphone(?:\||.*;afengine)",
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
    r"\(compatible; ?(?:msie|konqueror|netfront|polaris|ncbrowser|ibrowse|netpositive|offbyone)|\(compatible;\)$|; from: https?://",
    r"^mozilla/\d\.\d+ \((?:windows|x11|mac|linux|ip|android|mobile|tablet)[^)]*\)?$",
    r"^[\w-]*(?:iphone|ip[ao]d|android|music|radio|audio|player|reader|syn|tv|app|spotify|ios)[\w-]*$",
)

_SIGNS = (
    (Caller.APP, _APPS),
    (Caller.PROGRAM, (*_WORK, *_IN_BROWSERS, *_NAMES)),
    (Caller.BROWSER, _BROWSERS),
    (Caller.PROGRAM, _FORMS),
)
