"""A row is enriched step by step, and notes the version of the rules that were used."""

from importlib.metadata import version

from heropixel.columns import GivenBy, Row, given_by
from heropixel.enrichment.address import campaign_of
from heropixel.enrichment.agent import seen_with, usual_names
from heropixel.enrichment.bots import detect
from heropixel.enrichment.channel import click_of, origin_of
from heropixel.enrichment.cleaning import clean_text, clean_url
from heropixel.enrichment.device import device_named
from heropixel.enrichment.page import page_of, referrer_of

# Our own number, to be raised with every change of a rule in this folder, and the versions of the rule packages.
RULES = "/".join(
    ("2", *(f"{package}-{version(package)}" for package in ("ua-parser-builtins", "is-crawler", "publicsuffixlist")))
)

# The columns that the rules read, and those that they may write: `heropixel reprocess` needs no others.
READ = ("domain", "url", "canonical", "referrer", "user_agent", "client_hints", "screen", "viewport")
WRITTEN = given_by(GivenBy.RULES)


def enrich(row: Row) -> Row:
    """Enrich a row. It is idempotent: the same row gives the same result, also when it was enriched before."""
    for step in STEPS:
        step(row)
    row.rules = RULES
    return row


def prepare() -> None:
    """Load the data of the rules before pageviews come: loading blocks other threads for 50 ms."""
    url, agent = "https://www.example.com/", "a-bot/1.0"
    enrich(Row(0, 0, "", "", "", "example.com", url=url, referrer="https://www.example.org/", user_agent=agent))


def clean(row: Row) -> None:
    """Remove secrets and personal data, also from rows that were recorded before the endpoints did it."""
    if row.url:
        row.url = page_of(row.url).url
    if row.canonical:
        row.canonical = clean_url(row.canonical)
    if row.referrer:
        row.referrer = referrer_of(row.referrer).url


def put_address(row: Row) -> None:
    """Host name, path and query of the page."""
    if row.url:
        page = page_of(row.url)
        row.hostname, row.path, row.query = page.host or row.domain, page.path, page.query
    else:
        row.hostname, row.path, row.query = row.domain, "", ""


def put_campaign(row: Row) -> None:
    """The UTM fields of the address, where the caller gave none."""
    if "utm_" in row.query:
        for name, value in campaign_of(row.query).items():
            if not getattr(row, name):
                setattr(row, name, clean_text(value))


def put_origin(row: Row) -> None:
    """The source and the channel of the visit."""
    row.referrer_host = referrer_of(row.referrer).host if row.referrer else ""
    row.source, row.channel = origin_of(
        row.referrer_host,
        row.hostname,
        row.utm_source,
        row.utm_medium,
        click_of(row.query) if row.query else "",
    )


def put_agent(row: Row) -> None:
    """Browser, operating system and device: by the user agent, or else as the caller gave them."""
    if row.user_agent:
        row.browser, row.browser_version, row.os, row.os_version, row.device = seen_with(row.user_agent)
    elif row.browser or row.os or row.device:
        row.browser, row.os, row.os_version = usual_names(row.browser, row.os, row.os_version)
        row.device = device_named(row.device)


def flag_bot(row: Row) -> None:
    """The kind of bot, and the reasons."""
    row.bot, row.bot_reasons = detect(
        row.user_agent,
        row.client_hints,
        row.screen == "0x0" or row.viewport == "0x0",
        row.url.startswith("http:"),
        bool(row.browser or row.os or row.device),
    )


# The order matters: a step uses the results of those before it.
STEPS = (clean, put_address, put_campaign, put_origin, put_agent, flag_bot)
