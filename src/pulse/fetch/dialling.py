"""The connection itself: the check stands where the socket is made, on the address that will really be dialled.

Whatever the URL, the redirect, the DNS answer (first or second) or the C library's view of a spelling: no socket
exists for an address that `why_not_public` names, unless the operator allows the host as the URL writes it.
"""

import socket
from contextvars import ContextVar
from dataclasses import dataclass, field

from aiohttp.abc import AbstractResolver, ResolveResult

from pulse.fetch.addresses import parse_address, why_not_public
from pulse.fetch.allow import AllowList
from pulse.fetch.threads import DaemonThreads

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]


@dataclass(slots=True)
class Attempt:
    """What one request did on its way: set by the socket factory and by the trace, read when it failed."""

    host: str = ""
    port: int = 0
    sent: bool = False
    refused: list[str] = field(default_factory=list)


current_attempt: ContextVar[Attempt | None] = ContextVar("current_attempt", default=None)
"""The attempt that connections made now are for; tasks started by the connector inherit it."""


class Gate:
    """Makes sockets, for permitted addresses only."""

    def __init__(self, allowed: AllowList) -> None:
        self._allowed = allowed

    def reason_against(self, host: str, port: int, address: str) -> str | None:
        """Return why `address` must not be dialled for this host and port of a URL, or None if it may be."""
        if self._allowed.allows(host, port):
            return None
        parsed = parse_address(address)
        return "not an IP address" if parsed is None else why_not_public(parsed)

    def make_socket(self, info: AddressInfo) -> socket.socket:
        """Return a socket for `connect`. Raises `PermissionError` for an address that may not be dialled."""
        family, kind, protocol, _, address = info
        attempt = current_attempt.get() or Attempt()
        reason = self.reason_against(attempt.host, attempt.port, address[0])
        if reason is not None:
            attempt.refused.append(f"{address[0]} ({reason})")
            raise PermissionError(f"{address[0]} is {reason}")
        return socket.socket(family, kind, protocol)


class ThreadResolver(AbstractResolver):
    """`getaddrinfo` in threads of our own: enough of them that some dead name servers do not stop the others."""

    def __init__(self, threads: int = 32) -> None:
        self._threads = DaemonThreads(threads, "resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises `OSError`."""
        try:
            found = await self._threads.run(
                lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
            )
        except UnicodeError as error:
            raise OSError(None, f"not a host name: {error}") from None
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]) + (f"%{address[3]}" if len(address) == 4 and address[3] else ""),
                port=port,
                family=answer_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for answer_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Nothing is held open; a lookup under way is not waited for."""
