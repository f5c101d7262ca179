"""Where visits of the sample site come from: search, campaigns, networks, other sites, assistants, or nowhere."""

from typing import Final, NamedTuple

from heropixel.sample.chance import Choice

CYCLE: Final = 60  # days after which campaigns and the launch come again


class Arrival(NamedTuple):
    """What the first pageview of a visit says of its origin, and the page it is for."""

    referrer: str = ""
    query: str = ""
    landings: Choice[str] = Choice((("/", 1),))


class _Source(NamedTuple):
    """A source of newcomers on the days from `first` to `last` of each cycle. Its weight grows from day to day."""

    weight: float
    arrival: Arrival
    first: int = 0
    last: int = CYCLE
    growth: float = 0.0  # of its weight, in each day of the first cycle


def newcomers_on(day: int) -> Choice[Arrival]:
    """The arrivals of newcomers on a day, counted from the beginning of the world."""
    return Choice(
        (source.arrival, source.weight * (1 + source.growth * min(day, CYCLE)))
        for source in _SOURCES
        if source.first <= day % CYCLE <= source.last
    )


_FRONT = Choice((("/", 1),))
_READING = Choice(
    (
        ("/blog/get-paid-on-time", 5),
        ("/blog/vat-for-freelancers", 6),
        ("/blog/friendly-reminders", 3),
        ("/blog/café-bookkeeping", 2),
        ("/docs/import-clients", 2),
        ("/docs/api", 2),
    )
)
_FOUND = Choice(
    (*((path, weight * 2) for path, weight in _READING.weighted), ("/", 26), ("/pricing", 5), ("/features", 5))
)
_TYPED = Choice((("/", 14), ("/pricing", 3), ("/blog/get-paid-on-time", 1), ("/docs", 1)))
_OFFER = Choice((("/pricing", 3), ("/features", 2), ("/", 2)))

_SOURCES = (
    _Source(30, Arrival("https://www.google.com/", landings=_FOUND)),
    _Source(3.2, Arrival("https://www.bing.com/", landings=_FOUND)),
    _Source(2.6, Arrival("https://duckduckgo.com/", landings=_FOUND)),
    _Source(1.0, Arrival("https://www.ecosia.org/", landings=_FOUND)),
    _Source(19, Arrival(landings=_TYPED)),
    # Search advertisements.
    _Source(
        5,
        Arrival(
            "https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=brand&utm_term=example+invoices"
        ),
    ),
    _Source(
        6,
        Arrival(
            "https://www.google.com/",
            "utm_source=google&utm_medium=cpc&utm_campaign=switch-to-example&utm_content=comparison",
            _OFFER,
        ),
        first=14,
        last=46,
    ),
    _Source(
        1.5,
        Arrival("https://www.bing.com/", "utm_source=bing&utm_medium=cpc&utm_campaign=switch-to-example", _OFFER),
        first=14,
        last=46,
    ),
    # Social networks, unpaid and paid.
    _Source(3, Arrival("https://www.linkedin.com/", landings=_READING)),
    _Source(1.8, Arrival("https://t.co/", landings=_READING)),
    _Source(2, Arrival("https://www.reddit.com/", landings=_READING)),
    _Source(1.3, Arrival("https://www.youtube.com/", landings=_FRONT)),
    _Source(0.8, Arrival("https://mastodon.social/", landings=_READING)),
    _Source(
        4,
        Arrival(
            "https://www.linkedin.com/",
            "utm_source=linkedin&utm_medium=paid_social&utm_campaign=for-small-teams&utm_content=video",
            _OFFER,
        ),
        first=22,
        last=52,
    ),
    _Source(
        2.5,
        Arrival(
            "https://www.instagram.com/",
            "utm_source=instagram&utm_medium=paid_social&utm_campaign=for-small-teams&utm_content=story",
            _OFFER,
        ),
        first=22,
        last=52,
    ),
    # Assistants. There are more of them from day to day.
    _Source(2.2, Arrival("https://chatgpt.com/", "utm_source=chatgpt.com", _FOUND), growth=0.02),
    _Source(0.9, Arrival("https://www.perplexity.ai/", landings=_FOUND), growth=0.02),
    _Source(0.8, Arrival("https://claude.ai/", landings=_FOUND), growth=0.03),
    _Source(0.6, Arrival("https://gemini.google.com/", landings=_FOUND), growth=0.02),
    # Other sites.
    _Source(2.6, Arrival("https://tools.example.org/invoicing/compared", landings=_OFFER)),
    _Source(2.0, Arrival("https://freelancers.example.net/resources", landings=_READING)),
    _Source(1.0, Arrival("https://github.com/example/invoices", landings=Choice((("/docs/api", 3), ("/", 1))))),
    # Mail.
    _Source(1.2, Arrival("https://mail.google.com/", landings=_TYPED)),
    _Source(0.8, Arrival("", "utm_source=partner-digest&utm_medium=email&utm_campaign=partner-digest", _READING)),
    # Banners and affiliates.
    _Source(
        2.4,
        Arrival("", "utm_source=dv360&utm_medium=display&utm_campaign=come-back&utm_content=300x250", _OFFER),
        first=8,
        last=38,
    ),
    _Source(1.6, Arrival("https://tools.example.org/deals", "utm_source=bookkeepers&utm_medium=affiliate", _OFFER)),
)

# On the launch day and the days after it.
LAUNCHED = Choice(
    (
        (Arrival("https://www.producthunt.com/", "utm_source=producthunt&utm_medium=social&utm_campaign=launch"), 9),
        (Arrival("https://news.ycombinator.com/"), 8),
        (Arrival("https://t.co/", "utm_source=x&utm_medium=social&utm_campaign=launch"), 4),
        (Arrival("https://www.linkedin.com/", "utm_source=linkedin&utm_medium=social&utm_campaign=launch"), 4),
        (Arrival(), 6),
    )
)

# Of those who come back.
RETURNED = Choice(
    (
        (Arrival(landings=_TYPED), 60),
        (Arrival("https://www.google.com/", landings=_TYPED), 24),
        (Arrival("https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=brand"), 5),
        (Arrival("https://mail.google.com/", landings=_TYPED), 4),
        (Arrival("https://www.linkedin.com/", landings=_READING), 4),
        (Arrival("https://chatgpt.com/", "utm_source=chatgpt.com", _FOUND), 3),
    )
)
AT_WORK = Choice(
    (
        (Arrival(landings=Choice((("/invoices", 6), ("/login", 4)))), 78),
        (Arrival("https://www.google.com/", landings=Choice((("/login", 4), ("/", 2)))), 14),
        (Arrival("https://mail.google.com/", landings=Choice((("/invoices", 1),))), 8),
    )
)
# What a newsletter offers, by its number.
_LETTER = "utm_source=newsletter&utm_medium=email&utm_campaign=news-"
_LETTERS = {
    "reminders": "/blog/friendly-reminders",
    "vat": "/blog/vat-for-freelancers",
    "api": "/docs/api",
    "get-paid": "/blog/get-paid-on-time",
}
NEWSLETTERS = tuple(
    Arrival("", _LETTER + name, Choice(((path, 4), ("/features", 1)))) for name, path in _LETTERS.items()
)
