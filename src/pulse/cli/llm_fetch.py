"""`pulse llm fetch`."""

from pathlib import Path

import click

from pulse.cli.frame import Command, Invocation


@click.command("fetch", cls=Command)
@click.argument("repository")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit; a commit never changes.")
@click.option("--sha256", help="What the first file must have; another one is thrown away.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="Folder; default: models/ in the data folder."
)
@click.option("--judge", is_flag=True, help="The first file is an entailment model in ONNX: write its judge.json.")
@click.option(
    "--supported",
    type=click.IntRange(min=0),
    help="Which of the judge's outputs says 'follows'; default: its only one.",
)
@click.option("--claim-first", is_flag=True, help="The judge reads the claim before the passage.")
@click.option(
    "--max-tokens", type=click.IntRange(16, 8192), default=512, show_default=True, help="What the judge can read."
)
@click.option("--languages", help="Languages the judge was made for, by commas; default: all.")
@click.pass_obj
def fetch(
    invocation: Invocation,
    repository: str,
    files: tuple[str, ...],
    revision: str,
    sha256: str | None,
    into: Path | None,
    judge: bool,
    supported: int | None,
    claim_first: bool,
    max_tokens: int,
    languages: str | None,
) -> None:
    r"""Bring a model from a hub, by name and hash: one that writes (GGUF) or one that judges (ONNX).

    A download that broke off goes on where it was. Its hash and the settings that use the model are printed. The hub is
    huggingface.co, or HF_ENDPOINT; HF_TOKEN opens what is not public.

    \b
    Examples:
      pulse llm fetch Qwen/Qwen2.5-1.5B-Instruct-GGUF qwen2.5-1.5b-instruct-q4_k_m.gguf
      pulse llm fetch cross-encoder/nli-deberta-v3-small onnx/model.onnx tokenizer.json --judge --supported 1
    """
    from pulse.llm.hub import fetch, write_card

    folder = into or invocation.settings().home / "models" / repository.replace("/", "--")
    fetched = fetch(repository, files, folder, revision=revision, sha256=sha256)
    use = {
        "PULSE_LLM__PROVIDER": "local",
        "PULSE_LLM__MODEL": str(fetched[0].path),
        "PULSE_LLM__SHA256": fetched[0].sha256,
    }
    if judge:
        card = {
            "name": repository,
            "max_tokens": max_tokens,
            "claim_first": claim_first,
            "supported": supported,
            "languages": languages.split(",") if languages else None,
        }
        write_card(folder, fetched[0], card)
        use = {"PULSE_LLM__JUDGE": str(folder)}
    if invocation.output.json:
        files_came = [{"path": str(file.path), "sha256": file.sha256} for file in fetched]
        invocation.output.document({"files": files_came, "settings": use})
        return
    for file in fetched:
        invocation.output.line(f"{file.sha256}  {file.path}")
    invocation.output.line("")
    for name, value in use.items():
        invocation.output.line(f"{name}={value}")
    if judge:
        invocation.output.line(
            "Nothing passes by it before PULSE_LLM__JUDGE_THRESHOLD is set: `pulse eval verifier` says to what."
        )
