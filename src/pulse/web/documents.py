"""Documents that are not JSON, to and from a service."""

from typing import Any

from pulse.http.errors import PeerUnavailable
from pulse.web.errors import ServiceAway
from pulse.web.visit import Visit


async def fetch(visit: Visit, service: str, path: str, *, query: dict[str, Any]) -> str:
    """Return the text of a document. Raises `ServiceAway`, `PeerRefused`."""
    return str(await visit.ask(service, "GET", path, query=query))


async def send(
    visit: Visit,
    service: str,
    path: str,
    document: bytes,
    *,
    content_type: str,
    query: dict[str, Any],
    key: str,
) -> Any:
    """Send a document and return the JSON answer. Raises `ServiceAway`, `PeerRefused`."""
    try:
        return await visit.room.peers[service].ask(
            "POST",
            path,
            visit.principal.tenant,
            content=document,
            content_type=content_type,
            query=query,
            on_behalf=visit.principal,
            idempotency_key=key or None,
        )
    except PeerUnavailable as error:
        raise ServiceAway(f"the {service} service does not answer", why=error.message) from error
