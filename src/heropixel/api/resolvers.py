"""The resolver of each root field of the schema: the parts of the product behind the API, one class a subject."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from heropixel.api.apps import Apps
from heropixel.api.erasures import Erasures
from heropixel.api.hashes import HashPreviews
from heropixel.api.installation import Installations
from heropixel.api.live import LivePageviews
from heropixel.api.pageviews import Pageviews
from heropixel.api.people import People
from heropixel.api.pixels import Pixels
from heropixel.api.reports import Reports
from heropixel.api.suppressions import Suppressions
from heropixel.api.users import Identities


class Resolvers(msgspec.Struct, frozen=True, kw_only=True):
    """One resolver a subject, each with the parts that it uses."""

    apps: Apps
    erasures: Erasures
    hashes: HashPreviews
    identities: Identities
    installations: Installations
    live: LivePageviews
    pageviews: Pageviews
    people: People
    pixels: Pixels
    reports: Reports
    suppressions: Suppressions

    def of(self, root: str, field: str) -> Callable[..., Any] | None:
        """The resolver of a field of a root type; None if its subject has been left out."""
        subject, _, method = _FIELDS[root][field].partition(".")
        resolvers = getattr(self, subject)
        return getattr(resolvers, method) if resolvers else None


_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Query": {
        "app": "apps.app",
        "pixel": "pixels.pixel",
        "pixels": "pixels.pixels",
        "user": "people.user",
        "users": "people.users",
        "userPageviews": "people.user_pageviews",
        "userSessions": "people.user_sessions",
        "report": "reports.report",
        "pageviews": "reports.pageviews",
        "previewMerge": "identities.preview_merge",
        "suppressions": "suppressions.suppressions",
        "erasure": "erasures.erasure",
        "hashPreview": "hashes.hash_preview",
    },
    "Mutation": {
        "pageview": "pageviews.pageview",
        "pageviews": "pageviews.pageviews",
        "identify": "identities.identify",
        "identifyMany": "identities.identify_many",
        "mergeUsers": "identities.merge_users",
        "unmerge": "identities.unmerge_users",
        "suppress": "suppressions.suppress",
        "unsuppress": "suppressions.unsuppress",
        "forget": "erasures.forget_user",
        "createPixel": "pixels.create_pixel",
        "updatePixel": "pixels.update_pixel",
        "deletePixel": "erasures.delete_a_pixel",
        "addDomain": "pixels.add_domain",
        "removeDomain": "pixels.remove_domain",
        "addReturnHost": "pixels.add_return_host",
        "removeReturnHost": "pixels.remove_return_host",
        "verifyInstallation": "installations.verify_installation",
        "rotateSecret": "apps.rotate_secret",
        "revokeSecret": "apps.revoke_secret",
    },
    "Subscription": {"pageviewRecorded": "live.pageview_recorded"},
}
