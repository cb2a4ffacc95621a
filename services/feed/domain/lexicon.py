"""The lexicon (词库): words that a person looks at before, or instead of, the neighbours.

::

    refuse   not taken; the author is told which field, never which word
    hold     kept, but it waits for a moderator
    note     shown at once; a case is opened so that somebody has a look
    pass     no word but an expression in which a word is harmless (芝麻果 against 麻果)

A text is compared as people read it, not as it is encoded: full and half width and other
compatibility forms are one (NFKD), so are upper and lower case; what stands between characters
(blanks, dots, stars, pictures, things that cannot be seen, strokes through a letter) is passed
over. That alone would find words that nobody wrote, where one clause ends and the next begins:
so a hit that reaches over a clause mark or a new line counts only if its author took all its
characters apart (刷，单，返，利). A word of Latin letters or digits must stand alone (``java``
holds no ``av``).

Names and addresses cannot be told from words by a list: streets are called 枪篱笆路, people 史珍香.
Therefore the house's own list holds expressions that only an offer or an insult uses, no single
characters, no words of everyday life; most of them hold or note instead of refusing, so that a
person decides; and what still meets a name is put into a ``pass`` line. Offices are not looked
for words in, as they warn of just these things and answer for what they say; private numbers are
looked for everywhere (see :mod:`services.feed.domain.private_numbers`).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, Literal

import ahocorasick_rs

from services.contracts.errors import FieldError, RuleBroken
from services.feed.domain import private_numbers

Level = Literal["note", "hold", "refuse"]
LEVELS: Final[tuple[Level, ...]] = ("note", "hold", "refuse")
SHORTEST, LONGEST = 2, 40  # significant characters of a word
MOST_WORDS: Final = 200_000
MANY_MOBILES: Final = 3  # different ones in a text are a list of people, not a way to be reached

PRIVATE: Final = "private_data"
DOXXING: Final = "doxxing"

_FILLERS: Final = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters that cannot be seen
_FEW: Final = 64  # so many characters are replaced faster one by one
_CLAUSE = re.compile("[,，。、;；:：!！?？…\n（）()“”\"'《》【】]")
_CATEGORY = re.compile(r"[a-z][a-z_]{1,29}")
_UNSEEN = re.compile("[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")


class WordsRefused(RuleBroken):
    """A field holds what is not published here; which word it was is not told."""

    code = "feed.words_refused"
    zh = "内容含有不能发布的信息，请修改后再发"
    en = "This holds something that cannot be published here; please change it"


@dataclass(frozen=True, slots=True)
class Entry:
    """A word with what it means; ``level`` None is an expression in which words are harmless."""

    word: str
    level: Level | None
    category: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that could not be read, and why; its words are not repeated."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Something was found in a field; never which word."""

    field: str
    level: Level
    category: str


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was found in a content."""

    hits: tuple[Hit, ...] = ()

    @property
    def level(self) -> Level | None:
        """The strictest level that was hit."""
        return max((hit.level for hit in self.hits), key=LEVELS.index, default=None)

    @property
    def categories(self) -> list[str]:
        """The categories that were hit, each once."""
        return sorted({hit.category for hit in self.hits})

    def strictly(self) -> "Finding":
        """The same for what cannot wait for a moderator: what would be held is refused."""
        return Finding(
            tuple(replace(h, level="refuse") if h.level == "hold" else h for h in self.hits)
        )

    def refuse(self) -> None:
        """Raise :class:`WordsRefused` if something is not taken at all."""
        fields = dict.fromkeys(hit.field for hit in self.hits if hit.level == "refuse")
        if fields:
            private = {hit.field for hit in self.hits if hit.category == PRIVATE}
            raise WordsRefused(
                errors=[
                    FieldError(
                        name,
                        "请不要公布身份证号码" if name in private else WordsRefused.zh,
                    )
                    for name in fields
                ]
            )


def folded(raw: str) -> str:
    """``raw`` as it is read: one width, one case, each compatibility form as its plain one.

    Character by character (NFKD, then case, as Unicode's ``toNFKC_Casefold`` without composing):
    most characters of a Chinese text stay as they are, and are passed over at once.
    """
    return _replaced(raw, {c: plain for c in set(raw) if (plain := _plain(c)) != c})


@lru_cache(maxsize=8_192)
def _plain(character: str) -> str:
    for _ in range(2):  # folding case may leave a form that has a plainer one
        character = unicodedata.normalize("NFKD", character).casefold()
    return character


def _replaced(text: str, changes: Mapping[str, str]) -> str:
    if len(changes) > _FEW:
        return text.translate({ord(c): new for c, new in changes.items()})
    for c, new in changes.items():  # in any order: what is new is never old
        text = text.replace(c, new)
    return text


def compact(raw: str) -> str:
    """``raw`` folded, without anything between its letters and digits."""
    text = folded(raw)
    return _replaced(text, dict.fromkeys(_between(text), ""))


def _between(text: str) -> set[str]:
    """The characters of ``text`` that are no letter or digit, or cannot be seen."""
    return {c for c in set(text) if not c.isalnum() or c in _FILLERS}


def parse(lines: Iterable[str]) -> tuple[list[Entry], list[Broken]]:
    """The entries of a list, one a line: ``level category word``; ``#`` begins a comment.

    A line that cannot be read is passed over and reported; of the same word twice the stricter
    line counts. More than ``MOST_WORDS`` lines are not read.
    """
    entries: dict[str, Entry] = {}
    broken: list[Broken] = []
    for number, line in enumerate(lines, start=1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        if len(entries) >= MOST_WORDS:
            broken.append(Broken(number, f"more than {MOST_WORDS} words: the rest is not read"))
            break
        try:
            entry = _entry(said)
        except ValueError as error:
            broken.append(Broken(number, str(error)))
            continue
        before = entries.get(entry.word)
        if before is None or _strictness(entry) > _strictness(before):
            entries[entry.word] = entry
    return list(entries.values()), broken


def _entry(said: str) -> Entry:
    parts = said.split(None, 2)
    if len(parts) != 3:
        raise ValueError("not level, category and word")
    level, category, raw = parts
    if level not in (*LEVELS, "pass"):
        raise ValueError("the level is not refuse, hold, note or pass")
    if not _CATEGORY.fullmatch(category):
        raise ValueError("the category is not 2 to 30 small letters")
    word = compact(raw)
    if not SHORTEST <= len(word) <= LONGEST:
        raise ValueError(f"the word has not {SHORTEST} to {LONGEST} letters or digits")
    return Entry(word, None if level == "pass" else level, category)  # type: ignore[arg-type]


def _strictness(entry: Entry) -> int:
    return -1 if entry.level is None else LEVELS.index(entry.level)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words made ready to be looked for, all of them in one pass over the text."""

    entries: tuple[Entry, ...]
    _automaton: ahocorasick_rs.AhoCorasick = field(repr=False, compare=False)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Lexicon":
        """A lexicon of these entries; of the same word the stricter one counts."""
        kept: dict[str, Entry] = {}
        for entry in entries:
            before = kept.get(entry.word)
            if before is None or _strictness(entry) > _strictness(before):
                kept[entry.word] = entry
        return cls(
            tuple(kept.values()),
            ahocorasick_rs.AhoCorasick(list(kept), store_patterns=False),
        )

    def check(self, fields: Mapping[str, str], *, office: bool = False) -> Finding:
        """What is found in the fields of a content, by name.

        Args:
            office: an office says it: only private numbers are looked for.
        """
        hits: dict[Hit, None] = {}
        plain = {name: folded(text) for name, text in fields.items() if text}
        if not office:
            for name, text in plain.items():
                hits.update(dict.fromkeys(self._words(name, text)))
        doxxing = any(hit.category == DOXXING for hit in hits)
        hits.update(dict.fromkeys(_numbers(plain, doxxing=doxxing, office=office)))
        return Finding(tuple(hits))

    def _words(self, name: str, text: str) -> Iterable[Hit]:
        between = _between(text)
        dense = _replaced(text, dict.fromkeys(between, ""))
        found = self._automaton.find_matches_as_indexes(dense, overlapping=True)
        if not found:
            return
        places = [place for place, c in enumerate(text) if c not in between]
        harmless = _Stretches(
            (start, end) for which, start, end in found if self.entries[which].level is None
        )
        said: set[tuple[Level, str]] = set()
        for which, start, end in found:
            entry = self.entries[which]
            if entry.level is None or (entry.level, entry.category) in said:
                continue
            if harmless.hold(start, end):
                continue
            if _meant(text, places[start:end]) and _stands_alone(text, places, start, end):
                said.add((entry.level, entry.category))
                yield Hit(name, entry.level, entry.category)


class _Stretches:
    """Stretches of a text; whether one of them holds another stretch whole is found by halving."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(stretches)
        self._starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))  # of all up to here

    def hold(self, start: int, end: int) -> bool:
        before = bisect_right(self._starts, start)
        return before > 0 and end <= self._reach[before - 1]


def _meant(text: str, places: list[int]) -> bool:
    """Whether somebody wrote this word, or two clauses happen to meet in it."""
    gaps = [text[a + 1 : b] for a, b in pairwise(places)]
    if not any(_CLAUSE.search(gap) for gap in gaps):
        return True
    return len(places) > SHORTEST and all(gaps)


def _stands_alone(text: str, places: list[int], start: int, end: int) -> bool:
    """Whether a word of Latin letters or digits is not a part of a longer one."""
    first, last = places[start], places[end - 1]
    if not (text[first].isascii() and text[last].isascii()):
        return True
    around = text[first - 1 : first] + text[last + 1 : last + 2]
    return not any(c.isascii() and c.isalnum() for c in around)


def _numbers(plain: Mapping[str, str], *, doxxing: bool, office: bool) -> Iterable[Hit]:
    seen: dict[str, set[str]] = {}
    for name, text in plain.items():
        told = _UNSEEN.sub("", text)
        if private_numbers.id_numbers(told):
            yield Hit(name, "refuse", PRIVATE)
        if office:
            continue
        if private_numbers.bank_cards(told):
            yield Hit(name, "hold", PRIVATE)
        seen[name] = private_numbers.mobiles(told)
    everybody = set().union(*seen.values())
    level: Level | None = "note" if len(everybody) >= MANY_MOBILES else None
    if everybody and doxxing:
        level = "hold"
    if level:
        yield Hit(next(name for name, found in seen.items() if found), level, PRIVATE)
