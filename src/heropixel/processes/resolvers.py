"""The resolvers of the API, each with the parts that it needs."""

from heropixel.api.apps import Apps
from heropixel.api.audit import Audit
from heropixel.api.document_time import DocumentTime
from heropixel.api.erasures import Erasures
from heropixel.api.hashes import HashPreviews
from heropixel.api.installation import Installations
from heropixel.api.keys import Keys
from heropixel.api.last_seen import LastSeen
from heropixel.api.live import LivePageviews
from heropixel.api.members import Members
from heropixel.api.merges import Merges
from heropixel.api.pageviews import Pageviews
from heropixel.api.people import People
from heropixel.api.pixels import Pixels
from heropixel.api.reports import Reports
from heropixel.api.resolvers import Resolvers
from heropixel.api.saved_views import SavedViews
from heropixel.api.shares import Shares
from heropixel.api.signing_in import SigningIn
from heropixel.api.suppressions import Suppressions
from heropixel.api.timeline import Timelines
from heropixel.api.unlinks import Unlinks
from heropixel.api.users import Identities
from heropixel.api.whole_person import WholePerson
from heropixel.api.why import Why
from heropixel.clock import clock
from heropixel.directory.changing import RegistryChanges
from heropixel.installation.addresses import is_no_link, is_public
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verifier
from heropixel.processes.door_parts import Parts
from heropixel.processes.stores import told_owners
from heropixel.recording.as_of import AsOf
from heropixel.settings import Settings
from heropixel.upkeep.catching_up import applied_if_possible
from heropixel.upkeep.waiting import ErasureWaits


def resolvers_of(settings: Settings, parts: Parts) -> Resolvers:
    """The resolvers of the API, each with its parts."""
    registry, index, directory = parts.stores.registry, parts.stores.index, parts.directory
    changes, max_page = RegistryChanges(directory, registry), settings.max_page
    why = Why(directory, parts.engine.asking)
    run_now = applied_if_possible(parts.engine.catching_up)
    as_of = AsOf(settings.url_of_journal(), clock)
    return Resolvers(
        apps=Apps(registry=registry, changes=changes, clock=clock),
        audit=Audit(directory=directory, max_page=max_page),
        erasures=Erasures(
            directory=directory,
            changes=changes,
            index=index,
            run_now=run_now,
            waits=ErasureWaits(parts.engine.asking, as_of),
            clock=clock,
            max_page=max_page,
        ),
        hashes=HashPreviews(),
        identities=Identities(
            directory=directory,
            index=index,
            clock=clock,
            max_users=settings.max_events,
            max_joined=settings.max_joined,
        ),
        installations=Installations(
            registry=registry, verifier=Verifier(Fetcher(is_no_link if settings.verify_private else is_public))
        ),
        keys=Keys(directory=directory, changes=changes, roster=parts.stores.roster, uses=parts.uses, clock=clock),
        live=LivePageviews(parts.live),
        members=Members(directory=directory, changes=changes, clock=clock, public_url=settings.public_url),
        pageviews=Pageviews(
            registry=registry,
            recorder=parts.recorder,
            news=parts.news,
            room=parts.joint.room,
            places=parts.seen.places,
            clock=clock,
            max_events=settings.max_events,
        ),
        people=People(
            directory=directory,
            searching=parts.searching,
            asking=parts.engine.asking,
            why=why,
            registry=registry,
            last_seen=LastSeen(parts.searching, parts.engine.reporting, parts.engine.asking, clock),
            index=index,
            clock=clock,
            max_page=max_page,
        ),
        whole_person=WholePerson(
            directory=directory, asking=parts.engine.asking, index=index, max_user_data=settings.max_user_data
        ),
        merges=Merges(directory=directory, max_page=max_page),
        pixels=Pixels(directory=directory, changes=changes, clock=clock, max_page=max_page),
        reports=Reports(
            registry=registry,
            reporting=parts.engine.reporting,
            as_of=as_of,
            why=why,
            now=DocumentTime(clock),
            max_page=max_page,
        ),
        saved_views=SavedViews(directory=directory, clock=clock),
        shares=Shares(
            directory=directory,
            changes=changes,
            roster=parts.stores.roster,
            uses=parts.uses,
            passwords=parts.passwords,
            attempts=parts.joint.share_openings,
            clock=clock,
            public_url=settings.public_url,
        ),
        signing_in=SigningIn(
            directory=directory,
            changes=changes,
            roster=parts.stores.roster,
            uses=parts.uses,
            passwords=parts.passwords,
            attempts=parts.joint.sign_ins,
            clock=clock,
            told_owners=told_owners(settings),
        ),
        suppressions=Suppressions(
            directory=directory, index=index, clock=clock, max_contacts=settings.max_contacts, max_page=max_page
        ),
        timelines=Timelines(
            directory=directory, asking=parts.engine.asking, why=why, index=index, clock=clock, max_page=max_page
        ),
        unlinks=Unlinks(
            directory=directory,
            asking=parts.engine.asking,
            index=index,
            run_now=run_now,
            clock=clock,
        ),
    )
