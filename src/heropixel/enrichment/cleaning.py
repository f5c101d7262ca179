"""Secrets and personal data in addresses must not be stored: they are removed here. Pure.

The endpoints clean before anything is stored, since the journal is a store too. So the common case must cost nothing.
"""

import re
from enum import Enum, auto
from urllib.parse import unquote

from heropixel.columns import CAMPAIGN
from heropixel.remembering import remembered


def clean_url(url: str) -> str:
    """The address without the parameters that look like secrets or name a person. The others stay as they were.

    The fragment is cleaned in the same way. A password before the host is removed, and an email address in the path.
    """
    if url in _harmless:
        return url
    cleaned = _clean(url, 0)
    if cleaned == url and len(url) <= _LONGEST_KEPT:
        if len(_harmless) >= _MOST_KEPT:
            _harmless.clear()
        _harmless.add(url)
    return cleaned


# Addresses from which nothing was removed: those of a site's pages come again and again. No others are kept.
_harmless: set[str] = set()
_MOST_KEPT = 10_000  # 3 MB
_LONGEST_KEPT = 200  # characters


def _clean(url: str, depth: int) -> str:
    """Clean an address that is nested in `depth` others."""
    if "?" not in url and "#" not in url and "@" not in url and "%" not in url and ";" not in url:
        return url
    base, found, fragment = url.partition("#")
    base, asked, query = base.partition("?")
    base = _clean_base(base, depth)
    if asked:
        query = _clean_query(query, depth)
        base += f"?{query}" if query else ""
    if found:
        fragment = _clean_fragment(fragment, depth)
        base += f"#{fragment}" if fragment else ""
    return base


def clean_text(text: str) -> str:
    """The value of a campaign field; empty where it has an email address."""
    if ("@" in text or "%" in text or "+" in text) and _names_person(_decoded(text)):
        return ""
    return text


def _clean_base(base: str, depth: int) -> str:
    """The part before the query: no `user:password@`, no session id, no email as a part of the path."""
    if "@" in base or "%" in base:
        scheme, found, rest = base.partition("//")
        if found:
            authority, slash, path = rest.partition("/")
            base = f"{scheme}//{authority.rpartition('@')[2]}{slash}{_clean_path(path)}"
        else:
            base = _clean_path(base)
    if ";" in base:
        base = "/".join(
            ";".join(part for place, part in enumerate(segment.split(";")) if not place or not _is_private(part, depth))
            for segment in base.split("/")
        )
    return base


def _clean_path(path: str) -> str:
    return "/".join(REMOVED if _EMAIL.search(_decoded(segment)) else segment for segment in path.split("/"))


REMOVED = "-removed-"


def _clean_query(query: str, depth: int) -> str:
    return "&".join([parameter for parameter in query.split("&") if not _is_private(parameter, depth)])


def _clean_fragment(fragment: str, depth: int) -> str:
    """Clean `#part`, `#a=1&b=2` or `#/route?a=1`."""
    route, asked, query = fragment.partition("?")
    if "=" in route:
        route = _clean_query(route, depth)
    elif _is_secret(route) or _names_person(_decoded(route)):
        route = ""
    if asked and (query := _clean_query(query, depth)):
        return f"{route}?{query}"
    return route


def _is_private(parameter: str, depth: int) -> bool:
    """Whether a parameter, `name=value` or a bare value, looks like a secret or names a person."""
    name, found, value = parameter.partition("=")
    if not found:
        name, value = "", parameter
    says = _says_name(name)
    if len(value) < _SECRET_FROM and value.isalnum():  # most of them: no other check can match
        return says is _Says.PRIVATE
    value = _decoded(value)
    if _names_person(value):
        return True
    if says is _Says.HARMLESS or not value:
        return False
    return says is _Says.PRIVATE or _is_secret(value) or _holds_private(value, depth + 1)


class _Says(Enum):
    """What the name of a parameter shows of its value."""

    PRIVATE = auto()
    HARMLESS = auto()
    NOTHING = auto()


@remembered(longest=100)
def _says_name(name: str) -> _Says:
    name = _decoded(name).lower()
    if name in HARMLESS:
        return _Says.HARMLESS
    return _Says.PRIVATE if _PRIVATE_NAME.search(_NOT_ALPHANUMERIC.sub("", name)) else _Says.NOTHING


def _holds_private(value: str, depth: int) -> bool:
    """Whether the value is an address or a query that needs cleaning itself."""
    if "=" not in value and "//" not in value:
        return False
    if depth > _DEEPEST:
        return True
    if "?" in value or "#" in value or "//" in value:
        return _clean(value, depth) != value
    return any(_is_private(part, depth) for part in value.split("&"))


_DEEPEST = 5  # nested addresses, each of which is read once more; a sign-in has two or three


def _decoded(text: str) -> str:
    """Percent-decoded, also where it was encoded several times."""
    for _ in range(4):
        if "%" not in text:
            break
        text, before = unquote(text), text
        if text == before:
            break
    return text


def _names_person(value: str) -> bool:
    return bool(_EMAIL.search(value) or _PHONE.fullmatch(value))


def _is_secret(value: str) -> bool:
    """Whether the value is a JSON web token, or so long and so mixed that no person chose it."""
    if len(value) < _SECRET_FROM:
        return False
    if any(found[1] for found in _JWT.finditer(value)):
        return True
    # A chosen text has its digits and capitals in runs: "iPhone-15-Pro-Max-256GB" changes twice, a random text of that
    # length ten times. Of random hexadecimal digits nearly every second pair is a change.
    return any(
        len(run) >= _SECRET_FROM and len(_CHANGES.findall(run)) >= len(run) / _CHANGES_PER
        for run in _RUNS.findall(value)
    )


_SECRET_FROM = 20  # characters: 80 bits in hexadecimal digits
_CHANGES_PER = 6

_RUNS = re.compile(r"[A-Za-z0-9_\-+/=.~]+")
_CHANGES = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
# Strangers send these texts, so each pattern takes one step along a text of 8,192 characters, whatever it holds. That
# is why the first part of a token that breaks off is a match too: it is not searched again. An email is searched by its
# @, with a lookbehind for the character before it.
_JWT = re.compile(r"\beyJ[\w-]{8,}+(\.[\w-]{8,}+\.)?")
_EMAIL = re.compile(r"@(?<=[^\s@/?&=:;,<>()]@)[^\s@/?&=:;,<>()]+\.[^\s@/?&=:;,<>().\d]{2}")
_PHONE = re.compile(r"\s*\+[\d\s().-]{7,20}")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")

# Names of parameters that hold a secret or a person, without all characters but letters and digits.
_PRIVATE_NAME = re.compile(
    "token|passw|passphrase|passcode|secret|apikey|accesskey|privatekey|signature|session|sessid|credential|authori[sz]|oauth"
    "|jwt|csrf|xsrf|saml|onetime|email|phone|mobilenumber|creditcard|cardnumber|firstname|lastname|fullname|surname|username"
    "|birthda|dateofbirth|address"
    r"|\A(?:amp)?(?:auth|key|code|sig|sid|pwd|pass|pin|otp|totp|mfa|mail|tel|mobile|msisdn|login|ticket|nonce|ssn|dob|cvv|cvc|iban"
    r"|hmac|sso|bearer|street|userid|ip|mceid|hsenc|mkttok|veroid|trkcontact)\Z"
)

# A click id is random and names a click. The platform that made it can tell who clicked; the site cannot. It is kept:
# conversions are reported by it, and channels are found by it.
CLICK_IDS = frozenset(
    {
        *(
            "gclid",
            "gbraid",
            "wbraid",
            "gclsrc",
            "dclid",
            "msclkid",
            "fbclid",
            "igshid",
            "ttclid",
            "twclid",
            "li_fat_id",
        ),
        *("yclid", "ysclid", "rdt_cid", "sccid", "epik", "irclickid", "awc", "cjevent", "tblci", "obclid", "srsltid"),
        *("mc_cid", "_hsmi", "gad_source", "gad_campaignid"),
    }
)
# Campaign names are texts that somebody chose.
HARMLESS = CLICK_IDS | {
    *CAMPAIGN,
    *("utm_id", "utm_source_platform", "utm_creative_format", "utm_marketing_tactic"),
}
