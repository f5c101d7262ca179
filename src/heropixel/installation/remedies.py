"""What to do about a URL that does not answer as it should, by the cause. Pure."""

import httpx

from heropixel.installation.case import Case
from heropixel.installation.evidence import FetchResult, is_mixed
from heropixel.installation.fetch import Cause, Fetched, NotFetched
from heropixel.installation.pasting import shown
from heropixel.installation.tags import Tag


def remedy_of_ours(case: Case, asked: httpx.URL, answer: FetchResult, otherwise: str) -> str:
    """What to do where this server should answer."""
    page = case.seen.url
    if _is_placeholder(asked, case.seen.tag):
        return "HOST is a placeholder: write the host name under which browsers reach this server."
    if is_mixed(asked, page):
        return case.paste()
    refused = isinstance(answer, NotFetched) and answer.cause == Cause.REFUSED
    if not case.serving and (refused or is_of_proxy(answer)):
        return "No server has this data folder open: run `heropixel serve`."
    if is_of_proxy(answer):
        where = "the address and port that heropixel listens on (docs/proxying.md)"
        return f"Let the proxy pass {shown(asked)} to {where}."
    if is_unbuilt(answer):
        return "In a checkout run `make setup`, and start the server again."
    if isinstance(answer, NotFetched):
        return remedy(answer, otherwise, http_will_do=not is_mixed(_in_plain(answer.url), page))
    return otherwise


def _is_placeholder(url: httpx.URL, tag: Tag | None) -> bool:
    """Whether the tag was pasted with its placeholder."""
    return url.host == "host" and tag is not None and any("//HOST" in value for value in tag.attributes.values())


def is_of_proxy(answer: FetchResult) -> bool:
    """Whether a proxy answers because the server behind it does not."""
    return isinstance(answer, Fetched) and answer.status in (502, 503, 504) and not is_unbuilt(answer)


def is_unbuilt(answer: FetchResult) -> bool:
    """Whether our server answers that it has no script."""
    return isinstance(answer, Fetched) and answer.body.startswith(b"The pixel script was not built")


def remedy(absent: NotFetched, otherwise: str, *, http_will_do: bool = True) -> str:
    """What to do where there is no answer; `otherwise` if the cause is not specific."""
    url = absent.url
    host, where = shown(url.host), url.netloc.decode()
    match absent.cause:
        case Cause.NO_ADDRESS:
            return f"Check how {host} is written; if that is right, give the name an address in the DNS."
        case Cause.REFUSED:
            return f"Start the server that should answer at {where}, or write the address where it does."
        case Cause.SILENT:
            return f"Let {where} answer in time, and to everybody: a firewall may block it."
        case Cause.CERTIFICATE:
            its_own = "if it is signed by an authority of your own, let SSL_CERT_FILE name the authority's certificate"
            return f"Give {host} a certificate that browsers accept; {its_own}."
        case Cause.NO_TLS:
            plain = f"Write {shown(_in_plain(url))} for a trial, or put" if http_will_do else "Put"
            return f"{plain} a proxy with TLS in front of it (docs/proxying.md)."
        case Cause.REDIRECTS:
            return (
                "Let its redirects end at a page: often one redirects from http to https, or to www, and another back."
            )
        case Cause.OTHER:
            return otherwise


def _in_plain(url: httpx.URL) -> httpx.URL:
    """The URL of the same port without TLS."""
    return httpx.URL(scheme="http", host=url.host, port=url.port or 443)
