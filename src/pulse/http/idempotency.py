"""`Idempotency-Key` on POST: repeated with the same key, a request does its work once and gets the same answer.

The key is recorded in the transaction that does the work. A crash before the commit leaves neither; two requests
with one key at a time queue on the row, and the second gets the first one's answer.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Header, Request
from fastapi.responses import JSONResponse

from pulse.http.errors import BadRequest, KeyReused
from pulse.storage.engine import Database, Transaction

Answer = tuple[int, Any]
"""Status code and JSON body."""


class Once:
    """The key of one request; a FastAPI dependency."""

    def __init__(
        self, request: Request, idempotency_key: str | None = Header(None, min_length=1, max_length=255)
    ) -> None:
        if idempotency_key is not None and not idempotency_key.isascii():
            raise BadRequest("Idempotency-Key must be ASCII")
        self._request = request
        self._key = idempotency_key

    async def run(
        self, database: Database, tenant: Any, work: Callable[[Transaction], Awaitable[Answer]]
    ) -> JSONResponse:
        """Do `work` in a transaction, or give the answer of the request that did it. Raises `KeyReused`."""
        async with database.transaction(tenant) as tx:
            if self._key is None:
                status, body = await work(tx)
                return JSONResponse(body, status)
            fingerprint = await self._fingerprint()
            claimed = await tx.execute(
                """INSERT INTO bus.idempotency (key, fingerprint, status, body) VALUES (:key, :fingerprint, 0, 'null')
                   ON CONFLICT DO NOTHING""",
                key=self._key,
                fingerprint=fingerprint,
            )
            if not claimed.rowcount:
                return await self._repeat(tx, fingerprint)
            status, body = await work(tx)
            await tx.execute(
                "UPDATE bus.idempotency SET status = :status, body = :body WHERE tenant_id = :tenant AND key = :key",
                status=status,
                body=body,
                tenant=tx.tenant,
                key=self._key,
            )
        return JSONResponse(body, status)

    async def earlier(self, database: Database, tenant: Any) -> JSONResponse | None:
        """Return the answer given before, if there is one: for work that uses the network before its transaction."""
        if self._key is None:
            return None
        async with database.transaction(tenant) as tx:
            known = await tx.scalar(
                "SELECT 1 FROM bus.idempotency WHERE tenant_id = :tenant AND key = :key",
                tenant=tx.tenant,
                key=self._key,
            )
            return await self._repeat(tx, await self._fingerprint()) if known else None

    async def _repeat(self, tx: Transaction, fingerprint: str) -> JSONResponse:
        row = await tx.row(
            "SELECT fingerprint, status, body FROM bus.idempotency WHERE tenant_id = :tenant AND key = :key",
            tenant=tx.tenant,
            key=self._key,
        )
        if row is None or row["fingerprint"] != fingerprint:
            raise KeyReused(f"Idempotency-Key {self._key!r} was used for another request")
        return JSONResponse(row["body"], row["status"], {"idempotency-replayed": "true"})

    async def _fingerprint(self) -> str:
        request = self._request
        material = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
        return hashlib.sha256(material).hexdigest()


async def forget_old_keys(database: Database, tenant: Any) -> None:
    """Drop keys older than a day."""
    async with database.transaction(tenant) as tx:
        await tx.execute("DELETE FROM bus.idempotency WHERE created_at < now() - interval '1 day'")
