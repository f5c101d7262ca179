"""The headers of our pages: nothing runs, loads or frames them but our own files. Each share names who may frame it."""

from collections.abc import Collection

_NO_FRAME = "frame-ancestors 'none'"
# https://www.w3.org/TR/CSP3/. `default-src` covers neither `base-uri`, `form-action` nor `frame-ancestors`.
_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    _NO_FRAME,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)

PAGE = {
    "content-security-policy": "; ".join(_DIRECTIVES),
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def page_with_nonce(nonce: str) -> dict[str, str]:
    """The headers of a page that may also add style elements with this nonce."""
    policy = PAGE["content-security-policy"].replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return {**PAGE, "content-security-policy": policy}


def framed_by(origins: Collection[str]) -> dict[str, str]:
    """The headers of a page that these origins may show in a frame; nobody, without any."""
    if not origins:
        return PAGE
    policy = PAGE["content-security-policy"].replace(_NO_FRAME, f"frame-ancestors {' '.join(origins)}")
    # X-Frame-Options knows no list, and browsers that know `frame-ancestors` obey that alone.
    kept = {name: value for name, value in PAGE.items() if name != "x-frame-options"}
    return {**kept, "content-security-policy": policy, "cross-origin-resource-policy": "cross-origin"}


# A file is no page: opened by itself, it may do nothing.
FILE = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}
