"""The lines to paste: the correct tag, the command for a domain. And texts of pages, made safe to print."""

import base64
import hashlib
import html
import shlex
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import registrable_of

if TYPE_CHECKING:  # `heropixel pixels` needs lines to paste, and no HTTP client
    import httpx


def tag_line(attributes: Mapping[str, str]) -> str:
    """A tag with these attributes."""
    written = " ".join(f'{name}="{html.escape(shown(value, 500))}"' for name, value in attributes.items())
    return f"<script defer {written}></script>"


def consent_attribute(mode: str) -> dict[str, str]:
    """The attribute with the consent mode of the pixel; empty for the default mode."""
    return {} if mode == ConsentMode.REQUIRED else {"data-consent": mode.lower()}


def image_line(src: "httpx.URL") -> str:
    """The image for browsers without JavaScript. Its referrer policy sends the URL of the page."""
    policy = 'referrerpolicy="no-referrer-when-downgrade"'
    return f'<noscript><img src="{html.escape(shown(src, 500))}" {policy} width="1" height="1" alt=""></noscript>'


def integrity_of(body: bytes) -> str:
    """The `integrity` of a script."""
    return "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()


def domain_command(pixel: int, host: str) -> str:
    """The command that authorises a host. For `www.example.com` it authorises `example.com`, as users mean it."""
    whole = registrable_of(host)
    return f"heropixel domains add {shlex.quote(whole if host == f'www.{whole}' else host)} --pixel {pixel}"


def reached(asked: "httpx.URL", url: "httpx.URL") -> str:
    """The subject of a sentence about a URL. It names both URLs if redirects lead to another host."""
    return shown(asked) if asked.host == url.host else f"{shown(asked)} leads to {shown(url)}, which"


def shown(text: "str | httpx.URL", limit: int = 200) -> str:
    """A text of a page, safe to print: not too long, and without control characters, which a terminal would obey."""
    cleaned = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter)[0] == "C" else letter
        for letter in str(text)[: limit + 1]
    )
    return cleaned if len(cleaned) <= limit else f"{cleaned[:limit]}..."
