"""Styles and scripts: read once, addressed by what is in them, so that browsers may keep them for a year."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from pulse.web.errors import NoSuchPage

FOLDER = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    media_type: str
    body: bytes
    compressed: bytes


class Assets:
    """Every file of the static folder. All share one version, so that scripts import each other by relative name."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        digest = hashlib.sha256()
        for name, asset in self._assets.items():
            digest.update(f"{name}\0{len(asset.body)}\0".encode() + asset.body)
        self.version = digest.hexdigest()[:12]

    def __contains__(self, name: str) -> bool:
        return name in self._assets

    def address(self, name: str) -> str:
        """Return the address of a file. Raises `KeyError` when there is none of that name."""
        if name not in self._assets:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answer with one file. Of another version, the file is sent, but is not to be kept."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise NoSuchPage(f"there is no file {request.url.path}")
        current = request.path_params["version"] == self.version
        headers = {"cache-control": _FOR_EVER if current else "no-cache", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                asset.compressed, media_type=asset.media_type, headers=headers | {"content-encoding": "gzip"}
            )
        return Response(asset.body, media_type=asset.media_type, headers=headers)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(media_type, body, gzip.compress(body, 9, mtime=0))
