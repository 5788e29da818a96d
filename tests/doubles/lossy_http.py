"""A way out that can lose a request or its answer: what a network does between an adapter and a platform."""

from collections.abc import Mapping
from typing import Literal

from pulse.fetch.errors import ConnectFailed, FetchTimedOut
from pulse.social.channels.port import Http, HttpAnswer

Loss = Literal["request", "answer", "connection"]


class LossyHttp:
    """Passes requests on; `lose` lets the next POST to an address that ends with `path` go wrong."""

    def __init__(self, inner: Http) -> None:
        self._inner = inner
        self._losses: list[tuple[Loss, str]] = []
        self.asked: list[tuple[str, str, bytes | None]] = []

    def lose(self, what: Loss, path: str = "") -> None:
        """Lose a request on its way, its answer on the way back, or get no connection at all."""
        self._losses.append((what, path))

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> HttpAnswer:
        """Make the request, or lose it."""
        self.asked.append((method, url, body))
        loss = self._losses[0] if method == "POST" and self._losses and url.endswith(self._losses[0][1]) else None
        if loss is not None:
            self._losses.pop(0)
            if loss[0] == "connection":
                raise ConnectFailed(f"{url}: no connection (lost on purpose)", url=url, sent=False)
            if loss[0] == "request":
                raise FetchTimedOut(f"{url} gave no answer (request lost on purpose)", url=url, sent=True)
        answer = await self._inner.request(method, url, body=body, headers=headers, timeout=timeout)
        if loss is not None:
            raise FetchTimedOut(f"{url} gave no answer (answer lost on purpose)", url=url, sent=True)
        return answer
