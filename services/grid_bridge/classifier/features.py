"""A message as numbers: character n-grams, groups of known words and the form of the request.

    title ──┬─ n-grams 1–3 ───────────────┐
            │                             │
    body ───┼─ n-grams 1–4 ───────────────┤   one sparse row; each block of n-grams
            ├─ its end, n-grams 1–3 ──────┤   has unit length times its weight
            └─ known words, cues, shape ──┘

Characters and not words: no segmenter, no dictionary to load; typos and dialect still share most
of their n-grams. The end of the body has a block of its own because that is where a Chinese
letter to an office says what it wants ("恳请增设路灯" against "请问何时能亮"). Greetings and
thanks are taken out first: they come with every kind of message.

Pure functions on text, used alike in training and in service, so that the two can't drift apart.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from services.grid_bridge.classifier.cues import CUES
from services.grid_bridge.classifier.lexicon import GROUPS

FIELD_LIMIT: Final = 400
"""Characters read of each field; the rest says the same again and costs time."""

TAIL_LENGTH: Final = 70
"""Characters at the end of the body that form the block of its end."""

BLOCKS: Final[dict[str, int]] = {"title": 3, "body": 4, "end": 3}
"""The blocks of n-grams with the longest n-gram of each."""

_SPACE: Final = re.compile(r"\s+")
_LINK: Final = re.compile(r"https?://\S+|www\.\S+")
_PLACE_CODE: Final = re.compile(r"[a-z]+\d+[a-z\d]*|[a-z]{1,2}\d*(?=[省市区县镇乡村路])")
_NUMBER: Final = re.compile(r"\d+(?:[.,:：]\d+)*")
_REPEATED: Final = re.compile(r"([^\w\s])\1+")
_GREETING: Final = re.compile(
    r"(尊敬的|敬爱的)[^，：。！]{0,12}[，：。！]?"
    r"|[\u4e00-\u9fff]{0,3}(书记|市长|区长|县长|局长|领导)(们|同志)?[，：]"
    r"|(您|你|侬|大家|各位领导|领导)们?好啊?[，：。！]?"
)
_THANKS: Final = re.compile(
    r"[，。；！]?(非常|万分|不胜)?(谢谢|感激|感谢)(您|你|领导|大家|了|不尽|各位|政府|啦|！|。|，){0,6}$"
    r"|此致.{0,6}$|敬礼.{0,3}$|(盼复|盼回复|为感|为盼|拜托了|麻烦了|急盼)[.。！，]*$"
)
_ASKING_END: Final = ("？", "吗", "呢")


def normalise(text: str) -> str:
    """One spelling for what means the same: width, case, numbers, place codes, spaces.

    Numbers become ``0``: that there is one says something, its value hardly does. Only the first
    :data:`FIELD_LIMIT` characters are read.
    """
    text = unicodedata.normalize("NFKC", text[:FIELD_LIMIT])[:FIELD_LIMIT].lower()
    text = _LINK.sub("", text).translate(_WIDE)
    if sum("a" <= char <= "z" for char in text) * 3 > len(text):  # a language with spaces
        text = _SPACE.sub(" ", text).strip()
    else:
        text = _SPACE.sub("", _PLACE_CODE.sub("a", text))
    return _REPEATED.sub(r"\1", _NUMBER.sub("0", text))


_WIDE: Final = str.maketrans({",": "，", "?": "？", "!": "！", ";": "；", ":": "："})


def without_courtesy(body: str) -> str:
    """The body without greeting and thanks."""
    body = _GREETING.sub("", body, count=2)
    for _ in range(3):
        shorter = _THANKS.sub("", body)
        if shorter == body:
            break
        body = shorter
    return body


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message ready for counting; fields are named like the blocks."""

    title: str
    body: str
    end: str

    def text(self, block: str) -> str:
        """The text behind a block of :data:`BLOCKS`."""
        return str(getattr(self, block))


def prepare(title: str, body: str) -> Prepared:
    """Normalise a message. Without a title its first clause stands for one, and the reverse."""
    short = normalise(title)
    long = without_courtesy(normalise(body))
    short = short or re.split(r"[，。！？；]", long, maxsplit=1)[0][:24]
    long = long or short
    return Prepared(short, long, long[-TAIL_LENGTH:])


def ngrams(text: str, longest: int) -> list[str]:
    """Every run of 1 to ``longest`` characters, shortest first, in the order of the text."""
    return [
        text[start : start + size]
        for size in range(1, longest + 1)
        for start in range(len(text) - size + 1)
    ]


# -- known words: longest match from left to right ----------------------------------------------

_GROUPS_OF: Final[dict[str, tuple[int, ...]]] = {
    word: tuple(at for at, words in enumerate(GROUPS.values()) if word in words)
    for words in GROUPS.values()
    for word in words
}
_BY_FIRST: Final[dict[str, tuple[str, ...]]] = {
    first: tuple(sorted((word for word in _GROUPS_OF if word[0] == first), key=len, reverse=True))
    for first in {word[0] for word in _GROUPS_OF}
}


def known_words(text: str) -> list[tuple[int, str]]:
    """The words of the lexicon in a text with their places; the longest wins, none overlap."""
    found: list[tuple[int, str]] = []
    at, end = 0, len(text)
    while at < end:
        for word in _BY_FIRST.get(text[at], ()):
            if text.startswith(word, at):
                found.append((at, word))
                at += len(word)
                break
        else:
            at += 1
    return found


def groups_of(word: str) -> tuple[int, ...]:
    """Positions in ``GROUPS`` of the groups that a known word belongs to."""
    return _GROUPS_OF[word]


# -- the dense part ------------------------------------------------------------------------------

_WORD_PLACES: Final = ("title", "body")
_CUE_PLACES: Final = ("title", "body", "end")
_SHAPE: Final = ("asks@title", "asks@body", "share of questions", "long", "short", "exclaims")


def dense_names() -> tuple[str, ...]:
    """Names of the dense features, in their order."""
    return (
        *(f"{group}@{place}" for place in _WORD_PLACES for group in GROUPS),
        *(f"{cue}@{place}" for place in _CUE_PLACES for cue in CUES),
        *_SHAPE,
    )


def dense(message: Prepared) -> list[float]:
    """Counts of word groups and cues, damped by a logarithm, and the shape of the message."""
    row: list[float] = []
    for place in _WORD_PLACES:
        counts = [0] * len(GROUPS)
        for _, word in known_words(message.text(place)):
            for at in _GROUPS_OF[word]:
                counts[at] += 1
        row += [math.log1p(count) for count in counts]
    for place in _CUE_PLACES:
        text = message.text(place)
        row += [math.log1p(len(cue.findall(text))) for cue in CUES.values()]
    body = message.body
    stops = sum(body.count(stop) for stop in "。！？")
    row += [
        float(message.title.endswith(_ASKING_END)),
        float(body.endswith(_ASKING_END)),
        body.count("？") / max(stops, 1),
        float(len(body) > 150),
        float(len(body) < 30),
        math.log1p(body.count("！")),
    ]
    return row
