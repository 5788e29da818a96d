"""One performance of the demo: reading, writing, a correction, publishing, and the proof."""

import asyncio
import contextlib
import html
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulse.cli.frame import Invocation
from pulse.cli.output import Output
from pulse.cli.session import TENANT, quiet

if TYPE_CHECKING:
    import httpx

    from pulse.app import Pulse
    from pulse.cli.demo.checks import Promise
    from pulse.demo.pds import Account
    from pulse.settings import Settings
    from pulse.social.models import Post

MAX_POSTS = 4
"""Posts that are approved, for each niche and channel."""
_SLOW_SECONDS = 0.8


@dataclass(frozen=True, slots=True)
class Stage:
    """One performance."""

    invocation: Invocation
    home: Path
    port: int
    bluesky: bool | None
    ends: bool
    browser: bool

    async def play(self) -> bool:
        """Do everything; return whether all went well."""
        from pulse.cli.demo.world import own_settings
        from pulse.cli.up import listen
        from pulse.demo.server import DemoSite
        from pulse.storage.embedded import open_embedded

        async with AsyncExitStack() as stack:
            site = await stack.enter_async_context(DemoSite(slow_seconds=_SLOW_SECONDS))
            account, why_not = await self._account(stack)
            listener = stack.enter_context(contextlib.closing(listen("127.0.0.1", self.port)))
            port = listener.getsockname()[1]
            hosts = [
                address.removeprefix("http://") for address in (site.url, account.url if account else "") if address
            ]
            settings = own_settings(self.invocation.environment(), self.home, port, hosts)
            quiet(settings)
            # Held, so that it does not stop and start between the acts.
            await stack.enter_async_context(await open_embedded(self.home, binaries=settings.storage.binaries))
            acts = await self._perform(settings, site, account, why_not)
            return await self._serve(settings, listener, account, acts)

    async def _account(self, stack: AsyncExitStack) -> "tuple[Account | None, str]":
        """Start the Bluesky server where there is one; return its account, or None and why in one line."""
        from pulse.demo import pds
        from pulse.demo.errors import NoPds

        if self.bluesky is False:
            return None, "Posts go to the site."
        try:
            try:
                kit = pds.find(self.invocation.environment())
            except NoPds:
                if not self.bluesky:
                    raise
                kit = await asyncio.to_thread(pds.install)
            with self.invocation.output.progress() as progress:
                progress.stage("Starting a Bluesky server")
                running = pds.running(kit)
                account = await asyncio.to_thread(running.__enter__)
            stack.callback(running.__exit__, None, None, None)
            return (
                account,
                "Posts go to the site and to a real Bluesky server on this machine, which no other one knows.",
            )
        except NoPds as error:
            if self.bluesky:
                raise
            return None, f"Posts go to the site; Bluesky is left out: {error.message}."

    async def _perform(self, settings: "Settings", site: Any, account: "Account | None", where: str) -> dict[str, Any]:
        """Let the pipeline work twice, with a correction in between; return the two reports."""
        from pulse.app import open_pulse
        from pulse.cli.demo import telling
        from pulse.cli.demo.gate import tempt
        from pulse.cli.demo.outcome import read_outcome
        from pulse.cli.demo.world import furnish
        from pulse.cli.run import WORKING, one_pass

        output = self.invocation.output
        telling.opening(output, site.url, where)
        async with open_pulse(settings, serve=WORKING) as pulse:
            niches = await furnish(pulse, site, account)
            with output.progress() as progress:
                first = await one_pass(pulse, niches=niches, approve=False, max_posts=0, progress=progress)
            outcome = await read_outcome(pulse)
        telling.reading(output, first, outcome)
        telling.writing(output, first, outcome)
        telling.tempting(output, await tempt())
        addresses = site.publish_correction()
        async with open_pulse(settings, serve=WORKING) as pulse:
            with output.progress() as progress:
                second = await one_pass(pulse, niches=niches, approve=True, max_posts=MAX_POSTS, progress=progress)
            outcome = await read_outcome(pulse)
        telling.correcting(output, addresses, second, outcome)
        telling.publishing(output, outcome)
        return {"first": first, "second": second}

    async def _serve(
        self, settings: "Settings", listener: socket.socket, account: "Account | None", acts: dict[str, Any]
    ) -> bool:
        """Serve the dashboard; check the promises, the site's pages over HTTP among them; stay until Ctrl-C."""
        from pulse.app import open_pulse
        from pulse.cli.demo import telling
        from pulse.settings import SERVICES

        output = self.invocation.output
        url = f"http://127.0.0.1:{settings.http.port}"
        stopped = asyncio.Event()
        async with open_pulse(settings, serve=SERVICES) as pulse, _answering(pulse, listener, url, stopped):
            kept = await _check(pulse, account)
            well = all(promise.kept for promise in kept) and all(act["complete"] for act in acts.values())
            telling.verdict(output, kept)
            token = _token(pulse)
            if output.json:
                ready = {} if self.ends else {"ready": True, "url": url, "token": token}
                promised = [asdict(promise) | {"kept": promise.kept} for promise in kept]
                output.document({"ok": well, "home": self.home, **ready, "promises": promised, "passes": acts})
            if not self.ends:
                link = f"{url}/?token={token}"
                output.line(f"\nThe dashboard: {link}")
                output.line(f"The site:      {url}/site/")
                output.line("Ctrl-C ends the demo.")
                if self.browser and sys.stdout.isatty() and not output.json:
                    click.launch(link)
                with _until_signal(stopped):
                    await stopped.wait()
        return well


@asynccontextmanager
async def _answering(pulse: "Pulse", listener: socket.socket, url: str, stopped: asyncio.Event) -> AsyncIterator[None]:
    """Serve while the block runs, as `pulse up` does."""
    import httpx

    from pulse.cli.up import until_stopped

    serving = asyncio.create_task(until_stopped(_Unheard(), pulse, listener, url, stopped))
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            while not serving.done():
                with contextlib.suppress(httpx.TransportError):
                    await http.get(f"{url}/health/live")
                    break
                await asyncio.sleep(0.05)
        yield
    finally:
        stopped.set()
        await serving


class _Unheard(Invocation):
    """An invocation whose words nobody hears: the demo says itself that it is ready."""

    @property
    def output(self) -> Output:
        return Output(json=True)


async def _check(pulse: "Pulse", account: "Account | None") -> "list[Promise]":
    """Return all promises, with what was found against them."""
    import httpx

    from pulse.cli.demo.checks import Promise, promises, receipt_problems
    from pulse.cli.demo.gate import tempt
    from pulse.cli.demo.outcome import read_outcome

    outcome = await read_outcome(pulse)
    kept = list(promises(outcome, max_posts=MAX_POSTS))
    passed = tuple(one.text for one in await tempt() if not one.refused)
    kept.append(Promise("the gate refuses every sentence that its source tempts one to write and does not say", passed))
    problems: list[str] = []
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        for post in outcome.posts:
            if _published_on(post, "site") and post.url:
                answer = await http.get(post.url)
                problems += receipt_problems(post, answer.status_code, _visible(answer.text))
        kept.append(Promise("every post on the site is there, with its receipt", tuple(problems)))
        if account is not None:
            there = await _on_bluesky(http, account)
            wanted = sorted(str(post.remote_id) for post in outcome.posts if _published_on(post, "bluesky"))
            against = () if there == wanted else (f"{len(there)} posts are there instead of {len(wanted)}",)
            kept.append(Promise("every post on Bluesky is there, once", against))
    return kept


def _published_on(post: "Post", kind: str) -> bool:
    return post.state == "published" and post.channel_kind == kind


async def _on_bluesky(http: "httpx.AsyncClient", account: "Account") -> list[str]:
    """Return the addresses of all posts of the account, asked of its server."""
    answer = await http.get(
        f"{account.url}/xrpc/com.atproto.repo.listRecords",
        params={"repo": account.handle, "collection": "app.bsky.feed.post", "limit": "100"},
    )
    return sorted(record["uri"] for record in answer.raise_for_status().json()["records"])


def _visible(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


def _token(pulse: "Pulse") -> str:
    from pulse.http.tokens import Principal, Role

    return pulse.tokens.issue(Principal(TENANT, "owner", Role.OWNER), timedelta(days=1))


@contextmanager
def _until_signal(stopped: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
