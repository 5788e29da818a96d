"""The API document: valid OpenAPI 3.1, and everything in it that a stranger needs to call Pulse."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import httpx
import jsonschema_rs
import pytest
import schemathesis
from fastapi import FastAPI

from pulse.analytics.routes import router as analytics
from pulse.gateway import openapi
from pulse.gateway.routes import router as gateway
from pulse.http import application
from pulse.http.problems import STATUS
from pulse.http.tokens import Tokens
from pulse.llm.routes import router as llm
from pulse.news.routes import router as news
from pulse.notification.routes import router as notification
from pulse.social.routes import router as social

NO_ROOM = cast(Any, None)
"""Routes are declared without asking their room anything."""

PUBLIC = {
    *("GET /niches", "POST /niches", "GET /niches/{name}", "PATCH /niches/{name}"),
    *("GET /articles", "GET /articles/{niche}", "GET /articles/{niche}/{article_id}"),
    *("GET /stories", "GET /stories/{story_id}"),
    *("GET /sources", "POST /sources", "PATCH /sources/{source_id}", "DELETE /sources/{source_id}"),
    *("POST /sources/import", "GET /sources/export", "POST /sources/{source_id}/poll"),
    *("POST /summarize", "GET /summaries", "GET /summaries/{summary_id}"),
    *("POST /publish", "GET /posts", "GET /posts/{post_id}", "GET /posts/{post_id}/why"),
    *("POST /posts/{post_id}/approve", "POST /posts/{post_id}/reject", "POST /posts/{post_id}/cancel"),
    *("POST /posts/{post_id}/retry", "GET /channels", "POST /channels", "PATCH /channels/{channel_id}"),
    *("DELETE /channels/{channel_id}", "GET /publishing/{niche}", "PUT /publishing/{niche}"),
    *("GET /stats/live", "GET /stats/daily", "GET /events"),
}
"""What was promised; more is welcome."""


@pytest.fixture(scope="module")
def document(tokens: Tokens) -> dict[str, Any]:
    routers = {
        "news": news(NO_ROOM),
        "llm": llm(NO_ROOM),
        "social": social(NO_ROOM),
        "analytics": analytics(NO_ROOM),
        "notification": notification(NO_ROOM, NO_ROOM, NO_ROOM),
    }
    applications: dict[str, FastAPI] = {
        name: application.build(name, [router], tokens, ready=NO_ROOM, max_body_bytes=1)
        for name, router in routers.items()
    }
    return json.loads(json.dumps(openapi.document(applications)))  # type: ignore[no-any-return]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def schema(document: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body, with references followed."""

    def follow(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return follow(document["components"]["schemas"][part["$ref"].rpartition("/")[2]])
            return {name: follow(value) for name, value in part.items()}
        return [follow(one) for one in part] if isinstance(part, list) else part

    return follow(content["schema"])  # type: ignore[no-any-return]


def test_it_is_valid_and_says_what_it_is(document: dict[str, Any]) -> None:
    assert (document["openapi"], document["info"]["title"]) == ("3.1.0", "Pulse API")
    assert document["info"]["version"] == "2.0.0"
    schemathesis.openapi.from_dict(document).validate()


def test_what_was_promised_is_there(document: dict[str, Any]) -> None:
    assert {name for name, _ in operations(document)} >= PUBLIC
    assert not any(path.startswith(("/health", "/metrics")) for path in document["paths"])


def test_every_operation_can_be_found_by_name_and_words(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    identifiers = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(identifiers)) == len(identifiers)
    for name, operation in operations(document):
        assert re.fullmatch(r"[A-Z].{6,80}[^.]", operation["summary"]), name
        assert operation["tags"], name
    assert {"news", "llm", "social"} <= tags


def test_every_operation_asks_for_a_token_and_names_its_problems(document: dict[str, Any]) -> None:
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for name, operation in operations(document):
        assert "security" not in operation, f"{name} is open"
        assert any(status.startswith("2") for status in operation["responses"]), name
        for status in STATUS.values():
            answer = operation["responses"][str(status)]["content"]["application/problem+json"]
            assert answer["schema"] == {"$ref": "#/components/schemas/Problem"}, f"{name} {status}"


PAID = {"PATCH /posts/{post_id}"}
"""Beside every POST: an edit may ask a judge that is paid for."""


def test_every_post_takes_an_idempotency_key_and_hardly_anything_else_does(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        headers = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
        assert ("idempotency-key" in headers) is (name.startswith("POST") or name in PAID), name


def test_every_list_is_paged(document: dict[str, Any]) -> None:
    paged = ("/articles", "/articles/{niche}", "/stories", "/posts", "/summaries", "/notices")
    for path in paged:
        operation = document["paths"][path]["get"]
        assert {"limit", "cursor"} <= {one["name"] for one in operation["parameters"]}, path
        content = operation["responses"]["200"]["content"]["application/json"]
        assert "next_cursor" in schema(document, content)["properties"], path


def test_bodies_refuse_unknown_fields_and_carry_worked_examples_that_fit(document: dict[str, Any]) -> None:
    examples = 0
    for name, operation in operations(document):
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind != "application/json":
                continue
            body = schema(document, content)
            objects = [one for one in body.get("anyOf", [body]) if one.get("type") == "object"]
            assert objects, name
            for one in objects:
                assert one["additionalProperties"] is False, name
                example = one.get("examples", [None])[0] or {
                    field: described["examples"][0]
                    for field, described in one["properties"].items()
                    if "examples" in described
                }
                if example:
                    jsonschema_rs.validator_for(one).validate(example)
                    examples += 1
    assert examples >= 8


async def test_the_page_lists_every_operation(document: dict[str, Any]) -> None:
    app = FastAPI(openapi_url=None, docs_url=None)
    app.include_router(gateway(lambda: document))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pulse") as client:
        assert (await client.get("/openapi.json")).json() == document
        page = await client.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for name, operation in operations(document):
        method, _, path = name.partition(" ")
        assert f"<td><code>{method}</code><td><code>{path}</code><td>{operation['summary']}" in page.text
