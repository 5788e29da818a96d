"""A person's text in the place of a draft's. It is checked before it is kept, and no former text is ever lost."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.kernel.tenant import TenantId
from pulse.social import events
from pulse.social.content import changed, doubts_of_a_person
from pulse.social.errors import NoFormerText, StaleEdit, WrongState
from pulse.social.handlers import life
from pulse.social.handlers.drafting import preview
from pulse.social.handlers.judging import judged
from pulse.social.posts import State
from pulse.social.render import joined
from pulse.social.room import SocialRoom
from pulse.social.shapes import PostContent, clean
from pulse.storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Edit:
    """What a draft is to become."""

    content: PostContent
    text: str
    """As the channel will show it."""
    doubts: list[str]


async def prepare(
    room: SocialRoom, tenant: TenantId, post_id: UUID, *, text: str, version: int, by: str
) -> Edit | None:
    """Have a text judged that a person wrote for the draft as it was at `version`. None: it says that already.

    Raises `PostNotFound`, `WrongState`, `StaleEdit`, `NothingToPublish`, and `PeerUnavailable` while nobody can judge.
    """
    async with room.database.transaction(tenant) as tx:
        row = _current(await life.locked(tx, post_id), version)
    content = PostContent.model_validate(row["content"])
    if clean(text) == joined([sentence.text for sentence in content.sentences]):
        return None
    sentences = await judged(room, tenant, text, story_id=row["story_id"], summary_id=row["summary_id"])
    content = changed(content, sentences, by)
    shown, problem = await preview(room, tenant, row["channel_id"], content)
    return Edit(content, shown, doubts_of_a_person(sentences) + ([problem] if problem else []))


async def edit(room: SocialRoom, tx: Transaction, post_id: UUID, by: str, version: int, edit: Edit | None) -> None:
    """Put a text that was judged into the draft it was written for. Raises `WrongState`, `StaleEdit`."""
    row = _current(await life.locked(tx, post_id), version)
    if edit is not None:
        content = edit.content.model_dump(mode="json")
        edited = events.PostEdited(by=by, before=row["text"], content=content, text=edit.text, doubts=edit.doubts)
        await life.record(room, tx, row, edited)


async def restore(room: SocialRoom, tx: Transaction, post_id: UUID, by: str, version: int, former: int) -> None:
    """Take the text back that a draft had at the version `former`, with the receipts and doubts it had then.

    Raises `WrongState`, `StaleEdit`, `NoFormerText`.
    """
    row = _current(await life.locked(tx, post_id), version)
    written = {events.PostDrafted.name, events.PostEdited.name}
    then = {event.version: event.data for event in await life.history(tx, post_id) if event.name in written}
    if former not in then:
        known = ", ".join(map(str, sorted(then)))
        raise NoFormerText(f"the post got no text at version {former}; it did at {known}")
    if then[former]["content"] == row["content"]:
        return
    texts = {name: then[former][name] for name in ("content", "text", "doubts")}
    await life.record(room, tx, row, events.PostEdited(by=by, before=row["text"], former=former, **texts))


def _current(row: RowMapping, version: int) -> RowMapping:
    """Return a locked post if it is a draft that nobody has changed since `version`."""
    if row["state"] != State.DRAFT:
        raise WrongState(f"a post that is {row['state']} cannot be edited", state=row["state"])
    if row["version"] != version:
        raise StaleEdit(f"the post is at version {row['version']}, and the text is for version {version}")
    return row
