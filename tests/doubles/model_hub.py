"""A hub of models on loopback, as huggingface_hub asks one: https://huggingface.co/docs/hub/models-downloading.

`HEAD` and `GET /{repository}/resolve/{revision}/{file}`: the commit in `X-Repo-Commit`, the file's hash as `ETag`, and
ranges, so that a download goes on where it broke off.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class ModelHub:
    """What it holds, by `repository/file`, and the ranges that were asked for.

    `cut` is the bytes after which the next download breaks off; `status` is answered in the place of every file.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    ranges: list[str] = field(default_factory=list)
    cut: int | None = None
    status: int | None = None
    url: str = ""


@contextmanager
def model_hub() -> Iterator[ModelHub]:
    """Run a hub in a thread."""
    hub = ModelHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self, with_body: bool) -> None:
            found = re.fullmatch(r"/(.+)/resolve/([^/]+)/(.+)", self.path)
            content = hub.files.get(f"{found[1]}/{found[3]}") if found else None
            if content is None or hub.status is not None:
                self.send_response(hub.status or 404)
                self.send_header("X-Error-Code", "" if hub.status else "EntryNotFound")
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            etag, begin = hashlib.sha256(content).hexdigest(), 0
            if wanted := re.fullmatch(r"bytes=(\d+)-\d*", self.headers.get("Range", "")):
                begin = int(wanted[1])
                hub.ranges.append(wanted[0])
            self.send_response(206 if wanted else 200)
            if wanted:
                self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
            self.send_header("ETag", f'"{etag}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            if not with_body:
                return
            if hub.cut is not None:
                self.wfile.write(content[begin : begin + hub.cut])
                hub.cut, self.close_connection = None, True
                return
            self.wfile.write(content[begin:])

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
