"""What pages load besides themselves: our own style and script, and the few files of others.

Each file is named with a piece of its hash (``/assets/shequ.css?v=1f0c…``), so a browser may keep
it for ever. They are small and few: they are held in memory, compressed once. Our own style and
script are written in parts, one for each idea, and travel as one file (:data:`BUNDLES`).
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from services.contracts.errors import NotFound
from services.kit import logs

log = logs.get(__name__)

STATIC = Path(__file__).resolve().parents[1] / "static"
TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
BUNDLES: Mapping[str, str] = {
    "shequ.css": "css",
    "shequ.js": "js",
    "desk.css": "desk-css",
    "desk.js": "desk-js",
}
"""Files that are put together: the folder below ``static`` whose parts they are, by name."""
_COMPRESSED = frozenset({".css", ".js", ".svg", ".txt", ".webmanifest"})
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. ``version`` is a piece of its SHA-256."""

    body: bytes
    small: bytes
    content_type: str
    version: str


class Assets:
    """The files below ``folders``; of two with the same name the first is taken."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._known: dict[str, Asset] = {}

    def url(self, name: str) -> str:
        """Where a page finds it."""
        try:
            return f"/assets/{name}?v={self.get(name).version}"
        except NotFound:
            log.error("asset is missing, run the set-up", name=name)
            return f"/assets/{name}"

    def get(self, name: str) -> Asset:
        """The file; NotFound when there is none of that name."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read(name)
        return known

    def _read(self, name: str) -> Asset:
        suffix = Path(name).suffix
        body = self._bytes(name) if suffix in TYPES else None
        if body is None:
            raise NotFound()
        small = gzip.compress(body, 9, mtime=0) if suffix in _COMPRESSED else b""
        return Asset(body, small, TYPES[suffix], hashlib.sha256(body).hexdigest()[:12])

    def _bytes(self, name: str) -> bytes | None:
        if name in BUNDLES:
            parts = sorted((STATIC / BUNDLES[name]).glob(f"*{Path(name).suffix}"))
            return b"\n".join(part.read_bytes() for part in parts)
        for folder in self._folders:
            try:
                path = (folder / name).resolve()
                if path.is_relative_to(folder.resolve()) and path.is_file():
                    return path.read_bytes()
            except (OSError, ValueError):
                return None  # a name that no file can have: too long, with a NUL
        return None

    def respond(self, request: Request, name: str) -> Response:
        """The file as a response; without its hash it must be asked for again each time."""
        asset = self.get(name)
        kept = request.query_params.get("v") == asset.version
        headers = {
            "Cache-Control": FOR_EVER if kept else "no-cache",
            "ETag": f'"{asset.version}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        body = asset.body
        if asset.small and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = asset.small, "gzip"
        return Response(body, media_type=asset.content_type, headers=headers)
