"""A web server for feeds in a process of its own: `python -m benchmarks.server FEEDS ENTRIES WORDS` prints its port."""

import asyncio
import hashlib
import sys

from aiohttp import web

from benchmarks.corpus import Corpus


async def serve(feeds: int, entries: int, words: int) -> None:
    """Serve until standard input ends."""
    documents = Corpus(feeds, entries, words=words).documents()
    tags = [f'"{hashlib.sha256(document).hexdigest()[:16]}"' for document in documents]

    async def answer(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        headers = {"ETag": tags[number]}
        if request.headers.get("If-None-Match") == tags[number]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=documents[number], content_type="application/rss+xml", headers=headers)

    application = web.Application()
    application.router.add_get("/{number}.xml", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(*map(int, sys.argv[1:4])))
