"""A stored file as a response, whole or the one piece that was asked for (RFC 9110, 14).

Browsers play sound by pieces, some will not play it otherwise. Several pieces at once, and what
cannot be read, are answered with the whole file, as the RFC lets a server do. The first block is
read before anything is answered: a storage that is away is an error, not half an answer. One that
goes away later breaks the connection, and the client sees that fewer bytes came than were said.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

from starlette.responses import Response, StreamingResponse

from services.kit import logs
from services.kit.blobs import BlobStore, usable

CHUNK: Final = 256 * 1024
_ONE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
log = logs.get("gateway.pieces")


@dataclass(frozen=True, slots=True)
class Piece:
    """``[start, end)`` of a file of ``size`` bytes; ``first`` of them are read already."""

    file: IO[bytes]
    size: int
    start: int
    end: int
    first: bytes

    def response(self, content_type: str, headers: dict[str, str]) -> Response:
        """The answer: 200, 206 for a part, 416 for one that lies behind the end."""
        said = {**headers, "Accept-Ranges": "bytes"}
        if self.start >= self.end and self.size:
            self.file.close()
            return Response(
                status_code=416, headers={**said, "Content-Range": f"bytes */{self.size}"}
            )
        said["Content-Length"] = str(self.end - self.start)
        whole = self.end - self.start == self.size
        if not whole:
            said["Content-Range"] = f"bytes {self.start}-{self.end - 1}/{self.size}"
        return StreamingResponse(
            self._chunks(),
            status_code=200 if whole else 206,
            media_type=content_type,
            headers=said,
        )

    def _chunks(self) -> Iterator[bytes]:
        left, data = self.end - self.start, self.first
        with self.file:
            while data:
                yield data
                left -= len(data)
                try:
                    data = self.file.read(min(CHUNK, left))
                except OSError as error:
                    log.warning("file broke off", reason=error.strerror or str(error))
                    raise


def begin(store: BlobStore, upload_id: str, thumbnail: bool, wanted: str) -> Piece:
    """Open a file at the piece that the ``Range`` header ``wanted`` names; blocking.

    Raises:
        FileNotFoundError: it is gone.
        StorageAway: so is the storage.
    """
    file = store.open(upload_id, thumbnail=thumbnail)
    with usable():
        size = file.seek(0, 2)
        start, end = span(wanted, size)
        file.seek(min(start, size))
        first = file.read(min(CHUNK, max(end - start, 0)))
    return Piece(file, size, start, end, first)


def span(wanted: str, size: int) -> tuple[int, int]:
    """Start and end (excluded) of what a ``Range`` header asks for; nothing lies behind the end.

    >>> span("bytes=0-9", 100), span("bytes=-10", 100), span("bytes=90-", 100), span("x", 100)
    ((0, 10), (90, 100), (90, 100), (0, 100))
    """
    found = _ONE.fullmatch(wanted.replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return 0, size
    first, last = found.groups()
    if not first:
        return (max(size - int(last), 0), size) if int(last) else (size, size)
    if last and int(last) < int(first):
        return 0, size
    return int(first), min(int(last) + 1, size) if last else size
