"""How the command line shows a sentence and its verdict."""

from collections.abc import Mapping
from typing import Any

from pulse.cli.output import Output


def show_sentence(output: Output, sentence: Mapping[str, Any]) -> None:
    """Print a sentence, what the gate said of it, and the places it rests on."""
    show_verdict(output, sentence["text"], sentence["verdict"])
    for place in sentence.get("citations", ()):
        output.line(f"      “{place['quote']}”")
        where = f", sentence {place['sentence'] + 1}" if "sentence" in place else ""
        output.line(f"      — {place['source']}{where}, {place['url']}", style="dim")


def show_verdict(output: Output, text: str, verdict: Mapping[str, Any]) -> None:
    """Print a sentence and what the gate said of it: by which layer, with which judge, how sure, and why."""
    output.line(f"  {'✓' if verdict['supported'] else '✗'} {text}")
    said = "supported" if verdict["supported"] else "not supported"
    said += f", says verifier {verdict['verifier']}"
    if verdict.get("layer"):
        said += f" by {verdict['layer']}"
    if verdict.get("judge"):
        said += f", judge {verdict['judge']}"
    if verdict.get("probability") is not None:
        said += f", {verdict['probability']:.2f}"
    output.line(f"      {said}", style="dim")
    for reason in verdict.get("reasons", ()):
        words = reason if isinstance(reason, str) else " ".join(filter(None, (reason["code"], reason.get("detail"))))
        output.line(f"      {words}", style="dim")
    if verdict.get("needs_person"):
        output.line("      nothing speaks against it, and nothing proves it: a person may decide", style="yellow")
