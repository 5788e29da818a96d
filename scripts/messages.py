"""Bring the catalogues up to date with the texts of the code: `python scripts/messages.py`.

Reads the texts that templates and modules mark (`_`, `count`, `message`), and writes each catalogue of
`src/pulse/i18n/locale` anew: what is there stays, what is new comes in without a translation, what is gone goes. The
exit code says whether a translation is missing.
"""

import io
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pulse.i18n.translator import FOLDER, LANGUAGES

SOURCES = Path(__file__).parents[1] / "src" / "pulse"
PLACES = ("i18n", "web", "social/channels")
KEYWORDS = {"_": None, "message": None, "count": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"silent": "false"}}


def extracted() -> Catalog:
    """Return every text that the code marks."""
    catalogue = Catalog(project="pulse", charset="utf-8")
    for place in PLACES:
        found = extract_from_dir(
            SOURCES / place, METHODS, options_map={"**.html": {"silent": "false"}}, keywords=KEYWORDS
        )
        for name, _line, text, _comments, _context in found:
            catalogue.add(text, locations=[(f"{place}/{name}", 0)])
    return catalogue


def translated(language: str) -> Catalog:
    """Return a language's catalogue as it is stored; an empty one where there is none."""
    path = FOLDER / f"{language}.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)


def main() -> int:
    """Write the catalogues, say what is missing, and return the exit code."""
    code = extracted()
    missing = 0
    for language in list(LANGUAGES)[1:]:
        catalogue = translated(language)
        catalogue.update(code, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "–"
        catalogue.revision_date = catalogue.creation_date
        with (FOLDER / f"{language}.po").open("wb") as file:
            write_po(
                file, catalogue, width=120, omit_header=False, no_location=True, sort_output=True, ignore_obsolete=True
            )
        for text in catalogue:
            said: Any = text.string
            if text.id and not all([said] if isinstance(said, str) else said or [""]):
                missing += 1
                print(f"{language}: no translation of {text.id!r}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
