"""Pairs of a passage and a claim to learn entailment from: true sentences, and false ones made from them by one edit.

True claims are true summaries and the sentences of documents, most of them rewritten (`paraphrases`).
False claims are seeded edits of all of these (numbers, units, names, dates, negation, attribution, quantifiers, swaps:
`pulse.llm.edits`; opposites, other words of the same kind, words and names of elsewhere in the document; sentences that
go on as another one does) and sentences of the document whose source is withheld. The passage is what the gate shows a
judge, so that the model learns on what it will be asked.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from paraphrases import fused, ordinary, paraphrase
from pulse.evaluation import sets
from pulse.llm.edits import false_edits
from pulse.llm.sentences import split
from pulse.llm.shapes import SourceSentence
from pulse.llm.tokens import stem
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import passage
from pulse.llm.words import words
from wordnet import WordNet

MAX_CLAIM, MAX_PASSAGE, ROOM = 64, 96, 320
"""The longest claim and passage in tokens, and the characters that a passage may have so as to fit."""

_SHORTEST, _LONGEST = 20, 400
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)?")
_NEAR = 4
_LONG_ENOUGH = 8
_STOP = words("en").stop


@dataclass(frozen=True, slots=True)
class Example:
    """A pair with its label.

    `domain` is what is held out together, `kind` how the claim was made, `group` a true claim with its false edits (0:
    alone), `weight` how much its error counts.
    """

    domain: str
    kind: str
    premise: str
    claim: str
    true: bool
    group: int = 0
    weight: float = 1.0


class Document:
    """A document to make claims about."""

    def __init__(self, domain: str, text: str) -> None:
        self.domain = domain
        self.sentences = [sentence.text for sentence in split(text, "en")][:400]
        self.evidence = _evidence(self.sentences)
        self.names = sorted({name for sentence in self.sentences for name in _NAME.findall(sentence)})
        self._folded = " ".join(self.sentences).lower()

    def says(self, claim: str) -> bool:
        """Whether the claim stands there word for word."""
        return claim.lower().rstrip(".") in self._folded

    def example(self, kind: str, claim: str, true: bool, group: int = 0, weight: float = 1.0) -> Iterator[Example]:
        """Yield the claim with its passage, if it is of a usable length."""
        if _SHORTEST < len(claim) < _LONGEST:
            yield Example(self.domain, kind, passage(claim, self.evidence, ROOM), claim, true, group, weight)


def generated(document: Document, claim: str, kind: str, wordnet: WordNet, seed: int, most: int) -> Iterator[Example]:
    """Yield a true claim and up to `most` false edits of it; a group is told by its number."""
    chance = random.Random(f"{seed}:{claim}")
    group = _group(claim, seed)
    yield from document.example(kind, claim, True, group)
    edits = [edit for edit in false_claims(document, claim, wordnet, seed, chance) if not document.says(edit[1])]
    chance.shuffle(edits)
    for made, text in edits[:most]:
        yield from document.example(made, text, False, group)


def false_claims(
    document: Document, claim: str, wordnet: WordNet, seed: int, chance: random.Random
) -> Iterator[tuple[str, str]]:
    """Yield kinds and texts of false claims made from a true one."""
    yield from ((str(edit.kind), edit.text) for edit in false_edits(claim, "en", seed))
    own = [name for name in _NAME.findall(claim) if name in document.names]
    others = [name for name in document.names if name not in claim]
    if own and others:
        yield "entity", claim.replace(chance.choice(own), chance.choice(others), 1)
    parts = claim.split(" ")
    places = [place for place, word in enumerate(parts) if ordinary(word, _STOP)]
    chance.shuffle(places)
    for kind, choose in (("opposite", wordnet.opposite), ("sibling", wordnet.sibling)):
        made = 0
        for place in places:
            core = parts[place].strip(".,;:")
            word = choose(core, chance)
            if word and made < 2:
                yield kind, _replaced(parts, place, core, word)
                made += 1
    pool = [word.strip(".,;:") for text in chance.sample(document.sentences, min(6, len(document.sentences)))
            for word in text.split(" ")]  # fmt: skip
    for place in places[:6]:
        core = parts[place].strip(".,;:")
        like = [
            word for word in pool if ordinary(word, _STOP) and _alike(word, core) and word.lower() not in claim.lower()
        ]
        if like:
            yield "word", _replaced(parts, place, core, chance.choice(like))
            break
    if len(parts) >= _LONG_ENOUGH:
        others = [text.split(" ") for text in document.sentences if text not in claim]
        others = [words for words in others if len(words) >= _LONG_ENOUGH]
        if others:
            yield "splice", _spliced(parts, chance.choice(others), chance)


def withheld(document: Document, place: int) -> Iterator[Example]:
    """Yield a sentence of the document as a claim about the others: close to them, and not what they say."""
    claim = document.sentences[place]
    rest = _evidence([text for number, text in enumerate(document.sentences) if number != place and text != claim])
    if rest.sentences and _SHORTEST < len(claim) < _LONGEST:
        yield Example(document.domain, "withheld", passage(claim, rest, ROOM), claim, False, weight=0.5)


def labelled(folder: Path, wordnet: WordNet, seed: int) -> Iterator[Example]:
    """Yield what people labelled in the sets of `folder`, true claims with false edits of them."""
    documents: dict[str, Document] = {}
    for name, items in sets.load(folder):
        if name.endswith("_cnndm"):
            continue  # its sentences come as a set of their own
        domain = name.split("_", 1)[1] if name.startswith("summedits") else name.split("_")[0]
        true_of: dict[str, dict[str, frozenset[str]]] = {}
        for item in items:
            found = {sentence.text: frozenset(sentence.text.lower().split()) for sentence in split(item.text, "en")}
            true_of.setdefault(item.document, {}).update(found if item.true else {})
        seen = set()
        for item in items:
            if item.document not in documents:
                documents[item.document] = Document(domain, item.document)
            document = documents[item.document]
            for sentence in (sentence.text for sentence in split(item.text, "en")):
                if (item.document, sentence) in seen:
                    continue
                seen.add((item.document, sentence))
                if item.true:
                    yield from generated(document, sentence, "summary", wordnet, seed, 4)
                elif sentence not in true_of[item.document]:
                    group = _group(_likest(sentence, true_of[item.document]), seed)
                    yield from document.example("labelled", sentence, False, group, 1.5)
    for document in documents.values():
        yield from of_document(document, wordnet, seed)


def of_document(document: Document, wordnet: WordNet, seed: int, most: int = 16) -> Iterator[Example]:
    """Yield claims made from a document's own sentences: most of them rewritten, as the gate proves copies itself."""
    chance = random.Random(f"{seed}:{document.sentences[:1]}")
    places = [place for place, text in enumerate(document.sentences) if 40 < len(text) < 300]
    if len(document.sentences) < _NEAR:
        return
    for place in chance.sample(places, min(most, len(places))):
        claim, kind = document.sentences[place], "verbatim"
        if chance.random() < 0.15 and place + 1 < len(document.sentences):
            claim = fused(claim, document.sentences[place + 1], chance)
        if chance.random() < 0.9:
            claim, kind = paraphrase(claim, wordnet, chance), "paraphrase"
        yield from generated(document, claim, kind, wordnet, seed, 3)
        if chance.random() < 0.2:
            yield from withheld(document, place)


def write(examples: Iterator[Example], path: Path) -> int:
    """Write examples as JSON lines, and return how many."""
    with path.open("w", encoding="utf-8") as file:
        return sum(file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n") > 0 for example in examples)


def read(path: Path) -> list[Example]:
    """Return what `write` wrote."""
    return [Example(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _group(claim: str, seed: int) -> int:
    return random.Random(f"{seed}:{claim}").getrandbits(48) if claim else 0


def _likest(claim: str, others: dict[str, frozenset[str]]) -> str:
    """Return the true sentence that an edited one was made from: the one that shares most of its words, or none."""
    own = frozenset(claim.lower().split())
    shared = {other: len(own & words) / max(1, len(own | words)) for other, words in others.items()}
    best = max(shared, key=lambda other: shared[other], default="")
    return best if best and shared[best] > 0.5 else ""


def _evidence(sentences: list[str]) -> Evidence:
    return Evidence([SourceSentence("document", number, text, "en") for number, text in enumerate(sentences)], "en")


def _alike(word: str, core: str) -> bool:
    word = word.strip(".,;:")
    return (
        word[-2:] == core[-2:] and word[:1].isupper() == core[:1].isupper() and stem(word.lower()) != stem(core.lower())
    )


def _spliced(parts: list[str], other: list[str], chance: random.Random) -> str:
    """Return the beginning of one sentence with the end of another."""
    first, last = chance.randint(3, len(parts) - 3), chance.randint(3, len(other) - 3)
    return " ".join([*parts[:first], *other[last:]])


def _replaced(parts: list[str], place: int, core: str, word: str) -> str:
    return " ".join([*parts[:place], parts[place].replace(core, word), *parts[place + 1 :]])
