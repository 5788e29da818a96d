"""`pulse llm`."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import click

from pulse.cli.asking import ask
from pulse.cli.errors import UnreadableFile
from pulse.cli.frame import Group, Invocation
from pulse.cli.llm_fetch import fetch
from pulse.cli.output import FAILED, Output, dollars, when
from pulse.cli.paging import tell_more
from pulse.cli.sentences import show_sentence
from pulse.cli.session import opened

_LONGEST = 1_000_000
"""Bytes of a prompt or a text that are read."""


@click.group(cls=Group)
def llm() -> None:
    """Compare prompts, check a text, list tones; fetch models; budget and ledger."""


llm.add_command(fetch)


@llm.command("try")
@click.argument("story", type=click.UUID)
@click.option("--prompt", required=True, type=click.Path(path_type=Path), help="File with the prompt; - reads it.")
@click.pass_obj
async def attempt(invocation: Invocation, story: UUID, prompt: Path) -> None:
    r"""Write a story's summary with the prompt in use and with another one, and show both.

    Both go through the gate. Nothing is kept but what the calls cost.

    \b
    Examples:
      pulse llm try 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --prompt terser.md
      pulse llm try 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --prompt terser.md --json
    """
    body = {"story_id": str(story), "prompt": read_text(prompt)}
    async with opened(invocation) as pulse:
        tried = await ask(pulse, "POST", "/llm/try", json=body)
    output = invocation.output
    if output.json:
        output.document(tried)
        return
    for heading, name in (("The prompt in use", "current"), (f"With {prompt}", "other")):
        show_summary(output, heading, tried[name])


@llm.command("check")
@click.argument("text")
@click.option("--story", type=click.UUID, help="Check against the sources of this story.")
@click.option("--article", type=click.UUID, help="Check against this article.")
@click.pass_context
async def check(context: click.Context, text: str, story: UUID | None, article: UUID | None) -> None:
    r"""Check a text, sentence by sentence, against the sources of a story. TEXT may be - for standard input.

    The gate that guards every summary judges it. The exit code is 1 when a sentence is not supported.

    \b
    Examples:
      pulse llm check "The bridge opened on Monday." --story 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
      pulse llm check - --article 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --json < text.txt
    """
    if (story is None) == (article is None):
        raise click.UsageError("Say either --story or --article.")
    sources = {"story_id": str(story)} if story else {"article_id": str(article)}
    body = sources | {"text": read_text(Path("-")) if text == "-" else text}
    invocation: Invocation = context.obj
    async with opened(invocation) as pulse:
        checked = await ask(pulse, "POST", "/llm/check", json=body)
    output = invocation.output
    if output.json:
        output.document(checked)
    else:
        for sentence in checked["sentences"]:
            show_sentence(output, sentence)
    # No sentence at all is not supported either.
    if not checked["sentences"] or not all(one["verdict"]["supported"] for one in checked["sentences"]):
        context.exit(FAILED)


@llm.command("tones")
@click.option("--niche", help="Also the tones of this niche's own.")
@click.pass_obj
async def tones(invocation: Invocation, niche: str | None) -> None:
    r"""List the tones that summaries can have.

    \b
    Example:
      pulse llm tones --json
    """
    async with opened(invocation) as pulse:
        found = await ask(pulse, "GET", "/llm/tones", query={"niche": niche})
    output = invocation.output
    if output.json:
        output.document(found)
        return
    output.table(
        ("name", "niche", "what it is"),
        [(tone["name"], tone.get("niche") or "all", tone.get("description") or "") for tone in found["tones"]],
        empty="There are no tones.",
    )


@llm.command("set-tone")
@click.argument("niche")
@click.argument("name")
@click.option("--instructions", required=True, help="How texts in this tone are to sound.")
@click.option("--example", "examples", multiple=True, help="A text that sounds right; repeatable.")
@click.pass_obj
async def set_tone(invocation: Invocation, niche: str, name: str, instructions: str, examples: tuple[str, ...]) -> None:
    r"""Add a tone of a niche's own, or change it.

    \b
    Example:
      pulse llm set-tone technology dry --instructions "Dry and short." --example "It rained. Again."
    """
    body = {"instructions": instructions, "examples": list(examples)}
    async with opened(invocation) as pulse:
        kept = await ask(pulse, "PUT", f"/llm/tones/{quote(niche, safe='')}/{quote(name, safe='')}", json=body)
    output = invocation.output
    if output.json:
        output.document(kept)
        return
    output.line(f"{niche} has the tone {name}. `pulse summarize --tone {name}` uses it.")


@llm.command("remove-tone")
@click.argument("niche")
@click.argument("name")
@click.pass_obj
async def remove_tone(invocation: Invocation, niche: str, name: str) -> None:
    r"""Remove a tone of a niche's own.

    \b
    Example:
      pulse llm remove-tone technology dry
    """
    async with opened(invocation) as pulse:
        await ask(pulse, "DELETE", f"/llm/tones/{quote(niche, safe='')}/{quote(name, safe='')}")
    output = invocation.output
    if output.json:
        output.document({"removed": name, "niche": niche})
        return
    output.line(f"{niche} has no tone {name} of its own any more.")


class Amount(click.ParamType[float | str]):
    """US dollars, or `none`: no limit."""

    name = "AMOUNT|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the amount; `none` stays."""
        if value == "none":
            return value
        try:
            amount = float(value)
        except ValueError:
            amount = -1.0
        if not 0 <= amount < float("inf"):
            self.fail(f"{value!r} is neither an amount of US dollars nor `none`", param, ctx)
        return amount


@llm.command("budget")
@click.option("--set-day", "day", type=Amount(), help="What a day may cost at most, in US dollars.")
@click.option("--set-month", "month", type=Amount(), help="What a month may cost at most.")
@click.option("--niche", help="Set the caps of this niche, within those of all; `none` twice takes them away.")
@click.pass_obj
async def budget(invocation: Invocation, day: float | str | None, month: float | str | None, niche: str | None) -> None:
    r"""Show or set what models may cost. At the cap the extractive engine takes over.

    \b
    Examples:
      pulse llm budget
      pulse llm budget --set-day 2.50 --set-month none
      pulse llm budget --niche technology --set-day 0.50
    """
    async with opened(invocation) as pulse:
        found = await ask(pulse, "GET", "/llm/budget")
        given = {name: value for name, value in (("day", day), ("month", month)) if value is not None}
        if niche is not None and not given:
            raise click.UsageError("Say --set-day or --set-month: what may the niche cost?")
        if given:
            now = found if niche is None else next((one for one in found["niches"] if one["niche"] == niche), None)
            caps = {name: now[name]["cap"] if now else None for name in ("day", "month")} | given
            wanted = {name: None if cap == "none" else cap for name, cap in caps.items()}
            query = {} if niche is None else {"niche": niche}
            found = await ask(pulse, "PUT", "/llm/budget", query=query, json=wanted)
    output = invocation.output
    if output.json:
        output.document(found)
        return
    output.table(
        ("niche", "period", "cap#", "spent#", "set aside#"),
        [
            (
                whose.get("niche", "all"),
                name,
                "none" if whose[name]["cap"] is None else dollars(whose[name]["cap"]),
                dollars(whose[name]["spent"]),
                dollars(whose[name]["reserved"]),
            )
            for whose in (found, *found["niches"])
            for name in ("day", "month")
        ],
        empty="",
    )


@llm.command("costs")
@click.option(
    "--by",
    type=click.Choice(("stage", "niche", "model", "prompt", "story")),
    default="stage",
    show_default=True,
    help="For what.",
)
@click.option("--period", type=click.Choice(("day", "month")), default="month", show_default=True, help="Since when.")
@click.pass_obj
async def costs(invocation: Invocation, by: str, period: str) -> None:
    r"""Add up what models cost, the dearest first.

    \b
    Examples:
      pulse llm costs
      pulse llm costs --by niche --period day --json
    """
    async with opened(invocation) as pulse:
        found = await ask(pulse, "GET", "/llm/costs", query={"by": by, "period": period, "limit": 200})
    output = invocation.output
    if output.json:
        output.document(found)
        return
    output.table(
        (by, "calls#", "tokens in#", "of them cached#", "tokens out#", "cost#"),
        [
            (
                cost["name"],
                *(cost[name] for name in ("calls", "prompt_tokens", "cached_tokens", "completion_tokens")),
                dollars(cost["cost"]),
            )
            for cost in found["costs"]
        ],
        empty="No model was called yet. The extractive engine costs nothing.",
    )


@llm.command("ledger")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, at most.")
@click.option("--cursor", help="Go on where the last page ended; it is printed there.")
@click.option("--story", "story_id", type=click.UUID, help="Only what was called for this story.")
@click.option("--niche", help="Only what was called for this niche.")
@click.option("--stage", help="Only calls of this stage: draft, claims, tone, judge …")
@click.option("--model", help="Only calls of this model.")
@click.pass_obj
async def ledger(invocation: Invocation, /, limit: int, **wanted: Any) -> None:
    r"""List the calls of models, newest first: for what, how many tokens, what they cost.

    \b
    Examples:
      pulse llm ledger --limit 10
      pulse llm ledger --niche technology --stage draft
      pulse llm ledger --json
    """
    async with opened(invocation) as pulse:
        found = await ask(pulse, "GET", "/llm/ledger", query={"limit": limit, **wanted})
    output = invocation.output
    if output.json:
        output.document(found)
        return
    output.table(
        ("at", "niche", "story", "stage", "model", "tokens in#", "tokens out#", "cost#"),
        [_entry(entry) for entry in found["entries"]],
        empty="No model was called yet. The extractive engine costs nothing.",
    )
    tell_more(output, found.get("next_cursor"))


def _entry(entry: Mapping[str, Any]) -> Sequence[object]:
    tokens = (entry["prompt_tokens"], entry["completion_tokens"])
    about = (entry.get("niche"), entry.get("story_id"), entry["stage"], entry["model"])
    return (when(entry["at"]), *about, *tokens, dollars(entry["cost"]))


def show_summary(output: Output, heading: str, summary: Mapping[str, Any]) -> None:
    """Print a summary with the verdict of each sentence."""
    said = [summary.get(name) for name in ("engine", "model", "prompt_version", "tone", "language")]
    written = " · ".join(dict.fromkeys(str(word) for word in said if word))
    output.line(f"\n{heading}", style="bold")
    output.line(f"{written} · confidence {summary.get('confidence') or 0:.2f}", style="dim")
    for why in (summary.get("fallback"), summary.get("unavailable")):
        if why:
            output.line(f"Not what was asked for: {why}", style="yellow")
    for sentence in summary["sentences"]:
        show_sentence(output, sentence)
    for sentence in summary.get("dropped", ()):
        output.line(f"  ✗ {sentence['text']}", style="red")
        for reason in sentence["reasons"]:
            output.line(f"      {reason}", style="dim")


def read_text(file: Path) -> str:
    """Return the text of a file, `-` being standard input. Raises `UnreadableFile`."""
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(_LONGEST + 1)
        else:
            with file.open("rb") as opened_file:
                content = opened_file.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise UnreadableFile(f"{file} has more than {_LONGEST} bytes")
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{file}: {getattr(error, 'strerror', None) or 'not text in UTF-8'}") from None
