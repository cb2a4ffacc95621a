"""Two texts beside each other, as people read what was changed: plans, proposals, covenants."""

import re
from difflib import SequenceMatcher
from typing import Final, Literal

Piece = tuple[Literal["same", "removed", "added"], str]
_CLAUSE: Final = re.compile(r"[^，。；：！？、,.;:!?\n]*[，。；：！？、,.;:!?\n]?")


def beside(before: str, after: str) -> list[Piece]:
    """Two texts in pieces that stayed, went and came; a clause is the smallest piece.

    The pieces that stayed and went make up ``before``, those that stayed and came ``after``.
    """
    old, new = _clauses(before), _clauses(after)
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(("removed", "".join(old[a:b])))
        if c < d:
            pieces.append(("added", "".join(new[c:d])))
    return pieces


def _clauses(text: str) -> list[str]:
    return [found for found in _CLAUSE.findall(text) if found]
