"""The parts of a process that answers requests. It opens no event store: it asks the writer and the engine."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from heropixel.directory import MEDIUM_CACHE, SMALL_CACHE
from heropixel.directory.news import News
from heropixel.directory.thread import DirectoryThread
from heropixel.enrichment import PlaceHeaders, Places
from heropixel.members.passwords import Passwords
from heropixel.members.uses import LastUses
from heropixel.postgres import is_postgres
from heropixel.processes.foundation import Foundation
from heropixel.processes.joint_state import JointState
from heropixel.processes.steps import (
    Stores,
    noted_uses,
    opened_directory_thread,
    opened_live,
    opened_passwords,
    opened_recorder,
    opened_stores,
    places_of,
    watched,
)
from heropixel.processes.to_engine import ToEngine, line_to_engine
from heropixel.recording.live import Live
from heropixel.recording.recorder import Recorder
from heropixel.settings import Settings
from heropixel.wire.proxies import Proxies


class SeenBySettings(NamedTuple):
    """What settings say of those who send: their proxies, and where they are."""

    proxies: Proxies
    place_headers: PlaceHeaders | None
    places: Places | None

    @classmethod
    def parse(cls, settings: Settings) -> "SeenBySettings":
        """Read the settings.

        Raises:
            Trouble: one of them cannot be used.
        """
        proxies = Proxies.parse(settings.trusted_proxies, settings.address_header)
        return cls(proxies, PlaceHeaders.parse(proxies, settings.place_headers), places_of(settings))


class Parts(NamedTuple):
    """All parts below the endpoints."""

    joint: JointState
    stores: Stores
    directory: DirectoryThread
    searching: DirectoryThread  # for reads that may take seconds: short reads do not wait behind them
    recorder: Recorder
    news: News
    live: Live
    engine: ToEngine
    seen: SeenBySettings
    passwords: Passwords
    uses: LastUses


@asynccontextmanager
async def opened_door(foundation: Foundation) -> AsyncIterator[Parts]:
    """The parts of a process of its own, which asks the writer and the engine. On exit, its pageviews are answered.

    Raises:
        Trouble: a part cannot be opened.
    """
    async with (
        opened_stores(foundation.settings) as stores,
        opened_recording(foundation, stores) as recording,
    ):
        with line_to_engine(foundation.sockets.engine) as engine:
            async with opened_parts(foundation, stores, recording, engine) as parts:
                yield parts


class Recording(NamedTuple):
    """What records pageviews, and what sends them to the subscribers of this process."""

    recorder: Recorder
    live: Live


@asynccontextmanager
async def opened_recording(foundation: Foundation, stores: Stores) -> AsyncIterator[Recording]:
    """Record the pageviews of requests. On exit, the accepted ones are answered."""
    settings, sockets, joint = foundation
    async with (
        opened_live(stores) as live,
        opened_recorder(settings, stores.registry, sockets.writer, live, joint.waiting) as recorder,
    ):
        yield Recording(recorder, live)


@asynccontextmanager
async def opened_parts(
    foundation: Foundation, stores: Stores, recording: Recording, engine: ToEngine
) -> AsyncIterator[Parts]:
    """The parts of a process that answers requests.

    Raises:
        Trouble: a part cannot be opened.
    """
    joint = foundation.joint
    seen = SeenBySettings.parse(foundation.settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(watched(joint.room))
        directory = stack.enter_context(opened_directory_thread(stores, MEDIUM_CACHE))
        yield Parts(
            joint=joint,
            stores=stores,
            directory=directory,
            searching=stack.enter_context(opened_directory_thread(stores, SMALL_CACHE)),
            recorder=recording.recorder,
            news=News(stores.registry, has_others=is_postgres(foundation.settings.url_of_directory())),
            live=recording.live,
            engine=engine,
            seen=seen,
            passwords=stack.enter_context(opened_passwords()),
            uses=await stack.enter_async_context(noted_uses(directory)),
        )
