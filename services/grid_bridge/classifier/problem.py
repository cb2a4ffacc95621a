"""Is this a problem at all? For ordinary posts, before anybody asks what kind of problem it is.

::

    post ─► row in a space of its own ─► one weight per feature ─► temperature ─► share of 1

Learned from what this project wrote: the messages of the classifier's corpus and short posts of
neighbours are problems; what neighbours say besides (thanks, finds, invitations, chat, talk about
what should be decided together) stands in `corpus/posts/ordinary.jsonl`.
Its space is its own, because the words of thanks and of lost keys occur in no complaint.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.grid_bridge.classifier.features import prepare
from services.grid_bridge.classifier.model import Head, Space, softmax

LABELS: Final = ("ordinary", "problem")


@dataclass(frozen=True, slots=True)
class Detector:
    """Tells problems from what else neighbours write; ``head`` has :data:`LABELS`."""

    version: str
    space: Space
    head: Head

    def problem(self, title: str, body: str) -> float:
        """How likely it is a problem, as a share of 1; 400 characters of each field are read."""
        where, values = self.space.row(prepare(title, body))
        shares = softmax(self.head.scores(where, values), self.head.temperature)
        return round(float(shares[LABELS.index("problem")]), 4)


def two_sided(weights: np.ndarray, bias: float, temperature: float) -> Head:
    """A head of two labels from the one column of weights that a binary fit gives."""
    column = np.asarray(weights, np.float32).reshape(-1, 1)
    return Head(
        LABELS,
        np.ascontiguousarray(np.hstack([-column / 2, column / 2])),
        np.array([-bias / 2, bias / 2], np.float32),
        temperature,
    )
