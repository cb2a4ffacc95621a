"""Files: taken in, made harmless, and given out again.

A file may be read by anybody who is logged in and knows its id, or who holds a signed link. Ids
cannot be guessed (62 random bits) and files never change, so browsers may keep them for ever.
"""

import asyncio
import hmac
from datetime import UTC, datetime
from typing import Final

from pydantic_core import to_json
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response

from gateway import media, pieces, sound, storage
from gateway.operations import JSON, Call
from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import (
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)
from services.kit.blobs import PLATFORM, BlobMeta, BlobStore

STAFF: Final = COMMITTEE | {Role.DEPARTMENT_STAFF, Role.TOWN_ADMIN, Role.DISTRICT_ADMIN}


class StaffOnly(Forbidden):
    """Documents come from those who work here."""

    code = "upload.staff_only"
    zh, en = "只有工作人员可以上传文档", "Only staff may upload documents"


class GridKeyRequired(Unauthenticated):
    """The grid platform's API key is missing, wrong, or none was set up here."""

    code = "upload.grid_key_required"
    zh, en = "需要网格平台的接口密钥", "The grid platform's API key is required"


async def upload(call: Call) -> Response:
    """Take a file in."""
    data = await _file(call.request)
    found = _sniffed(data)
    return await _stored(call, data, found, _owner(call.actor, found))


async def grid_upload(call: Call) -> Response:
    """Take in a result photo of the grid platform, known by its key."""
    await asyncio.to_thread(_require_grid_key, call)
    data = await _file(call.request)
    found = _sniffed(data)
    if found.kind != "image":
        raise UnsupportedMedia()
    return await _stored(call, data, found, PLATFORM)


def _require_grid_key(call: Call) -> None:
    """Compare in constant time; the file is read each time, so a new key counts at once."""
    file = call.gate.settings.grid_key_file
    try:
        key = file.read_bytes().strip() if file else b""
    except OSError:
        key = b""
    given = call.request.headers.get("x-api-key", "").encode()
    if not hmac.compare_digest(key, given) or not key:
        raise GridKeyRequired()


def _sniffed(data: bytes) -> media.Format:
    found = media.sniff(data)
    if len(data) > media.MAX_BYTES[found.kind]:
        raise TooLarge()
    return found


async def _stored(call: Call, data: bytes, found: media.Format, owner: str) -> Response:
    content_type, thumbnail = found.content_type, None
    if found.kind == "image":
        picture = await call.gate.workshop.remake(data, found)
        data, content_type, thumbnail = picture.data, picture.content_type, picture.thumbnail
    elif found.kind == "audio":
        data = await call.gate.workshop.run(sound.voice_alone, data, content_type)
    meta = await storage.ask(
        call.gate.store.put, data, content_type=content_type, owner=owner, thumbnail=thumbnail
    )
    call.gate.metrics.uploads.labels(content_type).inc()
    answer = {
        "id": meta.id,
        "url": meta.url,
        "thumbnail_url": meta.thumbnail_url,
        "content_type": meta.content_type,
        "bytes": meta.bytes,
    }
    return Response(to_json(answer), status_code=201, media_type=JSON)


async def download(call: Call) -> Response:
    """Give a file out."""
    return await _give(call, thumbnail=False)


async def download_thumbnail(call: Call) -> Response:
    """Give a photo's small picture out."""
    return await _give(call, thumbnail=True)


async def _file(request: Request) -> bytes:
    return (await file_of(request))[1]


async def file_of(request: Request) -> tuple[str, bytes]:
    """The one file in a multipart body: the name that it was sent under, and its bytes.

    Raises:
        UnsupportedMedia: no multipart body.
        Invalid: it cannot be read, or holds no file.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMedia()
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            for value in form.values():
                if isinstance(value, UploadFile):
                    return value.filename or "", await value.read()
    except (HTTPException, MultiPartException):
        raise Invalid(errors=[FieldError("file", "the multipart body cannot be read")]) from None
    raise Invalid(errors=[FieldError("file", "is missing")])


def _owner(actor: Actor | None, found: media.Format) -> str:
    if actor is None:
        raise Unauthenticated()
    if found.kind == "document" and not actor.roles & STAFF:
        raise StaffOnly()
    return actor.person_id


async def _give(call: Call, *, thumbnail: bool) -> Response:
    store, values = call.gate.store, call.values
    upload_id = str(values["id"])
    if call.actor is None and not await asyncio.to_thread(_is_signed, store, values):
        raise Unauthenticated()
    meta = await storage.ask(store.meta, upload_id)
    if meta is None or (thumbnail and meta.thumbnail_url is None):
        raise NotFound()
    headers = _headers(meta, thumbnail=thumbnail)
    if call.request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    content_type = "image/jpeg" if thumbnail else meta.content_type
    wanted = call.request.headers.get("range", "")
    if call.request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        wanted = ""
    try:
        piece = await storage.ask(pieces.begin, store, upload_id, thumbnail, wanted)
    except FileNotFoundError:
        raise NotFound() from None
    return piece.response(content_type, headers)


def _is_signed(store: BlobStore, values: dict[str, object]) -> bool:
    expires, signature = values.get("expires"), values.get("signature")
    if not isinstance(expires, int) or not isinstance(signature, str):
        return False
    return store.verify(str(values["id"]), expires, signature, datetime.now(UTC))


def _headers(meta: BlobMeta, *, thumbnail: bool) -> dict[str, str]:
    """Nothing in a file may run, whatever a browser takes it for."""
    extension = "jpg" if thumbnail else media.EXTENSIONS.get(meta.content_type, "bin")
    showing = "attachment" if meta.content_type == "application/pdf" else "inline"
    return {
        "ETag": f'"{meta.sha256[:32]}{"-t" if thumbnail else ""}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": f'{showing}; filename="{meta.id}.{extension}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
