"""Models from a hub, by name and hash, into a folder. The only file that knows huggingface_hub.

https://huggingface.co/docs/huggingface_hub/guides/download. HF_ENDPOINT names another hub, HF_TOKEN a key for it.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from pulse.kernel.errors import Kind, PulseError


class HubFailed(PulseError):
    """A file could not be had from the hub, or is not the one that was meant."""

    code = "llm.hub_failed"
    kind = Kind.UNAVAILABLE
    next_step = "Check the name on the hub's page; what came already is kept, and the same command goes on from there."


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came, with its SHA-256."""

    path: Path
    sha256: str


def fetch(
    repository: str, names: Sequence[str], folder: Path, *, revision: str = "main", sha256: str | None = None
) -> list[Fetched]:
    """Bring files of a repository into `folder`, flat; `sha256` is what the first of them must have.

    Goes on with what was begun before. Raises `HubFailed`; a file with another hash is taken away again.
    """
    try:
        import httpx
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError as error:
        raise HubFailed("a hub needs an extra: pip install 'pulse[local]' or 'pulse[entailment]'") from error
    fetched = []
    for place, name in enumerate(names):
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\\" in name:
            raise HubFailed(f"{name!r} is no name of a file in a repository")
        try:
            came = Path(
                hf_hub_download(
                    repository,
                    name,
                    revision=revision,
                    local_dir=folder / ".hub",
                    endpoint=os.environ.get("HF_ENDPOINT"),
                )
            )
        except (HfHubHTTPError, HFValidationError, httpx.HTTPError, OSError, ValueError) as error:
            told = str(error).strip().splitlines()
            raise HubFailed(f"{repository}/{name}: {told[0] if told else type(error).__name__}") from error
        with came.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if place == 0 and sha256 is not None and found != sha256.lower():
            came.unlink()
            raise HubFailed(f"the SHA-256 of {repository}/{name} is {found} and not {sha256.lower()}")
        path = folder / parts[-1]
        os.replace(came, path)
        fetched.append(Fetched(path, found))
    return fetched


def write_card(folder: Path, model: Fetched, card: dict[str, Any]) -> Path:
    """Write `judge.json` for an ONNX model that was fetched, which becomes `model.onnx`; `card` is an `onnx.Card`'s."""
    os.replace(model.path, folder / "model.onnx")
    path = folder / "judge.json"
    path.write_bytes(orjson.dumps(card | {"sha256": model.sha256}, option=orjson.OPT_INDENT_2))
    return path
