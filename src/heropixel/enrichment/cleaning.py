"""Takes out of addresses what must not be stored: secrets, and addresses of people. Pure.

It stands at the door, since the journal is a store too; so what has nothing to look at costs nothing.
"""

import re
from enum import Enum, auto
from urllib.parse import unquote

from heropixel.columns import CAMPAIGN
from heropixel.remembering import remembered


def clean_url(url: str) -> str:
    """The address without the parameters that look like secrets or name a person; the others as they were.

    So it is with the fragment. A password before the host is removed, and in the path an address of a person.
    """
    return _clean(url, 0)


def _clean(url: str, depth: int) -> str:
    """An address that stands in so many others."""
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
    """The value of a campaign field; empty where it holds the address of a person."""
    if ("@" in text or "%" in text or "+" in text) and _names_person(_decoded(text)):
        return ""
    return text


def _clean_base(base: str, depth: int) -> str:
    """What comes before the query: no `user:password@`, no session id, no email as a part of the path."""
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
    """`#part`, `#a=1&b=2` or `#/route?a=1`."""
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
    if len(value) < _SECRET_FROM and value.isalnum():  # most of them, and nothing more can be said of it
        return says is _Says.PRIVATE
    value = _decoded(value)
    if _names_person(value):
        return True
    if says is _Says.HARMLESS or not value:
        return False
    return says is _Says.PRIVATE or _is_secret(value) or _holds_private(value, depth + 1)


class _Says(Enum):
    """What the name of a parameter says of its value."""

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
    """Whether it is itself an address or a query that would have to be cleaned."""
    if "=" not in value and "//" not in value:
        return False
    if depth > _DEEPEST:
        return True
    if "?" in value or "#" in value or "//" in value:
        return _clean(value, depth) != value
    return any(_is_private(part, depth) for part in value.split("&"))


_DEEPEST = 5  # addresses in one another, each of which is read once more; a sign-in has two or three


def _decoded(text: str) -> str:
    """Percent-decoded, also where it was encoded several times over."""
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
    """Whether it is a JSON web token, or so long and so mixed that no person chose it."""
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
# Each takes one step along a text of 8,192 characters, whatever stands there: strangers send them. So where a token
# breaks off, its first part is taken all the same, not to be looked through again; what is before an @ is looked up
# behind it.
_JWT = re.compile(r"\beyJ[\w-]{8,}+(\.[\w-]{8,}+\.)?")
_EMAIL = re.compile(r"@(?<=[^\s@/?&=:;,<>()]@)[^\s@/?&=:;,<>()]+\.[^\s@/?&=:;,<>().\d]{2}")
_PHONE = re.compile(r"\s*\+[\d\s().-]{7,20}")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")

# Names, without all that is no letter or digit, of what is a secret or a person.
_PRIVATE_NAME = re.compile(
    "token|passw|passphrase|passcode|secret|apikey|accesskey|privatekey|signature|session|sessid|credential|authori[sz]|oauth"
    "|jwt|csrf|xsrf|saml|onetime|email|phone|mobilenumber|creditcard|cardnumber|firstname|lastname|fullname|surname|username"
    "|birthda|dateofbirth|address"
    r"|\A(?:amp)?(?:auth|key|code|sig|sid|pwd|pass|pin|otp|totp|mfa|mail|tel|mobile|msisdn|login|ticket|nonce|ssn|dob|cvv|cvc|iban"
    r"|hmac|sso|bearer|street|userid|ip|mceid|hsenc|mkttok|veroid|trkcontact)\Z"
)

# A click id is random and names a click. The platform that made it can tell who clicked, the site cannot: it is kept,
# since conversions are reported by it, and channels are told by it.
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
