"""Mastodon, and other servers that speak its API.

Posts go out with `Idempotency-Key` and never with `scheduled_at` (Mastodon forgets the key for scheduled posts). What
the key is worth on which server, and how a doubt is settled, is in `mastodon_settling.py`.
"""

import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from pulse.fetch.errors import FetchError
from pulse.kernel.clock import Clock, utc_now
from pulse.social.channels.answers import json_of, object_of, outcome_of_error, text_at, wait_asked_for, words_of
from pulse.social.channels.mastodon_server import MastodonServer, look_at
from pulse.social.channels.mastodon_settling import KEY_SECONDS, Action, Doubt, Patience, Sighting, settle
from pulse.social.channels.mastodon_sighting import CLOCK_MARGIN, UNKNOWN_CLOCK_MARGIN, Found, find, oldest
from pulse.social.channels.outcomes import (
    NotPublished,
    Outcome,
    Published,
    Reading,
    Refused,
    Retry,
    StillUnknown,
    Unknown,
)
from pulse.social.channels.port import Capabilities, Frozen, Http, HttpAnswer, Rendered
from pulse.social.counting import mastodon_use
from pulse.social.errors import ContentRefused, CredentialsRefused, ForbiddenByPlatform, NoSuchService, TextTooLong
from pulse.social.render import facets, fit, without_mentions
from pulse.social.shapes import PostContent, Shape

KIND = "mastodon"
LIMITS_KEPT = timedelta(days=1)
ASK_AGAIN = timedelta(minutes=1)
PAGE = 40
PAGES = 5
"""Pages of statuses read to find one: 200 statuses."""


class Account(Shape):
    """The account a token belongs to."""

    id: str
    name: str
    url: str


async def account_of(http: Http, service: str, token: SecretStr, timeout: float = 20.0) -> Account | Refused | Retry:
    """Ask whose token it is: the way to try a token, and whether it may read, before a channel is made of it."""
    channel = MastodonChannel(http, service, token, timeout=timeout)
    try:
        answer = await channel.request("GET", "/api/v1/accounts/verify_credentials")
    except FetchError as error:
        outcome = outcome_of_error(error)
        return Retry(outcome.reason) if isinstance(outcome, Unknown) else outcome
    said = object_of(answer)
    if answer.status == 200 and text_at(said, "id"):
        return Account(id=text_at(said, "id"), name=text_at(said, "acct"), url=text_at(said, "url"))
    if answer.status in (400, 401, 422):  # GoToSocial, Mastodon and Takahē, snac
        return Refused.because(CredentialsRefused(f"{service}: {words_of(answer)}"))
    match channel.outcome_of(answer):
        case Refused() | Retry() as said_no:
            return said_no
        case Unknown(reason):
            return Retry(reason)
    return Refused.because(NoSuchService(f"{service} does not answer like a server of Mastodon's API"))


class MastodonChannel:
    """One account on a server of Mastodon's API. The token needs `write:statuses`, `read:statuses`, `read:accounts`."""

    kind = KIND

    def __init__(
        self,
        http: Http,
        service: str,
        token: SecretStr,
        *,
        visibility: str = "public",
        patience: Patience = Patience(),
        timeout: float = 20.0,
        clock: Clock = utc_now,
    ) -> None:
        self._http = http
        self._base = service.rstrip("/")
        self._token = token
        self._visibility = visibility
        self._patience = patience
        self._timeout = timeout
        self._clock = clock
        self._server = MastodonServer()
        self._ask_after: datetime | None = None
        self._account = ""

    @property
    def capabilities(self) -> Capabilities:
        """Say how long the server remembers a key: not at all, until it is known to."""
        seconds = KEY_SECONDS if self._server.honours_keys else 0.0
        return Capabilities(key_window=timedelta(seconds=seconds), can_read_back=True)

    async def prepare(self) -> None:
        """Ask the server for its limits and software, once a day; if it does not answer, again a minute later."""
        if self._ask_after is not None and self._clock() < self._ask_after:
            return
        server = await look_at(self._http, self._base, self._timeout)
        self._ask_after = self._clock() + (LIMITS_KEPT if server else ASK_AGAIN)
        self._server = server or self._server

    def render(self, story: PostContent) -> Rendered | TextTooLong:
        """Return the text within the server's limit (500 characters, until `prepare` learned better)."""
        fitted = fit(story, lambda text: mastodon_use(text, self._server.limits), without_mentions)
        if isinstance(fitted, TextTooLong):
            return fitted
        status = {"status": fitted.text, "visibility": self._visibility}
        if story.language != "und":
            status["language"] = story.language.split("-")[0].lower()
        return Rendered(
            channel=KIND,
            text=fitted.text,
            parts=fitted.parts,
            facets=facets(fitted.parts),
            used=fitted.use.used,
            limit=fitted.use.limit,
            unit=fitted.use.unit,
            sentences=fitted.sentences,
            left_out=fitted.left_out,
            link=story.story_url,
            draft=json.dumps(status, ensure_ascii=False),
        )

    def freeze(self, rendered: Rendered, key: str, now: datetime) -> Frozen:
        """Fix the body and take `key` as the Idempotency-Key."""
        return Frozen(channel=KIND, key=key, body=rendered.draft, link=rendered.link, frozen_at=now)

    async def deliver(self, frozen: Frozen) -> Outcome:
        """Post the status."""
        headers = {"Idempotency-Key": frozen.key, "Content-Type": "application/json"}
        try:
            answer = await self.request("POST", "/api/v1/statuses", headers, frozen.body.encode())
        except FetchError as error:
            return outcome_of_error(error)
        return self.outcome_of(answer)

    async def check(self, frozen: Frozen, last_sent: datetime) -> Reading:
        """Look for the post among the account's statuses and decide by the table in `mastodon_settling.py`."""
        await self.prepare()
        sighting, found, reason = await self._look_for(frozen)
        if found is not None:
            return Published(found.remote_id, found.url)
        now = self._clock()
        doubt = Doubt(
            sighting=sighting,
            honours_keys=self._server.honours_keys,
            since_frozen=(now - frozen.frozen_at).total_seconds(),
            since_last_attempt=(now - last_sent).total_seconds(),
        )
        settlement = settle(doubt, self._patience)
        if settlement.action is Action.SEND_AGAIN:
            return NotPublished(reason)
        return StillUnknown(reason, settlement.wait if settlement.action is Action.WAIT else None)

    async def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> HttpAnswer:
        """Make a request with the account's token. Raises a `FetchError`."""
        signed = {"Authorization": f"Bearer {self._token.get_secret_value()}", "Accept": "application/json"}
        return await self._http.request(
            method, f"{self._base}{path}", headers=signed | (headers or {}), body=body, timeout=self._timeout
        )

    async def _look_for(self, frozen: Frozen) -> tuple[Sighting, Found | None, str]:
        text = json.loads(frozen.body)["status"]
        not_before: datetime | None = None
        query = {"limit": str(PAGE), "exclude_reblogs": "true"}
        seen: set[str] = set()
        try:
            account = self._account
            if not account:
                who = await self.request("GET", "/api/v1/accounts/verify_credentials")
                account = text_at(object_of(who), "id") if who.status == 200 else ""
                if not account:
                    return _unreadable(who)
                # Only what is known is kept: another look at the same moment may have heard it where this one failed.
                self._account = account
            for _ in range(PAGES):
                answer = await self.request(
                    "GET", f"/api/v1/accounts/{quote(account, safe='')}/statuses?{urlencode(query)}"
                )
                page = json_of(answer)
                if answer.status != 200 or not isinstance(page, list):
                    return _unreadable(answer)
                not_before = not_before or self._on_their_clock(frozen.frozen_at, answer)
                found = find(page, text, frozen.link, not_before)
                if found is not None:
                    return Sighting.FOUND, found, ""
                new = [remote_id for status in page if (remote_id := text_at(status, "id")) and remote_id not in seen]
                last = oldest(page)
                if not new or (last is not None and last < not_before):
                    return Sighting.ABSENT, None, "the account's statuses do not show the post"
                seen.update(new)
                query["max_id"] = new[-1]
        except FetchError as error:
            return Sighting.UNREADABLE, None, error.message
        return Sighting.FORBIDDEN, None, f"more than {PAGE * PAGES} statuses were made since the post was to be sent"

    def _on_their_clock(self, moment: datetime, answer: HttpAnswer) -> datetime:
        """Translate a moment of ours into the server's time, minus a margin, by the Date header of its answer."""
        try:
            theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
            return moment + (theirs - self._clock()) - CLOCK_MARGIN
        except (ValueError, TypeError, OverflowError):
            return moment - UNKNOWN_CLOCK_MARGIN

    def outcome_of(self, answer: HttpAnswer) -> Outcome:
        """Say what the server's answer to a post means."""
        words = f"{self._base}: {words_of(answer)}"
        if 200 <= answer.status < 300:
            said = object_of(answer)
            remote_id = text_at(said, "id")
            url = text_at(said, "url") or text_at(said, "uri")
            return Published(remote_id, url) if remote_id else Unknown("the server said yes, but not to what")
        wait = wait_asked_for(answer, self._clock())
        if answer.status == 429:
            return Retry(words, wait)
        if answer.status == 503 and "retry-after" in answer.headers:
            # A server that says when to come back turned the request away. Other 503s may come from deep inside.
            return Retry(words, wait)
        if answer.status == 408 or answer.status >= 500:
            return Unknown(words)
        if answer.status == 401:
            return Refused.because(CredentialsRefused(words))
        if answer.status == 403:
            return Refused.because(ForbiddenByPlatform(words))
        if answer.status < 400 or answer.status in (404, 405, 410):
            return Refused.because(NoSuchService(words))
        if answer.status == 400 and "token" in words.lower():
            return Refused.because(CredentialsRefused(words))  # as Takahē answers a wrong one
        return Refused.because(ContentRefused(words))


def _unreadable(answer: HttpAnswer) -> tuple[Sighting, None, str]:
    forbidden = answer.status in (400, 401, 403, 404, 410, 422)
    return Sighting.FORBIDDEN if forbidden else Sighting.UNREADABLE, None, f"reading the statuses: {words_of(answer)}"
