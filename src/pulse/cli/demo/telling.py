"""The demo's story in plain words, with the numbers of this very run."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulse.cli.demo.checks import Promise, story_of
from pulse.cli.demo.gate import Temptation
from pulse.cli.demo.outcome import Outcome
from pulse.cli.output import Output
from pulse.demo.corpus import hidden_text, load

_WIRE = "halcyon-cable"
_PLAIN = ("number", "quote", "negation")
_TEMPTING = ("tarn-vaccine-meridian", "velmora-sale-lowland", "hospital-scheduler-thornmere")
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
    _heading(output, "2  Writing and checking")
    output.line(
        f"{report['summaries']} summaries with {report['sentences']} sentences; each can show the very words of its "
        f"source. {_counted(report['dropped_sentences'], 'sentence')} could not, and did not get in."
    )
    for text, reasons in _dropped(outcome)[:_SHOWN]:
        _refused(output, text, reasons)
    hidden = next(iter(hidden_text().values()))
    output.line(f"A page hides text for machines: “{hidden[0]}” Pulse does not read what readers cannot see.")


def tempting(output: Output, temptations: Sequence[Temptation]) -> None:
    """Tell what the gate says to a writer who is less careful than the offline engine."""
    refused = sum(one.refused for one in temptations)
    output.line(
        f"A language model might write what an article tempts it to: {len(temptations)} such sentences were put to the "
        f"gate, and {refused} were refused, for example:"
    )
    for slug in _TEMPTING:
        plain = [(_plainest(one.reasons), one.text) for one in temptations if one.article == slug]
        (_, reason), text = min(plain, key=lambda found: found[0][0])
        _refused(output, text, [reason])


def _plainest(reasons: Sequence[str]) -> tuple[int, str]:
    """Return the reason that needs the least explaining, and its rank."""
    ranked = [(rank, reason) for reason in reasons for rank, code in enumerate(_PLAIN) if reason.startswith(f"{code}:")]
    return min(ranked, default=(len(_PLAIN), "; ".join(reasons)))


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
        f"Pulse asked all feeds again, found the changed text, wrote {_counted(report['summaries'], 'summary')} "
        f"anew, and put new drafts in the place of {taken_back}, before any was sent."
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
    on_site = [post for post in published if post.channel_kind == "site"]
    for post in sorted(on_site, key=lambda post: -post.score)[:_SHOWN]:
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


def _dropped(outcome: Outcome) -> list[tuple[str, Sequence[str]]]:
    """Return the sentences that the gate refused, with its reasons."""
    return list(
        {
            sentence["text"]: sentence["verdict"]["reasons"]
            for post in outcome.posts
            for sentence in post.content.get("dropped", ())
        }.items()
    )


def _refused(output: Output, text: str, reasons: Sequence[str]) -> None:
    output.line(f"  ✗ {text}")
    output.line(f"    {'; '.join(reasons)}", style="dim")


def _counted(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _heading(output: Output, text: str) -> None:
    output.line()
    output.line(text, style="bold")
