"""Messages that tell of the same concern, found without anybody saying what to look for.

::

    texts ──── pairs of characters, the rare ones weighing more ──┐
                                                                  ├─ likeness ─► neighbours
    vectors ── the background taken off ──────────────────────────┘                  │
                                                                                     ▼
    groups ◄── joined where they are one ◄── each message to its ◄── the densest opens a group
                                             nearest centre

Vectors of sentences (e5) all lie in one narrow cone: unrelated messages have a cosine of 0.8, near
ones 0.9. So the mean of what people write at all, the background, is taken off first. Then two
messages that share a subject point the same way, and two that share nothing but politeness do not.
It is given, and not the mean of the messages themselves: where all of a month is about one thing,
nothing would be left. Pairs of characters bring what a sentence's meaning passes over: names of
places, of firms, of lines. A message that has no vector is compared by them alone.

Deterministic: messages are taken in the order of their keys, nothing is drawn by lot, and equal
likeness is decided by the key. Time grows with the square of the number of messages, memory with
the number of messages times a block of rows.
"""

import copy
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

Vectors = NDArray[np.float32]

READ: Final = 200
"""Characters of a body whose pairs are counted; a letter says first what it is about."""

TITLE_WEIGHT: Final = 2.0
COMMONEST: Final = 0.12
"""Pairs that a larger share of the messages holds say nothing of the subject."""

MEANING: Final = 0.6
"""Share of the vectors in the likeness; the rest is the characters'."""

NEAR: Final = 0.27
"""Likeness from which two messages are neighbours."""

INSIDE: Final = 0.37
"""Likeness to a group's centre from which a message belongs to it."""

ONE: Final = 0.62
"""Likeness of two centres from which their groups are one."""

PAIRS_KEPT: Final = 150
NEIGHBOURS: Final = 40
ROUNDS: Final = 3
_BLOCK: Final = 256


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a message: its own title and body, normalised by the caller."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one concern, by their places in the list; the most typical ones first."""

    members: tuple[int, ...]
    likeness: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """What people write about at all: the mean of their vectors, and of ``count`` messages in how
    many each pair of characters stands."""

    mean: Vectors
    spread: Mapping[str, int]
    count: int


class Space:
    """Messages as points, by their meaning and by their characters.

    Args:
        words: of each message.
        vectors: a row each, of length 1; a row of zeros where there is none.
        background: what a concern stands out against.
    """

    def __init__(self, words: Sequence[Words], vectors: Vectors, background: Background) -> None:
        known = np.any(vectors != 0, axis=1)
        self.background = background.mean
        self.meaning = centred(vectors, self.background)
        self.names, self.pairs = _weighed([_counted(one) for one in words], background)
        # Without a vector the characters speak for both.
        self.shares = np.where(known, np.float32(1 - MEANING), np.float32(1.0))

    def of(self, rows: Sequence[int]) -> "Space":
        """Some of the messages, in the same space."""
        part = copy.copy(self)
        chosen = np.asarray(rows, np.intp)
        part.meaning, part.pairs = self.meaning[chosen], self.pairs[chosen]
        part.shares = self.shares[chosen]
        return part

    def known(self, centres: Sequence["Kept"]) -> "Centres":
        """Centres that were kept, in this space; pairs that nobody writes here are left out."""
        places = {pair: at for at, pair in enumerate(self.names)}
        meaning = np.zeros((len(centres), self.meaning.shape[1]), np.float32)
        rows, columns, values = [], [], []
        for at, kept in enumerate(centres):
            if kept.vector is not None:
                meaning[at] = kept.vector
            for pair, weight in kept.pairs.items():
                if pair in places:
                    rows.append(at)
                    columns.append(places[pair])
                    values.append(weight)
        pairs = csr_matrix(
            (np.asarray(values, np.float32), (rows, columns)),
            shape=(len(centres), len(self.names)),
        )
        return Centres(centred(meaning, self.background), _unit_rows(pairs))

    def kept(self, members: Sequence[int], vectors: Vectors) -> "Kept":
        """The centre of a group, to be found again later; ``vectors`` as they came."""
        own = vectors[list(members)]
        own = own[np.any(own != 0, axis=1)]
        row = self.centres([members]).pairs.tocoo()
        weights = sorted(
            zip(row.data.tolist(), row.col.tolist(), strict=True),
            key=lambda one: (-one[0], one[1]),
        )
        return Kept(
            own.mean(axis=0) if len(own) else None,
            {self.names[at]: round(weight, 5) for weight, at in weights[:PAIRS_KEPT]},
        )

    def likeness(self, rows: slice) -> NDArray[np.float32]:
        """Of some messages (rows) to all of them."""
        meaning = self.meaning[rows] @ self.meaning.T
        pairs = (self.pairs[rows] @ self.pairs.T).toarray()
        share = np.maximum(self.shares[rows, None], self.shares[None, :])
        return np.asarray(meaning * (1 - share) + pairs * share, np.float32)

    def centres(self, groups: Sequence[Sequence[int]]) -> "Centres":
        """The middle of each group."""
        meaning = np.zeros((len(groups), self.meaning.shape[1]), np.float32)
        rows: list[int] = []
        columns: list[int] = []
        for at, members in enumerate(groups):
            meaning[at] = self.meaning[list(members)].mean(axis=0)
            rows += [at] * len(members)
            columns += members
        chosen = csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)),
            shape=(len(groups), self.pairs.shape[0]),
        )
        return Centres(_unit(meaning), _unit_rows(chosen @ self.pairs))

    def to(self, centres: "Centres") -> NDArray[np.float32]:
        """Likeness of all messages (rows) to the centres."""
        meaning = self.meaning @ centres.meaning.T
        pairs = (self.pairs @ centres.pairs.T).toarray()
        share = self.shares[:, None]
        return np.asarray(meaning * (1 - share) + pairs * share, np.float32)


@dataclass(frozen=True, slots=True)
class Centres:
    """The middles of groups."""

    meaning: Vectors
    pairs: Any

    def to(self, others: "Centres") -> NDArray[np.float32]:
        """Likeness of each (rows) to each of the others; by characters alone without a vector."""
        pairs = (self.pairs @ others.pairs.T).toarray()
        bare = ~np.any(self.meaning != 0, axis=1)[:, None] | ~np.any(others.meaning != 0, axis=1)
        share = np.where(bare, np.float32(1.0), np.float32(1 - MEANING))
        mixed = (self.meaning @ others.meaning.T) * (1 - share) + pairs * share
        return np.asarray(mixed, np.float32)

    def and_then(self, others: "Centres") -> "Centres":
        """These, and the others after them."""
        return Centres(
            np.concatenate([self.meaning, others.meaning]),
            vstack([self.pairs, others.pairs]).tocsr(),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """The centre of a group as it is kept: its mean vector with the background, its pairs."""

    vector: Vectors | None
    pairs: dict[str, float]


def find_groups(space: Space, smallest: int = 2) -> list[Group]:
    """The groups of messages, the largest first; each message is in one of them at most."""
    groups = _opened(space)
    for _ in range(ROUNDS):
        groups = _joined(space, groups)
        groups = _settled(space, groups)
    found = [_typical_first(space, members) for members in groups if len(members) >= smallest]
    return sorted(found, key=lambda group: (-len(group.members), group.members))


def nearest(space: Space, centres: Centres) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The nearest centre of each message, −1 where none is near enough, and its likeness."""
    count = space.meaning.shape[0]
    best = np.full(count, -1, np.intp)
    top = np.zeros(count, np.float32)
    for start in range(0, count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, count))
        shares = space.of(rows.tolist()).to(centres)
        best[rows] = shares.argmax(axis=1)
        top[rows] = shares[np.arange(len(rows)), best[rows]]
    return np.where(top >= INSIDE, best, -1), top


def centred(vectors: Vectors, background: Vectors) -> Vectors:
    """Vectors without their background, of length 1 again; zeros stay zeros."""
    known = np.any(vectors != 0, axis=1, keepdims=True)
    return _unit(np.where(known, vectors - background, np.float32(0)).astype(np.float32))


def _opened(space: Space) -> list[list[int]]:
    """Groups around the densest messages: whoever has most, and nearest, neighbours comes first."""
    neighbours = _neighbours(space)
    density = np.array([shares.sum() for _, shares in neighbours])
    free = np.ones(len(neighbours), bool)
    groups = []
    for at in np.lexsort((np.arange(len(neighbours)), -density)):
        if not free[at]:
            continue
        beside = [int(one) for one in neighbours[at][0] if free[one]]
        if not beside:
            continue
        members = [int(at), *beside]
        free[members] = False
        groups.append(members)
    return groups


def _neighbours(space: Space) -> list[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """The nearest of each message that are near enough, at most :data:`NEIGHBOURS`."""
    found = []
    count = space.meaning.shape[0]
    for start in range(0, count, _BLOCK):
        block = space.likeness(slice(start, start + _BLOCK))
        for offset, row in enumerate(block):
            row[start + offset] = 0.0
            near = np.flatnonzero(row >= NEAR)
            near = near[np.lexsort((near, -row[near]))][:NEIGHBOURS]
            found.append((near, row[near]))
    return found


def _joined(space: Space, groups: list[list[int]]) -> list[list[int]]:
    """Groups whose centres are alike become one, into the larger."""
    if len(groups) < 2:
        return groups
    order = sorted(range(len(groups)), key=lambda at: (-len(groups[at]), groups[at][0]))
    centres = space.centres(groups)
    alike = centres.to(centres) >= ONE
    into: dict[int, int] = {}
    for at in order:
        if at in into:
            continue
        into[at] = at
        for other in np.flatnonzero(alike[at]):
            into.setdefault(int(other), at)
    joined: dict[int, list[int]] = {at: [] for at in order if into[at] == at}
    for at in order:
        joined[into[at]] += groups[at]
    return list(joined.values())


def _settled(space: Space, groups: list[list[int]]) -> list[list[int]]:
    """Each message goes to the centre that it is most like, if it is like enough."""
    if not groups:
        return groups
    best, _ = nearest(space, space.centres(groups))
    settled = [np.flatnonzero(best == at).tolist() for at in range(len(groups))]
    return [members for members in settled if len(members) > 1]


def _typical_first(space: Space, members: list[int]) -> Group:
    shares = space.of(members).to(space.centres([members]))[:, 0]
    order = np.lexsort((np.asarray(members), -shares))
    return Group(
        tuple(members[at] for at in order), tuple(round(float(shares[at]), 4) for at in order)
    )


def pairs_of(words: Words) -> list[str]:
    """A message's pairs of neighbouring characters, each once."""
    return list(_counted(words))


def _counted(words: Words) -> dict[str, float]:
    """A message's pairs with their weights; those of its title count twice."""
    weights = dict.fromkeys(_pairs(words.body[:READ]), 1.0)
    weights.update(dict.fromkeys(_pairs(words.title), TITLE_WEIGHT))
    return weights


def _pairs(text: str) -> list[str]:
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    return [pair for pair in pairs if pair.isalnum() and not pair.isascii()]


def _weighed(counted: Sequence[dict[str, float]], background: Background) -> tuple[list[str], Any]:
    """All pairs, and the messages' as a sparse matrix: weighed by how rare each is, of length 1.

    How rare is reckoned over the messages and the background together; a pair that one message
    alone holds likens it to no other.
    """
    spread = Counter(pair for pairs in counted for pair in pairs)
    count = len(counted) + background.count
    everywhere = {pair: spread[pair] + background.spread.get(pair, 0) for pair in spread}
    most = max(3.0, COMMONEST * count)
    names = [pair for pair in sorted(spread) if spread[pair] > 1 and everywhere[pair] <= most]
    numbers = {pair: at for at, pair in enumerate(names)}
    rarity = {pair: math.log(count / everywhere[pair]) + 1 for pair in names}
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for pairs in counted:
        for pair, weight in pairs.items():
            if pair in numbers:
                columns.append(numbers[pair])
                values.append(weight * rarity[pair])
        starts.append(len(values))
    shape = (len(counted), len(names))
    weighed = csr_matrix((np.asarray(values, np.float32), columns, starts), shape=shape)
    return names, _unit_rows(weighed)


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))


def _unit_rows(matrix: Any) -> Any:
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return matrix.multiply(scale[:, None]).tocsr().astype(np.float32)
