"""The source and channel of a visit: by campaign, then by click id, then by referrer. Pure."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from heropixel.directory.hosts import registrable_of
from heropixel.enrichment.origins import origin_of_host, origin_of_name
from heropixel.enrichment.senders import KnownSender, SenderKind


class Channel(StrEnum):
    """The channels."""

    DIRECT = "DIRECT"
    ORGANIC_SEARCH = "ORGANIC_SEARCH"
    PAID_SEARCH = "PAID_SEARCH"
    ORGANIC_SOCIAL = "ORGANIC_SOCIAL"
    PAID_SOCIAL = "PAID_SOCIAL"
    EMAIL = "EMAIL"
    REFERRAL = "REFERRAL"
    DISPLAY = "DISPLAY"
    AFFILIATES = "AFFILIATES"
    AI_ASSISTANTS = "AI_ASSISTANTS"
    INTERNAL = "INTERNAL"  # from another page of the same site


class Origin(NamedTuple):
    """The source of a visit, by its usual name, and its channel."""

    source: str
    channel: str


@lru_cache(maxsize=10_000)
def origin_of(referrer_host: str, hostname: str, utm_source: str, utm_medium: str, click: str, own: bool) -> Origin:  # noqa: FBT001 - cached by place
    """The source and channel of a visit.

    `click` is the name of the click id in its address. With `own` the referrer is another domain of the same pixel.
    """
    if utm_source or utm_medium:
        return _by_campaign(utm_source.strip(), utm_medium, _by_referrer(referrer_host, hostname, own=own))
    if click:
        return _by_click(click, referrer_host)
    return _by_referrer(referrer_host, hostname, own=own)


def _by_campaign(utm_source: str, utm_medium: str, referred: Origin) -> Origin:
    origin = origin_of_name(utm_source) if utm_source else None
    if origin:
        source = origin.name
    elif utm_source:
        source = utm_source
    else:  # a medium alone: the referrer gives the source
        source = referred.source
        origin = origin_of_name(source) if source else None
    kind = origin.kind if origin else SenderKind.OTHER
    return Origin(source, _channel_of_medium(utm_medium.strip().lower(), kind, utm_source.lower()))


def _channel_of_medium(medium: str, kind: SenderKind, source: str) -> Channel:
    for pattern, channel in _MEDIA:
        if pattern.fullmatch(medium):
            return channel
    if _PAID.fullmatch(medium) or _PAID_SOURCE.search(source):
        return _PAID_CHANNELS.get(kind, Channel.DISPLAY if medium == "cpm" else Channel.PAID_SEARCH)
    if kind is not SenderKind.OTHER:
        return _CHANNELS[kind]
    return _UNPAID_MEDIA.get(medium, Channel.REFERRAL)


# Media that decide the channel, with any source. The first that matches.
_MEDIA = tuple(
    (re.compile(pattern), channel)
    for pattern, channel in (
        (r"affiliates?|aff|affiliate[-_ ]?marketing|partner[-_ ]?program(me)?", Channel.AFFILIATES),
        (r"e[-_ ]?mails?|newsletters?|mail(ing)?|edm|crm[-_ ]?email|.*[-_ ]email", Channel.EMAIL),
        (
            r"display|banners?|expandable|interstitial|programmatic|native|gdn|display[-_ ].*|rich[-_ ]?media",
            Channel.DISPLAY,
        ),
        (r"(paid|cpc)[-_ ]?social(media)?|social[-_ ]?(paid|cpc|ads?)", Channel.PAID_SOCIAL),
        (r"paid[-_ ]?search|search[-_ ]?(paid|cpc|ads?)|sem|sea|shopping", Channel.PAID_SEARCH),
        (r"ai|llm|ai[-_ ]?(assistants?|chat|search|referral)|chatbot|assistant", Channel.AI_ASSISTANTS),
        (r"(organic[-_ ]?)?social([-_ ]?(network|media|post|organic))?s?|smm?", Channel.ORGANIC_SOCIAL),
        (r"organic[-_ ]?search|seo", Channel.ORGANIC_SEARCH),
    )
)
# Media for which the channel depends on the source.
_PAID = re.compile(
    r"(.*cp[acmv].*|ppc|pla|retargeting|remarketing|paid.*|.*[-_ ]paid|ads?|advert.*|sponsored|boost(ed)?|promoted)"
)
_PAID_SOURCE = re.compile(r"ads\Z|[-_ .]ads?\b|adwords|[-_]cpc\b")
_PAID_CHANNELS = {
    SenderKind.SEARCH: Channel.PAID_SEARCH,
    SenderKind.SEARCH_PARTNER: Channel.PAID_SEARCH,
    SenderKind.SOCIAL: Channel.PAID_SOCIAL,
    SenderKind.EMAIL: Channel.EMAIL,
    SenderKind.AI: Channel.AI_ASSISTANTS,
    SenderKind.DISPLAY: Channel.DISPLAY,
    SenderKind.AFFILIATE: Channel.AFFILIATES,
}
_CHANNELS = {
    SenderKind.SEARCH: Channel.ORGANIC_SEARCH,
    SenderKind.SEARCH_PARTNER: Channel.PAID_SEARCH,
    SenderKind.SOCIAL: Channel.ORGANIC_SOCIAL,
    SenderKind.EMAIL: Channel.EMAIL,
    SenderKind.AI: Channel.AI_ASSISTANTS,
    SenderKind.DISPLAY: Channel.DISPLAY,
    SenderKind.AFFILIATE: Channel.AFFILIATES,
    SenderKind.RETURN: Channel.REFERRAL,  # only a campaign of its own
    SenderKind.OTHER: Channel.REFERRAL,
}
_UNPAID_MEDIA = {"organic": Channel.ORGANIC_SEARCH, "direct": Channel.DIRECT, "(none)": Channel.DIRECT}


def _by_click(click: str, referrer_host: str) -> Origin:
    source, channel = _CLICKS[click]
    referred = origin_of_host(referrer_host) if referrer_host else None
    if click in _UNPAID_CLICKS and referred and referred.kind is SenderKind.SOCIAL:
        source = referred.name  # Meta's click ids are the same on Facebook and Instagram
    return Origin(source, channel)


def click_of(parameters: Sequence[str]) -> str:
    """The first of these names that is a click id which decides a channel; empty where there is none."""
    for name in parameters:
        if name in _CLICKS:
            return name
    return ""


# fbclid and similar ids do not mean paid: the network puts them on every link, paid or not.
_CLICKS = {
    **dict.fromkeys(("gclid", "gbraid", "wbraid", "gad_source"), Origin("Google", Channel.PAID_SEARCH)),
    "msclkid": Origin("Bing", Channel.PAID_SEARCH),
    "yclid": Origin("Yandex", Channel.PAID_SEARCH),
    "dclid": Origin("Google Ads", Channel.DISPLAY),
    "tblci": Origin("Taboola", Channel.DISPLAY),
    "obclid": Origin("Outbrain", Channel.DISPLAY),
    "ttclid": Origin("TikTok", Channel.PAID_SOCIAL),
    "twclid": Origin("X", Channel.PAID_SOCIAL),
    "li_fat_id": Origin("LinkedIn", Channel.PAID_SOCIAL),
    "rdt_cid": Origin("Reddit", Channel.PAID_SOCIAL),
    "sccid": Origin("Snapchat", Channel.PAID_SOCIAL),
    "awc": Origin("Awin", Channel.AFFILIATES),
    "irclickid": Origin("Impact", Channel.AFFILIATES),
    "cjevent": Origin("CJ", Channel.AFFILIATES),
    "mc_cid": Origin("Mailchimp", Channel.EMAIL),
    "_hsmi": Origin("HubSpot", Channel.EMAIL),
    "fbclid": Origin("Facebook", Channel.ORGANIC_SOCIAL),
    "igshid": Origin("Instagram", Channel.ORGANIC_SOCIAL),
    "epik": Origin("Pinterest", Channel.ORGANIC_SOCIAL),
    "srsltid": Origin("Google", Channel.ORGANIC_SEARCH),
    "ysclid": Origin("Yandex", Channel.ORGANIC_SEARCH),
}
_UNPAID_CLICKS = frozenset(("fbclid", "igshid", "epik"))


def _by_referrer(referrer_host: str, hostname: str, *, own: bool) -> Origin:
    if not referrer_host:
        return Origin("", Channel.DIRECT)
    if own or registrable_of(referrer_host) == registrable_of(hostname):
        return Origin("", Channel.INTERNAL)
    origin: KnownSender | None = origin_of_host(referrer_host)
    if origin and origin.kind is SenderKind.RETURN:  # the visit that the site had before goes on
        return Origin("", Channel.INTERNAL)
    if origin:
        return Origin(origin.name, _CHANNELS[origin.kind])
    return Origin(referrer_host.removeprefix("www."), Channel.REFERRAL)
