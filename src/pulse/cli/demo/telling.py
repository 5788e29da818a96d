"""The demo's story in plain words, with the numbers of this very run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulse.cli.demo.checks import Promise, normal, story_of
from pulse.cli.demo.outcome import Outcome
from pulse.cli.output import Output
from pulse.demo.corpus import hidden_text, load, wrong_sentences

if TYPE_CHECKING:
    from pulse.social.models import Post

_WIRE = "halcyon-cable"
_SHOWN = 3


def opening(output: Output, url: str, bluesky: str) -> None:
    """Say what the world is."""
    corpus = load()
    languages = len({article.language for article in corpus.articles})
    feeds = sum(len(source.feeds) for source in corpus.sources)
    output.line("Pulse: feeds in, checked posts out", style="bold")
    output.line(
        f"\nA small invented world: {len(corpus.sources)} newsrooms with {feeds} feeds and {len(corpus.articles)} "
        f"articles in {languages} languages, served as real sites on {url}. Nothing leaves this machine."
    )
    output.line(bluesky)


def reading(output: Output, report: Mapping[str, Any], outcome: Outcome) -> None:
    """Tell of the first pass: what came in, and how it was folded."""
    _heading(output, "1  Reading")
    output.line(
        f"{report['sources']} feeds were asked, {report['articles']} articles came in and became {report['stories']} "
        f"stories in {report['seconds']['total']:.1f} s."
    )
    for source in outcome.sources:
        if source.state == "failing":
            output.line(f"One newsroom is broken, and says so: {source.last_error}")
    story = story_of(outcome, _WIRE)
    if story is not None:
        output.line(
            f"“{story.title}” came {story.article_count} times, as copies of one agency's text: one story, that "
            f"counts as {_counted(story.independent_sources, 'source')}."
        )


def writing(output: Output, report: Mapping[str, Any], outcome: Outcome) -> None:
    """Tell of the summaries: what was kept, what was dropped, and what was never believed."""
    _heading(output, "2  Writing")
    output.line(
        f"{report['summaries']} summaries with {report['sentences']} sentences. Each of them can show the very words "
        f"of its source; {report['dropped_sentences']} others could not, and were dropped."
    )
    for text, reasons in dropped(outcome)[:_SHOWN]:
        output.line(f"  ✗ {text}")
        output.line(f"    {'; '.join(reasons)}", style="dim")
    for slug in ("tarn-vaccine-meridian", "velmora-sale-lowland"):
        sentences = wrong_sentences()[slug]
        output.line(f"An article quotes a false claim: “{sentences[0]}” {_said(outcome, sentences)}")
    hidden = next(iter(hidden_text().values()))
    output.line(f"A page hides text for machines: “{hidden[0]}” Pulse does not read what readers cannot see.")


def correcting(output: Output, addresses: Sequence[str], report: Mapping[str, Any], outcome: Outcome) -> None:
    """Tell of the correction and what it did to the drafts."""
    _heading(output, "3  A correction")
    old = next(article for article in load().articles if article.correction)
    new = old.correction
    if new is None:
        return
    output.line(f"“{old.title}” is corrected by its newsroom: “{new.title}”")
    taken_back = sum(post.state == "cancelled" for post in outcome.posts)
    output.line(
        f"Pulse asked all feeds again, found the changed text, wrote {report['summaries']} summaries anew, and "
        f"replaced {taken_back} drafts before anybody could send them."
    )


def publishing(output: Output, outcome: Outcome) -> None:
    """Tell what went out, and where."""
    _heading(output, "4  Publishing")
    published = [post for post in outcome.posts if post.state == "published"]
    waiting = sum(post.state == "draft" for post in outcome.posts)
    output.line(
        f"The best drafts were approved, and {len(published)} posts are out, each once; {waiting} still wait for a "
        "person."
    )
    for post in sorted(published, key=lambda post: -post.score)[:_SHOWN]:
        output.line(f"  {post.content['title']}")
        output.line(f"    {post.url}", style="dim")


def verdict(output: Output, kept: Sequence[Promise]) -> None:
    """Tell whether all went well."""
    _heading(output, "5  Did all go well?")
    for promise in kept:
        mark = "✓" if promise.kept else "✗"
        output.line(f"  {mark} {promise.text}", style="" if promise.kept else "bold red")
        for fault in promise.against[:10]:
            output.line(f"      {fault}", style="red")


def dropped(outcome: Outcome) -> list[tuple[str, Sequence[str]]]:
    """Return sentences that the gate refused with its reasons, those that are wrong first."""
    wrong = {normal(sentence) for sentences in wrong_sentences(corrected=True).values() for sentence in sentences}
    found = {
        sentence["text"]: sentence["verdict"]["reasons"]
        for post in outcome.posts
        for sentence in post.content.get("dropped", ())
    }
    return sorted(found.items(), key=lambda entry: normal(entry[0]) not in wrong)


def _said(outcome: Outcome, sentences: Sequence[str]) -> str:
    forbidden = {normal(sentence) for sentence in sentences}
    guilty: list[Post] = [
        post
        for post in outcome.posts
        if any(normal(sentence["text"]) in forbidden for sentence in post.content["sentences"])
    ]
    return f"{len(guilty)} posts repeat it." if guilty else "No post repeats it."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _heading(output: Output, text: str) -> None:
    output.line()
    output.line(text, style="bold")
