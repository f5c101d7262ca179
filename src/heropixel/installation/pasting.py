"""The lines to paste: the tag as it should be, the command for a domain. And texts of pages, made harmless."""

import html
import unicodedata

import httpx

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import registrable_of
from heropixel.installation.tags import Tag

_PLACEHOLDER = "https://HOST/pixel.js"  # nothing here knows by which name the world reaches the server
_KEPT = ("data-endpoint", "data-auto", "data-hash", "nonce", "integrity", "crossorigin")


def tag_line(pixel: int | None, tag: Tag | None = None, mode: str = ConsentMode.REQUIRED, **changed: str) -> str:
    """The tag for a pixel, with what the one there says besides; `changed` are other attributes."""
    src = tag.attributes["src"].strip() if tag and tag.src else _PLACEHOLDER
    attributes = {"src": src, "data-pixel": "ID" if pixel is None else str(pixel)}
    if mode != ConsentMode.REQUIRED:
        attributes["data-consent"] = mode.lower()
    attributes |= {name: tag.attributes[name] for name in _KEPT if tag and name in tag.attributes}
    attributes |= changed
    written = " ".join(f'{name}="{html.escape(shown(value, 500))}"' for name, value in attributes.items())
    return f"<script defer {written}></script>"


def domain_command(pixel: int, host: str) -> str:
    """The command that authorises a host; for `www.example.com` the whole of it, which nobody means otherwise."""
    whole = registrable_of(host)
    return f"heropixel domains add {whole if host == f'www.{whole}' else host} --pixel {pixel}"


def shown(text: str | httpx.URL, limit: int = 200) -> str:
    """A text of a page as it may be printed: no control characters, which a terminal would obey, and not too long."""
    cleaned = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter)[0] == "C" else letter
        for letter in str(text)[: limit + 1]
    )
    return cleaned if len(cleaned) <= limit else f"{cleaned[:limit]}..."
