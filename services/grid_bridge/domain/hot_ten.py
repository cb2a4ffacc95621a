"""A month's hot ten, reckoned from what was written: pure, and the same whenever it is repeated.

::

    the month's messages ──▶ groups ──▶ the ten of most people ──▶ linked with concerns of before
                                                                            │
    the months before ──▶ each message to its nearest centre ◄──────────────┤
                                  │                                         ▼
                                  └──▶ figures of the months ──────▶ topics with their trend

A month and the months before it are counted by one rule, the nearest centre that is near enough:
otherwise a month would be held against numbers that were found in another way.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from services.grid_bridge.domain import hot_topics as rules
from services.grid_bridge.domain import labels
from services.grid_bridge.domain.clustering import (
    Background,
    Group,
    Kept,
    Space,
    Vectors,
    Words,
    find_groups,
    nearest,
)
from services.grid_bridge.domain.hot_topics import BACK, LEAST, TOPICS, Level, Month
from services.grid_bridge.domain.labels import Said

ALGORITHM: Final = "2026-11"
"""Names the rules of this module, the constants of clustering and the words of labels."""

SAME: Final = 0.55
"""Likeness of two centres from which a concern of before goes on."""

MOST: Final = 8_000
"""Messages among which groups are looked for. Of a month that has more, every second, third …
opens groups, and then all are counted."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote. ``words`` are normalised; ``people`` who wrote it or said me too."""

    kind: str
    id: str
    community_id: str
    town_id: str
    said: Said
    words: Words
    people: tuple[str, ...]
    vector: Vectors | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A concern of earlier months."""

    id: str
    centre: Kept


@dataclass(frozen=True, slots=True)
class Told:
    """A topic as it is told outside of the communities that it comes from."""

    people: int
    before: tuple[int | None, ...]
    label: str
    words: tuple[str, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A hot topic. ``concern`` is the known one that goes on; ``members`` the month's messages."""

    concern: str | None
    label: str
    words: tuple[str, ...]
    people: int
    messages: int
    before: tuple[int, ...]
    spread: dict[str, int]
    members: tuple[int, ...]
    likeness: tuple[float, ...]
    centre: Kept
    outside: Told | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found. ``assigned`` gives messages to a topic (its place) or a known concern."""

    topics: tuple[Topic, ...]
    assigned: tuple[tuple[int | str, int], ...]
    messages: int
    without_vector: int
    digest: str


def reckon(
    month: Month,
    level: Level,
    messages: Sequence[Message],
    known: Sequence[Known],
    background: Background,
    *,
    besides: Sequence[Said] = (),
    field_words: frozenset[str] = frozenset(),
) -> Found:
    """The hot ten of a month.

    Args:
        messages: those of the month and of the :data:`~.hot_topics.BACK` months before, in the
            order of their time and id.
        known: the concerns of earlier months in the same place.
        background: what a concern stands out against.
        besides: what people say at all; labels are made of what they do not.
        field_words: words of the field, for labels.
    """
    months = [Month.of(message.written_at) for message in messages]
    here = [at for at, one in enumerate(months) if one == month]
    bare = sum(messages[at].vector is None for at in here)
    digest = _digest(messages)
    if len(here) < LEAST:
        return Found((), (), len(here), bare, digest)
    vectors = np.zeros((len(messages), len(background.mean)), np.float32)
    for at, message in enumerate(messages):
        if message.vector is not None:
            vectors[at] = message.vector
    space = Space([message.words for message in messages], vectors, background)
    step = -(-len(here) // MOST)
    looked = here[::step]
    groups = [
        Group(tuple(looked[at] for at in group.members), group.likeness)
        for group in find_groups(space.of(looked))
    ]
    linked = _linked(space, groups, known)
    free = [one for at, one in enumerate(known) if at not in linked.values()]
    if not groups and not known:
        return Found((), (), len(here), bare, digest)
    centres = space.centres([group.members for group in groups])
    if free:
        centres = centres.and_then(space.known([one.centre for one in free]))
    best, top = nearest(space, centres)
    likeness: list[float] = top.tolist()
    by_group: dict[int, list[int]] = defaultdict(list)
    for at, group_at in enumerate(best.tolist()):
        if group_at >= 0:
            by_group[group_at].append(at)
    chosen = _hottest(messages, here, by_group, len(groups))
    everything = [*(message.said for message in messages), *besides]
    topics = tuple(
        _topic(
            by_group[group_at], level=level, month=month, months=months,
            messages=messages, space=space, vectors=vectors, likeness=likeness,
            concern=known[linked[group_at]].id if group_at in linked else None,
            everything=everything,
            field_words=field_words,
        )
        for group_at in chosen
    )  # fmt: skip
    places: dict[int, int | str] = {group_at: at for at, group_at in enumerate(chosen)}
    places |= {len(groups) + at: one.id for at, one in enumerate(free)}
    # A concern of before that goes on, but is not among the ten, keeps its messages, too.
    places |= {at: known[to].id for at, to in linked.items() if at not in places}
    assigned = tuple(
        (places[group_at], at)
        for group_at, members in sorted(by_group.items())
        if group_at in places
        for at in members
    )
    return Found(topics, assigned, len(here), bare, digest)


def _linked(space: Space, groups: Sequence[Group], known: Sequence[Known]) -> dict[int, int]:
    """Groups that go on a known concern: the most alike first, each once."""
    if not groups or not known:
        return {}
    alike = space.centres([group.members for group in groups]).to(
        space.known([one.centre for one in known])
    )
    pairs = sorted(
        (-float(alike[at, to]), at, to) for at, to in zip(*np.nonzero(alike >= SAME), strict=True)
    )
    linked: dict[int, int] = {}
    for _, at, to in pairs:
        if at not in linked and to not in linked.values():
            linked[int(at)] = int(to)
    return linked


def _hottest(
    messages: Sequence[Message],
    here: Sequence[int],
    by_group: dict[int, list[int]],
    groups: int,
) -> list[int]:
    """The groups of the month that concern most people, at most ten."""
    this_month = set(here)
    sizes = {
        at: [one for one in members if one in this_month]
        for at, members in by_group.items()
        if at < groups
    }
    people = {
        at: len({person for one in members for person in messages[one].people})
        for at, members in sizes.items()
    }
    hot = [at for at, count in people.items() if count >= LEAST]
    return sorted(hot, key=lambda at: (-people[at], -len(sizes[at]), sizes[at][0]))[:TOPICS]


def _topic(
    members: Sequence[int],
    *,
    level: Level,
    month: Month,
    months: Sequence[Month],
    messages: Sequence[Message],
    space: Space,
    vectors: Vectors,
    likeness: Sequence[float],
    concern: str | None,
    everything: Sequence[Said],
    field_words: frozenset[str],
) -> Topic:
    here = [at for at in members if months[at] == month]
    here.sort(key=lambda at: (-likeness[at], at))
    earlier = [
        [at for at in members if months[at] == month.plus(-back)] for back in range(1, BACK + 1)
    ]
    said = [messages[at].said for at in here]
    name = labels.label(said, everything, known=field_words)
    spread = _spread(messages, here)
    return Topic(
        concern=concern,
        label=name.text if name else labels.masked(said[0].title)[:40],
        words=name.words if name else (),
        people=sum(spread.values()),
        messages=len(here),
        before=tuple(sum(_spread(messages, one).values()) for one in earlier),
        spread=spread,
        members=tuple(here),
        likeness=tuple(round(likeness[at], 4) for at in here),
        centre=space.kept(here, vectors),
        outside=None
        if level is Level.COMMUNITY
        else _told(level, messages, here, earlier, said, everything, field_words),
    )


def _told(
    level: Level,
    messages: Sequence[Message],
    here: Sequence[int],
    earlier: Sequence[Sequence[int]],
    said: Sequence[Said],
    everything: Sequence[Said],
    field_words: frozenset[str],
) -> Told | None:
    towns = {one.community_id: one.town_id for one in messages} if level is Level.DISTRICT else None
    people = rules.outside(_spread(messages, here), towns)
    if people is None:
        return None
    name = labels.label(said, everything, people=rules.K, known=field_words)
    if name is None:
        return None
    phrases = [run.text for run in labels.runs(said, messages=rules.K, people=rules.K)]
    phrases.sort(key=lambda text: (-len(text), text))
    return Told(
        people=people,
        before=tuple(rules.outside(_spread(messages, one), towns) for one in earlier),
        label=name.text,
        words=name.words,
        phrases=tuple(phrases[:3]),
    )


def _spread(messages: Sequence[Message], members: Sequence[int]) -> dict[str, int]:
    return rules.once(
        (messages[at].community_id, person) for at in members for person in messages[at].people
    )


def _digest(messages: Sequence[Message]) -> str:
    """Names what a run was made from, so that anyone can see whether a repetition must agree."""
    told = hashlib.sha256(ALGORITHM.encode())
    for one in messages:
        told.update(f"{one.kind} {one.id} {one.vector is not None}\n".encode())
    return told.hexdigest()[:32]
