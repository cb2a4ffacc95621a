"""Two texts beside each other, as people read what was changed: plans, proposals, covenants."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final, Literal

Piece = tuple[Literal["same", "removed", "added"], str]
_CLAUSE: Final = re.compile(r"[^，。；：！？、,.;:!?\n]*[，。；：！？、,.;:!?\n]?")
_WORD: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[A-Za-zÀ-ɏ]+|\s+|.", re.DOTALL)
"""A number or a word of Latin letters is one piece; of Chinese each character is."""
_ALIKE: Final = 0.5
"""How much of two passages must be the same for their words to be read beside each other."""
_MOST: Final = 4_000_000
"""How many pairs of pieces are compared; beyond, a passage went and another one came."""


def beside(before: str, after: str) -> list[Piece]:
    """Two texts in pieces that stayed, went and came; a clause is the smallest piece.

    The pieces that stayed and went make up ``before``, those that stayed and came ``after``.
    """
    return _pieces(_passages(_clauses(before), _clauses(after)))


def closely(before: str, after: str) -> list[Piece]:
    """As :func:`beside`, and within passages that are much alike word by word.

    So a page can mark the one number that was changed in a sentence.
    """
    pieces: list[Piece] = []
    for same, was, now in _passages(_clauses(before), _clauses(after)):
        found: list[Piece] = [("same", was)] if same else _closer(was, now)
        if found and pieces and pieces[-1][0] == found[0][0]:
            pieces[-1] = (found[0][0], pieces[-1][1] + found[0][1])
            found = found[1:]
        pieces += found
    return pieces


def _closer(was: str, now: str) -> list[Piece]:
    passages = list(_passages(_WORD.findall(was), _WORD.findall(now)))
    alike = 2 * sum(len(text) for same, text, _ in passages if same)
    if alike < _ALIKE * (len(was) + len(now)):
        return _replaced(was, now)
    return _pieces(passages)


def _pieces(passages: Iterable[tuple[bool, str, str]]) -> list[Piece]:
    pieces: list[Piece] = []
    for same, was, now in passages:
        pieces += [("same", was)] if same else _replaced(was, now)
    return pieces


def _replaced(was: str, now: str) -> list[Piece]:
    pieces: list[Piece] = [("removed", was)] if was else []
    return [*pieces, ("added", now)] if now else pieces


def _passages(old: list[str], new: list[str]) -> Iterator[tuple[bool, str, str]]:
    """Passages in order, each the same in both or another one: (same, before, after)."""
    if len(old) * len(new) > _MOST:
        yield old == new, "".join(old), "".join(new)
        return
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        yield kind == "equal", "".join(old[a:b]), "".join(new[c:d])


def _clauses(text: str) -> list[str]:
    return [found for found in _CLAUSE.findall(text) if found]
