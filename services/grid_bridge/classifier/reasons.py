"""Which words of a message spoke for the suggestion, as a person can read them.

Every n-gram's share of the score is laid onto the characters it covers; then words, not n-grams,
collect what lies under them. Words are those of the lexicon, the telling cues ("什么时候",
"建议…路灯") and what the corpus itself shows to be words (`find_words`). When too few are found
the strongest clause stands in whole: a clause is readable, a fragment isn't.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from services.grid_bridge.classifier.cues import CUES, TELLING
from services.grid_bridge.classifier.features import (
    BLOCKS,
    Prepared,
    dense_names,
    groups_of,
    known_words,
)
from services.grid_bridge.classifier.lexicon import GROUPS

if TYPE_CHECKING:
    from services.grid_bridge.classifier.model import Found, Space

MOST: Final = 5
"""Reasons shown at most."""

LONGEST: Final = 12
"""Characters of a reason at most."""

FAINTEST: Final = 0.12
"""A word weaker than this share of the strongest one says nothing beside it."""

_STOPS: Final = re.compile(r"[，。！？；：、\s“”‘’（）()\"'…—]+")
_NOT_IN_WORDS: Final = frozenset(  # particles, pronouns, numerals, dates
    "的了是在我你他她它们这那就都也很还又把被和与或及而但等着过吗呢吧啊呀一二两三四五六七八九十几多第年月日号点半个有不没来去到得地给让请望您0a"
)
_PLAIN_TEXT: Final = """
    小区 领导 政府 部门 问题 情况 希望 居民 业主 我们 现在 时候 已经 可以 没有 什么 一个 就是
    有关 相关 尊敬 我家 大家 自己 知道 因为 所以 如果 这个 那个 要求 解决 处理 如何 是否
    以后 旁边 附近 里面 上面 下面 时间 地方 东西 人家 感觉 根本 结果 这里 这样 每天 今天 昨天
"""
_TOO_PLAIN: Final = frozenset(_PLAIN_TEXT.split())
_GROUP_NAMES: Final = tuple(GROUPS)
_DENSE_AT: Final = {name: at for at, name in enumerate(dense_names())}


def reasons(
    space: "Space",
    message: Prepared,
    found: "Found",
    where: NDArray[np.int64],
    shares: NDArray[np.float32],
) -> list[str]:
    """The words that spoke most for the suggestion, strongest first.

    ``found`` are the n-grams of the message as the space knows them; ``where`` and ``shares``
    are the features present and what each added to the score.
    """
    added = dict(zip(where.tolist(), shares.tolist(), strict=True))
    strongest: dict[str, float] = defaultdict(float)
    clauses: dict[str, float] = defaultdict(float)
    for place in ("title", "body"):
        text = message.text(place)
        under = [0.0] * len(text)
        for block in BLOCKS:
            if block == place or (block == "end" and place == "body"):
                _lay(under, message.text(block), BLOCKS[block], found[block], added)
        running = [0.0, *accumulate(under)]
        for start, word, extra in _words(space, text, place, added):
            strongest[word] += running[start + len(word)] - running[start] + extra
        for clause, start in _clauses(text):
            clauses[clause] += running[start + len(clause)] - running[start]
    return _pick(strongest, clauses)


def _lay(
    under: list[float],
    text: str,
    longest: int,
    found: Sequence[int | None],
    added: dict[int, float],
) -> None:
    """Lay each n-gram's share onto its characters; ``text`` is the end of what lies ``under``."""
    times = Counter(found)
    offset = len(under) - len(text)
    place = 0
    for size in range(1, longest + 1):
        for start in range(offset, offset + len(text) - size + 1):
            at = found[place]
            place += 1
            if at is not None:
                share = added[at] / (times[at] * size)
                for char in range(start, start + size):
                    under[char] += share


def _words(
    space: "Space", text: str, place: str, added: dict[int, float]
) -> Iterable[tuple[int, str, float]]:
    """Where readable words stand, with what their dense features add beside the n-grams."""
    known = known_words(text)
    in_group = Counter(group for _, word in known for group in groups_of(word))
    taken: set[int] = set()
    for start, word in known:
        extra = sum(
            added.get(space.dense_start + _DENSE_AT[f"{_GROUP_NAMES[group]}@{place}"], 0.0)
            / in_group[group]
            for group in groups_of(word)
        )
        taken.update(range(start, start + len(word)))
        if len(word) > 1:
            yield start, word, extra
    for cue in TELLING:
        hits = list(CUES[cue].finditer(text))
        for hit in hits:
            extra = added.get(space.dense_start + _DENSE_AT[f"{cue}@{place}"], 0.0) / len(hits)
            if 2 <= len(hit.group()) <= LONGEST:
                yield hit.start(), hit.group(), extra
    for size in (4, 3, 2):
        for start in range(len(text) - size + 1):
            word = text[start : start + size]
            if word in space.words and not taken.intersection(range(start, start + size)):
                taken.update(range(start, start + size))
                yield start, word, 0.0


def _clauses(text: str) -> Iterable[tuple[str, int]]:
    start = 0
    for clause in _STOPS.split(text):
        at = text.find(clause, start)
        start = at + len(clause)
        if 2 <= len(clause) <= LONGEST:
            yield clause, at


def _pick(words: dict[str, float], clauses: dict[str, float]) -> list[str]:
    picked: list[str] = []
    for source, enough in ((words, MOST), (clauses, 2)):
        faintest = max(source.values(), default=0.0) * FAINTEST
        for word, strength in sorted(source.items(), key=lambda item: (-item[1], item[0])):
            if strength <= faintest or len(picked) >= enough:
                break
            if word not in _TOO_PLAIN and not any(word in one or one in word for one in picked):
                picked.append(word)
    return picked


# -- at training: what the corpus itself shows to be words ---------------------------------------


def find_words(texts: Iterable[str], least: int = 4) -> frozenset[str]:
    """Words of 2–4 characters: parts that stick together, with free neighbours on both sides.

    Classic new-word discovery: every split of the word must be far likelier together than by
    chance (pointwise mutual information), and the entropy of the characters left and right of it
    must show that it stands in many places.
    """
    told = list(texts)
    counts: Counter[str] = Counter()
    for text in told:
        for size in (1, 2, 3, 4):
            counts.update([text[at : at + size] for at in range(len(text) - size + 1)])
    total = sum(map(len, told))
    likely = {
        word
        for word, times in counts.items()
        if len(word) > 1
        and times >= least
        and not _NOT_IN_WORDS.intersection(word)
        and not _STOPS.search(word)
        and _sticks(word, times, counts, total)
    }
    left: dict[str, Counter[str]] = defaultdict(Counter)
    right: dict[str, Counter[str]] = defaultdict(Counter)
    for text in told:
        for size in (2, 3, 4):
            for start in range(len(text) - size + 1):
                word = text[start : start + size]
                if word in likely:
                    left[word][text[start - 1] if start else "^"] += 1
                    right[word][text[start + size : start + size + 1] or "$"] += 1
    return frozenset(
        word for word in likely if min(_entropy(left[word]), _entropy(right[word])) > 0.9
    )


def _sticks(word: str, times: int, counts: Counter[str], total: int) -> bool:
    return all(
        math.log(times * total / (counts[word[:cut]] * counts[word[cut:]])) > 3.5
        for cut in range(1, len(word))
    )


def _entropy(neighbours: Counter[str]) -> float:
    total = sum(neighbours.values())
    return -sum(n / total * math.log(n / total) for n in neighbours.values())
