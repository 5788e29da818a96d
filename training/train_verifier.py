"""Train the judge: `python training/train_verifier.py --pairs pairs.jsonl --base FOLDER --write FOLDER`.

`--base` holds `model.safetensors` and `tokenizer.json` of all-MiniLM-L6-v2 (Apache-2.0; Reimers and Gurevych 2019).
With `--hold DOMAINS` pairs of these domains are kept out and measured: the honest figure is always of a model that has
seen nothing of the domain. One processor core encodes 42,000 pairs in five minutes and learns from 130 a second.
"""

import argparse
import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from network import Verifier, padded
from pairs import MAX_CLAIM, MAX_PASSAGE, Example, read
from pulse.evaluation.figures import auc

_BATCH, _POOL, _MOST_OF_GROUP = 30, 500, 5
_RATE, _WARM, _DECAY = 6e-4, 100, 0.02
_SHOWN, _MEASURED = 200, 400


@dataclass(frozen=True)
class Texts:
    """Token ids and half-precision encoder states of every text, one after another; `starts` says where each begins."""

    ids: Tensor
    states: Tensor
    starts: dict[str, tuple[int, int]]

    def batch(self, words: nn.Embedding, texts: list[str]) -> tuple[Tensor, Tensor, Tensor]:
        """Return words, states and mask of some texts, padded."""
        places = [slice(*self.starts[text]) for text in texts]
        states, mask = padded([self.states[place].float() for place in places])
        ids, _ = padded([self.ids[place] for place in places])
        return words(ids), states, mask


def main() -> None:
    """Train, print the figures of what is held out, and write `weights.pt`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--write", type=Path, required=True)
    parser.add_argument("--hold", default="", help="domains to keep out, by commas")
    parser.add_argument("--epochs", type=float, default=2.0)
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
    learnt = [example for example in examples if example.domain not in hold]
    network = Verifier()
    network.encoder.start_from(load_file(chosen.base / "model.safetensors"))
    network.eval()
    tokenizer = Tokenizer.from_file(str(chosen.base / "tokenizer.json"))
    texts = encode(network, tokenizer, learnt + held)
    train(network, texts, learnt, held, chosen.epochs)
    torch.save(network.state_dict(), chosen.write / "weights.pt")
    for domain, value in measure(network, texts, held).items():
        print(f"{domain}: AUC {value:.3f}")


def encode(network: Verifier, tokenizer: Tokenizer, examples: list[Example]) -> Texts:
    """Read every claim and every passage once, as the whole network would: a passage without its start."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    wanted = {_key(example.claim, 0): (example.claim, 0) for example in examples}
    wanted |= {_key(example.premise, 1): (example.premise, 1) for example in examples}
    found = {}
    for (key, (_, first)), encoding in zip(
        wanted.items(), tokenizer.encode_batch([text for text, _ in wanted.values()]), strict=True
    ):
        longest = MAX_PASSAGE if first else MAX_CLAIM
        found[key] = encoding.ids[first : first + longest] or [0]
    ends = np.cumsum([len(ids) for ids in found.values()])
    starts = {key: (int(end) - len(ids), int(end)) for (key, ids), end in zip(found.items(), ends, strict=True)}
    states = torch.zeros(int(ends[-1]), 384, dtype=torch.float16)
    order = sorted(found, key=lambda key: len(found[key]))
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            keys = order[start : start + 64]
            ids, mask = padded([torch.tensor(found[key]) for key in keys])
            first = torch.tensor([int(key[0]) for key in keys])[:, None]
            places = torch.arange(ids.shape[1])[None] + first
            for key, state in zip(keys, network.encoder(ids, places, mask[:, None, None, :]), strict=True):
                states[slice(*starts[key])] = state[: len(found[key])].half()
            if start % 12_800 == 0:
                print(f"{start:,} of {len(order):,} texts encoded", flush=True)
    return Texts(torch.tensor([token for ids in found.values() for token in ids]), states, starts)


def train(network: Verifier, texts: Texts, examples: list[Example], held: list[Example], epochs: float) -> None:
    """Learn the comparison: each claim's label, and that a true claim ranks above each false edit made from it.

    AdamW, warm-up, then down to nothing along a cosine; true and false weigh alike.
    """
    comparison = network.comparison
    optimizer = torch.optim.AdamW(comparison.parameters(), lr=_RATE, weight_decay=_DECAY)
    true = sum(example.true for example in examples)
    balance = torch.tensor((len(examples) - true) / true)
    wanted, start, seen, step, smooth = epochs * len(examples), time.monotonic(), 0, 0, 1.5
    while seen < wanted:
        for batch in _batches(examples, texts):
            if seen >= wanted:
                return
            for group in optimizer.param_groups:
                share = (1 + math.cos(math.pi * seen / wanted)) / 2
                group["lr"] = _RATE * min(1, step / _WARM) * max(0.02, share)
            comparison.train()
            logits = _logits(network, texts, batch)
            loss = _loss(logits, batch, balance)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(comparison.parameters(), 1.0)
            optimizer.step()
            step, seen, smooth = step + 1, seen + len(batch), 0.98 * smooth + 0.02 * loss.item()
            if step % _SHOWN == 0:
                line = f"{seen:,} of {wanted:,.0f} pairs, {seen / (time.monotonic() - start):.0f}/s, loss {smooth:.3f}"
                if held and step % _MEASURED == 0:
                    found = measure(network, texts, held)
                    line += "".join(f", {domain} {value:.3f}" for domain, value in found.items())
                print(line, flush=True)


def measure(network: Verifier, texts: Texts, examples: list[Example]) -> dict[str, float]:
    """Return the AUC of each domain."""
    scores = predict(network, texts, examples)
    found = {}
    for domain in sorted({example.domain for example in examples}):
        places = [place for place, example in enumerate(examples) if example.domain == domain]
        found[domain] = auc(scores[places], np.array([examples[place].true for place in places]))
    return found


def predict(network: Verifier, texts: Texts, examples: list[Example]) -> npt.NDArray[np.float64]:
    """Return the logits of examples."""
    network.eval()
    found = np.zeros(len(examples))
    order = sorted(range(len(examples)), key=lambda place: _length(examples[place], texts))
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            places = order[start : start + 64]
            found[places] = _logits(network, texts, [examples[place] for place in places]).numpy()
    return found


def _logits(network: Verifier, texts: Texts, batch: list[Example]) -> Tensor:
    words = network.encoder.words
    with torch.no_grad():
        claims = texts.batch(words, [_key(example.claim, 0) for example in batch])
        passages = texts.batch(words, [_key(example.premise, 1) for example in batch])
    found: Tensor = network.comparison(*claims, *passages)
    return found


def _loss(logits: Tensor, batch: list[Example], balance: Tensor) -> Tensor:
    truth = torch.tensor([float(example.true) for example in batch])
    weights = torch.tensor([example.weight for example in batch])
    losses = functional.binary_cross_entropy_with_logits(logits, truth, pos_weight=balance, reduction="none")
    loss = (losses * weights).mean()
    groups = torch.tensor([example.group for example in batch])
    ranked = (groups[:, None] == groups[None]) & (groups[:, None] > 0) & (truth[:, None] > truth[None])
    if ranked.any():
        loss = loss + functional.softplus(logits[None] - logits[:, None])[ranked].mean()
    return loss


def _batches(examples: list[Example], texts: Texts) -> Iterator[list[Example]]:
    """Yield every example once: groups together, batches of like length in random order."""
    groups: dict[int, list[Example]] = {}
    for place, example in enumerate(examples):
        groups.setdefault(example.group or -place - 1, []).append(example)
    parts = [part for group in groups.values() for part in _parts(group)]
    random.shuffle(parts)
    for start in range(0, len(parts), _POOL):
        pool = sorted(parts[start : start + _POOL], key=lambda part: max(_length(e, texts) for e in part))
        batches: list[list[Example]] = [[]]
        for part in pool:
            batches[-1] += part
            if len(batches[-1]) >= _BATCH:
                batches.append([])
        batches = [batch for batch in batches if batch]
        random.shuffle(batches)
        yield from batches


def _parts(group: list[Example]) -> list[list[Example]]:
    """Return a large group in pieces."""
    random.shuffle(group)
    return [group[start : start + _MOST_OF_GROUP] for start in range(0, len(group), _MOST_OF_GROUP)]


def _key(text: str, passage: int) -> str:
    return f"{passage}{text}"


def _length(example: Example, texts: Texts) -> int:
    claim, passage = texts.starts[_key(example.claim, 0)], texts.starts[_key(example.premise, 1)]
    return claim[1] - claim[0] + passage[1] - passage[0]


if __name__ == "__main__":
    main()
