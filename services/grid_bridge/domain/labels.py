"""What a group of messages is called: runs of characters that it has and others have not.

c-TF-IDF over runs of 2 to 16 characters and not over words: no segmenter, and names of places and
firms that stand in no dictionary are found as well. A run counts once a message. One that goes on
to the same longer one nearly every time is a piece of it ("建搅拌" of "建搅拌站"), left to it; one
that is followed by ever the same character breaks off within a word.

Two uses with one difference. Neighbours may read each of the messages, so a label is made of what
at least two of them wrote. To others a run is told only when at least :data:`~.hot_topics.K`
people wrote it, each of them in these very characters: what so many say alike is nobody's own.
Numbers of three digits and more never come into a label: no telephone, no identity card.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 16
LONGEST_WORD: Final = 10
"""Longer runs are sentences: examples of what is said, no names of it."""

IN_LABEL: Final = 3
WORDS_KEPT: Final = 8
READ: Final = 120
"""Characters of a body that are looked through; the title as a whole."""

PIECE: Final = 0.6
"""A run is a piece of a longer one that has at least this share of its messages."""

_RUNS: Final = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_BREAKS: Final = re.compile(
    r"\d{3,}|[A-Z]\d*(?=[省市区县镇乡村路])[省市区县]?|[A-Za-z]+\d+[A-Za-z\d]*"
)
_SECRET: Final = re.compile(r"(?<!\d)[\d*Xx][\d*Xx \-]{5,}[\d*Xx](?!\d)")
_EDGE: Final = frozenset(
    "的了在是和与及对被把将为之其就都也还有到从向等个们这那吗呢吧请求望尽无不能否因而且或要会很后前时中"
    "上下我你您他她它该此本至于以让给由用做去来过着得地并已曾再又才只更最太多些每各某何什怎么谁哪一"
)
_EMPTY: Final = """
    关于 问题 咨询 投诉 反映 请求 希望 建议 请问 恳请 呼吁 强烈 领导 政府 部门 相关 有关 严重
    尽快 解决 您好 你好 尊敬 敬爱 书记 市长 区长 局长 居民 业主 市民 村民 群众 百姓 老百姓 我们
    我家 什么时候 时候 何时 为什么 怎么 是否 能否 可以 没有 一个 如何 情况 现在 目前 已经 进行
    工作 人员 公司 有限 存在 影响 要求 处理 处置 管理 相关部门 有关部门 单位 地方 方面 以及 因为
    所以 但是 如果 这个 那个 多次 一直 到底 究竟 举报 求助 求解 谢谢 感谢 麻烦 不合理 合理
    是不是 有没有 小区 社区 街道 附近 街道办 居委会 居委 回复 答复 再次 今年 去年 明年 本人 大家
    非常 非法 违规 违法 擅自 长期 至今 近期 生活 正常 周边 门口 旁边 安全 隐患 设置 加快 力度
    全覆盖 刻不容缓 年 月 日 号 市 区 县 镇 省 条 名
"""
STOP: Final = tuple(sorted(set(_EMPTY.split()), key=lambda word: (-len(word), word)))
"""What every letter to an office holds, whatever it is about."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one message; ``by`` is whose they are, empty when nobody is named."""

    title: str
    body: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of characters: in how many messages of the group, and of how many people."""

    text: str
    messages: int
    people: int


@dataclass(frozen=True, slots=True)
class Label:
    """A short name for people to read, and the runs that it was chosen from, the best first."""

    text: str
    words: tuple[str, ...]


def masked(text: str) -> str:
    """The text without telephone numbers, identity numbers, number plates and the like."""
    return _SECRET.sub("＊", text)


def clauses(said: Said) -> list[str]:
    """What is looked through of a message, in pieces without anything between."""
    plain = unicodedata.normalize("NFKC", f"{said.title}\n{said.body[:READ]}")
    return _RUNS.findall(_BREAKS.sub("\n", plain))


def runs(group: Sequence[Said], *, messages: int = 2, people: int = 0) -> list[Run]:
    """The longest runs that enough messages, of enough people, have alike; no pieces of others."""
    texts = [clauses(said) for said in group]
    where = _frequent(texts, messages)
    counted = {
        run: Run(run, len(found), len({group[at].by for at in found if group[at].by}))
        for run, found in where.items()
    }
    kept = [
        run
        for run in counted.values()
        if run.people >= people and _is_whole(run.text) and _stands_alone(run.text, texts)
    ]
    return [run for run in kept if not _is_piece(run, kept)]


def label(
    group: Sequence[Said],
    background: Sequence[Said],
    *,
    people: int = 0,
    known: Collection[str] = (),
) -> Label | None:
    """The name of a group among all messages (``background``); None when nothing is said alike.

    Args:
        people: how many must have written each run of it.
        known: words of the field; they are preferred, as they are surely whole.
    """
    least = max(2, math.ceil(0.12 * len(group)))
    found = [
        run for run in runs(group, messages=least, people=people) if len(run.text) <= LONGEST_WORD
    ]
    if not found:
        return None
    spread = _spread([run.text for run in found], background)
    weights = {
        run.text: run.messages
        / len(group)
        * math.log(1 + len(background) / max(1, spread[run.text]))
        * (0.4 + 0.2 * min(len(run.text), 6))
        * (1.3 if run.text in known else 1.0)
        for run in found
    }
    best = sorted(weights, key=lambda text: (-weights[text], text))
    chosen: list[str] = []
    for text in best:
        if len(chosen) < IN_LABEL and not any(_overlap(text, other) for other in chosen):
            if chosen and weights[text] < 0.25 * weights[chosen[0]]:
                break
            chosen.append(text)
    chosen.sort(key=lambda text: _usual_place(text, group))
    return Label(" ".join(chosen), tuple(best[:WORDS_KEPT]))


def _frequent(texts: Sequence[Sequence[str]], least: int) -> dict[str, frozenset[int]]:
    """Runs that enough messages have, with the messages; a longer one only of frequent ones."""
    every: dict[str, frozenset[int]] = {}
    level: set[str] | None = None
    for size in range(2, LONGEST + 1):
        found: dict[str, set[int]] = defaultdict(set)
        for at, pieces in enumerate(texts):
            for piece in pieces:
                for start in range(len(piece) - size + 1):
                    run = piece[start : start + size]
                    if level is None or (run[:-1] in level and run[1:] in level):
                        found[run].add(at)
        level = {run for run, where in found.items() if len(where) >= least}
        every |= {run: frozenset(found[run]) for run in level}
        if not level:
            break
    return every


def _is_whole(run: str) -> bool:
    """Whether it begins and ends with something, and is more than what every letter holds."""
    if run[0] in _EDGE or run[-1] in _EDGE or run.isascii():
        return False
    if run[0].isdigit() and run[1].isdigit() and len(run) < 4:
        return False
    rest = run
    for word in STOP:
        rest = rest.replace(word, "")
    return len(rest) >= 2 and sum(not char.isascii() for char in rest) >= 2


def _stands_alone(run: str, texts: Sequence[Sequence[str]]) -> bool:
    """Whether different things, or nothing, come before and after it."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for at, pieces in enumerate(texts):
        for piece in pieces:
            start = piece.find(run)
            if start >= 0:
                end = start + len(run)
                before[piece[start - 1] if start else f"^{at}"] += 1
                after[piece[end] if end < len(piece) else f"${at}"] += 1
    return all(side.most_common(1)[0][1] <= PIECE * side.total() for side in (before, after))


def _is_piece(run: Run, others: Iterable[Run]) -> bool:
    return any(
        run.text != other.text and run.text in other.text and other.messages >= PIECE * run.messages
        for other in others
    )


def _overlap(one: str, other: str) -> bool:
    pairs = {one[at : at + 2] for at in range(len(one) - 1)}
    return any(other[at : at + 2] in pairs for at in range(len(other) - 1))


def _spread(wanted: Sequence[str], background: Sequence[Said]) -> dict[str, int]:
    plain = [f"{said.title}\n{said.body[:READ]}" for said in background]
    return {run: sum(run in text for text in plain) for run in wanted}


def _usual_place(run: str, group: Sequence[Said]) -> float:
    """Where in a message it usually stands, so that a label reads in the order of speech."""
    places = [f"{said.title}\n{said.body[:READ]}".find(run) for said in group]
    known = sorted(place for place in places if place >= 0)
    return known[len(known) // 2] if known else float(READ)
