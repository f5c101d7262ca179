"""Email addresses in their strict form: trimmed, lower case, the domain in punycode. Pure.

Addresses that exist are taken, also those that break RFC 5321: a local part of more than 64 characters, and the dots of
Japanese telephones.
"""

import re

import idna
from email_validator import EmailNotValidError, validate_email

from heropixel.errors import InvalidEmail, PlaceholderIdentifier
from heropixel.half_pairs import LOST
from heropixel.nothing import is_nothing, is_tag
from heropixel.values import without_invisible

_ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_COMMON = re.compile(rf"([a-z0-9_+'-]+(?:\.[a-z0-9_+'-]+)*)@{_DOMAIN}")
_ASCII = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_DOMAIN}")
_HOST = re.compile(_DOMAIN)
_MAX_EMAIL = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets

# Addresses of telephones in Japan, given out until 2009 with dots in a row, and before the @ (NTT Docomo, au).
_DOTS_ANYWHERE = re.compile(r"(?:.*\.ne\.jp|au\.com)")
_WITH_DOTS_ANYWHERE = re.compile(_ATOM.replace("[", r"[.", 1))

# Written where somebody has no address, whatever the domain.
_NO_ADDRESS = frozenset(
    f"{no}{between}{word}"
    for between in ("", "-", "_", ".")
    for no, word in (("no", "email"), ("not", "set"), ("not", "provided"), ("not", "authenticated"))
) | {"undefined"}
_NEEDS_A_LOOK = _NO_ADDRESS | frozenset(("null", "none", "nil", "nan", "na", "n-a", "unknown", "anonymous", "guest"))


def normalise_email(text: str) -> str | None:
    """The strict form: trimmed, lower case, the domain in punycode; None where the trimmed text is empty.

    Raises:
        InvalidEmail: the text is no email address.
        PlaceholderIdentifier: the text is something a client sent by mistake.
    """
    email = text.strip().lower()
    common = _COMMON.fullmatch(email)
    if common and len(email) <= _MAX_EMAIL and common[1] not in _NEEDS_A_LOOK:
        return email
    email = without_invisible(email).translate(_NO_BREAK_SPACES).strip()
    if not email:
        return None
    if len(email) > _MAX_EMAIL or LOST in email:
        raise InvalidEmail
    if is_nothing(email) or _is_nobodys(email):
        raise PlaceholderIdentifier(field="email", value=email[:40])
    return email if _ASCII.fullmatch(email) else _normalise_unusual(email)


_NO_BREAK_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f"))  # from web pages: an address has no space


def _is_nobodys(email: str) -> bool:
    """`{{id}}@example.com`, `undefined@example.com`, `none@none.com`."""
    local, _, domain = email.rpartition("@")
    if local in _NO_ADDRESS or (local and is_tag(local)):
        return True
    return local in _NEEDS_A_LOOK and domain.partition(".")[0] == local


def _normalise_unusual(email: str) -> str:
    local, _, written = email.rpartition("@")
    domain = _ascii_domain(written)
    email = f"{_checked_local(local, domain)}@{domain}"
    if len(email) > _MAX_EMAIL:
        raise InvalidEmail
    return email


def _ascii_domain(domain: str) -> str:
    """In punycode, as browsers write it: that has domains which IDNA 2008 forbids and registries sell, with emoji."""
    if not domain.isascii():
        try:
            mapped = idna.uts46_remap(domain, std3_rules=False, transitional=False)
            domain = ".".join(map(_ascii_label, mapped.split(".")))
        except (idna.IDNAError, UnicodeError):
            raise InvalidEmail from None
    if not _HOST.fullmatch(domain):
        raise InvalidEmail
    return domain


def _ascii_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _checked_local(local: str, domain: str) -> str:
    if _DOTS_ANYWHERE.fullmatch(domain):
        # RFC 5321 has them in quotes. Both are one mailbox.
        unquoted = local[1:-1] if local[:1] == local[-1:] == '"' else local
        if _WITH_DOTS_ANYWHERE.fullmatch(unquoted):
            return unquoted
    if "\0" in local:
        raise InvalidEmail
    try:
        # The domain is checked already, and may be longer than with this one.
        checked = validate_email(f"{local}@a.example", check_deliverability=False, allow_quoted_local=True)
    except (EmailNotValidError, UnicodeError):
        raise InvalidEmail from None
    return checked.local_part
