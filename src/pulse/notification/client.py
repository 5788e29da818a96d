"""How other rooms ask the notification room."""

from uuid import UUID

from pulse.http.client import Peer
from pulse.http.tokens import Principal
from pulse.kernel.tenant import TenantId
from pulse.notification.models import Notice, Notices


class NotificationClient:
    """Asks the notification service. Raises what `Peer.ask` raises."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def notices(
        self, tenant: TenantId, *, limit: int = 20, cursor: str | None = None, on_behalf: Principal | None = None
    ) -> Notices:
        """Return a page of notices, newest first."""
        answer = await self._peer.ask(
            "GET", "/notices", tenant, query={"limit": limit, "cursor": cursor}, on_behalf=on_behalf
        )
        return Notices.model_validate(answer)

    async def mark_read(self, tenant: TenantId, notice_id: UUID, *, on_behalf: Principal | None = None) -> Notice:
        """Mark a notice as read for the whole workspace."""
        answer = await self._peer.ask("POST", f"/notices/{notice_id}/read", tenant, on_behalf=on_behalf)
        return Notice.model_validate(answer)
