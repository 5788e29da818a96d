"""A compact model of entailment: a frozen encoder, and a small comparison of what it says of claim and passage.

The encoder is the lower layers of a BERT (Devlin et al. 2019), reading claim and passage apart. Each token of one is
then aligned with the other by attention and compared with what it is aligned to (Parikh et al. 2016, Chen et al.
2017), so that a changed word stands out after a few thousand examples, where a cross-encoder of the same size had
learnt nothing.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, INNER, LAYERS = 384, 12, 1536, 3
_VOCABULARY, _PLACES, _EPSILON = 30_522, 512, 1e-12
_OWN, _DROPOUT, _EXTRA, _FARTHEST, _NOTHING = 160, 0.15, 5, 8.0, -1e4
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
    """One encoder layer, never trained."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value, self.output = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.first_norm, self.second_norm = nn.LayerNorm(WIDTH, _EPSILON), nn.LayerNorm(WIDTH, _EPSILON)

    def forward(self, states: Tensor, seen: Tensor) -> Tensor:
        """Map (batch, tokens, width) to the same; `seen` (batch, 1, tokens, tokens) says who looks at whom."""
        attended = functional.scaled_dot_product_attention(
            _heads(self.query(states)), _heads(self.key(states)), _heads(self.value(states)), attn_mask=seen
        )
        states = self.first_norm(states + self.output(attended.transpose(1, 2).reshape(states.shape)))
        return self.second_norm(states + self.narrow(functional.gelu(self.widen(states))))


class Encoder(nn.Module):
    """Words as they are and as they stand in their own text."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(_VOCABULARY, WIDTH), nn.Embedding(_PLACES, WIDTH)
        self.types, self.norm = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, _EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids: Tensor, places: Tensor, seen: Tensor) -> Tensor:
        """Map (batch, tokens) of ids and places to (batch, tokens, width)."""
        states = self.norm(self.words(ids) + self.places(places) + self.types.weight[0])
        for layer in self.layers:
            states = layer(states, seen)
        return states

    def start_from(self, weights: dict[str, Tensor]) -> None:
        """Take the embeddings and the lower layers of a BERT of the same width, under Hugging Face's names."""
        for own, name in {"words": "word", "places": "position", "types": "token_type"}.items():
            getattr(self, own).weight.data.copy_(weights[f"embeddings.{name}_embeddings.weight"])
        _copy(self.norm, weights, "embeddings.LayerNorm")
        for number, layer in enumerate(self.layers):
            for own, name in _NAMES.items():
                _copy(getattr(layer, own), weights, f"encoder.layer.{number}.{name}")


class Comparison(nn.Module):
    """One logit for a claim and a passage, from the words and the states of both."""

    def __init__(self) -> None:
        super().__init__()
        self.shrink, self.meet = nn.Linear(2 * WIDTH, _OWN), nn.Linear(2 * WIDTH, 64, bias=False)
        self.scale = nn.Parameter(torch.tensor([6.0, 6.0, 1.0]))
        self.forth, self.back = _compared(), _compared()
        self.around = nn.ModuleList(nn.Conv1d(_OWN, _OWN, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(_OWN) for _ in range(2))
        self.back_around, self.back_norm = nn.Conv1d(_OWN, _OWN, 3, padding=1), nn.LayerNorm(_OWN)
        self.verdict = nn.Sequential(nn.Linear(4 * _OWN, _OWN), nn.GELU(), nn.Dropout(_DROPOUT), nn.Linear(_OWN, 1))

    def forward(
        self, claim_words: Tensor, claim: Tensor, of_claim: Tensor, words: Tensor, passage: Tensor, of_passage: Tensor
    ) -> Tensor:
        """Map words and states (batch, tokens, width) with their masks (batch, tokens) to (batch,) logits."""
        claim_mask, passage_mask = of_claim[:, :, None], of_passage[:, None, :]
        alike = _normal(claim_words) @ _normal(words).transpose(1, 2)
        meant = _normal(claim) @ _normal(passage).transpose(1, 2)
        one, other = torch.cat([claim_words, claim], -1), torch.cat([words, passage], -1)
        met = self.meet(one) @ self.meet(other).transpose(1, 2) / 8
        score = self.scale[0] * alike + self.scale[1] * meant + self.scale[2] * met
        forth = score.masked_fill(~passage_mask, _NOTHING).softmax(-1)
        back = score.masked_fill(~claim_mask, _NOTHING).softmax(1)
        own = self.shrink(functional.dropout(one, _DROPOUT, self.training))
        theirs = self.shrink(functional.dropout(other, _DROPOUT, self.training))

        place = (torch.arange(words.shape[1], device=own.device).to(own.dtype)[None, None] * forth).sum(-1)
        step = functional.pad(((place[:, 1:] - place[:, :-1] - 1) / _FARTHEST).clamp(-1, 1), (1, 0))
        seen = [
            alike.masked_fill(~passage_mask, -1).amax(-1),
            meant.masked_fill(~passage_mask, -1).amax(-1),
            (forth * alike).sum(-1),
            (forth * meant).sum(-1),
            step,
        ]
        states = self.forth(_side_by_side(own, forth @ theirs, seen)) * claim_mask
        for mixed, norm in zip(self.around, self.norms, strict=True):
            states = norm(states + functional.gelu(_along(mixed, states))) * claim_mask

        looked_at = (forth * claim_mask).amax(1)
        near = functional.max_pool1d(looked_at[:, None], 5, 1, 2)[:, 0]
        seen = [
            alike.masked_fill(~claim_mask, -1).amax(1),
            meant.masked_fill(~claim_mask, -1).amax(1),
            (back * alike).sum(1),
            looked_at,
            near,
        ]
        weight = near[:, :, None] * of_passage[:, :, None]
        reverse = self.back(_side_by_side(theirs, back.transpose(1, 2) @ own, seen)) * weight
        reverse = self.back_norm(reverse + functional.gelu(_along(self.back_around, reverse))) * near[:, :, None]

        counted = of_passage[:, :, None]
        pooled = [
            (states + ~claim_mask * _NOTHING).amax(1),
            states.sum(1) / of_claim.sum(1, keepdim=True),
            (reverse + ~counted * _NOTHING).amax(1),
            (reverse * counted).sum(1) / (near * of_passage).sum(1, keepdim=True).clamp(min=1),
        ]
        return self.verdict(torch.cat(pooled, -1))[:, 0]


class Verifier(nn.Module):
    """Encoder and comparison behind a cross-encoder's inputs: the claim first, each text seeing only itself."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.comparison = Encoder(), Comparison()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """Map three (batch, tokens) of integers to (batch,) logits that the passage supports the claim."""
        present = attention_mask == 1
        of_claim, of_passage = present & (token_type_ids == 0), present & (token_type_ids == 1)
        length = of_claim.sum(1, keepdim=True)
        places = torch.arange(input_ids.shape[1], device=input_ids.device)[None]
        # A passage alone would begin with the token for a start, which it lacks here: so its places count from one.
        places = torch.where(of_passage, places - length + 1, places)
        seen = (token_type_ids[:, :, None] == token_type_ids[:, None, :]) & present[:, None, :]
        states, words = self.encoder(input_ids, places, seen[:, None]), self.encoder.words(input_ids)
        return self.comparison(words, states, of_claim, words, states, of_passage)


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Return rows of different lengths as one tensor, and the mask of what is theirs."""
    whole = nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
    mask = torch.zeros(whole.shape[:2], dtype=torch.bool)
    for place, row in enumerate(rows):
        mask[place, : len(row)] = True
    return whole, mask


def _compared() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4 * _OWN + _EXTRA, _OWN), nn.GELU(), nn.Dropout(_DROPOUT))


def _side_by_side(one: Tensor, other: Tensor, seen: list[Tensor]) -> Tensor:
    return torch.cat([one, other, one - other, one * other, torch.stack(seen, -1)], -1)


def _normal(states: Tensor) -> Tensor:
    return functional.normalize(states, dim=-1)


def _along(convolution: nn.Module, states: Tensor) -> Tensor:
    return convolution(states.transpose(1, 2)).transpose(1, 2)


def _heads(states: Tensor) -> Tensor:
    batch, tokens, _ = states.shape
    return states.view(batch, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)


def _copy(module: nn.Module, weights: dict[str, Tensor], name: str) -> None:
    for part in ("weight", "bias"):
        getattr(module, part).data.copy_(weights[f"{name}.{part}"])
