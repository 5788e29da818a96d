"""Which way a language is written."""

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ku-arab", "ps", "sd", "ug", "ur", "yi"})


def direction(language: str | None) -> str:
    """Return the `dir` attribute for text of a language (BCP 47): `auto` where the language is not known."""
    if not language or language == "und":
        return "auto"
    tag = language.lower()
    return "rtl" if tag in _RIGHT_TO_LEFT or tag.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
