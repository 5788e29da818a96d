"""How many requests are under way at once, per host and in all."""

import asyncio


class Slots:
    """Places, one of which must be had before a request begins.

    The host's place is taken first, so that a slow host's queue does not hold places that others could use.
    """

    def __init__(self, *, per_host: int, total: int) -> None:
        self._per_host = per_host
        self._total = asyncio.Semaphore(total)
        self._hosts: dict[str, tuple[asyncio.Semaphore, int]] = {}

    async def take(self, host: str) -> None:
        """Wait for a place for this host; `give_back` must follow, whatever happens after."""
        places, users = self._hosts.get(host) or (asyncio.Semaphore(self._per_host), 0)
        self._hosts[host] = places, users + 1
        try:
            await places.acquire()
            try:
                await self._total.acquire()
            except BaseException:
                places.release()
                raise
        except BaseException:
            self._forget(host)
            raise

    def give_back(self, host: str) -> None:
        """Let the next one in."""
        self._total.release()
        self._hosts[host][0].release()
        self._forget(host)

    def _forget(self, host: str) -> None:
        places, users = self._hosts[host]
        if users == 1:
            del self._hosts[host]
        else:
            self._hosts[host] = places, users - 1
