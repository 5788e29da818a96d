"""Server-sent events: each stage when it is done, then the summary or the problem."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import orjson
from fastapi.responses import JSONResponse, StreamingResponse

from pulse.kernel.errors import PulseError
from pulse.llm.work import Progress

MEDIA_TYPE = "text/event-stream"


def stream(summarized: Callable[[Progress], Awaitable[JSONResponse]]) -> StreamingResponse:
    """Return the stream of a summary's making: events `stage`, and one `summary` or `problem` at the end.

    A reader who goes away ends the work; the stages that are kept are there for the next one.
    """
    return StreamingResponse(_events(summarized), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _events(summarized: Callable[[Progress], Awaitable[JSONResponse]]) -> AsyncIterator[bytes]:
    done: asyncio.Queue[str | None] = asyncio.Queue()

    async def work() -> JSONResponse:
        try:
            return await summarized(done.put)
        finally:
            await done.put(None)

    task = asyncio.create_task(work())
    try:
        while (stage := await done.get()) is not None:
            yield _event("stage", orjson.dumps({"stage": stage}))
        try:
            yield _event("summary", bytes((await task).body))
        except PulseError as error:
            # The status line is long gone: the problem is the last event.
            problem = {"code": error.code, "detail": error.message, "next_step": error.next_step}
            yield _event("problem", orjson.dumps(problem))
    finally:
        task.cancel()


def _event(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
