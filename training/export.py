"""Write the judge's folder: `python training/export.py --weights weights.pt --base FOLDER --write FOLDER`.

int8 ONNX (dynamic quantisation: weights and embeddings in 8 bits, activations on the way), its tokenizer and
`judge.json`, whose calibration `pulse eval verifier --calibrate` prints.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from network import CrossEncoder
from pairs import MAX_TOKENS

_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def main() -> None:
    """Export, quantise, and say how large the model is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--write", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--name", default="pulse-compact-en")
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--offset", type=float, default=0.0)
    parser.add_argument("--threshold", type=float)
    chosen = parser.parse_args()
    network = CrossEncoder(chosen.layers)
    network.load_state_dict(torch.load(chosen.weights, weights_only=True))
    network.eval()
    chosen.write.mkdir(parents=True, exist_ok=True)
    model = chosen.write / "model.onnx"
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        export(network, exact)
        quantize_dynamic(exact, model, weight_type=QuantType.QInt8, per_channel=True)
    shutil.copy(chosen.base / "tokenizer.json", chosen.write / "tokenizer.json")
    card = {
        "name": chosen.name,
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "max_tokens": MAX_TOKENS,
        "claim_first": True,
        "temperature": chosen.temperature,
        "offset": chosen.offset,
        "threshold": chosen.threshold,
    }
    (chosen.write / "judge.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(f"{model}: {model.stat().st_size / 1e6:.1f} MB")


def export(network: CrossEncoder, path: Path) -> None:
    """Write the network as it is, with batch and tokens free."""
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
