"""How other rooms ask the llm room."""

from uuid import UUID

from pulse.http.client import Peer
from pulse.kernel.tenant import TenantId
from pulse.llm.models import Summary


class LlmClient:
    """The llm service, over its HTTP interface."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def summary(self, tenant: TenantId, summary_id: UUID) -> Summary:
        """Return one summary. Raises `PeerRefused` (404) when it is not there."""
        return Summary.model_validate(await self._peer.ask("GET", f"/summaries/{summary_id}", tenant))
