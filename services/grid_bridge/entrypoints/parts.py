"""What entrypoints take from their call."""

from services.kit.blobs import BlobStore
from services.kit.service import Call


def files(call: Call) -> BlobStore:
    """Where uploaded files lie."""
    return BlobStore(call.settings)
