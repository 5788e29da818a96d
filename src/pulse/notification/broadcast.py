"""One source for all who follow a tenant: read once, however many listen.

Followers are woken and look for themselves: nothing is queued for anyone, so nobody can fall behind in memory.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

from pulse.kernel.tenant import TenantId
from pulse.notification.errors import ShuttingDown

_logger = logging.getLogger(__name__)


class Source(Protocol):
    """What is read again and again."""

    async def refresh(self) -> bool:
        """Read what is new; return whether followers should look."""


S = TypeVar("S", bound=Source)
T = TypeVar("T")


class Broadcast(Generic[S]):
    """A source that is kept fresh, and its followers."""

    def __init__(self, source: S) -> None:
        self.source = source
        self.stopping = False
        self.followers: set[asyncio.Task[Any]] = set()
        self.change = asyncio.Event()
        """The next change. Take it before you look at the source, so that none is missed while you do."""

    def wake(self) -> None:
        """Let all followers look at the source."""
        change, self.change = self.change, asyncio.Event()
        change.set()


class Broadcasts(Generic[S]):
    """The broadcasts of one process, one for each tenant that somebody follows."""

    def __init__(self, make: Callable[[TenantId], S], seconds: float) -> None:
        self._make, self._seconds = make, seconds
        self._open: dict[TenantId, Broadcast[S]] = {}
        self._loops: set[asyncio.Task[None]] = set()
        self.stopping = False

    @contextmanager
    def follow(self, tenant: TenantId) -> Iterator[Broadcast[S]]:
        """Keep the tenant's source fresh while the current task is inside. Raises `ShuttingDown`."""
        if self.stopping:
            raise ShuttingDown("this process is ending")
        broadcast = self._open.get(tenant)
        if broadcast is None:
            broadcast = self._open[tenant] = Broadcast(self._make(tenant))
            loop = asyncio.create_task(self._keep_fresh(tenant, broadcast))
            self._loops.add(loop)
            loop.add_done_callback(self._loops.discard)
        task = asyncio.current_task()
        assert task is not None, "streams are followed from inside a task"
        broadcast.followers.add(task)
        try:
            yield broadcast
        finally:
            broadcast.followers.discard(task)

    async def _keep_fresh(self, tenant: TenantId, broadcast: Broadcast[S]) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        fresh = True
        while broadcast.followers:  # the first one is in before this begins
            try:
                if await broadcast.source.refresh():
                    broadcast.wake()
                fresh = True
            except Exception:
                # The followers stay: a database that is gone comes back. Said once, not twice a second.
                if fresh:
                    _logger.warning("a stream cannot be refreshed; trying again", exc_info=True)
                fresh = False
            due = max(due + self._seconds, clock())
            await asyncio.sleep(due - clock())
        del self._open[tenant]

    async def stop(self, seconds: float = 2.0) -> None:
        """End every stream. Followers get the time to say good-bye, then they are cancelled; open no more."""
        self.stopping = True
        for broadcast in self._open.values():
            broadcast.stopping = True
            broadcast.wake()
        if not await self._left(seconds * 0.75):
            for broadcast in self._open.values():
                for follower in broadcast.followers:
                    follower.cancel()
            await self._left(seconds * 0.25)
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    async def _left(self, seconds: float) -> bool:
        deadline = asyncio.get_running_loop().time() + seconds
        while any(broadcast.followers for broadcast in self._open.values()):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.02)
        return True


async def came(change: asyncio.Event, seconds: float) -> bool:
    """Wait for a change, at most so long; False when it did not come."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await change.wait()
    return False


async def first_of(*coroutines: Coroutine[Any, Any, T]) -> T:
    """Run all at once until one ends; end the others, and return or raise what it did."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
