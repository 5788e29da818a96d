"""How other rooms ask the llm room."""

from uuid import UUID

from pulse.http.client import Peer
from pulse.kernel.tenant import TenantId
from pulse.llm.models import Summary, SummarySentence


class LlmClient:
    """The llm service, over its HTTP interface."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def summary(self, tenant: TenantId, summary_id: UUID) -> Summary:
        """Return one summary. Raises `PeerRefused` (404) when it is not there."""
        return Summary.model_validate(await self._peer.ask("GET", f"/summaries/{summary_id}", tenant))

    async def check(
        self, tenant: TenantId, text: str, *, story_id: UUID | None = None, summary_id: UUID | None = None
    ) -> list[SummarySentence]:
        """Return the sentences of a text with the gate's verdicts, given the sources of a story or of a summary.

        Raises `PeerRefused` (404) when these are not there.
        """
        sources = {"story_id": story_id, "summary_id": summary_id}
        named = {name: str(source) for name, source in sources.items() if source is not None}
        answer = await self._peer.ask("POST", "/llm/check", tenant, json={"text": text, **named})
        return [SummarySentence.model_validate(item) for item in answer["sentences"]]
