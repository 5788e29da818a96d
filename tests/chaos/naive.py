"""The worker everybody writes first: claim a row, send, mark it done. The kill loop must catch it."""

import asyncio
import os
import time
from typing import Any

import httpx

from pulse.app import Pulse, open_pulse
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.settings import load
from pulse.social.handlers.channels import open_channel
from pulse.social.shapes import PostContent
from pulse.storage.engine import Transaction


def work(environ: dict[str, str]) -> None:
    """Be a naive worker, until killed."""
    os.setsid()

    async def forever() -> None:
        async with open_pulse(load(environ)) as pulse, httpx.AsyncClient(timeout=5) as http:
            while True:
                async with pulse.database.transaction(DEFAULT_TENANT) as tx:
                    row = await _claim(tx)
                if row is None:
                    await asyncio.sleep(0.05)
                    continue
                await _send(pulse, http, row)
                async with pulse.database.transaction(DEFAULT_TENANT) as tx:
                    await tx.execute("UPDATE social.posts SET state = 'published' WHERE id = :id", id=row["id"])

    while True:
        try:
            asyncio.run(forever())
        except Exception:
            time.sleep(0.2)


async def _claim(tx: Transaction) -> Any:
    return await tx.row(
        """UPDATE social.posts SET state = 'sending', updated_at = now() WHERE id = (
               SELECT id FROM social.posts
               WHERE state IN ('approved', 'scheduled')
                  OR (state = 'sending' AND updated_at < now() - interval '3 seconds')
               ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING id, channel_id, channel_kind, content"""
    )


async def _send(pulse: Pulse, http: httpx.AsyncClient, row: Any) -> None:
    """Send without a key of its own, as a client does that takes a time-out for a failure."""
    content = PostContent.model_validate(row["content"])
    text = content.sentences[0].text
    channel: Any = await open_channel(pulse.social, DEFAULT_TENANT, row["channel_id"])
    if row["channel_kind"] == "mastodon":
        headers = {"Authorization": f"Bearer {channel._token.get_secret_value()}"}
        await http.post(f"{channel._base}/api/v1/statuses", json={"status": text}, headers=headers)
        return
    session = await channel._keeper.current()
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-01-01T00:00:00.000Z"}
    await http.post(
        channel._login.method("com.atproto.repo.createRecord"),
        json={"repo": session.did, "collection": "app.bsky.feed.post", "record": record},
        headers={"Authorization": f"Bearer {session.access}"},
    )
