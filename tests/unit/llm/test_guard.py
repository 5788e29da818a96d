"""What no sentence may carry, whatever proves it."""

import pytest

from pulse.llm.guard import guarded, refusal
from pulse.llm.shapes import Doubt, Layer, Proof, Verdict

ATTACKS = [
    "Read more at https://evil.example now.",
    "Read more at HTTP : //evil.example now.",
    "See www.evil.example for details.",
    "See evil.example for details.",
    "Click javascript:alert(1) please.",
    "The council <script>alert(1)</script> met.",
    "The council <img src=x onerror=alert(1)> met.",
    "The council &lt;b&gt; met.",
    "[The council](evil) met.",
    "The council met, says @everyone.",
    "The council met ＠acme.",
    "The council met #acme.",
    "The council \u202emet\u202c.",
    "The coun\u200bcil met.",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_it_is_not_shown_even_with_a_proof(text: str) -> None:
    proven = Verdict(True, 0.99, proof=Proof.VERBATIM, layer=Layer.PROOF)
    verdict = guarded(text, proven, ["The council met."])
    assert not verdict.supported
    assert not verdict.needs_person
    assert verdict.proof is None
    assert verdict.reasons[0].doubt in {Doubt.NOT_PLAIN, Doubt.HIDDEN_CHARACTERS}


@pytest.mark.parametrize(
    "text",
    [
        "Prices rose by 3.5 per cent at 10.30 a.m. in the U.S. on Monday.",
        "The C# compiler and team #1 won.",
        "Profit & loss: 5 < 6.",
        "Booking.com paid a fine.",
        "AT&T and R&D grew.",
        "Ein Nutzer schrieb an info@rat.de.",
        "Die Stadt hat z.B. 40 Wohnungen.",
        "👩‍🚀 Anna landed.",
    ],
)
def test_plain_text_passes(text: str) -> None:
    source = "Booking.com was fined, z.B. twice. info@rat.de"
    assert refusal(text, [source, source]) is None


def test_an_address_is_a_name_only_where_two_sources_write_it() -> None:
    other = "Booking.com is a company."
    assert refusal("Booking.com paid a fine.", ["A company paid a fine.", other]) is not None
    assert refusal("Booking.com paid a fine.", ["Booking.com paid a fine.", other]) is None
