"""A file store in a folder, as a service that runs by itself has it."""

from pathlib import Path
from types import SimpleNamespace

from services.kit.blobs import BlobStore


def store_in(folder: Path) -> BlobStore:
    """Uploads beneath the folder, and a secret of its own."""
    secret = folder / "upload.secret"
    secret.write_bytes(b"x" * 32)
    return BlobStore(
        SimpleNamespace(
            storage_url=f"file://{folder / 'files'}",
            upload_secret_file=secret,
            public_url="https://shequ.example",
        )
    )
