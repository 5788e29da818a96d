"""A service's application in memory, asked by people of any role and tenant."""

from datetime import timedelta
from typing import Any

import httpx

from pulse.http.application import build
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.tenant import TenantId
from pulse.service import Service


class ServiceHttp:
    """Sends requests to one service the way the gateway does."""

    def __init__(self, service: Service, tokens: Tokens) -> None:
        async def ready() -> dict[str, Any]:
            return {}

        app = build(service.name, service.routers, tokens, ready=ready, max_body_bytes=100_000)
        self._tokens = tokens
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://pulse"
        )
        self.answers: list[str] = []
        """Everything that was answered, headers and bodies."""

    async def ask(
        self, method: str, path: str, tenant: TenantId, role: Role = Role.OWNER, *, key: str = "", **more: Any
    ) -> httpx.Response:
        """Ask as somebody of this role."""
        token = self._tokens.issue(Principal(tenant, f"a {role.value}", role), timedelta(minutes=5))
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"} | more.pop("headers", {})
        headers |= {"idempotency-key": key} if key else {}
        answer = await self._http.request(method, path, headers=headers, **more)
        self.answers.append(f"{answer.headers} {answer.text}")
        return answer

    async def close(self) -> None:
        await self._http.aclose()


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem that was answered, which has this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["detail"]
    return body
