"""The checks of the page itself: its answer, its tag, the tag's pixel, and what that pixel allows. Pure."""

import httpx

from heropixel.installation.case import Case, CheckName, Finding, after
from heropixel.installation.evidence import HTML
from heropixel.installation.fetch import MAX_BYTES, Fetched, NotFetched
from heropixel.installation.pasting import domain_command, image_line, reached, shown
from heropixel.installation.remedies import remedy
from heropixel.installation.tags import MANAGERS, ParsedPage, Tag


def page_reachable(case: Case) -> Finding:
    """The page answers with HTML."""
    page, asked = case.seen.page, case.seen.asked
    url = reached(asked, page.url)
    if isinstance(page, NotFetched):
        otherwise = f"Make {shown(asked)} answer correctly, or verify another page."
        return Finding(False, f"{url} {page}.", remedy(page, otherwise))
    if page.status in _KEEPING_OUT:
        why = "requires a sign-in, or blocks clients that are not browsers"
        return Finding(
            False, f"{url} answers {page.status}: it {why}.", f"Allow the user agent heropixel at {page.url.host}."
        )
    if not httpx.codes.is_success(page.status):
        return Finding(False, f"{url} answers {page.status}.", "Verify a page that answers 200.")
    if page.media_type not in HTML:
        kind = shown(page.media_type, 60) or "of no media type"
        return Finding(False, f"{url} is {kind}, not a page.", "Verify a page that is text/html.")
    more = f", of which the first {MAX_BYTES:,} bytes were read" if page.cut else ""
    return Finding(True, f"{url} answers {page.status}{more}.")


_KEEPING_OUT = {401, 403, 407, 429, 503}


def tag_found(case: Case) -> Finding:
    """There is one tag, and browsers run it."""
    read, tag = case.seen.read, case.seen.tag
    if read is None:
        return after(CheckName.PAGE_REACHABLE)
    if tag is None:
        return _no_tag(case, read)
    paste = case.paste()
    if tag.src is None:
        return Finding(False, f"The tag loads nothing: {shown(tag.why)}.", paste)
    if not tag.names_pixel and read.pushed is None and len(read.tags) == 1:
        return Finding(False, f"The script {_src(tag)} is there, but names no pixel.", paste)
    if not tag.runs:
        kind = f"type {shown(tag.attributes['type'], 60)}" if "type" in tag.attributes else "nomodule"
        return Finding(
            None,
            f"The tag is there with {kind}: browsers run it only once something, such as a consent tool, changes that.",
            case.paste("Let it run from the start: without consent it stores nothing:"),
        )
    named = [other.pixel for other in read.tags if other.runs and other.names_pixel]
    if any(pixel != tag.pixel for pixel in named):
        remove = f"Remove the other tag{'s' if len(named) > 2 else ''}; keep only"
        found = f"There are several tags: only the first counts, which is for pixel {tag.pixel}."
        return Finding(False, found, case.paste(remove))
    counting = [image for image in read.images if not image.in_noscript]
    if counting:
        return Finding(
            False,
            "There is the tag, and an image outside of <noscript>: visitors are counted twice.",
            f"Put the image inside: {image_line(counting[0].src)}",
        )
    return Finding(True, f"The tag loads {_src(tag)}.{_again(len(named))}")


def _again(times: int) -> str:
    if times <= 1:
        return ""
    return f" It is there {'twice' if times == 2 else f'{times} times'}: one is enough."


def _no_tag(case: Case, read: ParsedPage) -> Finding:
    paste = case.paste("Paste this into the <head>:")
    if read.inserts_without_pixel:
        return Finding(
            False,
            "A script of the page inserts pixel.js, and names no pixel.",
            f"Let it insert {case.for_managers()}",
        )
    if read.inserted_by:
        by_manager = read.inserted_by in MANAGERS
        tag = f"There the tag has to be {case.for_managers()}, since it takes data-* attributes off. "
        return Finding(
            None,
            f"The page has no tag, but {read.inserted_by}, which may insert it: that cannot be seen from outside.",
            (tag if by_manager else "")
            + "Open the page in a browser and look for a request to /collect in its network tools.",
        )
    if read.goes_on_to:
        return Finding(
            False, "The page has no tag, and redirects browsers to another page.", f"Verify {shown(read.goes_on_to)}"
        )
    if read.images:
        return Finding(False, "The page has no tag, only the image for browsers without JavaScript.", paste)
    if read.commented:
        paste = case.paste("Take it out of the comment, or paste this into the <head>:")
        return Finding(False, "The tag is in a comment, which browsers ignore.", paste)
    if isinstance(case.seen.page, Fetched) and case.seen.page.cut:
        return Finding(None, f"There is no tag in the first {MAX_BYTES:,} bytes of the page.", paste)
    return Finding(False, "The page has no tag.", paste)


def _src(tag: Tag) -> str:
    return shown(tag.src or tag.attributes.get("src", ""))


def pixel_known(case: Case) -> Finding:
    """The tag names a pixel that exists and, if one is wanted, that one."""
    read, tag, named = case.seen.read, case.seen.tag, case.named
    if read is None:
        return after(CheckName.PAGE_REACHABLE)
    if named is None:
        if tag is None:
            return after(CheckName.TAG_FOUND)
        said = shown(tag.attributes.get("data-pixel", ""), 40)
        why = f"data-pixel is {said}, which is not a number" if said else "The tag names no pixel"
        return Finding(False, f"{why}.", case.paste())
    if case.wanted is not None and named != case.wanted:
        return Finding(False, f"The tag is for pixel {named}, not for {case.wanted}.", case.paste())
    if named not in case.pixels:
        fitting = f"; these may be used on {case.host}: {case.fitting}" if case.fitting else ""
        return Finding(False, f"There is no pixel {named}{fitting}.", case.paste())
    if len(read.tags) == 1 and read.images and all(image.pixel != named for image in read.images):
        right = read.images[0].src.copy_set_param("pixelId", str(named))
        return Finding(
            False,
            f"The tag is for pixel {named}, the image for browsers without JavaScript for {read.images[0].pixel}.",
            f"Write the image as {image_line(right)}",
        )
    return Finding(True, f"Pixel {named} is there.")


def domain_authorized(case: Case) -> Finding:
    """The pixel may be used on the host of the page, after its redirects."""
    if isinstance(case.seen.page, NotFetched):
        return after(CheckName.PAGE_REACHABLE)
    if case.pixel is None:
        return after(CheckName.TAG_FOUND if case.named is None else CheckName.PIXEL_KNOWN)
    if case.pixel.authorises(case.host):
        return Finding(True, f"Pixel {case.pixel.id} may be used on {case.host}.")
    asked = case.seen.asked
    led = f", where {shown(asked)} leads" if asked.host != case.seen.url.host else ""
    return Finding(
        False,
        f"Pixel {case.pixel.id} may not be used on {case.host}{led}.",
        f"Run: {domain_command(case.pixel.id, case.host)}",
    )


def consent_agrees(case: Case) -> Finding:
    """The tag declares the consent mode of its pixel."""
    tag, pixel = case.seen.tag, case.pixel
    if tag is None:
        return after(CheckName.TAG_FOUND)
    if pixel is None:
        return after(CheckName.PIXEL_KNOWN)
    said = tag.attributes.get("data-consent", "required")
    mode = pixel.consent_mode.lower()
    if said == mode:
        return Finding(True, f"Tag and pixel agree: consent is {said}.")
    return Finding(
        False,
        f"Consent is {shown(said, 40) or 'empty'} in the tag, and {mode} for pixel {pixel.id}.",
        case.paste(),
    )
