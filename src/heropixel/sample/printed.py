"""What `make run` prints once its server listens: what to open, what to ask, and the first request."""

import hashlib
import shlex
import sys
from pathlib import Path

import msgspec

from heropixel.directory.apps import NewApp
from heropixel.sample import SampleWorld
from heropixel.sample.pages import HOST, SIGNUP
from heropixel.sample.visits import PIXEL

# Each with the question that it answers.
REPORTS = (
    ("Where do visitors come from?", ("--by", "channel", "--compare")),
    ("Which channels bring those who sign up?", ("--by", "channel", "--filter", f"page={SIGNUP}")),
    ("Who was here this week?", ("--by", "user", "--filter", "user!=", "--last", "7d", "--metric", "pageviews")),
)


def printed(url: str, world: SampleWorld, folder: Path, *, live: bool) -> str:
    """The text for a server at this URL on this folder."""
    parts = [_said(world, live=live), f"Three reports to try in another terminal:\n\n{_reports(folder)}"]
    md5 = hashlib.md5(world.customers[0].email.encode(), usedforsecurity=False).hexdigest()
    request = first_request(url, world.app, md5)
    return "\n\n".join((*parts, f"And a first request, which answers User Found:\n\n{request}"))


def _said(world: SampleWorld, *, live: bool) -> str:
    new = f"{world.recorded:,} pageviews were added, up to now." if world.recorded else "Its pageviews are up to date."
    said = f"The sample site is pixel {PIXEL}, {HOST}. {new} All people and addresses in it are invented."
    if live:
        said += "\nInvented visitors go on coming while the server runs. --no-sample-visits leaves them out."
    return said


def _reports(folder: Path) -> str:
    """The commands, with the program that this process runs: it need not be on the path."""
    command = shlex.join([sys.argv[0], "--data", str(folder), "report"])
    return "\n".join(f"  # {question}\n  {command} {shlex.join(words)}" for question, words in REPORTS)


def first_request(url: str, app: NewApp, md5: str) -> str:
    """The request of the README, as a line for the shell."""
    query = (
        "mutation HeroPixel($event: PageviewEventInput!) {"
        f' pageview(auth: {{ appId: "{app.app_id}", appSecret: "{app.secret}" }}, event: $event)'
        " { message code data } }"
    )
    body = {"query": query, "variables": {"event": {"md5": md5, "pixelId": PIXEL, "domain": HOST}}}
    return (
        f"curl -X POST {url}/graphql \\\n  -H 'Content-Type: application/json' \\\n"
        f"  -d '{msgspec.json.encode(body).decode()}'"
    )
