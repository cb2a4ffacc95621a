"""A model as bytes: its two files (`model.json`, `weights.npz`) in one ZIP; never pickle.

For a version that lies in the database and is read by every process. What is read is checked as
files are (:func:`store.load`), and before that whether it is whole and of a size that a model has.
"""

import hashlib
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from services.grid_bridge.classifier import store
from services.grid_bridge.classifier.model import Model
from services.grid_bridge.classifier.store import ModelUnavailable

NAMES: Final = ("model.json", "weights.npz")
MOST_BYTES: Final = 400_000_000
"""Unpacked; a model of the corpus and 5,000 labels has about 20 million."""


def pack(model: Model) -> bytes:
    """The model as bytes."""
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as draft:
        store.write(model, Path(draft))
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in NAMES:
                archive.write(Path(draft) / name, name)
    return packed.getvalue()


def unpack(packed: bytes, sha256: str | None = None) -> Model:
    """The model in these bytes.

    Raises:
        ModelUnavailable: they are damaged (``sha256`` is what they should have), too large, or do
            not fit this code.
    """
    if sha256 is not None and digest(packed) != sha256:
        raise ModelUnavailable("the stored model is damaged: its digest is another")
    try:
        with (
            tempfile.TemporaryDirectory() as draft,
            zipfile.ZipFile(io.BytesIO(packed)) as archive,
        ):
            inside = archive.infolist()
            if sorted(one.filename for one in inside) != sorted(NAMES):
                raise ModelUnavailable("the stored model has other files than a model has")
            if sum(one.file_size for one in inside) > MOST_BYTES:
                raise ModelUnavailable("the stored model is too large for one")
            for one in inside:
                (Path(draft) / one.filename).write_bytes(archive.read(one))
            return store.load(Path(draft))
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise ModelUnavailable(f"the stored model: {type(error).__name__}: {error}") from error


def digest(packed: bytes) -> str:
    """SHA-256 of the bytes."""
    return hashlib.sha256(packed).hexdigest()
