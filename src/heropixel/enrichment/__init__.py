"""The server derives campaign, origin, browser, bot and place from a pageview, by rules with a version."""

from heropixel.enrichment.address import host_of, parts_of
from heropixel.enrichment.alike import Alike, RowsByColumn
from heropixel.enrichment.bots import NO_HINTS, Bot, BotReason, is_surely_bot
from heropixel.enrichment.channel import Channel
from heropixel.enrichment.cleaning import clean_text, clean_url
from heropixel.enrichment.codes import country_of, is_no_place, language_of, region_of
from heropixel.enrichment.device import Device
from heropixel.enrichment.place import NOWHERE, Place, PlaceHeaders, Places, whereabouts
from heropixel.enrichment.steps import READ, RULES, WRITTEN, Owns, enrich, owns_nothing, prepare
from heropixel.enrichment.zones import PlaceBasis

__all__ = [
    "NOWHERE",
    "NO_HINTS",
    "READ",
    "RULES",
    "WRITTEN",
    "Alike",
    "Bot",
    "BotReason",
    "Channel",
    "Device",
    "Owns",
    "Place",
    "PlaceBasis",
    "PlaceHeaders",
    "Places",
    "RowsByColumn",
    "clean_text",
    "clean_url",
    "country_of",
    "enrich",
    "host_of",
    "is_no_place",
    "is_surely_bot",
    "language_of",
    "owns_nothing",
    "parts_of",
    "prepare",
    "region_of",
    "whereabouts",
]
