"""The group `pulse`: which commands there are and where their code is. Nothing here imports that code."""

import click

from pulse import __version__
from pulse.cli.frame import Entry, Invocation, LazyGroup

COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Start": (
        Entry("demo", "pulse.cli.demo", "Show the whole of Pulse on a small world of its own, without network."),
        Entry("up", "pulse.cli.up", "Start Pulse: all six services in one process, or those named."),
        Entry(
            "run",
            "pulse.cli.run",
            "Make one full pass: fetch, fold into stories, summarise, draft, and with --approve publish.",
        ),
    ),
    "News": (
        Entry(
            "fetch-articles", "pulse.cli.fetch_articles", "Fetch a niche's sources now and show the newest articles."
        ),
        Entry("sources", "pulse.cli.sources", "List, add, import, pause, poll and remove feeds."),
        Entry("niches", "pulse.cli.niches", "List, add and change subjects: keywords, language, tone, autopilot."),
        Entry(
            "summarize",
            "pulse.cli.summarize",
            "Summarise an article, a story or a text, each sentence checked against its sources.",
        ),
        Entry("llm", "pulse.cli.llm", "Compare prompts, check a text, list tones; fetch models; budget and ledger."),
        Entry("inspect", "pulse.cli.inspect", "Show how Pulse reads a feed, a page, or claims."),
    ),
    "Publishing": (
        Entry("posts", "pulse.cli.posts", "List, show, edit, approve, reject, cancel, retry and settle posts."),
        Entry("channel", "pulse.cli.channel", "List, add, change, pause and remove accounts to publish to."),
        Entry("why", "pulse.cli.why", "Explain a post: from its sources to the platform's answer."),
    ),
    "Operation": (
        Entry("doctor", "pulse.cli.doctor", "Check that everything Pulse needs is there and works."),
        Entry("config", "pulse.cli.config", "Show the settings and where they come from."),
        Entry("token", "pulse.cli.token", "Make a token to sign in with."),
        Entry("queue", "pulse.cli.queue", "Show work that waits, runs, failed or was given up; retry it."),
        Entry(
            "eval",
            "pulse.cli.eval",
            "Measure the quality of summaries and of the gate on public sets, beside baselines.",
        ),
        Entry("replay", "pulse.cli.replay", "Rebuild a service's tables from the event log."),
    ),
}
"""By the headings of `pulse --help`. Each module holds a command of the same name, dashes as underscores."""


@click.group(cls=LazyGroup, sections=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="pulse %(version)s")
@click.pass_context
def pulse(context: click.Context) -> None:
    r"""Turn feeds into checked posts.

    \b
    First steps:
      pulse demo                     see it work, without network or account
      pulse up                       start it, and open the address it prints
      pulse COMMAND --help           what a command does, with examples
    """
    context.ensure_object(Invocation)
