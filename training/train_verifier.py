"""Train the judge: `python training/train_verifier.py --pairs pairs.jsonl --base FOLDER --write FOLDER`.

`--base` holds `model.safetensors` and `tokenizer.json` of all-MiniLM-L6-v2 (Apache-2.0; Reimers and Gurevych 2019).
With `--hold DOMAINS` pairs of these domains are kept out and measured: the honest figure is always of a model that has
seen nothing of the domain. On one processor core about 15 pairs a second.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from network import CrossEncoder, padded
from pairs import MAX_TOKENS, Example, read
from pulse.evaluation.figures import auc

_BATCH, _POOL = 24, 40
_RATE, _WARM = 1.2e-4, 150
_SHOWN, _MEASURED, _MOST_HELD = 100, 600, 1_200

Encoded = list[tuple[list[int], list[int]]]


def main() -> None:
    """Train, print the figures of what is held out, and write `weights.pt` and `held.jsonl`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--write", type=Path, required=True)
    parser.add_argument("--hold", default="", help="domains to keep out, by commas")
    parser.add_argument("--examples", type=int, default=60_000, help="how many pairs to learn from, with repetition")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    random.seed(chosen.seed)
    torch.manual_seed(chosen.seed)
    torch.set_num_threads(chosen.threads)
    chosen.write.mkdir(parents=True, exist_ok=True)
    hold = set(filter(None, chosen.hold.split(",")))
    examples = read(chosen.pairs)
    held = [example for example in examples if example.domain in hold and example.kind in {"labelled", "summary"}]
    held = random.Random(chosen.seed).sample(held, min(_MOST_HELD, len(held)))
    tokenizer = Tokenizer.from_file(str(chosen.base / "tokenizer.json"))
    network = CrossEncoder(chosen.layers)
    network.start_from(load_file(chosen.base / "model.safetensors"))
    train(network, tokenizer, [e for e in examples if e.domain not in hold], held, chosen.examples)
    torch.save(network.state_dict(), chosen.write / "weights.pt")
    for domain, value in measure(network, encode(tokenizer, held), held).items():
        print(f"{domain}: AUC {value:.3f}")


def train(
    network: CrossEncoder, tokenizer: Tokenizer, examples: list[Example], held: list[Example], wanted: int
) -> None:
    """Learn from `wanted` examples: AdamW, warm-up, then down to nothing along a cosine. True and false weigh alike."""
    encoded, held_encoded = encode(tokenizer, examples), encode(tokenizer, held)
    network.words.weight.requires_grad = False  # few pairs must not move a vocabulary of rare words
    learnt = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=_RATE, weight_decay=0.01)
    true = sum(example.true for example in examples)
    balance = torch.tensor((len(examples) - true) / true)
    start, seen, step, smooth = time.monotonic(), 0, 0, 0.7
    while seen < wanted:
        for batch in _batches(encoded):
            share = seen / wanted
            if share >= 1:
                return
            for group in optimizer.param_groups:
                group["lr"] = _RATE * min(1, step / _WARM) * max(0.02, (1 + math.cos(math.pi * share)) / 2)
            network.train()
            logits = network(*padded([encoded[place] for place in batch]))
            truth = torch.tensor([float(examples[place].true) for place in batch])
            weights = torch.tensor([examples[place].weight for place in batch])
            losses = functional.binary_cross_entropy_with_logits(logits, truth, pos_weight=balance, reduction="none")
            loss = (losses * weights).mean()
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            step, seen, smooth = step + 1, seen + len(batch), 0.98 * smooth + 0.02 * loss.item()
            if step % _SHOWN == 0:
                line = f"{seen:,} of {wanted:,} pairs, {seen / (time.monotonic() - start):.0f}/s, loss {smooth:.3f}"
                if held and step % _MEASURED == 0:
                    found = measure(network, held_encoded, held)
                    line += "".join(f", {domain} {value:.3f}" for domain, value in found.items())
                print(line, flush=True)


def measure(network: CrossEncoder, encoded: Encoded, examples: list[Example]) -> dict[str, float]:
    """Return the AUC of each domain."""
    scores = predict(network, encoded)
    found = {}
    for domain in sorted({example.domain for example in examples}):
        places = [place for place, example in enumerate(examples) if example.domain == domain]
        truth = np.array([examples[place].true for place in places])
        found[domain] = auc(scores[places], truth)
    return found


def predict(network: CrossEncoder, encoded: Encoded) -> np.ndarray:
    """Return the logits of encoded pairs."""
    network.eval()
    found = np.zeros(len(encoded))
    order = sorted(range(len(encoded)), key=lambda place: len(encoded[place][0]))
    with torch.no_grad():
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            found[places] = network(*padded([encoded[place] for place in places])).numpy()
    return found


def encode(tokenizer: Tokenizer, examples: list[Example]) -> Encoded:
    """Return token and type ids, the claim first."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
    encodings = tokenizer.encode_batch([(example.claim, example.premise) for example in examples])
    return [(encoding.ids, encoding.type_ids) for encoding in encodings]


def _batches(encoded: Encoded) -> Iterator[list[int]]:
    """Yield every place once, in batches of like length and random order."""
    places = list(range(len(encoded)))
    random.shuffle(places)
    for start in range(0, len(places), _BATCH * _POOL):
        pool = sorted(places[start : start + _BATCH * _POOL], key=lambda place: len(encoded[place][0]))
        batches = [pool[first : first + _BATCH] for first in range(0, len(pool), _BATCH)]
        random.shuffle(batches)
        yield from batches


if __name__ == "__main__":
    main()
