"""Give each published post its public page."""

import asyncio
from typing import Any
from uuid import UUID

from pulse.kernel.tenant import TenantId
from pulse.social import store
from pulse.social.posts import State
from pulse.social.receipts import Receipt
from pulse.social.room import SocialRoom
from pulse.social.shapes import PostContent


async def write_receipt(room: SocialRoom, tenant: TenantId, payload: dict[str, Any]) -> None:
    """Write the public page of a published post. Done twice, it changes nothing."""
    async with room.database.transaction(tenant) as tx:
        row = await store.post(tx, UUID(payload["post"]))
    if row is None or row["state"] != State.PUBLISHED:
        return
    receipt = Receipt(
        post=row["id"],
        story=PostContent.model_validate(row["content"]),
        text=row["text"],
        channel=row["channel_kind"],
        url=row["url"],
        published_at=row["published_at"],
    )
    await asyncio.to_thread(room.receipts.write, receipt)
