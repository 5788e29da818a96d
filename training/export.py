"""Write the judge's folder: `python training/export.py --weights weights.pt --base FOLDER --write FOLDER`.

int8 ONNX (the vocabulary in 8 bits row by row, the weights channel by channel, activations on the way), its tokenizer
and `judge.json`.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from torch.nn import functional

from network import Verifier
from pairs import MAX_CLAIM, MAX_PASSAGE, ROOM

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def main() -> None:
    """Export, quantise, and say how large the model is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--write", type=Path, required=True)
    parser.add_argument("--name", default="pulse-compact-en")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--offset", type=float, default=0.0)
    parser.add_argument("--threshold", type=float)
    chosen = parser.parse_args()
    network = Verifier()
    network.load_state_dict(torch.load(chosen.weights, weights_only=True))
    network.eval()
    chosen.write.mkdir(parents=True, exist_ok=True)
    model = chosen.write / "model.onnx"
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        export(network, exact)
        quantize_dynamic(
            exact, model, op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8, per_channel=True
        )
    shutil.copy(chosen.base / "tokenizer.json", chosen.write / "tokenizer.json")
    card = {
        "name": chosen.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "max_tokens": MAX_CLAIM + MAX_PASSAGE,
        "room": ROOM,
        "claim_first": True,
        "temperature": chosen.temperature,
        "offset": chosen.offset,
        "threshold": chosen.threshold,
        "languages": ["en"],
        "weight": 0.3,
    }
    (chosen.write / "judge.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{model}: {model.stat().st_size / 1e6:.1f} MB")


class Rows(nn.Module):
    """An embedding in 8 bits with a scale for each word: one for all costs rare words their meaning."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        scales = embedding.weight.data.abs().amax(1, keepdim=True) / 127
        self.register_buffer("scales", scales)
        self.register_buffer("rounded", (embedding.weight.data / scales).round().to(torch.int8))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Map ids to vectors."""
        return functional.embedding(ids, self.rounded).float() * functional.embedding(ids, self.scales)


def export(network: Verifier, path: Path) -> None:
    """Write the network with its vocabulary in 8 bits, batch and tokens free."""
    network.encoder.words = Rows(network.encoder.words)
    example = tuple(torch.ones(2, 16, dtype=torch.long) for _ in _INPUTS)
    example[2][:, :8] = 0
    torch.onnx.export(
        network,
        example,
        str(path),
        input_names=list(_INPUTS),
        output_names=["logit"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in _INPUTS} | {"logit": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
