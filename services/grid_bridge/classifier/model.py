"""The linear model at work: numbers in, advice with reasons out; needs numpy alone.

::

    row (sparse) ─┬─► joint head: consult, advise, dispose, S1…X9 ─► sum over the slots = 8x
                  │                                                  └► temperature ─► category
                  └─► slot head (learned from 8x alone) ─► temperature ─► slot, given 8x

One joint head rather than four classes, because "8x" is seventeen quite different complaints and
a single line through them all would be a bad one. The slot has a head of its own with equal
weight for each slot, since the joint head would rather say 噪声 than 群租.

A model never changes after it was made and its functions keep no state: any number of threads or
green threads may use one at a time.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.grid_bridge import catalogue
from services.grid_bridge.classifier import danger
from services.grid_bridge.classifier.features import BLOCKS, Prepared, dense, ngrams, prepare
from services.grid_bridge.classifier.meaning import (
    CATEGORY_WEIGHT,
    SLOT_WEIGHT,
    SURE,
    Meaning,
    log_shares,
)
from services.grid_bridge.classifier.reasons import reasons

Found = Mapping[str, Sequence[int | None]]
Floats = NDArray[np.float32]
Indices = NDArray[np.int64]

HARD: Final = "8x"
CATEGORIES: Final = ("consult", "advise", "dispose", HARD)
"""The categories in their fixed order."""

LEAST_CONFIDENCE: Final = 0.02
"""Candidates below this share of 1 are not worth anybody's time."""

MOST_CANDIDATES: Final = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """One guess; ``confidence`` is a share of 1."""

    category: str
    slot: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The classifier's advice. A human decides (PIPL art. 24).

    ``confidence`` is the calibrated probability of ``category``; ``candidates`` holds the guesses
    in order, the suggested one first, each slot of 8x for itself. ``reasons`` are words of the
    message that spoke most for the category; ``dangers`` say why it is ``urgent``. ``code`` names
    standard, kind, code and matter in one text; it and ``department`` come from the catalogue and
    are there for 8x alone.
    """

    category: str
    slot: str | None
    confidence: float
    candidates: tuple[Candidate, ...]
    reasons: tuple[str, ...]
    code: str | None
    department: str | None
    urgent: bool
    dangers: tuple[str, ...]
    model_version: str


@dataclass(frozen=True, slots=True)
class Space:
    """What a message is measured in: vocabularies, their weights, the scale of the dense part.

    ``words`` are readable words found in the corpus; they carry reasons and are no features.
    """

    vocabularies: Mapping[str, Mapping[str, int]]
    idf: Floats
    block_weights: Mapping[str, float]
    dense_factors: Floats
    dense_limit: float
    words: frozenset[str]

    @property
    def dense_start(self) -> int:
        """Position of the first dense feature; before it are the n-grams."""
        return len(self.idf)

    @property
    def size(self) -> int:
        """Number of features."""
        return len(self.idf) + len(self.dense_factors)

    def find(self, message: Prepared) -> Found:
        """Where each n-gram of the message stands in the vocabularies, block by block."""
        return {
            block: [*map(self.vocabularies[block].get, ngrams(message.text(block), longest))]
            for block, longest in BLOCKS.items()
        }

    def row(self, message: Prepared, found: Found | None = None) -> tuple[Indices, Floats]:
        """The message as positions and values of its features."""
        parts: list[Indices] = []
        values: list[Floats] = []
        for block, positions in (found or self.find(message)).items():
            counts = Counter(positions)
            del counts[None]
            if not counts:
                continue
            where = np.fromiter(counts.keys(), np.int64, len(counts))
            often = np.fromiter(counts.values(), np.float32, len(counts))
            weighed = (1 + np.log(often)) * self.idf[where]
            weighed *= self.block_weights[block] / math.sqrt(float(weighed @ weighed))
            parts.append(where)
            values.append(weighed)
        tail = np.asarray(dense(message), np.float32) * self.dense_factors
        tail = np.minimum(tail, np.float32(self.dense_limit))
        filled = np.flatnonzero(tail)
        parts.append(filled + self.dense_start)
        values.append(tail[filled])
        return np.concatenate(parts), np.concatenate(values)


@dataclass(frozen=True, slots=True)
class Head:
    """A multinomial linear head: ``weights`` is features × labels."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    temperature: float

    def scores(self, where: Indices, values: Floats) -> Floats:
        """The label's scores before any softmax."""
        return np.asarray(values @ self.weights[where] + self.bias, np.float32)


def softmax(scores: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities from scores; a higher temperature makes them more modest."""
    raised = np.exp((scores - scores.max()) / temperature)
    return np.asarray(raised / raised.sum(), np.float32)


def category_logits(joint_scores: Floats, labels: Sequence[str]) -> Floats:
    """Log probabilities of :data:`CATEGORIES`, the slots of the joint head added up to 8x."""
    shares = softmax(joint_scores)
    totals = np.zeros(len(CATEGORIES), np.float32)
    for label, share in zip(labels, shares, strict=True):
        totals[CATEGORIES.index(label) if label in CATEGORIES else -1] += share
    return np.asarray(np.log(np.maximum(totals, 1e-9)), np.float32)


def seconded(logits: Floats, meaning: Meaning, vector: Floats) -> Floats:
    """The n-grams' log shares of :data:`CATEGORIES` together with what the vector says."""
    second = category_logits(meaning.joint.scores(vector), meaning.joint.labels)
    return np.asarray(logits + CATEGORY_WEIGHT * second, np.float32)


def seconded_slots(scores: Floats, meaning: Meaning, vector: Floats) -> Floats:
    """The n-grams' scores of the slots, as log shares, together with what the vector says."""
    second = log_shares(meaning.slots.scores(vector))
    return np.asarray(log_shares(scores) + SLOT_WEIGHT * second, np.float32)


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier. ``facts`` is what is known of its making, for people.

    ``meaning`` is its second opinion, for whoever has the text's vector (:mod:`.embedding`).
    """

    version: str
    space: Space
    joint: Head
    slots: Head
    facts: Mapping[str, Any]
    meaning: Meaning | None = None

    def probabilities(
        self, title: str, body: str, vector: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Of each category, and of each of ``slots.labels`` given that it is 8x."""
        where, values = self.space.row(prepare(title, body))
        return self._probabilities(where, values, vector)

    def _probabilities(
        self, where: Indices, values: Floats, vector: Floats | None
    ) -> tuple[Floats, Floats]:
        logits = category_logits(self.joint.scores(where, values), self.joint.labels)
        slots = self.slots.scores(where, values)
        if vector is None or self.meaning is None or self.meaning.slots.labels != self.slots.labels:
            return softmax(logits, self.joint.temperature), softmax(slots, self.slots.temperature)
        both, both_slots = self.meaning.joint.temperature, self.meaning.slots.temperature
        return (
            softmax(seconded(logits, self.meaning, vector), both),
            softmax(seconded_slots(slots, self.meaning, vector), both_slots),
        )

    def hesitates(self, title: str, body: str) -> bool:
        """Whether the n-grams are so unsure that a second opinion is worth its time."""
        if self.meaning is None:
            return False
        shares, slots = self.probabilities(title, body)
        best = int(shares.argmax())
        if float(shares[best]) < SURE:
            return True
        return CATEGORIES[best] == HARD and float(slots.max()) < SURE

    def classify(self, title: str, body: str, vector: Floats | None = None) -> Suggestion:
        """Advice on one message. Any text will do; 400 characters of each field are read.

        With the text's ``vector`` it is the advice of n-grams and meaning together, and its version
        says so.
        """
        message = prepare(title, body)
        found = self.space.find(message)
        where, values = self.space.row(message, found)
        shares, slot_shares = self._probabilities(where, values, vector)
        best = int(shares.argmax())
        category = CATEGORIES[best]
        slot_key = self.slots.labels[int(slot_shares.argmax())] if category == HARD else None
        slot = catalogue.SLOTS.get(slot_key) if slot_key else None
        leaning = self._leaning(where, category, slot_key)
        dangers = tuple(danger.reasons(title[:2_000], body[:2_000]))
        return Suggestion(
            category=category,
            slot=slot_key,
            confidence=round(float(shares[best]), 4),
            candidates=self._candidates(category, slot_key, shares, slot_shares),
            reasons=tuple(reasons(self.space, message, found, where, values * leaning)),
            code=catalogue.describe(slot.code) if slot else None,
            department=slot.department.name if slot else None,
            urgent=bool(dangers),
            dangers=dangers,
            model_version=self._version(vector),
        )

    def _version(self, vector: Floats | None) -> str:
        if vector is None or self.meaning is None:
            return self.version
        return f"{self.version}+{self.meaning.space}"

    def _leaning(self, where: Indices, category: str, slot: str | None) -> Floats:
        """How much each feature speaks for a category (or slot) against the other categories."""
        weights = self.joint.weights[where]
        mine = self.joint.labels.index(slot or category)
        rivals = [at for at, label in enumerate(self.joint.labels) if label in CATEGORIES]
        others = [at for at in rivals if at != mine]
        return np.asarray(weights[:, mine] - weights[:, others].mean(axis=1), np.float32)

    def _candidates(
        self, category: str, slot: str | None, shares: Floats, slot_shares: Floats
    ) -> tuple[Candidate, ...]:
        hard = float(shares[CATEGORIES.index(HARD)])
        guesses = [
            Candidate(name, None, round(float(share), 4))
            for name, share in zip(CATEGORIES, shares, strict=True)
            if name != HARD
        ]
        guesses += [
            Candidate(HARD, key, round(hard * float(share), 4))
            for key, share in zip(self.slots.labels, slot_shares, strict=True)
        ]
        guesses.sort(
            key=lambda one: ((one.category, one.slot) != (category, slot), -one.confidence)
        )
        first, rest = guesses[0], guesses[1:MOST_CANDIDATES]
        return (first, *(one for one in rest if one.confidence >= LEAST_CONFIDENCE))
