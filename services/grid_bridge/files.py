"""Attachments: from the ids that a caller names to what events and work orders carry."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from services.contracts.errors import FieldError, Invalid
from services.contracts.events import Attachment
from services.contracts.events.grid import SignedAttachment
from services.kit.blobs import PLATFORM, BlobMeta

SIGNED_FOR = timedelta(days=30)
"""How long the grid platform may fetch a file that an order names."""


class Files(Protocol):
    """What the bridge wants of the store (``services.kit.blobs.BlobStore``)."""

    def meta(self, upload_id: str) -> BlobMeta | None:
        """What is stored under the id; None when nothing is."""
        ...

    def signed_url(self, upload_id: str, expires_at: datetime) -> str:
        """A link that opens the file for anybody until then."""
        ...


class UnknownAttachment(Invalid):
    """There is no such upload, or somebody else made it."""

    code = "grid.unknown_attachment"
    zh, en = "附件不存在或不是您上传的", "There is no such upload of yours"


def attach(files: Files, ids: Sequence[str], owner: str) -> list[Attachment]:
    """The uploads that ``owner`` names.

    Raises:
        UnknownAttachment: one is unknown or somebody else's; ``errors`` names it.
    """
    found = []
    for index, upload_id in enumerate(ids):
        meta = files.meta(upload_id)
        if meta is None or meta.owner != owner:
            raise UnknownAttachment(
                errors=[FieldError(f"attachments.{index}", "unknown, or not your upload")]
            )
        found.append(as_attachment(meta))
    return found


def of_platform(files: Files, ids: Iterable[str]) -> list[Attachment]:
    """The platform's result photos; an id that is no upload of its own is passed over, the update
    counts."""
    metas = (files.meta(upload_id) for upload_id in list(ids)[:20])
    return [as_attachment(meta) for meta in metas if meta is not None and meta.owner == PLATFORM]


def as_attachment(meta: BlobMeta) -> Attachment:
    """A stored file as events carry it."""
    return Attachment(
        id=meta.id,
        url=meta.url,
        content_type=meta.content_type,
        bytes=meta.bytes,
        sha256=meta.sha256,
        thumbnail_url=meta.thumbnail_url,
    )


def signed(
    files: Files, attachments: Iterable[Attachment], now: datetime
) -> list[SignedAttachment]:
    """The same files behind links that the grid platform can open without an account."""
    return [
        SignedAttachment(
            url=files.signed_url(one.id, now + SIGNED_FOR),
            sha256=one.sha256,
            content_type=one.content_type,
            bytes=one.bytes,
        )
        for one in attachments
    ]


def has_photo(attachments: Iterable[Attachment]) -> bool:
    """Whether one of them is a picture."""
    return any(one.content_type.startswith("image/") for one in attachments)
