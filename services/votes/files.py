"""Photos that show how something went: from the ids that a caller names to what views carry."""

from collections.abc import Sequence
from typing import Protocol

from services.contracts.errors import FieldError
from services.contracts.events.grid_bridge import Attachment
from services.kit.blobs import BlobMeta
from services.votes.domain.paper_sheets import NoSuchPhoto


class Files(Protocol):
    """What votes wants of the store (``services.kit.blobs.BlobStore``)."""

    def meta(self, upload_id: str) -> BlobMeta | None:
        """What is stored under the id; None when nothing is."""
        ...


def attach(
    files: Files, ids: Sequence[str], owner: str, field: str = "attachments"
) -> list[Attachment]:
    """The pictures that ``owner`` names, in that field.

    Raises:
        NoSuchPhoto: one is unknown, no picture, or somebody else's; ``errors`` names it.
    """
    found = []
    for index, upload_id in enumerate(ids):
        meta = files.meta(upload_id)
        if meta is None or meta.owner != owner or not meta.content_type.startswith("image/"):
            raise NoSuchPhoto(errors=[FieldError(f"{field}.{index}", NoSuchPhoto.zh)])
        found.append(Attachment.model_validate(meta, from_attributes=True))
    return found
