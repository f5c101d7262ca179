"""The event store follows the directory: browsers are taken from people there, and given back."""

from collections.abc import Sequence

from heropixel.directory import Directory
from heropixel.directory.link_evidence import LinkedBy, packed
from heropixel.directory.unlinks import RemovedLink, Unlink, finish_unlink, note_removed
from heropixel.events import Events
from heropixel.events.unlinking import Browser, links_to, pageviews_by, put_back, put_links, take
from heropixel.upkeep.erasing import write_links


def apply_unlinks(directory: Directory, events: Events, waiting: Sequence[Unlink]) -> None:
    """Apply what waits, oldest first. All that was accepted before it was read must be loaded by now.

    Raises:
        EventsUnavailable, sqlalchemy.exc.DBAPIError: what is not applied still waits.
    """
    if waiting:
        write_links(directory, events)  # a link that is written later would not be removed
    for unlink in waiting:
        browser = Browser(unlink.app, unlink.visitor_id, unlink.users)
        if unlink.undone_at is None:
            _take(directory, events, unlink, browser)
        else:
            put_back(events, browser, unlink.removed or ())
        with directory.writing() as connection:
            finish_unlink(connection, unlink)


def _take(directory: Directory, events: Events, unlink: Unlink, browser: Browser) -> None:
    if unlink.removed is None:  # else it was interrupted, and some of it is gone already
        removed = [RemovedLink(*link) for link in links_to(events, browser)]
        pageviews = pageviews_by(events, browser)
        with directory.writing() as connection:
            note_removed(connection, unlink, removed, pageviews)
    take(events, browser, unlink.lifted_at)
    if unlink.lifted_at is not None:  # linked again meanwhile, and that link was removed with the others
        at = unlink.lifted_at
        put_links(events, browser, [(unlink.person, at, packed(LinkedBy.IDENTIFY, "", at))])
