"""A refit: corpus and labels in, a version with its figures out; bytes on both sides.

::

    lesson ─┬─ oldest labels + corpus ─▶ a model for judging ─┐
            ├─ newest labels, held back ──────────────────────┴▶ figures on what came in last
            ├─ all labels + corpus ────▶ the version ─┐
            └─ held-out messages ─────────────────────┴▶ figures that compare with earlier versions

The version itself learns from everything; that it does well on what is newest can only be said of
a model that has not seen it. The version in use is judged on the same messages.

Done in a process of its own (``python -m services.grid_bridge.classifier.lesson``, started by
:mod:`services.kit.apart`): scikit-learn and the n-grams take 0.6 GB with few labels and 2 GB with
5,000, and the service that asks keeps nothing of it.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from services.grid_bridge.classifier import examples
from services.grid_bridge.classifier.evaluate import LEARNING_WEIGHT, judge, report
from services.grid_bridge.classifier.examples import Example
from services.grid_bridge.classifier.model import Model
from services.grid_bridge.classifier.packed import pack, unpack

MEMORY: Final = 3_000_000_000
"""Bytes of address space; numpy and scipy reserve a good deal more than they use."""

SECONDS: Final = 900
"""Of the processor; 5,000 letters, of which 500 are judged by, took 118."""

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learned: the labels in the order of time, the newest ``held_back`` to judge."""

    version: str
    labels: Sequence[Example]
    held_back: int
    in_use: bytes

    def encode(self) -> bytes:
        """As bytes."""
        about = {
            "version": self.version,
            "held_back": self.held_back,
            "labels": [[one.title, one.body, one.label, one.slot] for one in self.labels],
        }
        return _zip({"lesson.json": json.dumps(about).encode(), "in_use": self.in_use})

    @classmethod
    def decode(cls, given: bytes) -> "Lesson":
        """From bytes; labels weigh what corrections weigh."""
        parts = _unzip(given)
        about = json.loads(parts["lesson.json"])
        labels = [
            Example(at, title, body, label, slot, weight=LEARNING_WEIGHT)
            for at, (title, body, label, slot) in enumerate(about["labels"])
        ]
        return cls(about["version"], labels, about["held_back"], parts["in_use"])


@dataclass(frozen=True, slots=True)
class Learned:
    """The version that came of it, packed, and what is to be said of it.

    ``held_out`` and ``newest`` are its figures, ``…_of_current`` those of the version in use on
    the same messages; None where there was nothing to judge by.
    """

    model: bytes
    figures: Figures

    def encode(self) -> bytes:
        """As bytes."""
        return _zip({"figures.json": json.dumps(self.figures).encode(), "model": self.model})

    @classmethod
    def decode(cls, given: bytes) -> "Learned":
        """From bytes."""
        parts = _unzip(given)
        return cls(parts["model"], json.loads(parts["figures.json"]))


@dataclass(frozen=True, slots=True)
class Corpus:
    """What every refit learns from besides, and what it is judged by."""

    training: Sequence[Example] = field(default_factory=examples.training)
    held_out: Sequence[Example] = field(default_factory=examples.held_out)


def learn(given: bytes, corpus: Corpus | None = None) -> bytes:
    """Do the lesson; see the module."""
    from services.grid_bridge.classifier.train import RECIPE, train  # only here: scikit-learn

    corpus = corpus or Corpus()
    lesson = Lesson.decode(given)
    current = unpack(lesson.in_use)
    earlier = len(lesson.labels) - lesson.held_back
    newest = lesson.labels[earlier:]
    recipe = replace(RECIPE, min_documents=least_documents(len(lesson.labels)))
    figures: Figures = {"newest": None, "newest_of_current": None}
    if newest:
        seen = [*corpus.training, *lesson.labels[:earlier]]
        # judged with its confidence as it is: calibrating would cost three fits more
        figures["newest"] = of_model(train(seen, "judged", recipe, calibrate=False), newest)
        figures["newest_of_current"] = of_model(current, newest)
    model = train([*corpus.training, *lesson.labels], lesson.version, recipe)
    figures["held_out"] = of_model(model, corpus.held_out)
    figures["held_out_of_current"] = of_model(current, corpus.held_out)
    return Learned(pack(model), figures).encode()


def least_documents(labels: int) -> int:
    """In how many messages an n-gram must stand to be a feature, with so many labels beside.

    Real letters are long: with 5,000 of them the n-grams that stand in two messages alone made a
    refit take more than 4 GB. One more for each thousand keeps their number near the corpus's.
    """
    return 2 + labels // 1_000


def of_model(model: Model, cases: Sequence[Example]) -> Figures:
    """What is said of a model on these messages; there must be at least one."""
    verdicts = judge(model, cases)
    told = report(verdicts)
    return {
        "n": told.n,
        "macro_f1": told.macro_f1,
        "low": told.interval[0],
        "high": told.interval[1],
        "accuracy": told.accuracy,
        "slot_n": told.slot_n,
        "slot_accuracy": told.slot_accuracy,
        "mean_confidence": round(sum(one.confidence for one in verdicts) / len(verdicts), 4),
        "calibration_error": told.calibration_error,
    }


def _zip(parts: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _unzip(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


if __name__ == "__main__":
    from services.kit.apart import serve

    serve(learn, memory=MEMORY, seconds=SECONDS)
