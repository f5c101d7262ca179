"""Before a pageview is refused, a node of a cluster asks whether another node has just made what it does not know."""

import asyncio
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from heropixel.directory.registry import Registry


class News:
    """Whether apps and pixels are others than a moment ago. Callers at the same time share the question."""

    def __init__(self, registry: Registry, *, has_others: bool) -> None:
        """`has_others`: other nodes change them. Alone, a server notices all changes soon enough by itself."""
        self._registry = registry
        self._has_others = has_others
        self._refreshing = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None

    async def since(self, seen: int) -> bool:
        """Whether they have changed since the registry had this revision. The registry is fresh then."""
        if not self._has_others:
            return False
        if self._registry.revision == seen:
            if self._next is None:
                self._next = asyncio.get_running_loop().create_task(self._refresh())
            await asyncio.shield(self._next)
        return self._registry.revision != seen

    async def _refresh(self) -> None:
        async with self._refreshing:
            self._next = None  # who asks from now on needs the next one
            with suppress(DBAPIError):  # which is logged where they are kept fresh
                await asyncio.to_thread(self._registry.refresh)
