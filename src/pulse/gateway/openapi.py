"""The API document of all services together."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from pulse import __version__
from pulse.http.application import Problem

_DESCRIPTION = """
Feeds in, checked posts out.

- Every request carries `Authorization: Bearer TOKEN` (`pulse token` makes one).
- Every POST may carry an `Idempotency-Key`: repeated with the same key it does its work once.
- Failures are `application/problem+json` (RFC 9457) with a stable `code` and a `next_step`.
- Lists are paginated: pass `next_cursor` of one page as `cursor` of the next.
"""


def document(applications: Mapping[str, FastAPI]) -> dict[str, Any]:
    """Return the OpenAPI document of the services' applications, titled "Pulse API"."""
    routes = [route for name, application in applications.items() for route in application.routes]
    tags = [{"name": name} for name in applications]
    schema = get_openapi(
        title="Pulse API",
        version=__version__,
        description=_DESCRIPTION,
        routes=routes,
        tags=tags,
        openapi_version="3.1.0",
    )
    components = schema.setdefault("components", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {})["Problem"] = problem
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    schema["security"] = [{"token": []}]
    return schema
