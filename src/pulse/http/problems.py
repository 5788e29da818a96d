"""Errors as `application/problem+json` (RFC 9457). The one table from kinds of errors to HTTP status codes."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from pulse.http.errors import BadRequest, NotJson
from pulse.kernel.errors import Kind, PulseError
from pulse.storage.errors import DatabaseUnavailable
from pulse.telemetry import tracing

STATUS: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.TOO_LARGE: 413,
    Kind.WRONG_TYPE: 415,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}

_UNSTORABLE = "22"
_AWAY = ("08", "53", "57")
"""Classes of SQLSTATE (Postgres, appendix A): data exceptions; no connection, no resources, operator intervention."""

_logger = logging.getLogger(__name__)


def problem(status: int, code: str, message: str, next_step: str = "", **more: Any) -> JSONResponse:
    """Return a problem document: `code` is stable, `detail` says what happened, `next_step` what to do."""
    body = {
        "type": f"urn:pulse:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": message,
    }
    if next_step:
        body["next_step"] = next_step
    if trace_id := tracing.current_trace_id():
        body["trace_id"] = trace_id
    headers = {"www-authenticate": 'Bearer realm="pulse"'} if status == 401 else {}
    return JSONResponse(body | more, status, headers, media_type="application/problem+json")


def answer(error: PulseError) -> JSONResponse:
    """Return the problem document of a named error."""
    more = {"details": error.details} if error.details else {}
    return problem(STATUS[error.kind], error.code, error.message, error.next_step, **more)


def install(app: FastAPI) -> None:
    """Let `app` answer every failure with a problem document."""

    @app.exception_handler(PulseError)
    async def named(_request: Request, error: PulseError) -> JSONResponse:
        if error.kind is Kind.INTERNAL:
            _logger.error("%s: %s", error.code, error.message, exc_info=error)
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        if error.body and not _is_json(request) and any(item["loc"] == ("body",) for item in error.errors()):
            return answer(NotJson(f"the body is {request.headers.get('content-type') or 'of no stated type'}"))
        problems = [
            {"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]} for item in error.errors()
        ]
        summary = "; ".join(f"{item['where']}: {item['what']}" for item in problems)
        return problem(422, "http.invalid", summary, "Compare the request with /docs.", problems=problems)

    @app.exception_handler(HTTPException)
    async def plain(_request: Request, error: HTTPException) -> JSONResponse:
        if isinstance(error.__cause__, PulseError):  # FastAPI wraps what goes wrong while it reads a body
            return answer(error.__cause__)
        if error.status_code == 400 and error.__cause__ is not None:
            return problem(
                422, "http.invalid", "body: cannot be read as JSON in UTF-8", "Compare the request with /docs."
            )
        response = problem(error.status_code, f"http.{error.status_code}", str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(DBAPIError)
    async def refused_by_the_database(request: Request, error: DBAPIError) -> JSONResponse:
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state.startswith(_UNSTORABLE):
            return answer(BadRequest("the request holds a value that cannot be: a NUL character, or one out of range"))
        if state.startswith(_AWAY):
            return answer(DatabaseUnavailable(f"the database does not answer: {error.orig}"))
        return await unexpected(request, error)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        _logger.error("%s %s failed in an unforeseen way", request.method, request.url.path, exc_info=error)
        return problem(500, "http.unexpected", "Something went wrong that Pulse did not foresee.", PulseError.next_step)


def _is_json(request: Request) -> bool:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media.startswith("application/") and media.removeprefix("application/").split("+")[-1] == "json"


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status in (401, 403, 404, 409, 413, 415, 422, 429, 500, 503)
}
"""What any route may answer besides its own, for the OpenAPI document."""
