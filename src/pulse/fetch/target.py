"""What a URL names: scheme, host and port in the one form that is compared, dialled and shown."""

import re
import socket
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote, urljoin

from yarl import URL

from pulse.fetch.errors import BadUrl

MAX_URL = 8_000
"""Characters of the longest address; servers refuse longer ones."""

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?\.?")
_PLAIN = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask: `url` without credentials and fragment, its canonical `host`, and `port`.

    `authorization` is the Authorization header that credentials in the URL stand for, if it had any.
    """

    url: URL
    host: str
    port: int
    authorization: str | None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what a credential belongs to."""
        return self.url.scheme, self.host, self.port


def canonical_host(host: str) -> str | None:
    """Return the host as it will be dialled: lower case, IP addresses in their usual form; None if it is no host.

    Every spelling of an IPv4 address that the C library takes (`127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`)
    comes back as four decimal numbers, so that no spelling slips past a comparison.
    """
    host = host.lower()
    if ":" in host:
        address, _, zone = unquote(host).partition("%")
        try:
            return str(IPv6Address(address)) + (f"%{zone}" if zone else "")
        except AddressValueError:
            return None
    if not _NAME.fullmatch(host) or ".." in host or len(host) > 254:
        return None
    try:
        return str(IPv4Address(socket.inet_aton(host.rstrip("."))))
    except OSError:
        return host


@lru_cache(maxsize=4096)
def parse_target(text: str) -> Target:
    """Read an http or https URL. Raises `BadUrl`."""
    text = text.strip()
    if len(text) > MAX_URL:
        raise BadUrl(f"the address has {len(text)} characters, {MAX_URL} are allowed", url=text[:200], sent=False)
    try:
        # yarl's own quoting would turn %2F into / in a query; what is already plain ASCII is sent as it is written.
        url = URL(text, encoded=_PLAIN.fullmatch(text) is not None)
        raw_host, port = url.raw_host, url.port
    except (ValueError, TypeError) as error:
        raise BadUrl(f"{_shown(text)} is not a well-formed address: {error}", url=_shown(text), sent=False) from None
    host = canonical_host(raw_host) if raw_host else None
    if url.scheme not in ("http", "https"):
        raise BadUrl(f"{_shown(text)} does not start with http:// or https://", url=_shown(text), sent=False)
    if host is None or not port:
        raise BadUrl(f"{_shown(text)} names no host and port that can be asked", url=_shown(text), sent=False)
    authorization = None
    if url.raw_user is not None or url.raw_password is not None:
        credentials = f"{unquote(url.raw_user or '')}:{unquote(url.raw_password or '')}"
        authorization = "Basic " + b64encode(credentials.encode("utf-8", "replace")).decode()
    clean = URL.build(
        scheme=url.scheme,
        authority=(f"[{host}]" if ":" in host else host) + ("" if url.is_default_port() else f":{port}"),
        path=url.raw_path or "/",
        query_string=url.raw_query_string,
        encoded=True,
    )
    return Target(clean, host, port, authorization)


def redirect_target(current: Target, location: str) -> Target:
    """Resolve a Location header against the address that sent it. Raises `BadUrl`.

    Credentials in a Location are never used: a server does not get to choose whom we say we are.
    """
    # Headers arrive as UTF-8 with unknown bytes escaped; a URL carries such bytes percent-encoded.
    plain = quote(location.encode("utf-8", "surrogateescape"), safe="".join(map(chr, range(0x21, 0x7F))))
    try:
        joined = urljoin(str(current.url), plain)
    except ValueError as error:
        raise BadUrl(f"{current.url} redirects to no address: {error}", url=str(current.url), sent=True) from None
    target = parse_target(joined)
    return Target(target.url, target.host, target.port, None)


def _shown(text: str) -> str:
    """Return the address as it may appear in a message: without what stands before an @ in its host part."""
    return re.sub(r"//[^/?#]*@", "//", text)[:300]
