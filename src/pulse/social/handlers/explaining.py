"""Why a post is what it is: the whole chain, from the sources to the platform's answer."""

from typing import Any
from uuid import UUID

from pulse.http.errors import PeerRefused
from pulse.kernel.tenant import TenantId
from pulse.social.handlers import life
from pulse.social.room import SocialRoom


async def why(room: SocialRoom, tenant: TenantId, post_id: UUID) -> dict[str, Any]:
    """Return the post, its history, its summary with the stages, and its story with the parts of the score.

    Raises `PostNotFound`. A story or summary that is gone is left out.
    """
    async with room.database.transaction(tenant) as tx:
        post = await life.shown(tx, post_id)
        events = await life.history(tx, post_id)
    chain: dict[str, Any] = {
        "post": post.model_dump(mode="json"),
        "history": [
            {
                "version": event.version,
                "event": event.name,
                "at": event.occurred_at.isoformat(),
                "data": event.data,
                "trace": event.headers.get("traceparent"),
            }
            for event in events
        ],
        "summary": None,
        "story": None,
    }
    missing = []
    for name, ask, wanted in (
        ("summary", room.llm.summary, post.summary_id),
        ("story", room.news.story, post.story_id),
    ):
        try:
            if wanted:
                chain[name] = (await ask(tenant, wanted)).model_dump(mode="json")
        except PeerRefused as error:
            missing.append(error.message)
    return chain | ({"missing": "; ".join(missing)} if missing else {})
