"""What people write about at all: the background against which a concern stands out.

Taken from the corpus in the repository, and not from the messages of a place: where all of a month
is about one thing, that thing would be its own background, and nothing would be left of it. So it
is the same for a community of thirty messages and a district of thirty thousand, and a concern's
centre of last year can be held against this year's.

``python -m services.grid_bridge.classifier.background`` reckons ``background.json`` anew, in a
minute; after a change of the embedding's model it must be.
"""

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from services.grid_bridge.classifier import embedding
from services.grid_bridge.classifier.examples import Example, training
from services.grid_bridge.classifier.features import normalise, without_courtesy
from services.grid_bridge.domain.clustering import Background, Words, pairs_of
from services.grid_bridge.domain.labels import Said

FILE: Final = Path(__file__).with_name("background.json")
SAMPLE: Final = 400
"""Messages of the corpus whose vectors are averaged, evenly taken."""

_DIGITS: Final = 5


@functools.cache
def background() -> Background:
    """The mean vector, and in how many messages of the corpus each pair of characters stands."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    if told["model"] != embedding.MODEL:
        raise RuntimeError(f"{FILE.name} is of {told['model']}, not of {embedding.MODEL}")
    examples = training()
    spread: dict[str, int] = {}
    for one in examples:
        for pair in pairs_of(words(one.title, one.body)):
            spread[pair] = spread.get(pair, 0) + 1
    return Background(np.asarray(told["mean"], np.float32), spread, len(examples))


@functools.cache
def said() -> tuple[Said, ...]:
    """The corpus as what people say, for labels: what it is full of names no concern."""
    return tuple(Said(one.title, one.body) for one in training())


def words(title: str, body: str) -> Words:
    """A message's words as they are compared."""
    return Words(normalise(title), without_courtesy(normalise(body)))


def _mean(examples: Sequence[Example]) -> list[float]:
    chosen = sorted(examples, key=lambda one: (one.title, one.body))
    step = max(1, len(chosen) // SAMPLE)
    vectors = [
        embedding.embed(embedding.words(one.title, one.body)) for one in chosen[::step][:SAMPLE]
    ]
    mean = np.mean(np.stack(vectors).astype(np.float64), axis=0)
    return [round(float(value), _DIGITS) for value in mean]


if __name__ == "__main__":
    embedding.one_thread()
    told = {"model": embedding.MODEL, "sample": SAMPLE, "mean": _mean(training())}
    FILE.write_text(json.dumps(told) + "\n", encoding="utf-8")
