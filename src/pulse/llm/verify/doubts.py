"""Why a sentence that is not proven may be false: what in it its nearest sources do not say.

Each rule looks for one kind of change. A rule that is not sure raises its doubt.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from pulse.llm.shapes import Doubt, Reason
from pulse.llm.verify.absolute import days_told
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import QUOTE

_KINDS = {
    "modality": Doubt.MODALITY,
    "condition": Doubt.CONDITION,
    "quantifier": Doubt.QUANTIFIER,
    "attribution": Doubt.ATTRIBUTION,
    "qualifier": Doubt.QUALIFIER,
}
_CLOSE = 0.6
_ALIKE = 0.4
_MOST_WORDS = 8
_NEAR_AGENT = 3
_SHORTEST_OPPOSITE = 4


def find_doubts(claim: Reading, near: Sequence[Reading]) -> tuple[Reason, ...]:
    """Return every doubt about `claim` given the source sentences nearest to it, nearest first."""
    if not near:
        return (Reason(Doubt.NO_SOURCE, "no source sentence shares a word with it"),)
    rules = (_amounts, _dates, _names, _name_order, _negations, _facts, _directions, _opposites)
    found = [reason for rule in rules for reason in rule(claim, near)]
    found += _words(claim, near, {reason.detail for reason in found})
    if not found:
        found += _order(claim, near)
    if not found:
        found.append(Reason(Doubt.REWRITTEN, "nothing speaks against it, but these are not the words of a source"))
    return tuple(dict.fromkeys(found))


def _amounts(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    known = {amount for reading in near for amount in reading.amounts}
    values = {amount.value for amount in known}
    for amount in claim.amounts:
        if amount.value not in values:
            yield Reason(Doubt.NUMBER, amount.value)
        elif amount not in known:
            yield Reason(Doubt.UNIT, f"{amount.value} {amount.unit}".strip())
    if _closeness(claim, near[0]) >= _ALIKE:
        # A value of another sentence, or of another place in this one, does not stand for one that is left out:
        # `two years` for its `four years`, `6-4 6-3` for `6-4 3-6`.
        left, more = Counter(near[0].amounts), Counter(claim.amounts)
        units = {amount.unit for amount in left - more}
        for amount in more - left:
            if amount in known and amount.unit in units:
                yield Reason(Doubt.NUMBER, f"{amount.value} {amount.unit}".strip())
    for unit in sorted(claim.measures - {unit for reading in near for unit in reading.units}):
        yield Reason(Doubt.UNIT, unit)
    counts = {count for reading in near for count in reading.counts}
    for count in sorted(claim.counts - counts):
        yield Reason(Doubt.NUMBER, count)


def _dates(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    for date in sorted(claim.dates - {date for reading in near for date in reading.dates}):
        yield Reason(Doubt.DATE, date)
    if _closeness(claim, near[0]) >= _ALIKE:
        more, left = (Counter(reading.all_dates) for reading in (claim, near[0]))
        if more - left and left - more:
            yield Reason(Doubt.DATE, ", ".join(sorted(more - left)))
    # A date of one day does not stand behind another: `on Monday (24 November)` for `yesterday (24 November)`.
    told, *known = (days_told(reading.stream.tokens, claim.words) for reading in (claim, *near))
    for day in sorted(told.difference(*known)):
        yield Reason(Doubt.DATE, day)


def _names(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    known = {text for reading in near for text in reading.stream.tokens.lower}
    dates = set(claim.dates)
    for name in claim.names:
        if name.lower() not in known and name.lower() not in dates:
            yield Reason(Doubt.NAME, name)


def _facts(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    nearest, close = near[0], _closeness(claim, near[0])
    for kind, doubt in _KINDS.items():
        said = claim.facts[kind]
        # Who said one thing need not have said another: an attribution must stand with what it is about.
        readings = near[:1] if kind == "attribution" else near
        known = {meaning for reading in readings for meaning in reading.facts[kind]}
        for meaning in said:
            if meaning not in known:
                yield Reason(doubt, meaning)
        # What the nearest source hedges or attributes, a sentence that says the same must not state flatly.
        if close >= _CLOSE and nearest.facts[kind] and not said:
            yield Reason(doubt, f"without: {nearest.facts[kind][0]}")
    if ("?" in claim.stream.keys) != ("?" in nearest.stream.keys):
        yield Reason(Doubt.QUESTION, "?")
    if QUOTE in nearest.stream.keys and QUOTE not in claim.stream.keys and close >= _CLOSE:
        yield Reason(Doubt.QUOTE, "the source puts it in quotation marks")


def _negations(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    """Whatever one side denies, the other must deny too."""
    for meaning, scope in claim.denials:
        if not any(scope & other for reading in near for _, other in reading.denials):
            yield Reason(Doubt.NEGATION, meaning)
    if _closeness(claim, near[0]) < _ALIKE:
        return
    if len(claim.denials) > len(near[0].denials):
        yield Reason(Doubt.NEGATION, claim.denials[-1][0])
    # One denial answers for one: `did halt` has the denying verb of `did not halt`, and not its `not`.
    said, unanswered = list(claim.denials), []
    for meaning, scope in near[0].denials:
        same = next((denial for denial in said if denial[0] == meaning and scope & denial[1]), None)
        if same is not None:
            said.remove(same)
        else:
            unanswered.append((meaning, scope))
    for meaning, scope in unanswered:
        about = scope & claim.word_set
        other = next((denial for denial in said if about & denial[1]), None)
        if other is not None:
            said.remove(other)
        elif about or not scope:
            yield Reason(Doubt.NEGATION, f"without: {meaning}")


def _closeness(claim: Reading, source: Reading) -> float:
    return len(claim.stem_set & source.stem_set) / max(1, len(claim.stem_set))


def _directions(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    for up, down in claim.words.directions:
        for one, other in ((up, down), (down, up)):
            said = [phrase.meaning for phrase in one.find(claim.stream.tokens)]
            if not said or any(True for reading in near for _ in one.find(reading.stream.tokens)):
                continue
            if any(True for reading in near for _ in other.find(reading.stream.tokens)):
                yield Reason(Doubt.DIRECTION, said[0].rstrip("*"))


def _opposites(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    """`legal` from `illegal`, `hopeful` from `hopeless`."""
    known = {text for reading in near for text in reading.stream.tokens.lower}
    for word in claim.content:
        if word in known or len(word) < _SHORTEST_OPPOSITE:
            continue
        others = [prefix + word for prefix in claim.words.opposites]
        others += [word.removeprefix(prefix) for prefix in claim.words.opposites if word.startswith(prefix)]
        others += [word[:-3] + "less"] * word.endswith("ful") + [word[:-4] + "ful"] * word.endswith("less")
        if any(len(other) >= _SHORTEST_OPPOSITE and other in known for other in others):
            yield Reason(Doubt.DIRECTION, word)


def _words(claim: Reading, near: Sequence[Reading], told: set[str]) -> Iterator[Reason]:
    known = {stem for reading in near for stem in reading.stems}
    told = {word.lower() for word in told}
    missing = [
        word
        for word, stem in zip(claim.content, claim.stems, strict=True)
        if stem not in known and word not in told and word[0] != "#"
    ]
    for word in list(dict.fromkeys(missing))[:_MOST_WORDS]:
        yield Reason(Doubt.WORD, word)


def _order(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    """Find the same words of one source sentence in another order: `A beat B` from `B beat A`."""
    for reading in near:
        if claim.stem_set <= reading.stem_set:
            if not _keeps_order(claim, reading) and not _changes_voice(claim, reading):
                yield Reason(Doubt.ORDER, "the same words in another order")
            return


def _name_order(claim: Reading, near: Sequence[Reading]) -> Iterator[Reason]:
    """Find names that changed places among other words: `A defeated B` from `B beat A`."""
    source = near[0].stream.tokens.lower
    names = [name.lower() for name in claim.names if name.lower() in source]
    if not claim.words.agents or _closeness(claim, near[0]) < _CLOSE or _in_order(names, source):
        return
    if not _keeps_order(claim, near[0]) and not _changes_voice(claim, near[0]):
        yield Reason(Doubt.ORDER, "the names in another order: " + ", ".join(names[:_MOST_WORDS]))


def _changes_voice(claim: Reading, source: Reading) -> bool:
    """Say whether one of both has a name behind `by`: `B was met by A`. No rule tells whether that is `A met B`."""
    return _names_agent(claim, claim.names) != _names_agent(source, claim.names)


def _names_agent(reading: Reading, names: Sequence[str]) -> bool:
    texts = reading.stream.tokens.texts
    return any(
        text in reading.words.agents and not set(names).isdisjoint(texts[place + 1 : place + 1 + _NEAR_AGENT])
        for place, text in enumerate(texts)
    )


def _keeps_order(claim: Reading, source: Reading) -> bool:
    """Say whether what a sentence shares with its source stands there in the same order, but for one part that moved.

    Such a part stands at the start or the end, as `on Monday` may, begins with a word that says how it belongs to the
    rest, or names a speaker; so its place says nothing. Nor does the place of the only day that a sentence names.
    """
    days = [phrase.first for phrase in claim.words.dates.find(claim.stream.tokens)]
    day = set(days) if len(days) == 1 and len(source.dates) == 1 else set()
    shared = [
        (stem, place)
        for stem, place in zip(claim.stems, claim.places, strict=True)
        if stem in source.stem_set and place not in day
    ]
    stems, places = [stem for stem, _ in shared], [place for _, place in shared]
    if _in_order(stems, source.stems):
        return True
    tokens, words = claim.stream.tokens, claim.words
    tables = (words.speech.said, words.speech.according) if words.speech else ()
    for cut in range(1, len(stems)):
        if not _in_order(stems[cut:] + stems[:cut], source.stems):
            continue
        first, last = places[cut - 1] + 1, places[cut]
        comma = "," in tokens.texts[first:last]
        if comma and tokens.lower[0] in words.adverbial:
            return True
        if words.adverbial.intersection(tokens.lower[first : last + 1]):
            return True
        if any(comma or first <= phrase.first <= last for table in tables for phrase in table.find(tokens)):
            return True
    return False


def _in_order(some: Sequence[str], whole: Sequence[str]) -> bool:
    remaining = iter(whole)
    return all(stem in remaining for stem in some)
