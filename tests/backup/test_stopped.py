"""A server that is stopped while it takes a backup ends that before it lets go of the stores, and leaves nothing."""

import asyncio
import threading
import time
from typing import Any

import pytest

from heropixel.backup import taking
from heropixel.processes.steps import opened_backups, opened_loader, opened_stores
from tests.world import World


async def test_a_backup_that_is_cancelled_has_ended_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies, copy_sqlite = threading.Event(), taking.copy_sqlite
    ends: list[str] = []
    target = world.folder.parent / "backup"
    target.mkdir()

    def slow(*given: Any) -> None:
        copies.set()
        time.sleep(0.2)
        try:
            copy_sqlite(*given)
        except Exception as error:
            ends.append(str(error))
            raise

    monkeypatch.setattr(taking, "copy_sqlite", slow)
    settings = world.settings
    async with (
        opened_stores(settings) as stores,
        opened_loader(settings, stores, "node") as loader,
        opened_backups(settings, loader) as backups,
    ):
        taking_it = asyncio.create_task(backups.take(target, with_key=False))
        await asyncio.to_thread(copies.wait, 30)
        taking_it.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking_it
        assert ends == ["No backup was taken: the server was stopped meanwhile."]
        assert [*target.iterdir(), *(world.folder / "events" / taking.FROZEN).glob("backup_*")] == []
