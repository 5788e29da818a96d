"""`pulse why`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from pulse.cli.asking import ask
from pulse.cli.frame import Command, Invocation
from pulse.cli.output import Output, dollars, when
from pulse.cli.sentences import show_sentence, show_verdict
from pulse.cli.session import TENANT, opened

if TYPE_CHECKING:
    from pulse.app import Pulse


@click.command(cls=Command)
@click.argument("post", type=click.UUID)
@click.pass_obj
async def why(invocation: Invocation, post: UUID) -> None:
    r"""Explain a post: from its sources to the platform's answer.

    Its sources, the parts of the story's score, the stages of the summary, each sentence with the place it rests on
    and the verifier's verdict, what models cost, who approved it, every attempt to deliver it and what came of it.

    \b
    Examples:
      pulse why 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
      pulse why 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --json
    """
    async with opened(invocation) as pulse:
        from pulse.social.handlers import explaining

        chain = await explaining.why(pulse.social, TENANT, post)
        story_id = chain["post"]["story_id"]
        chain["cost"] = await spent(pulse, story_id) if story_id else None
    output = invocation.output
    if output.json:
        output.document(chain)
        return
    _post(output, chain["post"])
    if chain.get("missing"):
        output.line(f"\nA part is gone: {chain['missing']}", style="yellow")
    _story(output, chain["story"])
    _summary(output, chain["summary"], chain["post"]["content"])
    if chain["cost"] and chain["cost"]["calls"]:
        _heading(output, "What models cost for this story")
        cost = chain["cost"]
        tokens = f"{cost['prompt_tokens']} tokens in, {cost['completion_tokens']} out"
        output.line(f"  {dollars(cost['dollars'])}: {_counted(cost['calls'], 'call')}, {tokens}")
    _history(output, chain["history"])


async def spent(pulse: "Pulse", story_id: str) -> dict[str, Any]:
    """Add up the ledger of a story: calls of models, tokens, US dollars."""
    sums: dict[str, Any] = {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "dollars": 0.0}
    cursor = None
    while True:
        query = {"story_id": str(story_id), "limit": 200, "cursor": cursor}
        page = await ask(pulse, "GET", "/llm/ledger", query=query)
        for entry in page["entries"]:
            sums["calls"] += 1
            sums["prompt_tokens"] += entry["prompt_tokens"]
            sums["completion_tokens"] += entry["completion_tokens"]
            sums["dollars"] += entry["cost"]
        cursor = page["next_cursor"]
        if cursor is None:
            return sums | {"dollars": round(sums["dollars"], 6)}


def _post(output: Output, post: Mapping[str, Any]) -> None:
    output.line(post["content"].get("title", ""), style="bold")
    channel = post["channel"] or "a removed channel"
    output.line(f"{post['state']} · {post['niche']} · {channel} ({post['channel_kind']}) · {post['id']}")
    if post["url"]:
        output.line(post["url"])
    for doubt in post["doubts"]:
        output.line(f"To be looked at: {doubt}", style="yellow")


def _story(output: Output, story: Mapping[str, Any] | None) -> None:
    if story is None:
        return
    count, independent = story["article_count"], story["independent_sources"]
    _heading(output, f"Sources: {_counted(count, 'report')}, {independent} independent")
    for article in story["articles"]:
        revised = f", revision {article['revision']}" if article["revision"] > 1 else ""
        output.line(f"  {article['source']}: {article['title']} ({when(article['published_at'])}{revised})")
        output.line(f"    {article['url']}", style="dim")
    score = story["score"]
    _heading(output, f"Score: {score['total']:.2f}")
    output.line(
        f"  0.4 × model {score['model']:.2f} + 0.3 × relevance {score['relevance']:.2f} + "
        f"0.2 × freshness {score['freshness']:.2f} + 0.1 × authority {score['authority']:.2f} (now)"
    )
    for reason in score["reasons"]:
        output.line(f"  {reason}")


def _summary(output: Output, summary: Mapping[str, Any] | None, content: Mapping[str, Any]) -> None:
    if summary is None:
        _heading(output, "Sentences")
        for sentence in content.get("sentences", ()):
            show_verdict(output, sentence["text"], sentence["verdict"])
        return
    writer = " ".join(dict.fromkeys((summary["engine"], summary["model"])))
    _heading(output, f"Summary: written by {writer}, confidence {summary['confidence']:.2f}")
    for stage in summary["stages"]:
        output.line(f"  {stage['name']}: {_brief(stage.get('output'))}", style="dim")
    _heading(output, f"Sentences: {len(summary['sentences'])} kept, {len(summary['dropped'])} dropped")
    for sentence in summary["sentences"]:
        show_sentence(output, sentence)
    for sentence in summary["dropped"]:
        output.line(f"  ✗ {sentence['text']}", style="red")
        for reason in sentence["reasons"]:
            output.line(f"      {reason}", style="dim")


def _history(output: Output, history: Sequence[Mapping[str, Any]]) -> None:
    _heading(output, "What happened")
    for event in history:
        output.line(f"  {when(event['at'])}  {event['version']}. {_happened(event['event'], event['data'])}")
        if event["event"] == "post.edited":
            output.line(f"    - {' '.join(event['data']['before'].split())}", style="dim")
            output.line(f"    + {' '.join(event['data']['text'].split())}", style="dim")


def _happened(name: str, data: Mapping[str, Any]) -> str:
    match name:
        case "post.drafted":
            return f"drafted for {data['channel_kind']}, score {data['score']:.2f}"
        case "post.edited" if data["former"]:
            return f"the text of version {data['former']} was taken back by {data['by']}"
        case "post.edited":
            return f"changed by {data['by']}"
        case "post.approved":
            return f"approved by {data['by']}, to be sent at {when(data['scheduled_at'])}"
        case "post.rejected" | "post.cancelled":
            reason = f": {data['reason']}" if data["reason"] else ""
            return f"{name.removeprefix('post.')} by {data['by']}{reason}"
        case "post.frozen":
            return f"text and key fixed: {data['key']}"
        case "post.sending":
            return f"attempt {data['attempt']} to deliver it"
        case "post.deferred":
            return f"nothing was done, again at {when(data['until'])}: {data['reason']}"
        case "post.uncertain":
            return f"nobody knows whether it arrived: {data['reason']}"
        case "post.published":
            found = "found on the platform by reading back" if data["settled"] else "the platform confirmed it"
            return f"{found}: {data['url']}"
        case "post.failed":
            return f"refused: {data['message']} {data['next_step']}"
        case "post.retried":
            return f"put back by {data['by']}"
    return name


def _brief(value: Any) -> str:
    """Return a stage's output in a few words: how long its lists are, and what is not a list."""
    if not isinstance(value, Mapping):
        return _cut(str(value))
    parts = []
    for name, entry in value.items():
        if isinstance(entry, Sequence) and not isinstance(entry, str):
            parts.append(f"{len(entry)} {name}")
        elif entry is not None:
            parts.append(f"{name} {_cut(str(entry))}")
    return ", ".join(parts)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _heading(output: Output, text: str) -> None:
    output.line()
    output.line(text, style="bold")
