"""Train the classifier: `python -m services.grid_bridge.classifier.train [--into FOLDER]`.

Reproducible: the corpus in the repository, a fixed order, no randomness but a seeded split for
the calibration. The only module (with `.evaluate` in its learning mode) that needs scikit-learn;
serving needs numpy alone.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.grid_bridge.classifier import corpus_vectors, embedding, examples, store
from services.grid_bridge.classifier.examples import Example
from services.grid_bridge.classifier.features import BLOCKS, Prepared, dense, ngrams, prepare
from services.grid_bridge.classifier.meaning import DenseHead, Meaning
from services.grid_bridge.classifier.model import (
    CATEGORIES,
    HARD,
    Head,
    Model,
    Space,
    category_logits,
    seconded,
    seconded_slots,
)
from services.grid_bridge.classifier.problem import LABELS, Detector, two_sided
from services.grid_bridge.classifier.reasons import find_words

Labels = NDArray[np.str_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was chosen, by cross-validation on the corpus and on the development set.

    ``block_weights`` and ``dense_weight`` set the parts of the row against each other;
    ``penalty`` is scikit-learn's C of either head on n-grams, ``meaning_penalty`` of those on
    vectors; n-grams in fewer than ``min_documents`` messages are left out. ``post_weight`` is how
    often a problem written as a short post counts for the detector: there are few of them beside
    the letters.
    """

    block_weights: tuple[tuple[str, float], ...] = (("title", 1.2), ("body", 1.0), ("end", 0.7))
    dense_weight: float = 0.1
    dense_limit: float = 3.0
    least_spread: float = 0.08
    min_documents: int = 2
    penalty: float = 8.0
    meaning_penalty: float = 16.0
    post_weight: float = 12.0
    tolerance: float = 1e-3
    folds: int = 3
    seed: int = 20_260_101


RECIPE: Final = Recipe()


def train(
    cases: Sequence[Example], version: str, recipe: Recipe = RECIPE, calibrate: bool = True
) -> Model:
    """A model of these examples. Without ``calibrate`` the confidences are the raw ones.

    Raises:
        ValueError: a category has too few examples to learn from.
    """
    _check(cases, recipe)
    prepared = [prepare(example.title, example.body) for example in cases]
    space = make_space(prepared, recipe)
    matrix = rows(space, prepared)
    targets = np.array([example.slot or example.label for example in cases])
    weights = np.array([example.weight for example in cases])
    joint = _fit(matrix, targets, weights, recipe)
    of_hard = np.array([example.slot is not None for example in cases])
    slots = _fit(matrix[of_hard], targets[of_hard], weights[of_hard], recipe, balanced=True)
    facts: dict[str, Any] = {
        "examples": len(cases),
        "labels": dict(Counter(example.label for example in cases)),
        "slots": dict(sorted(Counter(e.slot for e in cases if e.slot).items())),
        "features": space.size,
    }
    meaning = None
    vectors = vectors_of(cases)
    if vectors is not None:
        meaning = _meaning(vectors, targets, of_hard, recipe)
        facts["vectors"] = int(np.isfinite(vectors[:, 0]).sum())
    if calibrate:
        warm = _temperatures(matrix, targets, weights, of_hard, vectors, recipe)
        joint, slots = replace(joint, temperature=warm[0]), replace(slots, temperature=warm[1])
        facts["temperature"] = {"category": warm[0], "slot": warm[1]}
        if meaning is not None:
            meaning = replace(
                meaning,
                joint=replace(meaning.joint, temperature=warm[2]),
                slots=replace(meaning.slots, temperature=warm[3]),
            )
            facts["temperature"] |= {"category with vector": warm[2], "slot with vector": warm[3]}
    return Model(version, space, joint, slots, facts, meaning)


def vectors_of(cases: Sequence[Example]) -> Floats | None:
    """The vectors of these examples as far as the corpus has them, else rows of NaN; None: none.

    What staff corrected has no vector here: the n-grams learn from it, and measured on the
    development set the vectors' heads had nothing to add by learning from it, too.
    """
    try:
        known = corpus_vectors.read()
    except (OSError, ValueError):
        return None
    missing = np.full(embedding.WIDTH, np.nan, np.float32)
    names = [embedding.digest(embedding.words(case.title, case.body)) for case in cases]
    return np.array([known.get(name, missing) for name in names])


def _meaning(
    vectors: Floats, targets: Labels, of_hard: NDArray[np.bool_], recipe: Recipe
) -> Meaning:
    """Heads of category and slot from the rows that have a vector; temperatures 1."""
    there = np.isfinite(vectors[:, 0])
    hard = there & of_hard
    return Meaning(
        embedding.MODEL,
        _fit_dense(vectors[there], targets[there], recipe),
        _fit_dense(vectors[hard], targets[hard], recipe, balanced=True),
    )


def _fit_dense(
    vectors: Floats, targets: Labels, recipe: Recipe, balanced: bool = False
) -> DenseHead:
    """A head on vectors, fitted around their middle: all of E5's lie in a narrow cone."""
    middle = vectors.mean(axis=0, dtype=np.float64)
    scale = float((vectors - middle).std()) * np.sqrt(vectors.shape[1])
    head = LogisticRegression(
        C=recipe.meaning_penalty,
        class_weight="balanced" if balanced else None,
        max_iter=1_000,
        tol=recipe.tolerance,
    )
    with threadpool_limits(limits=1):
        head.fit((vectors - middle) / scale, targets)
    weights = head.coef_.T / scale
    return DenseHead(
        labels=tuple(str(label) for label in head.classes_),
        weights=np.ascontiguousarray(weights, np.float32),
        bias=(head.intercept_ - middle @ weights).astype(np.float32),
        temperature=1.0,
    )


def train_detector(version: str, recipe: Recipe = RECIPE) -> Detector:
    """Problems against ordinary posts, each side with the same weight."""
    messages = [(one.title, one.body) for one in examples.training()]
    posted = examples.posts("problems")
    letters = len(messages)
    messages += posted
    plain = examples.posts("ordinary")
    prepared = [prepare(title, body) for title, body in [*messages, *plain]]
    space = make_space(prepared, recipe, words=False)  # it gives no reasons
    matrix = rows(space, prepared)
    targets = np.array([LABELS[1]] * len(messages) + [LABELS[0]] * len(plain))
    weights = np.ones(len(targets))
    weights[letters : len(messages)] = recipe.post_weight

    def fit(inside: NDArray[np.bool_]) -> Head:
        found = _fit(matrix[inside], targets[inside], weights[inside], recipe, balanced=True)
        return two_sided(found.weights, float(found.bias[0]), 1.0)

    fold = folds([str(one) for one in targets], recipe.folds, recipe.seed)
    logits, truths = [], []
    for number in range(recipe.folds):
        head = fit(fold != number)
        for at in np.flatnonzero(fold == number):
            row = matrix[at]
            where, values = row.indices.astype(np.int64), row.data.astype(np.float32)
            logits.append(head.scores(where, values))
            truths.append(LABELS.index(str(targets[at])))
    warm = _best_temperature(np.array(logits), np.array(truths))
    whole = fit(np.ones(len(targets), np.bool_))
    return Detector(version, space, Head(whole.labels, whole.weights, whole.bias, warm))


def refit(extra: Sequence[Example], recipe: Recipe = RECIPE) -> Model:
    """The shipped corpus and these examples together, as a model in memory.

    Raises:
        ValueError: a category has too few examples to learn from.
    """
    version = f"{store.current_version()}+{len(extra)}"
    return train([*examples.training(), *extra], version, recipe)


def _check(cases: Sequence[Example], recipe: Recipe) -> None:
    counts = Counter(example.label for example in cases)
    poor = [name for name in CATEGORIES if counts[name] < recipe.folds]
    if poor:
        raise ValueError(f"too few examples of {', '.join(poor)} to learn from")


def make_space(
    prepared: Sequence[Prepared], recipe: Recipe = RECIPE, *, words: bool = True
) -> Space:
    """Vocabularies, inverse document frequencies and scales of these messages."""
    vocabularies: dict[str, dict[str, int]] = {}
    idf: list[float] = []
    for block, longest in BLOCKS.items():
        documents: Counter[str] = Counter()
        for message in prepared:
            documents.update(set(ngrams(message.text(block), longest)))
        kept = sorted(gram for gram, n in documents.items() if n >= recipe.min_documents)
        vocabularies[block] = {gram: len(idf) + at for at, gram in enumerate(kept)}
        idf += [float(np.log((1 + len(prepared)) / (1 + documents[gram]))) + 1 for gram in kept]
    spread = np.array([dense(message) for message in prepared]).std(axis=0)
    factors = recipe.dense_weight / np.maximum(spread, recipe.least_spread)
    return Space(
        vocabularies=vocabularies,
        idf=np.array(idf, np.float32),
        block_weights=dict(recipe.block_weights),
        dense_factors=factors.astype(np.float32),
        dense_limit=recipe.dense_limit * recipe.dense_weight,
        words=(
            find_words(message.title + "。" + message.body for message in prepared)
            if words
            else frozenset()
        ),
    )


def rows(space: Space, prepared: Sequence[Prepared]) -> csr_matrix:
    """The messages as a sparse matrix, one row each."""
    found = [space.row(message) for message in prepared]
    starts = np.cumsum([0, *(len(where) for where, _ in found)])
    where = np.concatenate([where for where, _ in found])
    values = np.concatenate([values for _, values in found]).astype(np.float64)
    return csr_matrix((values, where, starts), shape=(len(prepared), space.size))


def _fit(
    matrix: csr_matrix,
    targets: Labels,
    weights: NDArray[np.float64],
    recipe: Recipe,
    balanced: bool = False,
) -> Head:
    head = LogisticRegression(
        C=recipe.penalty,
        class_weight="balanced" if balanced else None,
        max_iter=1_000,
        tol=recipe.tolerance,
    )
    # one thread: the sums come in one order, and on a busy machine threads mostly wait here
    with threadpool_limits(limits=1):
        head.fit(matrix, targets, sample_weight=weights)
    return Head(
        labels=tuple(str(label) for label in head.classes_),
        weights=np.ascontiguousarray(head.coef_.T, np.float32),
        bias=head.intercept_.astype(np.float32),
        temperature=1.0,
    )


# -- calibration ---------------------------------------------------------------------------------


def folds(labels: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """A fold number for each example, every label spread evenly; the same seed, the same folds."""
    dice = np.random.default_rng(seed)
    fold = np.zeros(len(labels), np.int64)
    for label in sorted(set(labels)):
        members = dice.permutation([at for at, one in enumerate(labels) if one == label])
        fold[members] = (np.arange(len(members)) + dice.integers(count)) % count
    return fold


def _temperatures(
    matrix: csr_matrix,
    targets: Labels,
    weights: NDArray[np.float64],
    of_hard: NDArray[np.bool_],
    vectors: Floats | None,
    recipe: Recipe,
) -> tuple[float, float, float, float]:
    """Temperatures at which held-out folds are least surprised: of category and of slot, by the
    n-grams alone and together with the vectors (1 without any).

    The vocabulary is that of all messages; only the weights are learned without the fold.
    """
    fold = folds([str(one) for one in targets], recipe.folds, recipe.seed)
    told = _Told(), _Told(), _Told(), _Told()
    for number in range(recipe.folds):
        inside, outside = fold != number, fold == number
        hard = inside & of_hard
        joint = _fit(matrix[inside], targets[inside], weights[inside], recipe)
        slots = _fit(matrix[hard], targets[hard], weights[hard], recipe, balanced=True)
        meaning = None
        if vectors is not None:
            meaning = _meaning(vectors[inside], targets[inside], of_hard[inside], recipe)
        for at in np.flatnonzero(outside):
            row = matrix[at]
            where, values = row.indices.astype(np.int64), row.data.astype(np.float32)
            target = str(targets[at])
            truth = CATEGORIES.index(target if target in CATEGORIES else HARD)
            logits = category_logits(joint.scores(where, values), joint.labels)
            told[0].add(logits, truth)
            slotted = of_hard[at] and target in slots.labels
            of_slot = slots.scores(where, values) if slotted else None
            if of_slot is not None:
                told[1].add(of_slot, slots.labels.index(target))
            if meaning is None or vectors is None or not np.isfinite(vectors[at, 0]):
                continue
            told[2].add(seconded(logits, meaning, vectors[at]), truth)
            if of_slot is not None and slots.labels == meaning.slots.labels:
                both = seconded_slots(of_slot, meaning, vectors[at])
                told[3].add(both, slots.labels.index(target))
    return (
        told[0].temperature(),
        told[1].temperature(),
        told[2].temperature(),
        told[3].temperature(),
    )


class _Told:
    """What was said of messages that were not learned from, and what was true."""

    def __init__(self) -> None:
        self._logits: list[Floats] = []
        self._truths: list[int] = []

    def add(self, logits: Floats, truth: int) -> None:
        """One message."""
        self._logits.append(logits)
        self._truths.append(truth)

    def temperature(self) -> float:
        """The best one; 1 when nothing was said."""
        if not self._logits:
            return 1.0
        # folds without a rare slot have fewer columns; such rows can't share one matrix
        widest = max(map(len, self._logits))
        kept = [at for at, one in enumerate(self._logits) if len(one) == widest]
        return _best_temperature(
            np.array([self._logits[at] for at in kept]), np.array([self._truths[at] for at in kept])
        )


def _best_temperature(logits: NDArray[np.float32], truths: NDArray[np.int64]) -> float:
    candidates = np.round(np.geomspace(0.2, 4.0, 97), 4)
    centred = (logits - logits.max(axis=1, keepdims=True)).astype(np.float64)
    of_truth = centred[np.arange(len(truths)), truths]
    surprise = [
        float(np.mean(np.log(np.exp(centred / warm).sum(axis=1)) - of_truth / warm))
        for warm in candidates
    ]
    return float(candidates[int(np.argmin(surprise))])


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the shipped model unless it is there already. Exit status 0 when it is there."""
    parser = argparse.ArgumentParser(prog="services.grid_bridge.classifier.train")
    parser.add_argument("--into", type=Path, default=None, help="folder of models (var/model)")
    parser.add_argument("--again", action="store_true", help="even when it is there")
    told = parser.parse_args(arguments)
    into = told.into
    begun = time.monotonic()
    version = store.current_version()
    place = store.folder(into) / version
    if not told.again:
        try:
            store.load(place)
            store.load_detector(place)
        except store.ModelUnavailable as missing:
            sys.stderr.write(f"classifier {version} has to be built ({missing})\n")
        else:
            sys.stderr.write(f"classifier {version} is there\n")
            return 0
    model = train(examples.training(), version)
    folder = store.save(model, train_detector(version), place)
    sys.stderr.write(
        f"classifier {version}: {model.facts['examples']} examples, {model.facts['features']} "
        f"features, {time.monotonic() - begun:.1f} s, {folder}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
