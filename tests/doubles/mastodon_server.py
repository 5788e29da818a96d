"""A double of a Mastodon server, written from Mastodon's documentation, that can fail in every documented way.

In a test: `async with MastodonDouble() as server: server.fail("timeout_after", times=1)`. From other processes:
`python -m tests.doubles.mastodon_server --port 0 --state FILE` prints one JSON line `{"url", "token"}`, then
`POST /_double/fail {"kind", "times", "probability", "seconds", "on"}`, `POST /_double/clear`,
`POST /_double/server {"honours_keys", "software", "visible_after"}`, `POST /_double/engage {"id", "favourites",
"reblogs"}`, and `GET /_double/statuses`.

Like the real one it remembers an Idempotency-Key for 3,600 s, writes it down only after the work, and keeps no lock on
it: two requests with one key that overlap make two statuses.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self, get_args

from aiohttp import web

from tests.doubles.mastodon_statuses import Status, Statuses, as_json, characters

FaultKind = Literal[
    "timeout_before",  # no answer, nothing done
    "timeout_after",  # done, no answer
    "cut_before",  # connection closed, nothing done
    "cut_after",  # done, connection closed
    "lost_after",  # done, connection closed, and the key was not written down: killed between the two
    "error_500_after",  # done, then 500; the key was not written down
    "error_500_before",
    "error_502_after",  # done, but the proxy in front gave up
    "error_504_after",
    "unavailable_503",  # turned away, with Retry-After
    "rate_limited_429",
    "unauthorized_401",
    "forbidden_403",
    "unprocessable_422",
    "slow",  # works on it for `seconds`, whether or not anybody still waits
    "nonsense_after",  # done, and answers 200 with something that is not JSON
]
KEY_SECONDS = 3_600.0
TOKEN = "double-token"
VERSIONS = {
    "mastodon": ("4.5.2", "https://github.com/mastodon/mastodon"),
    "gotosocial": ("0.20.1+git-4d3e1fb", "https://codeberg.org/superseriousbusiness/gotosocial"),
    "takahe": ("takahe/0.11.0", "https://github.com/jointakahe/takahe"),
    "snac": ("4.0.0 (compatible; snac 2.75)", "https://comam.es/what-is-snac"),
}
_FAULT: web.RequestKey["Fault | None"] = web.RequestKey("fault")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Fault:
    """Something that goes wrong: for the next `times` requests (None: for ever), with a probability."""

    kind: FaultKind
    times: int | None = 1
    probability: float = 1.0
    seconds: float = 30.0
    on: Literal["post", "read", "any"] = "post"

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"there is no fault {self.kind!r}")

    def strikes(self, posting: bool) -> bool:
        """Tell whether this request is hit, and count it."""
        if self.on not in ("any", "post" if posting else "read") or self.times == 0:
            return False
        if random.random() >= self.probability:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class MastodonDouble:
    """One server with one account, `newsroom`."""

    def __init__(
        self,
        *,
        state: Path | None = None,
        token: str = TOKEN,
        software: str = "mastodon",
        honours_keys: bool = True,
        max_characters: int = 500,
        rate_limit: int = 300,
    ) -> None:
        self.kept = Statuses.load(state)
        self.token = token
        self.software = software
        self.honours_keys = honours_keys
        self.max_characters = max_characters
        self.rate_limit = rate_limit
        self.visible_after = 0.0
        """Seconds until a new status shows up in the account's list."""
        self.faults: list[Fault] = []
        self.posts_received = 0
        self.last_headers: dict[str, str] = {}
        self._requests: deque[float] = deque()
        self._ending = asyncio.Event()
        self.url = ""

    async def start(self, port: int = 0) -> str:
        """Listen on loopback and return the address."""
        app = web.Application(middlewares=[self._misbehave])
        app.router.add_routes(
            [
                web.get("/api/v2/instance", self._instance),
                web.get("/.well-known/nodeinfo", self._nodeinfo_links),
                web.get("/nodeinfo/2.0", self._nodeinfo),
                web.get("/api/v1/accounts/verify_credentials", self._who),
                web.get("/api/v1/accounts/{account}/statuses", self._list),
                web.post("/api/v1/statuses", self._post),
                web.get("/api/v1/statuses/{id}", self._show),
                web.delete("/api/v1/statuses/{id}", self._delete),
                web.post("/_double/fail", self._set_fault),
                web.post("/_double/clear", self._clear),
                web.post("/_double/server", self._set_server),
                web.post("/_double/engage", self._engage),
                web.get("/_double/statuses", self._all),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Stop listening and let go of everybody who waits."""
        self._ending.set()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def fail(self, kind: FaultKind, **how: Any) -> None:
        """Let the next requests go wrong (see `Fault`)."""
        self.faults.append(Fault(kind, **how))

    @property
    def statuses(self) -> list[Status]:
        """All statuses, oldest first."""
        return self.kept.statuses

    @property
    def account(self) -> dict[str, Any]:
        """The account as the API shows it."""
        name = "newsroom"
        return {"id": "1001", "username": name, "acct": name, "display_name": "Newsroom", "url": f"{self.url}/@{name}"}

    @web.middleware
    async def _misbehave(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/_double/"):
            return await handler(request)
        posting = request.method == "POST"
        await request.read()  # so that work goes on although nobody waits for it any more
        self.posts_received += posting
        now = time.time()
        while self._requests and self._requests[0] < now - 300:
            self._requests.popleft()
        self._requests.append(now)
        fault = next((fault for fault in self.faults if fault.strikes(posting)), None)
        request[_FAULT] = fault
        if len(self._requests) > self.rate_limit:
            answer: web.StreamResponse = _error(429, "Too many requests")
        else:
            answer = await self._answer(request, handler, fault)
        reset = datetime.now(UTC) + timedelta(seconds=300)
        answer.headers.setdefault("X-RateLimit-Limit", str(self.rate_limit))
        answer.headers.setdefault("X-RateLimit-Remaining", str(max(0, self.rate_limit - len(self._requests))))
        answer.headers.setdefault("X-RateLimit-Reset", _iso(reset))
        return answer

    async def _answer(self, request: web.Request, handler: Handler, fault: Fault | None) -> web.StreamResponse:
        match fault.kind if fault else None:
            case None | "lost_after":
                answer = await handler(request)
            case "slow":
                if request.method != "POST":
                    await self._wait(fault)
                answer = await handler(request)
            case "rate_limited_429":
                answer = _error(429, "Too many requests")
                answer.headers["X-RateLimit-Remaining"] = "0"
                answer.headers["X-RateLimit-Reset"] = _iso(datetime.now(UTC) + timedelta(seconds=fault.seconds))  # type: ignore[union-attr]
                return answer
            case "unavailable_503":
                answer = _error(503, "There was a temporary problem serving your request, please try again")
                answer.headers["Retry-After"] = "2"
                return answer
            case "unauthorized_401":
                return _error(401, "The access token was revoked")
            case "forbidden_403":
                return _error(403, "This action is not allowed")
            case "unprocessable_422":
                return _error(422, "Validation failed: Text can't be blank")
            case "error_500_before":
                return _error(500, "We're sorry, but something went wrong on our end.")
            case "timeout_before":
                await self._wait(fault)
                return self._cut(request)
            case "cut_before":
                return self._cut(request)
            case _:
                answer = await handler(request)
        match fault.kind if fault else None:
            case "timeout_after":
                await self._wait(fault)
                return self._cut(request)
            case "cut_after" | "lost_after":
                return self._cut(request)
            case "error_500_after":
                return _error(500, "We're sorry, but something went wrong on our end.")
            case "error_502_after":
                return web.Response(status=502, text="<html><h1>Bad Gateway</h1></html>", content_type="text/html")
            case "error_504_after":
                return web.Response(status=504, text="<html><h1>Gateway Time-out</h1></html>", content_type="text/html")
            case "nonsense_after":
                return web.Response(
                    text="<html>Please log in to the airport's network</html>", content_type="text/html"
                )
        return answer

    async def _wait(self, fault: Fault | None) -> None:
        try:
            await asyncio.wait_for(self._ending.wait(), fault.seconds if fault else 0)
        except TimeoutError:
            return

    def _cut(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _authorized(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _post(self, request: web.Request) -> web.Response:
        self.last_headers = dict(request.headers)
        if not self._authorized(request):
            return _error(401, "The access token is invalid")
        try:
            asked = await request.json()
            text, visibility, language = asked["status"], asked.get("visibility", "public"), asked.get("language")
        except (ValueError, KeyError, TypeError):
            return _error(422, "Validation failed: Text can't be blank")
        key = request.headers.get("Idempotency-Key", "")
        if key and self.honours_keys:
            made = self.kept.made_with(key)
            if made is not None:
                return self._status(made)
        if not isinstance(text, str) or not text.strip():
            return _error(422, "Validation failed: Text can't be blank")
        if characters(text) > self.max_characters:
            return _error(422, f"Validation failed: Text character limit of {self.max_characters} exceeded")
        fault = request[_FAULT]
        if fault is not None and fault.kind == "slow":
            await self._wait(fault)
        status = self.kept.add(text, key, visibility, language)
        if key and self.honours_keys and (fault is None or fault.kind not in ("lost_after", "error_500_after")):
            self.kept.remember(key, status, KEY_SECONDS)
        return self._status(status)

    async def _list(self, request: web.Request) -> web.Response:
        if not self._authorized(request):
            return _error(401, "The access token is invalid")
        if request.match_info["account"] != self.account["id"]:
            return _error(404, "Record not found")
        seen_from = _iso(datetime.now(UTC) - timedelta(seconds=self.visible_after))
        shown = [status for status in self.statuses if status.created_at <= seen_from]
        if "max_id" in request.query:
            shown = [status for status in shown if int(status.id) < int(request.query["max_id"])]
        for name in ("since_id", "min_id"):
            if name in request.query:
                shown = [status for status in shown if int(status.id) > int(request.query[name])]
        limit = min(int(request.query.get("limit", "20")), 40)
        return web.json_response([as_json(status, self.url, self.account) for status in reversed(shown[-limit:])])

    async def _show(self, request: web.Request) -> web.Response:
        status = self.kept.get(request.match_info["id"])
        return self._status(status) if status else _error(404, "Record not found")

    async def _delete(self, request: web.Request) -> web.Response:
        status = self.kept.get(request.match_info["id"])
        if not self._authorized(request) or status is None:
            return _error(404 if status is None else 401, "Record not found")
        self.kept.statuses.remove(status)
        self.kept.save()
        return self._status(status)

    async def _who(self, request: web.Request) -> web.Response:
        return (
            web.json_response(self.account) if self._authorized(request) else _error(401, "The access token is invalid")
        )

    async def _instance(self, request: web.Request) -> web.Response:
        version, source = VERSIONS[self.software]
        statuses = {
            "max_characters": self.max_characters,
            "max_media_attachments": 4,
            "characters_reserved_per_url": 23,
        }
        return web.json_response(
            {
                "domain": "double.test",
                "title": "Double",
                "version": version,
                "source_url": source,
                "configuration": {"statuses": statuses},
            }
        )

    async def _nodeinfo_links(self, request: web.Request) -> web.Response:
        schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
        return web.json_response({"links": [{"rel": schema, "href": f"{self.url}/nodeinfo/2.0"}]})

    async def _nodeinfo(self, request: web.Request) -> web.Response:
        software = {"name": self.software, "version": VERSIONS[self.software][0]}
        return web.json_response({"version": "2.0", "software": software, "protocols": ["activitypub"]})

    def _status(self, status: Status) -> web.Response:
        return web.json_response(as_json(status, self.url, self.account))

    async def _set_fault(self, request: web.Request) -> web.Response:
        try:
            self.faults.append(Fault(**await request.json()))
        except (TypeError, ValueError) as error:
            return _error(400, str(error))
        return web.json_response({"faults": len(self.faults)})

    async def _clear(self, request: web.Request) -> web.Response:
        self.faults.clear()
        return web.json_response({"faults": 0})

    async def _set_server(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            if name not in ("honours_keys", "software", "visible_after", "max_characters", "rate_limit", "token"):
                return _error(400, f"nothing to set under {name!r}")
            setattr(self, name, value)
        return web.json_response({"software": self.software, "honours_keys": self.honours_keys})

    async def _engage(self, request: web.Request) -> web.Response:
        asked = await request.json()
        status = self.kept.get(asked["id"])
        if status is None:
            return _error(404, "Record not found")
        status.favourites += asked.get("favourites", 0)
        status.reblogs += asked.get("reblogs", 0)
        self.kept.save()
        return self._status(status)

    async def _all(self, request: web.Request) -> web.Response:
        statuses = [{"id": one.id, "text": one.text, "key": one.key, "at": one.created_at} for one in self.statuses]
        return web.json_response({"statuses": statuses, "posts_received": self.posts_received})


def _error(status: int, words: str) -> web.Response:
    return web.json_response({"error": words}, status=status)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _serve(arguments: argparse.Namespace) -> None:
    double = MastodonDouble(
        state=arguments.state,
        token=arguments.token,
        software=arguments.software,
        honours_keys=not arguments.ignore_keys,
        rate_limit=arguments.rate_limit,
    )
    url = await double.start(arguments.port)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if arguments.until_stdin_closes:
        loop.add_reader(sys.stdin, lambda: None if os.read(0, 1024) else ended.set())
    print(json.dumps({"url": url, "token": double.token}), flush=True)
    await ended.wait()
    await double.stop()


def main() -> None:
    """Run the double as a process of its own."""
    parser = argparse.ArgumentParser(description="A Mastodon server's double, for tests")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="file that keeps statuses and keys between runs")
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--software", default="mastodon", choices=sorted(VERSIONS))
    parser.add_argument("--ignore-keys", action="store_true", help="as GoToSocial, Takahē and snac do")
    parser.add_argument("--rate-limit", type=int, default=300, help="requests in five minutes")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the process that started this one")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
