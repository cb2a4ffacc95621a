"""A second opinion, from what a text means: one weight per number of its vector and label.

::

    n-grams ─► log shares ──────────┐
                                    ├─ sum ─► temperature ─► shares
    vector ──► log shares × weight ─┘

The n-grams have seen the words of a message, the vector knows of words that stand in no corpus.
Neither alone is as good as both. The sum is only worth its time where the n-grams hesitate: what
they are sure of (:data:`SURE`) the vector did not change once in 300 messages.

Learned from the corpus' vectors (:mod:`.corpus_vectors`) and from nothing else: corrections are
learned by the n-grams.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

CATEGORY_WEIGHT: Final = 0.4
SLOT_WEIGHT: Final = 1.0
"""How much the vector's word counts beside that of the n-grams."""

SURE: Final = 0.9
"""From this confidence on nobody else is asked."""


@dataclass(frozen=True, slots=True)
class DenseHead:
    """A multinomial linear head on vectors; ``temperature`` is that of the sum with the n-grams."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    temperature: float

    def scores(self, vector: Floats) -> Floats:
        """The label's scores before any softmax."""
        return np.asarray(vector @ self.weights + self.bias, np.float32)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Heads on vectors of ``space`` (see :data:`.embedding.MODEL`): of category, and of slot."""

    space: str
    joint: DenseHead
    slots: DenseHead


def log_shares(scores: Floats) -> Floats:
    """Logarithms of the softmax of scores."""
    centred = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(centred - np.log(np.exp(centred).sum(axis=-1, keepdims=True)), np.float32)
