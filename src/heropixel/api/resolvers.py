"""The resolver of each root field of the schema: the parts of the product behind the API, one class a subject."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from heropixel.api.apps import Apps
from heropixel.api.audit import Audit
from heropixel.api.erasures import Erasures
from heropixel.api.hashes import HashPreviews
from heropixel.api.installation import Installations
from heropixel.api.keys import Keys
from heropixel.api.live import LivePageviews
from heropixel.api.members import Members
from heropixel.api.merges import Merges
from heropixel.api.pageviews import Pageviews
from heropixel.api.people import People
from heropixel.api.pixels import Pixels
from heropixel.api.reports import Reports
from heropixel.api.saved_views import SavedViews
from heropixel.api.shares import Shares
from heropixel.api.signing_in import SigningIn
from heropixel.api.suppressions import Suppressions
from heropixel.api.timeline import Timelines
from heropixel.api.unlinks import Unlinks
from heropixel.api.users import Identities
from heropixel.api.whole_person import WholePerson


class Resolvers(msgspec.Struct, frozen=True, kw_only=True):
    """One resolver a subject, each with the parts that it uses."""

    apps: Apps
    audit: Audit
    erasures: Erasures
    hashes: HashPreviews
    identities: Identities
    installations: Installations
    keys: Keys
    live: LivePageviews
    members: Members
    merges: Merges
    pageviews: Pageviews
    people: People
    whole_person: WholePerson
    pixels: Pixels
    reports: Reports
    saved_views: SavedViews
    shares: Shares
    signing_in: SigningIn
    suppressions: Suppressions
    timelines: Timelines
    unlinks: Unlinks

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
        "userTimeline": "timelines.user_timeline",
        "userData": "whole_person.user_data",
        "userSessions": "people.user_sessions",
        "report": "reports.report",
        "pageviews": "reports.pageviews",
        "previewMerge": "identities.preview_merge",
        "suppressions": "suppressions.suppressions",
        "erasure": "erasures.erasure",
        "erasures": "erasures.erasures",
        "merges": "merges.merges",
        "hashPreview": "hashes.hash_preview",
        "me": "signing_in.me",
        "sessions": "signing_in.sessions",
        "members": "members.members",
        "keys": "keys.keys",
        "shares": "shares.shares",
        "savedViews": "saved_views.saved_views",
        "auditEntries": "audit.entries",
    },
    "Mutation": {
        "pageview": "pageviews.pageview",
        "pageviews": "pageviews.pageviews",
        "identify": "identities.identify",
        "identifyMany": "identities.identify_many",
        "mergeUsers": "identities.merge_users",
        "unmerge": "identities.unmerge_users",
        "unlink": "unlinks.unlink",
        "relink": "unlinks.relink",
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
        "signInByLink": "signing_in.sign_in_by_link",
        "signIn": "signing_in.sign_in",
        "signOut": "signing_in.sign_out",
        "setPassword": "signing_in.set_password",
        "showAddresses": "signing_in.show_addresses",
        "revokeSession": "signing_in.revoke_session",
        "inviteMember": "members.invite_member",
        "changeMember": "members.change_member",
        "removeMember": "members.remove_member",
        "createKey": "keys.create_key",
        "revokeKey": "keys.revoke_key",
        "createShare": "shares.create_share",
        "revokeShare": "shares.revoke_share",
        "openShare": "shares.open_share",
        "saveView": "saved_views.save_view",
        "changeView": "saved_views.change_view",
        "removeView": "saved_views.remove_view",
    },
    "Subscription": {"pageviewRecorded": "live.pageview_recorded"},
}
