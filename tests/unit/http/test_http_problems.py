"""Errors as answers: every kind has a status, every error a code of its own and a next step."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

import pulse
from pulse.http import problems
from pulse.http.errors import BadRequest, NotAuthenticated
from pulse.kernel.errors import Kind, PulseError


def errors() -> list[type[PulseError]]:
    for module in pkgutil.walk_packages(pulse.__path__, "pulse."):
        if "__main__" not in module.name and ".versions." not in module.name and not module.name.endswith(".env"):
            importlib.import_module(module.name)

    def below(error: type[PulseError]) -> Iterator[type[PulseError]]:
        for found in error.__subclasses__():
            yield found
            yield from below(found)

    return [error for error in below(PulseError) if error.__module__.startswith("pulse.")]


ERRORS = errors()


def test_there_are_as_many_errors_as_there_are_files_for_them() -> None:
    rooms = {error.__module__.split(".")[1] for error in ERRORS}
    assert {"bus", "fetch", "gateway", "http", "llm", "news", "social", "storage", "vault", "web"} <= rooms


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_an_error_says_what_it_is_and_what_to_do(error: type[PulseError]) -> None:
    room = error.__module__.split(".")[1]
    assert re.fullmatch(rf"{room}\.[a-z0-9]+(_[a-z0-9]+)*", error.code)
    assert isinstance(error.kind, Kind)
    assert "next_step" in vars(error) or error.next_step != PulseError.next_step, "it has a next step of its own"
    assert len(error.next_step) > 10
    assert error.next_step[-1] in ".)`"
    assert (error.__doc__ or "").strip()


def test_no_two_errors_share_a_code() -> None:
    assert [code for code, times in Counter(error.code for error in ERRORS).items() if times > 1] == []


def test_every_kind_has_a_status_of_its_own() -> None:
    assert set(problems.STATUS) == set(Kind)
    assert len(set(problems.STATUS.values())) == len(Kind)
    assert set(problems.STATUS.values()) <= set(problems.PROBLEM_RESPONSES), "each is in the API document"


class Thing(BaseModel):
    """A body."""

    n: int


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)

    @app.get("/named/{kind}")
    async def named(kind: Kind) -> None:
        raise type("Sample", (PulseError,), {"kind": kind, "code": "x.y", "next_step": "Do this."})("it broke", size=3)

    @app.get("/unforeseen")
    async def unforeseen() -> None:
        raise RuntimeError("the password is hunter2")

    @app.get("/database/{state}")
    async def database(state: str) -> None:
        raise DBAPIError("SELECT hunter2", {}, type("Refused", (Exception,), {"sqlstate": state})("it broke"))

    @app.get("/number")
    async def number(n: int) -> int:
        return n

    @app.post("/thing")
    async def thing(thing: Thing) -> dict[str, str]:
        return {}

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://pulse") as client:
        yield client


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_named_error_becomes_a_problem_document(client: httpx.AsyncClient, kind: Kind) -> None:
    answer = await client.get(f"/named/{kind.value}")
    assert answer.status_code == problems.STATUS[kind]
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document.pop("title")
    assert document == {
        "type": "urn:pulse:problem:x.y",
        "status": problems.STATUS[kind],
        "code": "x.y",
        "detail": "it broke",
        "next_step": "Do this.",
        "details": {"size": 3},
    }
    assert ("www-authenticate" in answer.headers) is (kind is Kind.UNAUTHENTICATED)


async def test_what_nobody_foresaw_says_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    answer = await client.get("/unforeseen")
    assert answer.status_code == 500
    assert answer.json()["code"] == "http.unexpected"
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("22021", 422, "http.bad_request"),
        ("22008", 422, "http.bad_request"),
        ("57P03", 503, "storage.database_unavailable"),
        ("57014", 503, "storage.database_unavailable"),
        ("53300", 503, "storage.database_unavailable"),
        ("08006", 503, "storage.database_unavailable"),
        ("23505", 500, "http.unexpected"),
        ("42601", 500, "http.unexpected"),
    ],
)
async def test_what_the_database_refuses_is_told_from_what_is_our_fault(
    client: httpx.AsyncClient, state: str, status: int, code: str
) -> None:
    answer = await client.get(f"/database/{state}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("media", "body", "status", "code"),
    [
        ("text/plain", '{"n": 1}', 415, "http.not_json"),
        ("application/x-www-form-urlencoded", "n=1", 415, "http.not_json"),
        (None, '{"n": 1}', 415, "http.not_json"),
        ("text/plain", "", 422, "http.invalid"),
        ("application/json", '{"n": "x"}', 422, "http.invalid"),
        ("application/json", "[]", 422, "http.invalid"),
        ("application/json", "{", 422, "http.invalid"),
        ("application/vnd.api+json; charset=utf-8", '{"n": 1}', 200, None),
    ],
)
async def test_a_body_that_does_not_say_it_is_json_is_told_from_one_that_is_wrong(
    client: httpx.AsyncClient, media: str | None, body: str, status: int, code: str | None
) -> None:
    answer = await client.post("/thing", content=body, headers={"content-type": media} if media else {})
    assert (answer.status_code, answer.json().get("code")) == (status, code)


async def test_shapes_paths_and_methods_that_are_wrong_are_problems_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/number", params={"n": "many"})
    assert (answer.status_code, answer.json()["code"]) == (422, "http.invalid")
    assert answer.json()["problems"][0]["where"] == "query.n"
    answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "http.404")
    answer = await client.post("/number")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_codes_are_public_contract() -> None:
    assert (NotAuthenticated.code, BadRequest.code) == ("http.not_authenticated", "http.bad_request")
