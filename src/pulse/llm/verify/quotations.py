"""Which words of a passage are somebody's quoted words, across sentences.

A sentence taken out of the middle of a quotation states as a fact what somebody only said. Quotation marks in the wild
are unreliable, so that only marks whose direction is plain open or close a quotation over several sentences.
"""

from collections.abc import Sequence

from pulse.llm.tokens import Tokens

_REACH = 6


def quoted_tokens(sentences: Sequence[Tokens]) -> tuple[tuple[bool, ...], ...]:
    """Say for each token of consecutive sentences whether it stands in a quotation; the marks themselves do."""
    marks = [_directions(tokens) if "'" in tokens.folded or '"' in tokens.folded else {} for tokens in sentences]
    found: list[tuple[bool, ...]] = []
    open_until = -1
    for index, (tokens, directions) in enumerate(zip(sentences, marks, strict=True)):
        inside = index <= open_until
        if not directions:
            found.append((inside,) * len(tokens))
            continue
        reliable = 0 not in directions.values() or len(directions) % 2 == 0
        flags = []
        for position in range(len(tokens)):
            direction = directions.get(position)
            if direction is not None and reliable:
                inside = direction > 0 if direction else not inside
            flags.append(inside or direction is not None)
        found.append(tuple(flags))
        if reliable and index >= open_until and directions[max(directions)] > 0:
            open_until = _closed_by(marks, index)
    return tuple(found)


def is_quotation_mark(tokens: Tokens, position: int) -> bool:
    """Say whether a token is a quotation mark, and not the apostrophe of `workers' rights`."""
    if tokens.texts[position] != "'":
        return tokens.texts[position] == '"'
    return not (
        position > 0
        and tokens.lower[position - 1].endswith("s")
        and tokens.starts[position - 1] + len(tokens.texts[position - 1]) == tokens.starts[position]
        and position + 1 < len(tokens)
        and tokens.kinds[position + 1] == "w"
    )


def _closed_by(marks: Sequence[dict[int, int]], index: int) -> int:
    """Return the sentence that plainly closes what sentence `index` left open, or -1 where none near it does."""
    for later in range(index + 1, min(index + 1 + _REACH, len(marks))):
        if marks[later]:
            return later if marks[later][min(marks[later])] < 0 else -1
    return -1


def _directions(tokens: Tokens) -> dict[int, int]:
    """For each quotation mark's token: 1 where it plainly opens, -1 where it plainly closes, 0 else."""
    found = {}
    for position, text in enumerate(tokens.texts):
        if text in {"'", '"'} and is_quotation_mark(tokens, position):
            place = tokens.starts[position]
            before, after = tokens.folded[max(0, place - 1) : place], tokens.folded[place + 1 : place + 2]
            opens = (not before or before.isspace() or before in "([-") and (
                after.isalnum() or after in {"$", "€", "£"}
            )
            closes = bool(before) and (before.isalnum() or before in ".,!?;:)]%-") and not after.isalnum()
            found[position] = opens - closes
    return found
