"""Operations of the house itself: files and the demo's clock; the gateway answers them."""

from datetime import datetime

from pydantic import Field

from services.contracts.operations.base import (
    PERSON,
    PUBLIC,
    AnyObject,
    Command,
    Id,
    Operation,
    View,
)

YEAR_SECONDS = 366 * 24 * 3600


class AdvanceClock(Command):
    """Move the business clock forward, so that notice and publicity days can be walked.

    The clock of the demo only: every service refuses it when ``SHEQU_DEMO`` is off.
    """

    advance_seconds: int = Field(ge=0, le=YEAR_SECONDS)


class Clock(View):
    """The business clock of the demo: what it shows and how far it is ahead of the real one."""

    now: datetime
    offset_seconds: float


class Upload(Command):
    """A file: jpeg, png, webp, heic (≤ 10 MB); m4a, webm, ogg, mp3 (≤ 2 MB); PDF (20 MB, staff)."""


class Uploaded(View):
    """A stored file. Posts and issues name it by ``id``; photos are re-encoded without EXIF."""

    id: str
    url: str
    thumbnail_url: str | None = None
    content_type: str
    bytes: int


class OfUpload(Command):
    """A stored file; ``expires`` and ``signature`` come with a signed link."""

    id: Id
    expires: int | None = None
    signature: Id | None = None


class GridUpload(Command):
    """A result photo from the grid platform, with its API key in ``X-Api-Key``: images only.

    The id counts in the platform's own updates and nowhere else.
    """


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "upload", "POST /uploads", service="gateway", who=PERSON, command=Upload,
        result=Uploaded, summary="Upload a photo, a recording or a document", status=201,
        multipart=True, assisted=True,
    ),
    # A signed link opens a file to somebody without an account (the grid platform), so the table
    # lets everybody call; without a signature the gateway wants a login.
    Operation(
        "getUpload", "GET /uploads/{id}", service="gateway", who=PUBLIC, command=OfUpload,
        result=AnyObject, summary="A stored file",
    ),
    Operation(
        "getUploadThumbnail", "GET /uploads/{id}/thumbnail", service="gateway", who=PUBLIC,
        command=OfUpload, result=AnyObject, summary="The small picture of a stored photo",
    ),
    # Every one of the five services answers this one; the gateway asks them all. Nobody needs to
    # be logged in, as everybody may log in as anybody in the demo, and elsewhere it is refused.
    Operation(
        "advanceClock", "POST /ops/clock", service="*", who=PUBLIC, command=AdvanceClock,
        result=Clock, summary="Move the demo's business clock forward",
    ),
    Operation(
        "gridUpload", "POST /grid/uploads", service="gateway", who=PUBLIC,
        command=GridUpload, result=Uploaded, summary="A result photo from the grid platform",
        status=201, multipart=True,
    ),
)  # fmt: skip
