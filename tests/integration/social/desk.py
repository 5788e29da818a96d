"""A social room of one tenant on a real database, with a scripted platform and a clock that is set by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.bus.bus import Bus
from pulse.kernel.clock import utc_now
from pulse.kernel.tenant import TenantId
from pulse.llm.models import Summary
from pulse.settings import BusSettings, SocialSettings
from pulse.social import store
from pulse.social.channels.outcomes import Unknown
from pulse.social.channels.port import Channel
from pulse.social.handlers import channels, delivering, drafting, editing, life
from pulse.social.models import ChannelShown, Post, Publishing
from pulse.social.posts import State
from pulse.social.receipts import Receipts
from pulse.social.room import ChannelKind, SavedSession, SocialRoom
from pulse.social.service import service
from pulse.storage.engine import Database
from pulse.vault.seal import Vault
from tests.doubles import fake_services
from tests.doubles.fake_services import FakeLlm, FakeNews
from tests.doubles.scripted_channel import KIND, ScriptedChannel

LEASE_SECONDS = 30.0
TEXTS = ("The council approved the bridge on Monday.", "Work begins in March.")


class HandClock:
    """Shows the time it was set to."""

    def __init__(self) -> None:
        self.now = utc_now()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Desk:
    """The room and everything around it."""

    room: SocialRoom
    tenant: TenantId
    clock: HandClock
    platform: ScriptedChannel
    news: FakeNews
    llm: FakeLlm
    secrets: list[str] = field(default_factory=list)
    """That channels were built with."""

    def of(self, tenant: TenantId) -> "Desk":
        """Return the same room for another tenant."""
        return Desk(self.room, tenant, self.clock, self.platform, self.news, self.llm, self.secrets)

    async def add_channel(self, name: str = "main", *niches: str, **more: Any) -> ChannelShown:
        values = {"kind": KIND, "settings": {}, "secret": None} | more
        async with self.room.database.transaction(self.tenant) as tx:
            return await channels.add_channel(self.room, tx, name=name, niches=list(niches), **values)

    async def change_channel(self, channel_id: UUID, **changes: Any) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await channels.change_channel(self.room, tx, channel_id, changes, None)

    async def channel(self, channel_id: UUID) -> ChannelShown:
        async with self.room.database.transaction(self.tenant) as tx:
            return await channels.shown(tx, channel_id)

    def summary(self, *texts: str, of: Summary | None = None, niche: str = "technology") -> Summary:
        """Return a summary that the llm service has; `of`: a newer one of the same story."""
        texts = texts or TEXTS
        if of is None:
            told = fake_services.story(fake_services.article(" ".join(texts), niche=niche))
            self.news.put(self.tenant, told)
        else:
            assert of.story_id is not None
            known = self.news.told[self.tenant, of.story_id]
            reports = [known.articles[0].model_copy(update={"content": " ".join(texts)})]
            told = self.news.put(self.tenant, known.model_copy(update={"articles": reports}))
        return self.llm.put(self.tenant, fake_services.summary(told, *texts))

    async def draft(self, *texts: str, of: Summary | None = None) -> Summary:
        """Let the room draft a new summary."""
        summary = self.summary(*texts, of=of)
        await self.do_draft(summary)
        return summary

    async def do_draft(self, summary: Summary, score: float = 0.5) -> None:
        self.clock.advance(0.001)
        await drafting.draft(self.room, self.tenant, {"summary": str(summary.id), "score": score})

    async def autopilot(self, niche: str = "technology", daily_limit: int = 24) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await channels.set_publishing(tx, Publishing(niche=niche, autopilot=True, daily_limit=daily_limit))

    async def posts(self) -> list[Post]:
        """Return all posts, oldest first."""
        async with self.room.database.transaction(self.tenant) as tx:
            rows = await store.posts(tx, niche=None, states=(), before=None, limit=1_000)
        return [Post.model_validate(dict(row)) for row in reversed(rows)]

    async def post(self, post_id: UUID) -> Post:
        async with self.room.database.transaction(self.tenant) as tx:
            return await life.shown(tx, post_id)

    async def row(self, post_id: UUID) -> RowMapping:
        async with self.room.database.transaction(self.tenant) as tx:
            return await life.locked(tx, post_id)

    async def history(self, post_id: UUID) -> list[str]:
        async with self.room.database.transaction(self.tenant) as tx:
            return [event.name for event in await life.history(tx, post_id)]

    async def edit(self, post_id: UUID, text: str, version: int | None = None, by: str = "ada") -> Post:
        """Put a text into a draft, as one who read it at `version` (None: just now)."""
        version = version or (await self.post(post_id)).version
        prepared = await editing.prepare(self.room, self.tenant, post_id, text=text, version=version, by=by)
        async with self.room.database.transaction(self.tenant) as tx:
            await editing.edit(self.room, tx, post_id, by, version, prepared)
        return await self.post(post_id)

    async def restore(self, post_id: UUID, former: int, version: int | None = None, by: str = "ada") -> Post:
        """Take the text back that a draft got at a version."""
        version = version or (await self.post(post_id)).version
        async with self.room.database.transaction(self.tenant) as tx:
            await editing.restore(self.room, tx, post_id, by, version, former)
        return await self.post(post_id)

    async def approve(self, post_id: UUID, at: datetime | None = None) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await life.approve(self.room, tx, post_id, "ada", at)

    async def reject(self, post_id: UUID) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await life.reject(self.room, tx, post_id, "ada", "dull")

    async def cancel(self, post_id: UUID) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await life.cancel(self.room, tx, post_id, "ada", "not today")

    async def retry(self, post_id: UUID) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await life.retry(self.room, tx, post_id, "ada")

    async def settle(self, post_id: UUID, url: str | None) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await life.settle(self.room, tx, post_id, "ada", url)

    async def ready(self) -> UUID:
        """Return a post that is approved and due."""
        if not await self.channels():
            await self.add_channel()
        before = {post.id for post in await self.posts()}
        await self.draft()
        (post,) = [post for post in await self.posts() if post.id not in before]
        await self.approve(post.id)
        return post.id

    async def doubtful(self) -> UUID:
        """Return a post whose first attempt ended without an answer; it is time to look for it."""
        post_id = await self.ready()
        self.platform.outcomes.append(Unknown("no answer"))
        assert (await self.deliver(post_id)).state is State.UNKNOWN
        self.clock.advance(15)
        return post_id

    async def channels(self) -> list[ChannelShown]:
        async with self.room.database.transaction(self.tenant) as tx:
            return await channels.list_channels(tx)

    async def deliver(self, post_id: UUID) -> Post:
        """Run one delivery and return the post."""
        await delivering.deliver(self.room, self.tenant, {"post": str(post_id)})
        return await self.post(post_id)

    async def sweep(self) -> None:
        await delivering.sweep(self.room, self.tenant)

    async def queue(self) -> list[RowMapping]:
        """Return the work that waits: queue, payload, when, key."""
        async with self.room.database.transaction(self.tenant) as tx:
            return list(
                await tx.rows(
                    """SELECT queue, convert_from(payload, 'UTF8')::jsonb AS payload, next_attempt_at AS at,
                              timer_id AS key FROM bus.work WHERE tenant_id = :tenant ORDER BY id""",
                    tenant=self.tenant,
                )
            )

    async def empty_queue(self) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await tx.execute("DELETE FROM bus.work WHERE tenant_id = :tenant", tenant=self.tenant)


def desk(database: Database, tenant: TenantId, receipts: Path) -> Desk:
    """Build a room of its own around a database; public receipts go into the folder `receipts`."""
    clock, platform, news = HandClock(), ScriptedChannel(), FakeNews()
    llm = FakeLlm(news)
    secrets: list[str] = []

    async def verify(settings: Mapping[str, str], secret: str) -> dict[str, str]:
        return {"account": f"account at {settings.get('server', 'home')}"}

    def build(_settings: Mapping[str, str], secret: str, _session: SavedSession) -> Channel:
        secrets.append(secret)
        return platform

    kinds = {
        KIND: ChannelKind(KIND, (), ("server", "account"), "", verify, build),
        "guarded": ChannelKind("guarded", ("server",), ("account",), "access token", verify, build),
    }
    bus = Bus(database, database, BusSettings(), clock)
    room = SocialRoom(
        database=database,
        bus=bus,
        settings=SocialSettings(deliver_timeout_seconds=10, settle_seconds=5),
        lease_seconds=LEASE_SECONDS,
        news=news,
        llm=llm,
        vault=Vault(b"k" * 32),
        kinds=kinds,
        public_url=lambda: "https://pulse.example",
        receipts=Receipts(receipts),
        clock=clock,
    )
    bus.declare(service(room).bus, serve=False)
    return Desk(room, tenant, clock, platform, news, llm, secrets)
