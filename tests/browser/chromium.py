"""Chromium as Debian packs it, with nothing but this machine to reach."""

import os
import shutil

import pytest

from tests.browser.site import SCRIPT

CHROMIUM = shutil.which("chromium")

# Of a person's: a headless browser's own name is a bot's.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

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


def missing() -> str:
    """Why there can be no test in a browser; an empty text where there can."""
    if not SCRIPT.exists():
        return "There is no pixel.js: install Node 18 or later and npm, and run `make setup`."
    if not CHROMIUM:
        return "There is no Chromium (Debian: apt install chromium)."
    return ""


def need_chromium() -> None:
    """Skip where a part is missing; on the machines of CI nothing may be."""
    why = missing()
    if why and not os.environ.get("CI"):
        pytest.skip(why)
    assert not why, why
