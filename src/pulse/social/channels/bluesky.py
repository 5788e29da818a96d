"""Bluesky: posts as records of the account's repository, under a key made here.

`putRecord` with a client's TID and `swapRecord: null` means "create this, unless something is there": the same bytes
again answer 200 with the same CID and make no new commit, other bytes answer InvalidSwap. `createRecord` answers 500
to the same and is not used. After a confirmation nothing is put again: it would bring back a post the user deleted.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pulse.fetch.errors import FetchError
from pulse.kernel.clock import Clock, utc_now
from pulse.social.channels.answers import object_of, outcome_of_error, text_at, wait_asked_for, words_of
from pulse.social.channels.bluesky_session import Login, Session, SessionInMemory, SessionKeeper, SessionStore
from pulse.social.channels.bluesky_tid import TidClock
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
from pulse.social.channels.port import Capabilities, Facet, Frozen, Http, HttpAnswer, Rendered
from pulse.social.counting import bluesky_use
from pulse.social.errors import ContentRefused, CredentialsRefused, ForbiddenByPlatform, KeyTaken, TextTooLong
from pulse.social.render import facets, fit
from pulse.social.shapes import PostContent

KIND = "bluesky"
COLLECTION = "app.bsky.feed.post"
CHECK_AGAIN_SECONDS = 30.0
_STALE = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})

_SESSIONS_TRIED = 3
"""The one at hand, one that another process stored, and one refreshed from that."""

_tids = TidClock()


class BlueskyChannel:
    """One Bluesky account. `did` is the account's, as `sign_in` returned it when the channel was added."""

    kind = KIND
    capabilities = Capabilities(key_window=None, can_read_back=True)

    def __init__(
        self,
        http: Http,
        login: Login,
        did: str,
        *,
        sessions: SessionStore | None = None,
        timeout: float = 20.0,
        clock: Clock = utc_now,
    ) -> None:
        self._http = http
        self._login = login
        self._did = did
        self._keeper = SessionKeeper(http, login, sessions or SessionInMemory(), clock)
        self._timeout = timeout
        self._clock = clock

    async def prepare(self) -> None:
        """Nothing to learn: the limits are part of the protocol."""

    def render(self, story: PostContent) -> Rendered | TextTooLong:
        """Return the text with its facets and link card, within 300 graphemes and 3,000 bytes."""
        fitted = fit(story, bluesky_use)
        if isinstance(fitted, TextTooLong):
            return fitted
        found = facets(fitted.parts)
        record = {
            "$type": COLLECTION,
            "text": fitted.text,
            "facets": [_facet(facet) for facet in found],
            "embed": {
                "$type": "app.bsky.embed.external",
                "external": {
                    "uri": story.story_url,
                    "title": story.title,
                    "description": " · ".join(dict.fromkeys(source.name for source in story.sources)),
                },
            },
        }
        if story.language != "und":
            record["langs"] = [story.language]
        return Rendered(
            channel=KIND,
            text=fitted.text,
            parts=fitted.parts,
            facets=found,
            used=fitted.use.used,
            limit=fitted.use.limit,
            unit=fitted.use.unit,
            sentences=fitted.sentences,
            left_out=fitted.left_out,
            link=story.story_url,
            draft=_dump(record),
        )

    def freeze(self, rendered: Rendered, key: str, now: datetime) -> Frozen:
        """Fix the whole request. Bluesky wants keys of its own form, so `key` is not used: a TID is made."""
        tid = _tids.next(now)
        created = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        request = {
            "repo": self._did,
            "collection": COLLECTION,
            "rkey": tid,
            "record": {**json.loads(rendered.draft), "createdAt": created},
            "swapRecord": None,
        }
        return Frozen(channel=KIND, key=tid, body=_dump(request), link=rendered.link, frozen_at=now)

    async def deliver(self, frozen: Frozen) -> Outcome:
        """Put the record, unless something is there."""
        session = await self._keeper.current()
        for _ in range(_SESSIONS_TRIED):
            if not isinstance(session, Session):
                return session
            try:
                answer = await self._put(frozen, session)
            except FetchError as error:
                return outcome_of_error(error)
            if not _is_stale(answer):
                break
            session = await self._keeper.instead_of(session)
        if answer.status == 400 and text_at(object_of(answer), "error") == "InvalidSwap":
            return await self._after_conflict(frozen)
        return self._outcome(answer, frozen)

    async def check(self, frozen: Frozen, last_sent: datetime) -> Reading:
        """Read the record at our key.

        Its absence is no proof that no request is under way, but none is needed: the same bytes under the same key can
        only ever make one record.
        """
        asked = json.loads(frozen.body)
        query = urlencode({name: asked[name] for name in ("repo", "collection", "rkey")})
        try:
            answer = await self._http.request(
                "GET", f"{self._login.method('com.atproto.repo.getRecord')}?{query}", timeout=self._timeout
            )
        except FetchError as error:
            return StillUnknown(error.message, CHECK_AGAIN_SECONDS)
        said = object_of(answer)
        if answer.status == 200 and text_at(said, "uri"):
            if said.get("value") == asked["record"]:
                return _published(text_at(said, "uri"), asked)
            return Refused.because(
                KeyTaken(f"{text_at(said, 'uri')} (CID {text_at(said, 'cid')}) is not the post that was to be there")
            )
        if answer.status == 400 and text_at(said, "error") == "RecordNotFound":
            return NotPublished("the repository has no record under this key")
        return StillUnknown(words_of(answer), wait_asked_for(answer, self._clock()) or CHECK_AGAIN_SECONDS)

    async def _put(self, frozen: Frozen, session: Session) -> HttpAnswer:
        return await self._http.request(
            "POST",
            self._login.method("com.atproto.repo.putRecord"),
            headers={"Authorization": f"Bearer {session.access}", "Content-Type": "application/json"},
            body=frozen.body.encode(),
            timeout=self._timeout,
        )

    async def _after_conflict(self, frozen: Frozen) -> Outcome:
        """Something is under our key. If it is our record after all, written by the server in other bytes, good."""
        match await self.check(frozen, self._clock()):
            case Published() | Refused() as settled:
                return settled
            case other:
                return Unknown(f"the server reported a conflict, and then: {other.reason}")

    def _outcome(self, answer: HttpAnswer, frozen: Frozen) -> Outcome:
        if answer.status == 200:
            uri = text_at(object_of(answer), "uri")
            return _published(uri, json.loads(frozen.body)) if uri else Unknown("the server said yes, but not to what")
        if answer.status in (429, 503):
            return Retry(words_of(answer), wait_asked_for(answer, self._clock()))
        if answer.status == 408 or answer.status >= 500:
            return Unknown(words_of(answer))
        if _is_stale(answer) or answer.status == 401:
            return Refused.because(CredentialsRefused(f"{self._login.identifier}: {words_of(answer)}"))
        if answer.status == 403:
            return Refused.because(ForbiddenByPlatform(f"{self._login.identifier}: {words_of(answer)}"))
        return Refused.because(ContentRefused(f"{self._login.service}: {words_of(answer)}"))


def _is_stale(answer: HttpAnswer) -> bool:
    return answer.status in (400, 401) and text_at(object_of(answer), "error") in _STALE


def _published(uri: str, asked: Mapping[str, Any]) -> Published:
    return Published(remote_id=uri, url=f"https://bsky.app/profile/{asked['repo']}/post/{asked['rkey']}")


def _facet(facet: Facet) -> dict[str, Any]:
    feature = (
        {"$type": "app.bsky.richtext.facet#link", "uri": facet.target}
        if facet.kind == "link"
        else {"$type": "app.bsky.richtext.facet#tag", "tag": facet.target}
    )
    return {"index": {"byteStart": facet.start, "byteEnd": facet.end}, "features": [feature]}


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
