"""The lines to paste: the tag as it should be, the command for a domain. And texts of pages, made harmless."""

import base64
import hashlib
import html
import shlex
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import registrable_of

if TYPE_CHECKING:  # `heropixel pixels` needs lines to paste, and nothing of HTTP
    import httpx


def tag_line(attributes: Mapping[str, str]) -> str:
    """A tag with these attributes."""
    written = " ".join(f'{name}="{html.escape(shown(value, 500))}"' for name, value in attributes.items())
    return f"<script defer {written}></script>"


def consent_attribute(mode: str) -> dict[str, str]:
    """By which a tag says what consent its pixel demands; nothing where a tag without it says the same."""
    return {} if mode == ConsentMode.REQUIRED else {"data-consent": mode.lower()}


def image_line(src: "httpx.URL") -> str:
    """The image for browsers without JavaScript, which says of which page it is."""
    policy = 'referrerpolicy="no-referrer-when-downgrade"'
    return f'<noscript><img src="{html.escape(shown(src, 500))}" {policy} width="1" height="1" alt=""></noscript>'


def integrity_of(body: bytes) -> str:
    """The `integrity` of a script."""
    return "sha384-" + base64.b64encode(hashlib.sha384(body).digest()).decode()


def domain_command(pixel: int, host: str) -> str:
    """The command that authorises a host; for `www.example.com` the whole of it, which nobody means otherwise."""
    whole = registrable_of(host)
    return f"heropixel domains add {shlex.quote(whole if host == f'www.{whole}' else host)} --pixel {pixel}"


def reached(asked: "httpx.URL", url: "httpx.URL") -> str:
    """The subject of a sentence on what was asked for, which names both where redirects lead to another host."""
    return shown(asked) if asked.host == url.host else f"{shown(asked)} leads to {shown(url)}, which"


def shown(text: "str | httpx.URL", limit: int = 200) -> str:
    """A text of a page as it may be printed: no control characters, which a terminal would obey, and not too long."""
    cleaned = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter)[0] == "C" else letter
        for letter in str(text)[: limit + 1]
    )
    return cleaned if len(cleaned) <= limit else f"{cleaned[:limit]}..."
