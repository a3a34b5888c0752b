"""Whose turn it is: one task at a time goes on, from a reply to the next request on its way.

Without it, replies that arrive together are all read before the first of their next requests is sent, so that requests
stay together for ever and the server idles: at 64 a time and 200 ms a reply, a third of its throughput. In turns, they
spread out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self


class Turn:
    """Held by `async with turn`; whoever waits for something else does so within `async with turn.given()`."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self._lock.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @asynccontextmanager
    async def given(self) -> AsyncIterator[None]:
        """Let others go on meanwhile."""
        self._lock.release()
        try:
            yield
        finally:
            await self._lock.acquire()
