"""The sample site: its pages, and where visitors go from each. It sells invoicing to small companies."""

from typing import Final, NamedTuple

from heropixel.sample.chance import Choice

HOST: Final = "example.com"
APP_HOST: Final = "app.example.com"

SIGNUP, WELCOME, LOGIN, INVOICES = "/signup", "/welcome", "/login", "/invoices"
LEAVE: Final = ""


class Page(NamedTuple):
    """A page: its title, how long it is usually read, and the pages that follow."""

    title: str
    seconds: float
    following: Choice[str]
    host: str = HOST


def _following(**weights: float) -> Choice[str]:
    return Choice((_PATHS[name], weight) for name, weight in weights.items())


_PATHS: Final = {
    "home": "/",
    "features": "/features",
    "pricing": "/pricing",
    "stories": "/stories",
    "about": "/about",
    "contact": "/contact",
    "signup": SIGNUP,
    "welcome": WELCOME,
    "docs": "/docs",
    "start": "/docs/start",
    "importing": "/docs/import-clients",
    "api": "/docs/api",
    "blog": "/blog",
    "paid": "/blog/get-paid-on-time",
    "vat": "/blog/vat-for-freelancers",
    "reminders": "/blog/friendly-reminders",
    "cafe": "/blog/café-bookkeeping",
    "login": LOGIN,
    "invoices": INVOICES,
    "new": "/invoices/new",
    "clients": "/clients",
    "billing": "/settings/billing",
    "leave": LEAVE,
}

_AFTER_A_POST = _following(paid=5, vat=5, reminders=4, cafe=3, home=9, pricing=7, features=6, signup=2, leave=59)

PAGES: Final = {
    "/": Page(
        "Example: invoices that get paid",
        28,
        _following(features=24, pricing=22, stories=8, signup=4, blog=5, docs=4, about=3, login=3, leave=35),
    ),
    "/features": Page("Features", 45, _following(pricing=30, signup=7, stories=8, docs=7, home=5, leave=43)),
    "/pricing": Page("Pricing", 50, _following(signup=16, features=10, contact=5, docs=3, stories=5, leave=58)),
    "/stories": Page("How others use it", 70, _following(pricing=24, features=12, signup=4, leave=60)),
    "/about": Page("About us", 35, _following(contact=15, home=10, leave=75)),
    "/contact": Page("Contact", 60, _following(home=10, leave=90)),
    SIGNUP: Page("Sign up", 55, _following(welcome=46, pricing=10, leave=44)),
    WELCOME: Page("Welcome", 25, _following(invoices=75, start=15, leave=10)),
    "/docs": Page("Documentation", 25, _following(start=34, importing=20, api=14, leave=32)),
    "/docs/start": Page("Your first invoice", 95, _following(importing=24, api=8, signup=4, pricing=4, leave=60)),
    "/docs/import-clients": Page("Import your clients", 80, _following(start=10, api=14, docs=8, leave=68)),
    "/docs/api": Page("API reference", 150, _following(importing=8, docs=14, leave=78)),
    "/blog": Page("Blog", 20, _following(paid=24, vat=22, reminders=16, cafe=12, leave=26)),
    "/blog/get-paid-on-time": Page("How to get paid on time", 110, _AFTER_A_POST),
    "/blog/vat-for-freelancers": Page("VAT for freelancers", 140, _AFTER_A_POST),
    "/blog/friendly-reminders": Page("Five friendly reminders", 90, _AFTER_A_POST),
    "/blog/café-bookkeeping": Page("Bookkeeping for a café", 100, _AFTER_A_POST),
    LOGIN: Page("Log in", 15, _following(invoices=94, leave=6), APP_HOST),
    INVOICES: Page("Invoices", 60, _following(new=34, clients=22, billing=5, importing=4, leave=35), APP_HOST),
    "/invoices/new": Page("New invoice", 130, _following(invoices=50, clients=12, leave=38), APP_HOST),
    "/clients": Page("Clients", 50, _following(new=24, invoices=30, importing=6, leave=40), APP_HOST),
    "/settings/billing": Page("Billing", 40, _following(invoices=30, pricing=8, leave=62), APP_HOST),
}
