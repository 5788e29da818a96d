"""How long a text is, in each platform's own units. Pure.

A count that is too high leaves a sentence out; one that is too low makes the platform refuse the post. Where a
platform's rule depends on lists nobody else has, the count here errs to the high side.
"""

import re
from dataclasses import dataclass

import regex

BLUESKY_GRAPHEMES = 300
BLUESKY_BYTES = 3_000
MASTODON_CHARACTERS = 500
MASTODON_URL_CHARACTERS = 23


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit a text uses up, in `unit`."""

    used: int
    limit: int | None
    unit: str
    fits: bool


@dataclass(frozen=True, slots=True)
class MastodonLimits:
    """What a server of Mastodon's API allows. `plain` servers count code points and make no concession to links."""

    characters: int = MASTODON_CHARACTERS
    url_characters: int = MASTODON_URL_CHARACTERS
    plain: bool = False


_GRAPHEME = regex.compile(r"\X")

URL = re.compile(
    r"""(?<![\w@＠$#＃])                          # as in twitter-text: not glued to a word
        https?://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::[0-9]{1,5})?
        (?:[/?](?:[^\s<>()"]|\([^\s<>()"]*+\))*+)?  # whole (balanced) parentheses belong to it
    """,
    re.VERBOSE | re.IGNORECASE,
)
_AFTER_URL = "!*\"'「」『』«»“”‘’;:=,.?$%[]~&|@、。，．！？：；（）"
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:-]++(?:[/?][A-Za-z0-9._~:/?#@!$&'*+,;=%()-]*+)?")

# Domains that every version of the rule knows. A link to any other host counts in full.
_TOP_LEVEL = re.compile(
    r"""[a-z]{2} | app | art | biz | blog | cat | club | cloud | com | coop | design | dev | edu | energy | eu | gov
        | info | int | jobs | life | live | media | mil | museum | name | net | network | news | ngo | online | ong
        | org | page | post | press | pro | science | site | social | space | store | team | tech | today | travel |
        video | world | xyz""",
    re.VERBOSE,
)

_MENTION = re.compile(
    r"(?<![=/\w])(@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*", re.IGNORECASE | re.ASCII
)


def graphemes(text: str) -> int:
    """Count extended grapheme clusters (Unicode Standard Annex 29): what a reader calls characters."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def byte_length(text: str) -> int:
    """Count the bytes of the text in UTF-8."""
    return len(text.encode())


def urls(text: str) -> list[tuple[int, int]]:
    """Return where http(s) addresses stand in the text: code points, start inclusive, end exclusive."""
    return [(match.start(), match.start() + len(match[0].rstrip(_AFTER_URL))) for match in URL.finditer(text)]


def bluesky_use(text: str) -> Use:
    """Count for Bluesky: 300 graphemes and 3,000 bytes, links in full. Source: lexicon app.bsky.feed.post."""
    used = graphemes(text)
    if byte_length(text) > BLUESKY_BYTES and used <= BLUESKY_GRAPHEMES:
        return Use(byte_length(text), BLUESKY_BYTES, "bytes", False)
    return Use(used, BLUESKY_GRAPHEMES, "graphemes", used <= BLUESKY_GRAPHEMES)


def mastodon_use(text: str, limits: MastodonLimits) -> Use:
    """Count for a server of Mastodon's API. Source: Mastodon's StatusLengthValidator and twitter-text's URL rule."""
    used = len(text) if limits.plain else mastodon_length(text, limits.url_characters)
    return Use(used, limits.characters, "characters", used <= limits.characters)


def mastodon_length(text: str, url_characters: int = MASTODON_URL_CHARACTERS) -> int:
    """Count graphemes, a link as `url_characters`, and `@user@host` as `@user`.

    A link that is not certain to be seen as one counts in full, if that is more.
    """
    pieces: list[str] = []
    extra = 0
    at = 0
    for start, end in urls(text):
        address = text[start:end]
        pieces.append(_without_hosts(text[at:start]))
        if _counts_as_link(address):
            pieces.append("x" * url_characters)
        else:
            pieces.append(address)
            extra += max(0, url_characters - graphemes(address))
        at = end
    pieces.append(_without_hosts(text[at:]))
    return graphemes("".join(pieces)) + extra


def _counts_as_link(address: str) -> bool:
    match = URL.match(address)
    if match is None or not _PLAIN_URL.fullmatch(address):
        return False
    name, dot, top = match["host"].lower().rpartition(".")
    labels = all(label and label[0] != "-" and label[-1] != "-" for label in name.split("."))
    return bool(dot) and labels and _TOP_LEVEL.fullmatch(top) is not None


def _without_hosts(text: str) -> str:
    return _MENTION.sub(r"\1", text)
