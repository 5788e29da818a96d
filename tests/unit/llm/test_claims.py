import asyncio
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm.claims import check_claims as check

SOURCE = "The council approved 40 homes on Monday. Residents will appeal."


def check_claims(lines: Iterable[str]) -> list[dict[str, Any]]:
    async def answers() -> list[dict[str, Any]]:
        return [answer async for answer in check(lines)]

    return asyncio.run(answers())


def line(**record: object) -> str:
    return json.dumps(record)


def test_answers_in_order_with_verdicts_for_each_sentence() -> None:
    answers = list(
        check_claims(
            [
                line(id="true", source=SOURCE, text="Residents will appeal. The council approved 40 homes on Monday."),
                "\n",
                line(id=2, source=[SOURCE, "It rained."], text="The council approved 42 homes on Monday. It rained."),
            ]
        )
    )
    assert [answer["id"] for answer in answers] == ["true", 2]
    assert answers[0]["supported"] is True
    assert answers[0]["probability"] >= 0.95
    assert [s["citations"][0]["sentence"] for s in answers[0]["sentences"]] == [1, 0]
    assert answers[1]["supported"] is False
    wrong, right = answers[1]["sentences"]
    assert wrong["reasons"] == [{"code": "number", "detail": "42"}]
    assert right["citations"] == [{"source": 1, "sentence": 0, "text": "It rained."}]
    assert answers[1]["probability"] < 0.9
    json.dumps(answers)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("no json", "claims.not_json"),
        ("[1]", "claims.not_an_object"),
        (line(id=7), "claims.bad_source"),
        (line(id=7, source=[1], text="a"), "claims.bad_source"),
        (line(id=7, source="a"), "claims.bad_text"),
        (line(id=7, source="a", text="a", language=3), "claims.bad_language"),
        (line(id=7, source="a", text="a " * 60_000), "claims.too_large"),
        (line(id=7, source=["a " * 250_000] * 3, text="a"), "claims.too_large"),
        ("[" * 100_000, "claims.not_json"),
        ('{"id": "\\ud800"}', "claims.not_json"),
    ],
)
def test_bad_lines_are_answers_and_the_rest_goes_on(bad: str, code: str) -> None:
    answers = list(check_claims([bad, line(id="next", source=SOURCE, text="Residents will appeal.")]))
    assert answers[0]["supported"] is False
    assert answers[0]["error"]["code"] == code
    assert answers[0]["id"] in {None, 7}
    assert answers[1]["supported"] is True


def test_nothing_to_judge_is_not_supported() -> None:
    for record in (
        {"source": SOURCE, "text": ""},
        {"source": "", "text": "Residents will appeal."},
        {"source": [], "text": "A."},
    ):
        (answer,) = check_claims([line(id=1, **record)])
        assert answer["supported"] is False
        assert answer["probability"] == 0


@given(st.lists(st.text(max_size=60)))
def test_no_line_breaks_it(lines: list[str]) -> None:
    answers = check_claims(lines)
    assert len(answers) == sum(bool(text.strip()) for text in lines)
    assert not any(answer["supported"] for answer in answers)
