"""Changes of apps, pixels and domains, of which every process keeps a copy."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread

T = TypeVar("T")


class RegistryChanges:
    """Changes apps, pixels or domains. The next request to this process sees the change."""

    def __init__(self, directory: DirectoryThread, registry: Registry) -> None:
        self._directory = directory
        self._registry = registry

    async def write(self, change: Callable[[Connection], T]) -> T:
        """Run a change in one transaction and return its result. The change is on the disk when this returns.

        Raises:
            DirectoryUnavailable: the directory cannot be written now.
        """
        answer = await self._directory.write(change)
        await asyncio.to_thread(self._registry.refresh)
        return answer
