"""What to do where nobody answers, by what keeps the answer away. Pure."""

import httpx

from heropixel.installation.fetch import Cause, NotFetched


def remedy(absent: NotFetched, otherwise: str, *, http_will_do: bool = True) -> str:
    """What to do, in a sentence; `otherwise` where the cause leaves open what."""
    url = absent.url
    where = url.netloc.decode()
    match absent.cause:
        case Cause.NO_ADDRESS:
            return f"Check how {url.host} is written; if that is right, give the name an address in the DNS."
        case Cause.REFUSED:
            return f"Start what is to answer at {where}, or write the address at which it does."
        case Cause.SILENT:
            return f"Let {where} answer in time, and to everybody: a firewall may stand before it."
        case Cause.CERTIFICATE:
            return (
                f"Give {url.host} a certificate that browsers take; if it is of an authority of your own, let"
                " SSL_CERT_FILE name a file with that one's."
            )
        case Cause.NO_TLS:
            plain = f"Write {plain_origin(url)} for a trial, or put" if http_will_do else "Put"
            return f"{plain} a proxy with TLS in front of it (docs/proxying.md)."
        case Cause.REDIRECTS:
            return "Let its redirects end at a page: often one leads from http to https, or to www, and another back."
        case Cause.OTHER:
            return otherwise


def plain_origin(url: httpx.URL) -> str:
    """Where the same port is spoken to without TLS."""
    return f"http://{url.netloc.decode()}{'' if url.port else ':443'}"
