"""Models on disk: arrays as npz, everything else as JSON; never pickle, which runs what it reads.

    var/model/<version>/model.json     version, labels, vocabularies, words, facts
                       /weights.npz    idf, dense factors, weights and biases of both heads,
                                       and of the heads on vectors
                       /problem.json   the same of the detector of problems
                       /problem.npz

The version is a digest of corpus and code: when either changes, the next use builds anew. A build
happens in a process of its own, so that the service that asks never loads scikit-learn, and under
a lock, so that five processes starting together build once. A folder appears complete or not at
all.
"""

import fcntl
import functools
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from services.grid_bridge.classifier import corpus_vectors, examples
from services.grid_bridge.classifier.embedding import WIDTH
from services.grid_bridge.classifier.features import BLOCKS, dense_names
from services.grid_bridge.classifier.meaning import DenseHead, Meaning
from services.grid_bridge.classifier.model import Head, Model, Space
from services.grid_bridge.classifier.problem import Detector

FORMAT: Final = 2
"""Of the files here; part of the version."""

BUILD_SECONDS: Final = 300
"""A build that takes longer is stopped; on an idle core it takes under a minute."""

_CODE: Final = (
    "features.py",
    "cues.py",
    "lexicon.py",
    "meaning.py",
    "model.py",
    "problem.py",
    "reasons.py",
    "train.py",
)
_ROOT: Final = Path(__file__).resolve().parents[3]


class ModelUnavailable(RuntimeError):
    """There is no usable model: it could not be built, or its files are damaged."""


def folder(chosen: Path | None = None) -> Path:
    """Where models live: the chosen folder, ``$SHEQU_MODEL_DIR``, ``$SHEQU_VAR/model``."""
    usual = Path(os.environ.get("SHEQU_VAR", "var")) / "model"
    return chosen or Path(os.environ.get("SHEQU_MODEL_DIR") or usual)


@functools.cache
def current_version() -> str:
    """The version that today's corpus and code make."""
    here = Path(__file__).parent
    paths = [
        path
        for path in examples.FOLDER.rglob("*.jsonl")
        if not path.stem.endswith(examples.HELD_OUT)
    ]
    paths.append(corpus_vectors.FILE)
    return f"ngram-{FORMAT}-{examples.digest([*paths, *(here / name for name in _CODE)])[:12]}"


def save(model: Model, detector: Detector, into: Path) -> Path:
    """Write both as one complete folder, in place of an older one of that name."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".building-") as draft:
        place = Path(draft) / "model"
        place.mkdir()
        write(model, place)
        heads = {"problem": detector.head}
        _write(place, "problem", "problem", detector.version, detector.space, heads)
        if into.exists():
            into.rename(Path(draft) / "older")
        place.rename(into)
    return into


def write(model: Model, place: Path) -> None:
    """Write the model alone into a folder that is there."""
    heads = {"joint": model.joint, "slots": model.slots}
    facts = dict(model.facts)
    meaning = model.meaning
    about: dict[str, Any] | None = None
    arrays: dict[str, Any] = {}
    if meaning is not None:
        about = {"space": meaning.space}
        for name in ("joint", "slots"):
            head: DenseHead = getattr(meaning, name)
            about[name] = {"labels": head.labels, "temperature": head.temperature}
            arrays[f"meaning_{name}_weights"] = head.weights
            arrays[f"meaning_{name}_bias"] = head.bias
    told = {"facts": facts, "meaning": about}
    _write(place, "model", "weights", model.version, model.space, heads, arrays, **told)


# What the arrays of each head are called in the file.
_STEMS: Final = {"joint": "joint", "slots": "slot", "problem": "problem"}


def _write(
    place: Path,
    about_name: str,
    arrays_name: str,
    version: str,
    space: Space,
    heads: dict[str, Head],
    besides: Mapping[str, Any] | None = None,
    **more: Any,
) -> None:
    arrays = {"idf": space.idf, "dense_factors": space.dense_factors, **(besides or {})}
    for name, head in heads.items():
        arrays[f"{_STEMS[name]}_weights"] = head.weights
        arrays[f"{_STEMS[name]}_bias"] = head.bias
    np.savez(place / f"{arrays_name}.npz", **arrays)
    about = {
        "format": FORMAT,
        "version": version,
        "vocabularies": {block: list(space.vocabularies[block]) for block in BLOCKS},
        "block_weights": dict(space.block_weights),
        "dense_names": dense_names(),
        "dense_limit": space.dense_limit,
        "words": sorted(space.words),
        **{
            name: {"labels": head.labels, "temperature": head.temperature}
            for name, head in heads.items()
        },
        **more,
    }
    text = json.dumps(about, ensure_ascii=False, indent=None)
    (place / f"{about_name}.json").write_text(text, encoding="utf-8")


def load(source: Path) -> Model:
    """Read a model.

    Raises:
        ModelUnavailable: files are missing, damaged, or do not fit this code.
    """
    about, space, heads, arrays = _read(
        source, "model", "weights", ("joint", "slots"), ("facts", "meaning")
    )
    try:
        meaning = _meaning(about["meaning"], arrays)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(f"{source}: {type(error).__name__}: {error}") from error
    return Model(about["version"], space, heads["joint"], heads["slots"], about["facts"], meaning)


def _meaning(about: Any, arrays: Mapping[str, Any]) -> Meaning | None:
    if about is None:
        return None
    heads = {}
    for name in ("joint", "slots"):
        weights, bias = arrays[f"meaning_{name}_weights"], arrays[f"meaning_{name}_bias"]
        labels = tuple(about[name]["labels"])
        if weights.shape != (WIDTH, len(labels)) or bias.shape != (len(labels),):
            raise ValueError("arrays and labels do not fit each other")
        heads[name] = DenseHead(labels, weights, bias, float(about[name]["temperature"]))
    return Meaning(str(about["space"]), heads["joint"], heads["slots"])


def load_detector(source: Path) -> Detector:
    """Read the detector of problems that stands beside a model.

    Raises:
        ModelUnavailable: files are missing, damaged, or do not fit this code.
    """
    about, space, heads, _ = _read(source, "problem", "problem", ("problem",))
    return Detector(about["version"], space, heads["problem"])


def _read(
    source: Path,
    about_name: str,
    arrays_name: str,
    heads: tuple[str, ...],
    needs: tuple[str, ...] = (),
) -> tuple[dict[str, Any], Space, dict[str, Head], dict[str, Any]]:
    try:
        about = json.loads((source / f"{about_name}.json").read_text(encoding="utf-8"))
        with (
            (source / f"{arrays_name}.npz").open("rb") as file,
            np.load(file, allow_pickle=False) as arrays,
        ):
            found = {name: arrays[name] for name in arrays.files}
        for needed in ("version", *needs):
            if needed not in about:
                raise KeyError(needed)
        return about, *_assemble(about, found, heads), found
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelUnavailable(f"{source}: {type(error).__name__}: {error}") from error


def _assemble(
    about: dict[str, Any], arrays: dict[str, Any], names: tuple[str, ...]
) -> tuple[Space, dict[str, Head]]:
    if about["format"] != FORMAT or tuple(about["dense_names"]) != dense_names():
        raise ValueError("made by another version of the code")
    vocabularies: dict[str, dict[str, int]] = {}
    start = 0
    for block in BLOCKS:
        grams = about["vocabularies"][block]
        vocabularies[block] = {gram: start + at for at, gram in enumerate(grams)}
        start += len(grams)
    space = Space(
        vocabularies=vocabularies,
        idf=arrays["idf"],
        block_weights=about["block_weights"],
        dense_factors=arrays["dense_factors"],
        dense_limit=float(about["dense_limit"]),
        words=frozenset(about["words"]),
    )
    heads = {
        name: Head(
            labels=tuple(about[name]["labels"]),
            weights=arrays[f"{_STEMS[name]}_weights"],
            bias=arrays[f"{_STEMS[name]}_bias"],
            temperature=float(about[name]["temperature"]),
        )
        for name in names
    }
    for head in heads.values():
        if head.weights.shape != (space.size, len(head.labels)) or start != len(space.idf):
            raise ValueError("arrays and vocabularies do not fit each other")
    return space, heads


def ensure(chosen: Path | None = None) -> tuple[Model, Detector]:
    """The current model and its detector: read when they are there, else built first (seconds).

    Raises:
        ModelUnavailable: they can't be built, or can't be read even when built anew.
    """
    place = folder(chosen)
    source = place / current_version()
    try:
        return load(source), load_detector(source)
    except ModelUnavailable:
        with _only_one(place):
            try:
                return load(source), load_detector(source)  # built by another process meanwhile
            except ModelUnavailable:
                _put_aside(source)
                _build(place)
                return load(source), load_detector(source)


def _build(place: Path) -> None:
    command = [sys.executable, "-m", "services.grid_bridge.classifier.train", "--into"]
    try:
        subprocess.run(
            [*command, str(place.resolve())],
            cwd=_ROOT,
            check=True,
            capture_output=True,
            timeout=BUILD_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise ModelUnavailable(f"training failed: {' '.join(last)}") from None
    except subprocess.TimeoutExpired:
        raise ModelUnavailable(f"training took longer than {BUILD_SECONDS} s") from None


def _put_aside(source: Path) -> None:
    """Move a damaged folder out of the way; it stays for whoever wants to know why."""
    if source.exists():
        source.rename(Path(tempfile.mkdtemp(dir=source.parent, prefix=".damaged-")) / source.name)


@contextmanager
def _only_one(place: Path) -> Iterator[None]:
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
