"""The operator's list of hosts that may be private."""

from dataclasses import dataclass

from pulse.fetch.target import canonical_host
from pulse.settings import BadSettings


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts that may be private, as `(host, port)`; port None stands for any port.

    A host matches as the URL writes it (an IP address in any spelling), not by what its name resolves to: to allow
    `127.0.0.1` does not allow a stranger's name that points there.
    """

    entries: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "AllowList":
        """Read a comma-separated list of `host[:port]`, IPv6 in brackets. Raises `BadSettings` naming the entry."""
        return cls(frozenset(_entry(entry.strip()) for entry in text.split(",") if entry.strip()))

    def allows(self, host: str, port: int) -> bool:
        """Tell whether this host, in canonical form, may be private at this port."""
        return (host, port) in self.entries or (host, None) in self.entries


def _entry(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, closing, port = text[1:].partition("]")
        host = host if closing and ":" in host else ""
    else:
        host, separator, port = text.partition(":")
        port = separator + port
    canonical = canonical_host(host)
    number = port.removeprefix(":")
    if canonical is None or (port and not (port.startswith(":") and number.isdecimal() and 0 < int(number) < 65536)):
        raise BadSettings(f"PULSE_FETCH__ALLOW_HOSTS: {text!r} is not host or host:port (IPv6 in brackets)")
    return canonical, int(number) if port else None
