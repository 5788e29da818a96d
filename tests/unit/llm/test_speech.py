"""Who said what: the same in any order, and never another statement, another speaker or a plain fact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm.shapes import Doubt, Proof, SourceSentence, Verdict
from pulse.llm.verify import Evidence, verify_sentence

FORWARD, BACKWARD = "Police said two men were hurt in Lyon.", "Two men were hurt in Lyon, police said."


def judged(claim: str, source: str, language: str = "en") -> Verdict:
    return verify_sentence(claim, Evidence([SourceSentence("a", 0, source)], language))


@pytest.mark.parametrize(
    ("language", "orders"),
    [
        (
            "en",
            [
                FORWARD,
                BACKWARD,
                "Police said that two men were hurt in Lyon.",
                "Two men were hurt in Lyon, said police.",
                "According to police, two men were hurt in Lyon.",
                "Two men were hurt in Lyon, according to police.",
                "LONDON (Reuters) - Police said two men were hurt in Lyon.",
            ],
        ),
        (
            "en",
            [
                '"We won, at last," the mayor of Camden said.',
                'The mayor of Camden said: "We won, at last."',
                'The mayor of Camden said, "We won, at last".',
                '"We won, at last", said the mayor of Camden.',
            ],
        ),
        ("en", ['"Will the bridge reopen?" the mayor said.', 'The mayor said: "Will the bridge reopen?"']),
        (
            "fr",
            [
                "La maire a déclaré que le pont restera fermé.",
                "Le pont restera fermé, a déclaré la maire.",
                "Selon la maire, le pont restera fermé.",
                "Le pont restera fermé, selon la maire.",
            ],
        ),
        (
            "es",
            [
                "La alcaldesa dijo que el puente seguirá cerrado.",
                "El puente seguirá cerrado, dijo la alcaldesa.",
                "Según la alcaldesa, el puente seguirá cerrado.",
            ],
        ),
        ("it", ["Il sindaco ha detto che il ponte resta chiuso.", "Secondo il sindaco, il ponte resta chiuso."]),
        ("pt", ["A prefeita disse que a ponte segue fechada.", "Segundo a prefeita, a ponte segue fechada."]),
        ("pl", ["Minister powiedział, że most będzie zamknięty.", "Most będzie zamknięty, powiedział minister."]),
        ("ru", ["Министр сообщил, что мост закрыт на ремонт.", "Мост закрыт на ремонт, сообщил министр."]),
        ("uk", ["Міністр повідомив, що міст закрито на ремонт.", "Міст закрито на ремонт, повідомив міністр."]),
    ],
)
def test_speaker_and_statement_are_proven_in_every_order(language: str, orders: list[str]) -> None:
    for source in orders:
        for claim in orders:
            if "(Reuters)" in claim:
                continue
            verdict = judged(claim, source, language)
            assert verdict.supported, (source, claim, verdict.reasons)
            assert verdict.citations
    assert judged(orders[0], orders[1], language).proof is Proof.REARRANGED


@pytest.mark.parametrize(
    ("source", "claim"),
    [
        # another speaker, another statement, none
        (FORWARD, "Two men were hurt in Lyon, doctors said."),
        (FORWARD, "Two men were not hurt in Lyon, police said."),
        (FORWARD, "Two men were hurt in Nice, police said."),
        (FORWARD, "Two men were hurt in Lyon."),
        (FORWARD, "Two men were hurt, police said."),
        (FORWARD, "Two men were hurt in Lyon, police claimed."),
        ("The mayor says the deal is dead.", "The deal is dead, the mayor said."),
        ("Police claimed two men were hurt in Lyon.", BACKWARD),
        ("Two men were hurt in Lyon.", BACKWARD),
        # what may belong to the speaker's side
        ("The minister said he would resign on Monday.", "He would resign on Monday, the minister said."),
        ("Police said two men were hurt and arrested a third.", "Two men were hurt and arrested a third, police said."),
        ("Smith said the deal was dead after the vote.", "The deal was dead after the vote, Smith said."),
        ("Smith said the report claims taxes will rise.", "The report claims taxes will rise, Smith said."),
        # who "he" is, whether it was said
        ("He said Smith would resign soon.", "Smith would resign soon, he said."),
        ("Smith may have said the deal was dead.", "The deal was dead, Smith may have said."),
        ("Nobody said the deal was dead.", "According to nobody, the deal was dead."),
        ("If Smith said the deal was dead, it was.", "The deal was dead, Smith said."),
        # a law and a plan say nothing
        ("He paid the fine according to the law.", "The law said he paid the fine."),
        ("The law said he paid the fine.", "He paid the fine according to the law."),
        # a second voice, a question, quotation marks that come or go
        ("Smith said Jones said the deal was dead.", "Jones said the deal was dead, Smith said."),
        ("Police said two men were hurt in Lyon?", BACKWARD),
        ('The mayor said: "We won at last."', "We won at last, the mayor said."),
        ("The mayor said we won at last.", '"We won at last," the mayor said.'),
        ('Smith said "taxes" would rise on "Monday".', '"Taxes" would rise on "Monday", Smith said.'),
        ("But police said two men were hurt in Lyon.", "Two men were hurt in Lyon, but police said."),
    ],
)
def test_nothing_else_is_proven(source: str, claim: str) -> None:
    assert not judged(claim, source).supported


def test_according_to_without_a_comma_stands_for_one_with_it() -> None:
    one, other = "He paid the fine according to the law.", "According to the law, he paid the fine."
    assert judged(one, other).supported
    assert judged(other, one).supported


def test_a_statement_that_is_only_quoted_stays_quoted() -> None:
    text = ["“It was dark.", "Police said two men were hurt in Lyon.", "I ran,” said Ann Roe."]
    evidence = Evidence([SourceSentence("a", place, sentence) for place, sentence in enumerate(text)], "en")
    verdict = verify_sentence(BACKWARD, evidence)
    assert [reason.doubt for reason in verdict.reasons] == [Doubt.QUOTE]


@given(st.permutations(["Ann", "beat", "Bob", "in", "Lyon"]), st.sampled_from(["police", "Ann"]))
def test_the_words_of_a_statement_keep_their_order(words: list[str], speaker: str) -> None:
    verdict = judged(f"{' '.join(words)}, {speaker} said.", "Police said Ann beat Bob in Lyon.")
    assert verdict.supported == ((words, speaker) == (["Ann", "beat", "Bob", "in", "Lyon"], "police"))


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("On Monday, Ann met Bob in Lyon.", "Ann met Bob in Lyon on Monday."),
        ("Ann met Bob in Lyon on Monday.", "On Monday, Ann met Bob in Lyon."),
        ("Ann met Bob and Eve on Monday, the clerk said.", "The clerk said Ann met Bob and Eve on Monday."),
        ("According to Ann, Bob and Eve met him.", "Bob and Eve met him, Ann and others said."),
    ],
)
def test_a_part_in_another_place_is_for_a_person_to_judge(claim: str, source: str) -> None:
    assert judged(claim, source).needs_person, judged(claim, source).reasons


def test_names_that_change_places_with_a_part_of_the_sentence_are_for_a_person_to_judge() -> None:
    source = "In Lyon, Ann beat Bob in the final of the cup."
    assert judged("Ann defeated Bob in the final of the cup in Lyon.", source).needs_person
    assert not judged("Bob defeated Ann in the final of the cup in Lyon.", source).needs_person
    voice = "In Lyon, Ann invited Bob to the final of the cup."
    assert judged("Bob was invited by Ann to the final of the cup in Lyon.", voice).needs_person
    assert not judged("Bob has invited Ann to the final of the cup in Lyon.", voice).needs_person
    days = "Arrests were made Sunday in Lyon and Nancy after a search."
    assert judged("Arrests were made in Lyon and Nancy on Sunday after the search.", days).needs_person
    # Two sources' names have no order.
    assert judged("Bob and Ann ran home.", "Ann walked to the shop with Eve and the dog before Bob woke.").needs_person


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("Bob beat Ann in Lyon.", "Ann beat Bob in Lyon."),
        ("Bob met Ann on Monday.", "On Monday, Ann met Bob."),
        ("In Lyon, Bob beat Ann.", "Ann beat Bob in Lyon."),
        ("Russia, Ukraine beat.", "Ukraine beat Russia."),
        ("Ann came to Lyon Tuesday and left Monday again.", "Ann came to Lyon Monday and left again Tuesday."),
        ("Bob invited Ann to Lyon.", "Ann invited Bob to Lyon by letter."),
        ("Ann was invited by Bob to Lyon.", "Bob was invited by Ann to Lyon."),
        ("Bob defeated Ann in the final in Lyon.", "Ann beat Bob in the final in Lyon."),
        ("Anna, the boss of Lyon, met Eve from Bern at last.", "Eve, the head of Lyon, met Anna from Bern at last."),
    ],
)
def test_a_swap_is_held_back(claim: str, source: str) -> None:
    assert Doubt.ORDER in {reason.doubt for reason in judged(claim, source).reasons}


def test_one_word_for_finding_stands_for_another() -> None:
    source = "The report found that the bridge had been closed for years."
    assert judged("The report revealed that the bridge had been closed for years.", source).needs_person
    assert not judged("The report claimed that the bridge had been closed for years.", source).needs_person
