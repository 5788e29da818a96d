"""Every published post, on whatever channel, has a public page that shows what each sentence rests on."""

from pathlib import Path
from uuid import UUID

import pytest
from lxml import html

from pulse.social.channels.outcomes import Refused, StillUnknown, Unknown
from pulse.social.handlers import life
from pulse.social.handlers.receipts import write_receipt
from tests.integration.social.desk import TEXTS, Desk
from tests.integration.social.test_delivering import REFUSED


async def work_off(desk: Desk) -> None:
    """Do the receipts that are in the queue."""
    for work in await desk.queue():
        if work["queue"] == life.RECEIPT:
            await write_receipt(desk.room, desk.tenant, work["payload"])
    await desk.empty_queue()


def page(folder: Path, post: UUID) -> html.HtmlElement:
    return html.fromstring((folder / "receipts" / str(post) / "index.html").read_bytes())


async def test_a_published_post_has_its_receipt(desk: Desk, tmp_path: Path) -> None:
    post = await desk.deliver(await desk.ready())
    assert post.receipt == f"/receipts/{post.id}/"
    await work_off(desk)
    shown = page(tmp_path, post.id)
    text = " ".join(shown.text_content().split())
    for sentence in post.content["sentences"]:
        assert sentence["text"] in text
        assert sentence["verdict"]["verifier"] in text
        for citation in sentence["citations"]:
            assert citation["quote"] in text
            assert citation["url"] in shown.xpath("//figure//a/@href")
    assert post.url in shown.xpath("//a/@href")
    assert (tmp_path / "receipts" / "style.css").exists()
    assert shown.xpath("//link[@rel='stylesheet']/@href") == ["../style.css"]

    before = (tmp_path / "receipts" / str(post.id) / "index.html").stat()
    await write_receipt(desk.room, desk.tenant, {"post": str(post.id)})
    assert (tmp_path / "receipts" / str(post.id) / "index.html").stat() == before


async def test_what_was_found_later_has_one_too(desk: Desk, tmp_path: Path) -> None:
    read_back, told = await desk.doubtful(), await desk.doubtful()
    assert (await desk.deliver(read_back)).settled
    desk.platform.readings.append(StillUnknown("the token may not read", None))
    await desk.deliver(told)
    assert (await desk.post(told)).receipt is None
    await desk.settle(told, "https://platform.example/@us/7")
    await work_off(desk)
    assert page(tmp_path, read_back) is not None
    assert "https://platform.example/@us/7" in page(tmp_path, told).xpath("//a/@href")


@pytest.mark.parametrize("outcome", [None, REFUSED, Unknown("no answer")])
async def test_nothing_else_is_public(desk: Desk, tmp_path: Path, outcome: Refused | Unknown | None) -> None:
    post = await desk.ready()
    if outcome is not None:
        desk.platform.outcomes.append(outcome)
        await desk.deliver(post)
    await work_off(desk)
    await write_receipt(desk.room, desk.tenant, {"post": str(post)})
    assert (await desk.post(post)).receipt is None
    assert not (tmp_path / "receipts" / str(post)).exists()


async def test_another_workspace_cannot_have_it_written(desk: Desk, other: Desk, tmp_path: Path) -> None:
    post = await desk.deliver(await desk.ready())
    await write_receipt(desk.room, other.tenant, {"post": str(post.id)})
    assert not (tmp_path / "receipts").exists()


async def test_what_feeds_smuggle_in_is_text(desk: Desk, tmp_path: Path) -> None:
    await desk.add_channel()
    await desk.draft("The <script>alert(1)</script> council met.", "It <b onclick=x>agreed</b>.")
    [post] = await desk.posts()
    await desk.approve(post.id)
    await desk.deliver(post.id)
    await work_off(desk)
    shown = page(tmp_path, post.id)
    assert shown.xpath("//script | //*[@onclick]") == []
    assert "<script>alert(1)</script>" in shown.text_content()


async def test_the_receipt_of_an_edited_post_names_who_wrote_it_and_what_is_not_proven(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.add_channel()
    await desk.draft()
    (draft,) = await desk.posts()
    await desk.edit(draft.id, f"{TEXTS[1]} Work begins in May.", by="ada")
    await desk.approve(draft.id)
    post = await desk.deliver(draft.id)
    await work_off(desk)
    shown = page(tmp_path, post.id)
    said = " ".join(shown.text_content().split())
    assert "Written by ada, who answers for it. What each sentence rests on" in said
    assert "no source" not in said
    verdicts = [note.text_content() for note in shown.xpath("//p[contains(@class, 'verdict')]")]
    assert [verdict.startswith("Supported") for verdict in verdicts] == [True, False]
    assert len(shown.xpath("//blockquote")) == 1
