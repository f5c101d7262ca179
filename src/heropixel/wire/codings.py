"""The content codings that a client takes (RFC 9110, 12.5.3)."""


def accepted_codings(header: str) -> set[str]:
    """The codings of an `Accept-Encoding` header, but for those with a quality of 0."""
    parts = (part.lower().replace(" ", "").partition(";q=") for part in header.split(","))
    return {name for name, _, quality in parts if quality not in ("0", "0.0", "0.00", "0.000")}
