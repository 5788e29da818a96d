"""Have a person's text judged: the same gate as for what a model writes, the same receipts."""

from uuid import UUID

from pulse.http.errors import PeerRefused
from pulse.kernel.tenant import TenantId
from pulse.social.content import BY_HAND, SOURCES_GONE, unchecked, with_receipt
from pulse.social.room import SocialRoom
from pulse.social.shapes import Sentence


async def judged(
    room: SocialRoom, tenant: TenantId, text: str, *, story_id: UUID | None = None, summary_id: UUID | None = None
) -> tuple[Sentence, ...]:
    """Return the sentences of a text with the gate's verdicts, given the sources of a story or of a summary.

    Without sources nothing in it is supported. Raises `PeerUnavailable` while nobody can judge: silence is no verdict.
    """
    if story_id is None and summary_id is None:
        return unchecked(text, BY_HAND)
    try:
        found = await room.llm.check(tenant, text, story_id=story_id, summary_id=None if story_id else summary_id)
    except PeerRefused as error:
        if error.details["status"] == 404:
            return unchecked(text, SOURCES_GONE)
        raise
    return tuple(with_receipt(sentence) for sentence in found)
