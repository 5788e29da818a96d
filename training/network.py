"""A compact cross-encoder: the lower layers of a BERT (Devlin et al. 2019) reading a claim and a passage together."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, INNER = 384, 12, 1536
_VOCABULARY, _PLACES, _EPSILON, _DROPOUT = 30_522, 512, 1e-12, 0.1
_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "first_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "second_norm": "output.LayerNorm",
}


class Layer(nn.Module):
    """One encoder layer; `wanted` leading tokens come out, all are attended to."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value, self.output = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.first_norm, self.second_norm = nn.LayerNorm(WIDTH, _EPSILON), nn.LayerNorm(WIDTH, _EPSILON)

    def forward(self, states: Tensor, seen: Tensor, wanted: Tensor) -> Tensor:
        """Map (batch, tokens, width) to (batch, wanted, width)."""
        own = wanted
        attended = functional.scaled_dot_product_attention(
            _heads(self.query(own)), _heads(self.key(states)), _heads(self.value(states)), attn_mask=seen
        )
        joined = attended.transpose(1, 2).reshape(own.shape)
        own = self.first_norm(own + functional.dropout(self.output(joined), _DROPOUT, self.training))
        inner = self.narrow(functional.gelu(self.widen(own)))
        return self.second_norm(own + functional.dropout(inner, _DROPOUT, self.training))


class CrossEncoder(nn.Module):
    """One logit for each pair. The claim comes first; the last layer is computed for its tokens only."""

    def __init__(self, layers: int = 4) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(_VOCABULARY, WIDTH), nn.Embedding(_PLACES, WIDTH)
        self.types, self.norm = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, _EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.pooled, self.verdict = nn.Linear(2 * WIDTH, 128), nn.Linear(128, 1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Map three (batch, tokens) of integers to (batch,) logits that the passage supports the claim."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device)
        states = self.norm(self.words(input_ids) + self.places(places)[None] + self.types(token_type_ids))
        seen = attention_mask[:, None, None, :] == 1
        for layer in self.layers[:-1]:
            states = layer(states, seen, states)
        claim = (token_type_ids == 0) & (attention_mask == 1)
        longest = claim.sum(1).max()
        states = self.layers[-1](states, seen, states[:, :longest])
        own = claim[:, :longest, None].to(states.dtype)
        strongest = (states * own + (own - 1) * 1e4).amax(1)
        return self.verdict(torch.tanh(self.pooled(torch.cat([states[:, 0], strongest], 1))))[:, 0]

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take the embeddings and the lower layers of a BERT of the same width, under Hugging Face's names."""
        embeddings = {"words": "word", "places": "position", "types": "token_type"}
        for own, name in embeddings.items():
            getattr(self, own).weight.data.copy_(weights[f"embeddings.{name}_embeddings.weight"])
        _copy(self.norm, weights, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            for own, name in _NAMES.items():
                _copy(getattr(layer, own), weights, f"encoder.layer.{number}.{name}")


def padded(encodings: Sequence[tuple[list[int], list[int]]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return ids, mask and types of (ids, types) lists as three (batch, longest) tensors."""
    longest = max(len(ids) for ids, _ in encodings)
    found = torch.zeros(3, len(encodings), longest, dtype=torch.long)
    for row, (ids, types) in enumerate(encodings):
        found[0, row, : len(ids)] = torch.tensor(ids)
        found[1, row, : len(ids)] = 1
        found[2, row, : len(ids)] = torch.tensor(types)
    return found[0], found[1], found[2]


def _heads(states: Tensor) -> Tensor:
    batch, tokens, _ = states.shape
    return states.view(batch, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)


def _copy(module: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    for part in ("weight", "bias"):
        getattr(module, part).data.copy_(weights[f"{name}.{part}"])
