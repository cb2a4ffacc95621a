"""The vectors of the corpus: `python -m services.grid_bridge.classifier.corpus_vectors`.

Reckoning them takes four minutes of one core, more than a fresh checkout should need; so they
stand in the repository (`corpus/vectors.npz`, a byte a number: one part in 250 of a vector's
greatest number is lost). Each is filed under the digest of its words: a message that was changed
finds none, and a test says so. The command reckons what is missing and drops what is left over.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.grid_bridge.classifier import embedding, examples

FILE: Final = examples.FOLDER / "vectors.npz"

Vectors = dict[str, NDArray[np.float32]]


def read(path: Path = FILE) -> Vectors:
    """Vectors by the digest of their words.

    Raises:
        OSError, ValueError: there is no such file, it is none of ours, or of another model.
    """
    with np.load(path, allow_pickle=False) as arrays:
        if str(arrays["model"]) != embedding.MODEL:
            raise ValueError(f"{path.name}: vectors of {arrays['model']}")
        names = [bytes(row).hex() for row in arrays["digests"]]
        rough = arrays["vectors"].astype(np.float32)
    rough /= np.linalg.norm(rough, axis=1, keepdims=True)
    return dict(zip(names, rough, strict=True))


def write(vectors: Vectors, path: Path = FILE) -> None:
    """Keep vectors, in the order of their digests."""
    names = sorted(vectors)
    exact = np.array([vectors[name] for name in names])
    steps = np.round(exact / np.abs(exact).max(axis=1, keepdims=True) * 127)
    np.savez_compressed(
        path,
        model=np.array(embedding.MODEL),
        digests=np.array([list(bytes.fromhex(name)) for name in names], np.uint8),
        vectors=steps.astype(np.int8),
    )


def renew(texts: Iterable[tuple[str, str]], known: Vectors) -> tuple[Vectors, int]:
    """The vectors of these titles and bodies, and how many of them had to be reckoned.

    Raises:
        NoEmbedder: some are missing and can't be.
    """
    found: Vectors = {}
    fresh = 0
    for title, body in texts:
        words = embedding.words(title, body)
        name = embedding.digest(words)
        if name not in known:
            known[name] = embedding.embed(words)
            fresh += 1
        found[name] = known[name]
    return found, fresh


def main() -> int:
    """Renew the file. Exit status 0; 2 without the embedder."""
    embedding.one_thread()
    try:
        known = read()
    except (OSError, ValueError):
        known = {}
    try:
        found, fresh = renew(((one.title, one.body) for one in examples.training()), known)
    except embedding.NoEmbedder as error:
        sys.stderr.write(f"{error}\n")
        return 2
    write(found)
    sys.stderr.write(f"{len(found)} vectors, {fresh} of them new, {FILE.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
