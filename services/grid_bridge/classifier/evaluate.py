"""How good is it? `python -m services.grid_bridge.classifier.evaluate FILE`.

FILE holds labelled messages (JSONL: id, title, body, label, slot, optionally sure). Measures:

* cold: the shipped model, which has never seen a line like these;
* cold, with a second opinion: the same, and where it hesitates the text's vector is asked, as the
  command line and the reader do;
* learning: five folds; each fold is judged by a model that was also trained on the other four,
  as it would be after that many corrections by staff.

Printed: macro-F1 with n and a bootstrap 95 % interval, each class, the confusion, the slot given
8x, and how honest the confidence is.
"""

import argparse
import functools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.grid_bridge.classifier import current_model, embedding, examples, store
from services.grid_bridge.classifier.examples import Example
from services.grid_bridge.classifier.model import CATEGORIES, HARD, Model

BOOTSTRAPS: Final = 2_000
FOLDS: Final = 5
SEED: Final = 7
LEARNING_WEIGHT: Final = 2.0
"""How often a staff correction counts against an example of the corpus."""

VectorOf = Callable[[str, str], NDArray[np.float32]]
"""The vector of a title and a body."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model said of one example."""

    truth: str
    said: str
    confidence: float
    slot_truth: str | None
    slots_said: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Precision, recall and F1 of one category with the number of its examples."""

    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one measure. ``interval`` is the bootstrap's 95 %; ``calibration_error`` the
    mean gap between confidence and share of right answers in ten bins."""

    n: int
    macro_f1: float
    interval: tuple[float, float]
    accuracy: float
    classes: dict[str, ClassScore]
    confusion: list[list[int]]
    slot_n: int
    slot_accuracy: float | None
    slot_top3: float | None
    calibration_error: float
    sure_n: int
    sure_macro_f1: float | None


def judge(
    model: Model, cases: Sequence[Example], vector_of: VectorOf | None = None
) -> list[Verdict]:
    """What the model says of each case; the slot is asked for as if 8x were given.

    ``vector_of`` gives the vector of a text on which the model hesitates.
    """
    verdicts = []
    for case in cases:
        vector = None
        if vector_of is not None and model.hesitates(case.title, case.body):
            vector = vector_of(case.title, case.body)
        shares, slots = model.probabilities(case.title, case.body, vector)
        order = np.argsort(-slots, kind="stable")
        verdicts.append(
            Verdict(
                truth=case.label,
                said=CATEGORIES[int(shares.argmax())],
                confidence=float(shares.max()),
                slot_truth=case.slot,
                slots_said=tuple(model.slots.labels[at] for at in order[:3]),
                sure=case.sure,
            )
        )
    return verdicts


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Mean F1 over the categories that occur, as truth or as answer."""
    hits = np.diag(confusion).astype(float)
    totals = confusion.sum(axis=0) + confusion.sum(axis=1)
    present = totals > 0
    return float((2 * hits[present] / totals[present]).mean()) if present.any() else 0.0


def _confusion(truths: NDArray[np.int64], said: NDArray[np.int64]) -> NDArray[np.int64]:
    size = len(CATEGORIES)
    return np.bincount(truths * size + said, minlength=size * size).reshape(size, size)


def _bootstrap(truths: NDArray[np.int64], said: NDArray[np.int64]) -> tuple[float, float]:
    dice = np.random.default_rng(SEED)
    scores = []
    for _ in range(BOOTSTRAPS):
        drawn = dice.integers(len(truths), size=len(truths))
        scores.append(macro_f1(_confusion(truths[drawn], said[drawn])))
    low, high = np.quantile(scores, [0.025, 0.975])
    return round(float(low), 3), round(float(high), 3)


def report(verdicts: Sequence[Verdict]) -> Report:
    """Figures from verdicts; there must be at least one."""
    truths = np.array([CATEGORIES.index(one.truth) for one in verdicts])
    said = np.array([CATEGORIES.index(one.said) for one in verdicts])
    confusion = _confusion(truths, said)
    slotted = [one for one in verdicts if one.slot_truth]
    sure = np.array([one.sure for one in verdicts])
    return Report(
        n=len(verdicts),
        macro_f1=round(macro_f1(confusion), 3),
        interval=_bootstrap(truths, said),
        accuracy=round(float((truths == said).mean()), 3),
        classes={name: _score(confusion, at) for at, name in enumerate(CATEGORIES)},
        confusion=confusion.tolist(),
        slot_n=len(slotted),
        slot_accuracy=_share([one.slots_said[0] == one.slot_truth for one in slotted]),
        slot_top3=_share([one.slot_truth in one.slots_said for one in slotted]),
        calibration_error=_calibration_error(verdicts),
        sure_n=int(sure.sum()),
        sure_macro_f1=(
            round(macro_f1(_confusion(truths[sure], said[sure])), 3) if sure.any() else None
        ),
    )


def _score(confusion: NDArray[np.int64], at: int) -> ClassScore:
    hits = int(confusion[at, at])
    answered, true = int(confusion[:, at].sum()), int(confusion[at].sum())
    return ClassScore(
        precision=round(hits / answered, 3) if answered else 0.0,
        recall=round(hits / true, 3) if true else 0.0,
        f1=round(2 * hits / (answered + true), 3) if answered + true else 0.0,
        n=true,
    )


def _share(hits: Sequence[bool]) -> float | None:
    return round(sum(hits) / len(hits), 3) if hits else None


def _calibration_error(verdicts: Sequence[Verdict]) -> float:
    bins: dict[int, list[Verdict]] = {}
    for one in verdicts:
        bins.setdefault(min(int(one.confidence * 10), 9), []).append(one)
    gap = sum(
        abs(sum(v.confidence for v in group) - sum(v.truth == v.said for v in group))
        for group in bins.values()
    )
    return round(gap / len(verdicts), 3)


def learning(
    cases: Sequence[Example], vector_of: VectorOf | None = None
) -> tuple[list[Verdict], list[Verdict]]:
    """Verdicts of five-fold learning: corpus plus four folds, judged on the fifth; without and
    with a second opinion."""
    from services.grid_bridge.classifier.train import folds, refit  # only here: scikit-learn

    fold = folds([case.label for case in cases], FOLDS, SEED)
    verdicts: list[Verdict] = []
    seconded: list[Verdict] = []
    for number in range(FOLDS):
        seen = [
            replace(case, weight=LEARNING_WEIGHT)
            for case, mine in zip(cases, fold, strict=True)
            if mine != number
        ]
        unseen = [case for case, mine in zip(cases, fold, strict=True) if mine == number]
        model = refit(seen)
        verdicts += judge(model, unseen)
        seconded += judge(model, unseen, vector_of) if vector_of else []
    return verdicts, seconded


def _vector_of() -> VectorOf | None:
    """Vectors of texts, each reckoned once; None and a word about it where that can't be."""
    try:
        embedding.load()
    except embedding.NoEmbedder as error:
        sys.stderr.write(f"no second opinion: {error}\n")
        return None
    return functools.cache(lambda title, body: embedding.embed(embedding.words(title, body)))


def as_text(title: str, figures: Report) -> str:
    """A report for people."""
    low, high = figures.interval
    lines = [
        f"== {title} ==",
        f"n {figures.n}   macro-F1 {figures.macro_f1:.3f}   95 % {low:.3f}–{high:.3f}   "
        f"accuracy {figures.accuracy:.3f}   calibration error {figures.calibration_error:.3f}",
    ]
    if figures.sure_macro_f1 is not None and figures.sure_n < figures.n:
        lines.append(
            f"where both labellers were sure: n {figures.sure_n}   "
            f"macro-F1 {figures.sure_macro_f1:.3f}"
        )
    lines += [f"{'':10}{'precision':>10}{'recall':>8}{'F1':>8}{'n':>6}   said as"]
    lines += [f"{'':45}" + "".join(f"{name:>9}" for name in CATEGORIES)]
    for (name, score), row in zip(figures.classes.items(), figures.confusion, strict=True):
        lines.append(
            f"{name:10}{score.precision:>10.3f}{score.recall:>8.3f}{score.f1:>8.3f}{score.n:>6}"
            f"{'':3}" + "".join(f"{count:>9}" for count in row)
        )
    if figures.slot_n:
        lines.append(
            f"slot, given {HARD}: n {figures.slot_n}   right {figures.slot_accuracy:.3f}   "
            f"among the first three {figures.slot_top3:.3f}"
        )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Exit status 2 when the file can't be used."""
    embedding.one_thread()
    parser = argparse.ArgumentParser(prog="services.grid_bridge.classifier.evaluate")
    own = examples.FOLDER / f"{examples.HELD_OUT}.jsonl"
    parser.add_argument(
        "file", type=Path, nargs="?", default=own, help="labelled messages, JSONL (own held-out)"
    )
    parser.add_argument("--no-learning", action="store_true", help="only the shipped model")
    parser.add_argument("--fast", action="store_true", help="no second opinion")
    parser.add_argument("--json", action="store_true", help="figures as one JSON object")
    chosen = parser.parse_args(arguments)
    try:
        cases = list(examples.read(chosen.file))
        if not cases:
            raise examples.BadExample(f"{chosen.file.name}: no examples")
    except (OSError, examples.BadExample) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    vector_of = None if chosen.fast else _vector_of()
    measures: dict[str, Report] = {"cold": report(judge(current_model(), cases))}
    if vector_of:
        measures["cold, with a second opinion"] = report(judge(current_model(), cases, vector_of))
    if not chosen.no_learning:
        try:
            alone, seconded = learning(cases, vector_of)
            measures["learning"] = report(alone)
            if seconded:
                measures["learning, with a second opinion"] = report(seconded)
        except ValueError as error:
            sys.stderr.write(f"no learning measured: {error}\n")
    version = store.current_version()
    if chosen.json:
        figures: dict[str, Any] = {name: asdict(one) for name, one in measures.items()}
        sys.stdout.write(json.dumps({"model": version, **figures}, ensure_ascii=False) + "\n")
        return 0
    sys.stdout.write(f"model {version}, file {chosen.file.name}\n")
    for name, one in measures.items():
        sys.stdout.write("\n" + as_text(name, one))
    return 0


if __name__ == "__main__":
    sys.exit(main())
