"""Make training pairs: `python training/make_pairs.py --sets FOLDER --texts FILE --write pairs.jsonl`."""

import argparse
import json
import random
from pathlib import Path

from pairs import Document, Example, labelled, of_document, write
from wordnet import WordNet


def main() -> None:
    """Read the sets and texts, and write pairs in a random order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, help="folder with SummEdits, QAGS and BUMP as their authors publish them")
    parser.add_argument("--texts", type=Path, help="JSON lines, a document's text each")
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, required=True)
    chosen = parser.parse_args()
    wordnet = WordNet(chosen.wordnet)
    examples: list[Example] = list(labelled(chosen.sets, wordnet, chosen.seed)) if chosen.sets else []
    if chosen.texts:
        for line in chosen.texts.read_text(encoding="utf-8").splitlines():
            examples += of_document(Document("text", json.loads(line)), wordnet, chosen.seed, 40)
    random.Random(chosen.seed).shuffle(examples)
    print(f"{write(iter(examples), chosen.write):,} pairs in {chosen.write}")


if __name__ == "__main__":
    main()
