import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm.sentences import split
from pulse.llm.shapes import Citation, Doubt, Proof, SourceSentence, Verdict
from pulse.llm.verify import Evidence, of_text, verify_sentence

SOURCE = (
    "LONDON (Reuters) - However, John Smith, a tall dealer, did not win 5 percent of 1,000 votes "
    "(the count ended), he said. The council approved forty homes on Monday. But it rained in Lyon. "
    '"We won. It was easy. All good," said Ann Roe. '
    "Mr. Lee, who lives nearby, met the U.S. envoy. "
    "Prices may rise by up to 5% in Paris. Some schools will close. The fund holds $3 million. "
    "Ukraine beat Russia in a match at noon. Will he resign? The minister didn't resign. "
    "If it rains, the game, a final, will be moved. The suspect, police said, was armed. "
    "The bank is legal. Costs were -5 degrees apart."
)


def sources(text: str = SOURCE, language: str = "en", article: str = "a") -> list[SourceSentence]:
    return [SourceSentence(article, sentence.index, sentence.text) for sentence in split(text, language)]


EVIDENCE = Evidence(sources(), "en")


def doubts(verdict: Verdict) -> set[Doubt]:
    return {reason.doubt for reason in verdict.reasons}


@pytest.mark.parametrize("sentence", [s.text for s in sources()])
def test_a_sentence_of_the_source_is_proven(sentence: str) -> None:
    verdict = verify_sentence(sentence, EVIDENCE)
    assert verdict.supported
    assert verdict.proof is Proof.VERBATIM
    assert verdict.citations
    assert not verdict.reasons
    assert verdict.probability >= 0.95


@pytest.mark.parametrize(
    ("sentence", "proof"),
    [
        ("The council approved 40 homes on Monday.", Proof.NOTATION),
        ("the council approved forty homes on Monday", Proof.VERBATIM),
        ("The minister did not resign.", Proof.NOTATION),
        ("The fund holds $3,000,000.", Proof.NOTATION),
        ("It rained in Lyon.", Proof.COMPRESSED),
        ("John Smith did not win 5% of 1000 votes, he said.", Proof.COMPRESSED),
        (
            "John Smith, a tall dealer, did not win 5 percent of 1,000 votes (the count ended), he said.",
            Proof.COMPRESSED,
        ),
        ("Mr. Lee met the U.S. envoy.", Proof.COMPRESSED),
        ("Some schools will close. The fund holds $3 million.", Proof.VERBATIM),
    ],
)
def test_notation_and_safe_omissions_are_proven(sentence: str, proof: Proof) -> None:
    verdict = verify_sentence(sentence, EVIDENCE)
    assert verdict.supported, verdict.reasons
    assert verdict.proof is proof


@pytest.mark.parametrize(
    ("sentence", "doubt"),
    [
        ("The council approved 42 homes on Monday.", Doubt.NUMBER),
        ("The council approved fifty homes on Monday.", Doubt.NUMBER),
        ("The council approved forty homes on Tuesday.", Doubt.DATE),
        ("The council approved forty homes today.", Doubt.DATE),
        ("The fund holds $3 billion.", Doubt.NUMBER),
        ("The fund holds €3 million.", Doubt.UNIT),
        ("The fund holds $3.", Doubt.NUMBER),
        ("The minister did resign.", Doubt.NEGATION),
        ("The minister resigned.", Doubt.NEGATION),
        ("The council did not approve forty homes on Monday.", Doubt.NEGATION),
        ("Prices will rise by up to 5% in Paris.", Doubt.MODALITY),
        ("Prices rise by up to 5% in Paris.", Doubt.MODALITY),
        ("Prices may rise by 5% in Paris.", Doubt.QUALIFIER),
        ("Prices may rise by up to 5 euros in Paris.", Doubt.UNIT),
        ("Prices may fall by up to 5% in Paris.", Doubt.DIRECTION),
        ("Prices may rise by up to 5% in Berlin.", Doubt.NAME),
        ("All schools will close.", Doubt.QUANTIFIER),
        ("Schools will close.", Doubt.QUANTIFIER),
        ("Russia beat Ukraine in a match at noon.", Doubt.ORDER),
        ("The suspect was armed.", Doubt.ATTRIBUTION),
        ("The game, a final, will be moved.", Doubt.CONDITION),
        ("If it rains, the game will be moved.", Doubt.REWRITTEN),
        ("The bank is illegal.", Doubt.DIRECTION),
        ("He will resign.", Doubt.QUESTION),
        ("It was easy.", Doubt.QUOTE),
        ("The council blessed forty homes on Monday.", Doubt.WORD),
        ("Some schools will close, said Ann Roe.", Doubt.ATTRIBUTION),
        ("Some schools <b>will</b> close.", Doubt.NOT_PLAIN),
        ("Some schools will close https://example.org.", Doubt.NOT_PLAIN),
        ("Some schools\u200b will close.", Doubt.HIDDEN_CHARACTERS),
        ("Some sch\u043eols will close.", Doubt.MIXED_SCRIPT),
        ("Bananas grow.", Doubt.NO_SOURCE),
        ("", Doubt.EMPTY),
        ("...", Doubt.EMPTY),
        ("word " * 1000, Doubt.TOO_LONG),
    ],
)
def test_what_is_not_said_is_not_supported(sentence: str, doubt: Doubt) -> None:
    verdict = verify_sentence(sentence, EVIDENCE)
    assert not verdict.supported
    assert doubt in doubts(verdict), verdict.reasons
    assert verdict.probability <= 0.9
    assert verdict.proof is None


def test_restrictive_clauses_may_not_be_left_out_in_german() -> None:
    evidence = Evidence(sources("Menschen, die geimpft sind, dürfen einreisen.", "de"), "de")
    assert not verify_sentence("Menschen dürfen einreisen.", evidence).supported


@pytest.mark.parametrize(
    ("needed", "harmless"),
    [
        ("The mayor, the owner of 5 shops, left.", "The mayor, who owns 5 shops, left."),
        ("The mayor, who allegedly owns shops, left.", "The mayor, who owns more than half of them, left."),
        ("The mayor, who is not well, left.", "The mayor – a calm man – left."),
        ("The mayor left (40 metres of it).", "The mayor left (83.8%)."),
        ("The mayor left (not 42).", "The mayor left (42)."),
        ("The mayor, who did not vote, left.", "The mayor, who voted, left."),
        ("The mayor, the report says, left.", "The mayor, the head of it, left."),
        (
            "The mayor left (if the report is right).",
            "The mayor left (a calm man).",
        ),
        ("The mayor left (in May).", "The mayor left (by car)."),
        ("The mayor, the head of some parties, left.", "The mayor, the head of a party, left."),
    ],
)
def test_what_counts_denies_or_hedges_may_not_be_left_out(needed: str, harmless: str) -> None:
    assert not verify_sentence("The mayor left.", [SourceSentence("a", 0, needed)]).supported
    assert verify_sentence("The mayor left.", [SourceSentence("a", 0, harmless)]).supported


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("The bank, the fund, and the state own the port.", "The bank and the state own the port."),
        ("The plan, which, like others, costs much, passed.", "The plan like others, costs much, passed."),
        ("The son-the-law left.", "The son law left."),
        ('Smith said: "The plan, a good idea, will work."', 'Smith said: "The plan will work."'),
        ('Smith said: "The plan (a good idea) will work."', 'Smith said: "The plan will work."'),
        ('Smith said: "The plan, however, will work."', 'Smith said: "The plan will work."'),
        ('The plan, a good idea, will work," Smith said.', 'The plan will work," Smith said.'),
    ],
)
def test_lists_and_the_words_of_a_quotation_stay_whole(source: str, claim: str) -> None:
    assert not verify_sentence(claim, [SourceSentence("a", 0, source)]).supported


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        ("So I'll tell you that it rained in Lyon.", "I'll tell you that it rained in Lyon."),
        ("So I'll tell you that it rained in Lyon.", "I will tell you that it rained in Lyon."),
        ("And now they found 'hats' on the heads of it.", "Now they found 'hats' on the heads of it."),
        ("However, we cannot say, in short, that they've left.", "We can not say, in short, that they have left."),
    ],
)
def test_a_word_that_opens_a_sentence_may_go_before_whatever_follows(source: str, claim: str) -> None:
    assert verify_sentence(claim, [SourceSentence("a", 0, source)]).supported


def test_a_dateline_that_denies_is_no_dateline() -> None:
    evidence = Evidence(sources("Officials Deny Claims (Reuters) - The bridge collapsed at dawn."), "en")
    assert not verify_sentence("The bridge collapsed at dawn.", evidence).supported


def test_no_source_supports_nothing() -> None:
    verdict = verify_sentence("The council approved forty homes.", [])
    assert not verdict.supported
    assert doubts(verdict) == {Doubt.NO_SOURCE}


def test_every_article_that_says_it_is_cited() -> None:
    both = [*sources(), *sources("Elsewhere it was dry. Some schools will close.", article="b")]
    verdict = verify_sentence("Some schools will close.", both)
    assert {citation.article for citation in verdict.citations} == {"a", "b"}
    assert Citation("b", 1) in verdict.citations


def test_a_failure_of_the_gate_is_not_support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulse.llm.verify.read", lambda *_: 1 / 0)
    verdict = verify_sentence("Some schools will close.", sources())
    assert not verdict.supported
    assert doubts(verdict) == {Doubt.FAILED}


@pytest.mark.parametrize(
    ("source", "claim", "doubt"),
    [
        ("She won the match 6-4 3-6 6-3 on clay.", "She won that match 6-4 3-6 3-3 on clay.", Doubt.NUMBER),
        ("Ward 6, Mee 5 and Boyd 3 were rated.", "Ward 6, Mee 3 and Boyd 3 were all rated.", Doubt.NUMBER),
        ("The club pays its players in $ in Lyon.", "That club pays its players in € in Lyon.", Doubt.UNIT),
        ("The club paid a sum of £32.8m for him.", "That club paid a sum of £32.8 miles for him.", Doubt.UNIT),
        ("Not on Saturday, he said, but on Saturday or Sunday.", "Not on Sunday, he added, but on Saturday or Sunday.",
         Doubt.DATE),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_in_the_sentence_takes_no_other_place(source: str, claim: str, doubt: Doubt) -> None:
    assert doubt in doubts(verify_sentence(claim, [SourceSentence("a", 0, source)]))


def test_a_number_told_once_less_is_no_other_number() -> None:
    source = [SourceSentence("a", 0, "She won the match 6-4 3-6 6-3 on clay in 2 hours.")]
    assert verify_sentence("She won that match on clay in 2 hours.", source).needs_person
    assert verify_sentence("She won that match 6-4 3-6 6-3 on clay.", source).needs_person
    words = [SourceSentence("a", 0, "The fund paid for it over two years.")]
    assert verify_sentence("The funds paid for it over 2 years.", words).needs_person


def test_rewritten_text_without_contradiction_waits_for_a_person() -> None:
    verdict = verify_sentence("The schools: some will close.", EVIDENCE)
    assert not verdict.supported
    near = verify_sentence("If it rains, the game will be moved.", EVIDENCE)
    assert near.needs_person
    assert not verify_sentence("The fund holds $3 billion.", EVIDENCE).needs_person


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict_and_strangers_get_no_support(text: str) -> None:
    verdict = verify_sentence(text, EVIDENCE)
    assert 0 <= verdict.probability <= 1
    assert verdict.supported == (not verdict.reasons)
    assert verdict.supported or verdict.probability <= 0.9
    assert Doubt.FAILED not in doubts(verdict)


@given(st.text(min_size=1, max_size=200))
def test_any_source_is_read(source: str) -> None:
    verdict = verify_sentence("Some schools will close.", [SourceSentence("a", 0, source)])
    assert not verdict.supported or "schools" in source
    assert Doubt.FAILED not in doubts(verdict)


@given(st.permutations(["Ann", "beat", "Bob", "in", "Lyon"]))
def test_only_the_order_of_the_source_is_proven(words: list[str]) -> None:
    verdict = verify_sentence(" ".join(words) + ".", [SourceSentence("a", 0, "Ann beat Bob in Lyon.")])
    assert verdict.supported == (words == ["Ann", "beat", "Bob", "in", "Lyon"])


def test_the_probability_of_a_text() -> None:
    assert of_text([], True, 1) == 0
    assert 0.97 < of_text([0.99, 0.97], True, 0.5) < 0.98
    assert of_text([0.2, 0.9], False, 1) > of_text([0.2, 0.8], False, 1)
    assert of_text([0.99] * 50 + [0.85], False, 1) <= 0.9
    assert of_text([0.99, 0.2], False, 1) < of_text([0.99, 0.4], False, 1)
    assert of_text([0.4], False, 1) == pytest.approx(0.4)
    assert 0 < of_text([0.4], False, 0) < of_text([0.4], False, 0.9) < 0.4
    assert of_text([0.0], False, 0.5) == 0


def test_the_words_that_stand_in_one_source_in_the_same_order() -> None:
    evidence = Evidence([*sources("Ann beat Bob in Lyon. It rained.", article="a"), *sources("Bob left.", article="b")])
    assert evidence.in_order("Ann beat Bob in Lyon. It rained.") == 1
    assert evidence.in_order("Bob beat Ann") == pytest.approx(1 / 3)
    assert evidence.in_order("Ann, Bob left") == 0.5
    assert evidence.in_order("Nobody") == evidence.in_order("") == 0
    assert Evidence([]).in_order("Ann") == 0


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_order_is_the_longest_common_subsequence(source: list[str], text: list[str]) -> None:
    table = [[0] * (len(text) + 1) for _ in range(len(source) + 1)]
    for i, one in enumerate(source):
        for j, other in enumerate(text):
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
    evidence = Evidence([SourceSentence("a", 0, " ".join(source))] if source else [], "en")
    assert evidence.in_order(" ".join(text)) == table[-1][-1] / len(text)
