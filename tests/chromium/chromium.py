"""Debian's Chromium, which can only reach this machine."""

import os
import shutil

import pytest

from tests.chromium.site import SCRIPT

# The whole browser makes an interface for each visitor, which nobody sees. Without one they cost a third of the time.
WHOLE = shutil.which("chromium")
CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE
NO_CHROMIUM = "" if CHROMIUM else "There is no Chromium (Debian: apt install chromium-headless-shell)."
NO_WHOLE = "" if WHOLE else "There is no whole Chromium (Debian: apt install chromium)."

# Of a person's: a headless browser's own name is a bot's, in the agent and in the client hints. The shell sends no
# language.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
CLIENT_HINTS = {"Sec-CH-UA": '"Not:A-Brand";v="8", "Chromium";v="140"'}
LOCALE = "en-US"

ARGUMENTS = [
    "--no-sandbox",  # which root may not have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
]


def need_script() -> None:
    """Skip where the script was not built."""
    need(SCRIPT.exists(), "There is no pixel.js: run `make setup`.")


def need_dashboard() -> None:
    """Skip where the dashboard was not built."""
    built = SCRIPT.parent / "dashboard/index.html"
    need(built.exists(), "There is no dashboard: run `make setup`.")


def need_chromium() -> None:
    """Skip where there is no browser, or nothing to try in it."""
    need_script()
    need(not NO_CHROMIUM, NO_CHROMIUM)


def need_whole_chromium() -> None:
    """Skip where there is no browser that prerenders pages and keeps those that are left."""
    need_script()
    need(not NO_WHOLE, NO_WHOLE)


def need(is_there: bool, else_say: str) -> None:
    """Skip where something is missing; on the machines of CI nothing may be."""
    if not is_there and not os.environ.get("CI"):
        pytest.skip(else_say)
    assert is_there, else_say
