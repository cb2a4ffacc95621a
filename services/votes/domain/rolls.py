"""The roll (表决人名册): what state an entry is in, whatever channel it is used over.

::

              ┌──────────────► online ──┐
              │                         │ (paper comes first)
    struck ◄─ free ──────────► proxy ───┼────────────┐
              │ ▲                       ▼            ▼
              │ └─────────────── paper_out ◄─────► paper
              └───────────────────▲ │                ▲
                                    └────────────────┘

An entry has one state for all channels, and one row holds it: whoever takes it first has it.
``paper_out`` reserves it while a paper is under way; the paper that comes back makes it ``paper``,
one that was spoiled or handed back empty frees it again. Only where the rules let paper take the
place of an online vote does one lead on from ``online`` or ``proxy``. What is ``struck`` was struck
before the roll was frozen, and may be put back until then.

The roll's hash is the Merkle root over a line for each entry that is not struck, in the order of
their codes. A line is hashed with a salt of its own, so that whoever knows code and salt can show
that an entry is in the roll, and nobody learns anything from the hashes of the others.
"""

import secrets
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, NotFound, RuleBroken
from services.votes.domain import merkle


class Mark(StrEnum):
    """The state of an entry; the values are the table's."""

    FREE = "free"
    ONLINE = "online"
    PAPER_OUT = "paper_out"
    PAPER = "paper"
    PROXY = "proxy"
    STRUCK = "struck"


VOTED: Final = frozenset({Mark.ONLINE, Mark.PAPER, Mark.PROXY})
"""The states in which an entry has voted."""

_M = Mark
MOVES: Final = frozenset(
    {
        (_M.FREE, _M.ONLINE),
        (_M.FREE, _M.PROXY),
        (_M.FREE, _M.PAPER_OUT),
        (_M.FREE, _M.PAPER),
        (_M.PAPER_OUT, _M.PAPER),
        (_M.PAPER_OUT, _M.FREE),
        (_M.PAPER, _M.PAPER_OUT),
        (_M.ONLINE, _M.PAPER_OUT),
        (_M.ONLINE, _M.PAPER),
        (_M.PROXY, _M.PAPER_OUT),
        (_M.PROXY, _M.PAPER),
        (_M.FREE, _M.STRUCK),
        (_M.STRUCK, _M.FREE),
    }
)
"""Every way from one state to another that there is."""

CODE_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 10
"""49 bits: nobody guesses one, and it can be read out from paper."""


class RollNotReady(Conflict):
    """The roll is still being drawn."""

    code = "votes.roll_not_ready"
    zh, en = "表决人名册正在生成，请稍后再试", "The roll is being drawn; please try again soon"


class RollFrozen(Conflict):
    """Voting has begun, or the poll is over: nobody is added or struck any more."""

    code = "votes.roll_frozen"
    zh, en = "表决人名册已经确定，不能再修改", "The roll is frozen and cannot be changed"


class EmptyRoll(RuleBroken):
    """There is nobody who could vote."""

    code = "votes.empty_roll"
    zh, en = "按照规则，没有可以参加表决的人", "By these rules there is nobody who may vote"


class AlreadyOnRoll(Conflict):
    """The subject has its entry."""

    code = "votes.already_on_roll"
    zh, en = "已在表决人名册上", "This entry is on the roll already"


class AlreadyStruck(Conflict):
    """The entry was struck off before."""

    code = "votes.already_struck"
    zh, en = "已从表决人名册上删除", "This entry was struck off already"


class SubjectUnknown(NotFound):
    """The register of the community has no such person, household or unit."""

    code = "votes.subject_unknown"
    zh, en = "居民名册里没有这一项", "The register has no such person, household or unit"


def require_open(poll_state: str, roll_state: str) -> None:
    """Let the roll be changed: it is published, and voting has not begun.

    Raises:
        RollNotReady: it is being drawn.
        RollFrozen: it is too late.
    """
    if poll_state == "announced" and roll_state == "drawing":
        raise RollNotReady()
    if poll_state != "announced" or roll_state != "published":
        raise RollFrozen()


def new_code() -> str:
    """A code for an entry, drawn at random: it says nothing about anybody."""
    left, signs = secrets.randbelow(len(CODE_SIGNS) ** CODE_LENGTH), []
    for _ in range(CODE_LENGTH):  # one number for all signs: a roll takes a hundred thousand
        left, sign = divmod(left, len(CODE_SIGNS))
        signs.append(CODE_SIGNS[sign])
    return "".join(signs)


def new_salt() -> str:
    """128 random bits, as hex."""
    return secrets.token_hex(16)


def line(code: str, kind: str, area: int, head_n: int, head_d: int) -> str:
    """The line of an entry, as it is hashed; ``area`` in hundredths of m²."""
    return f"{code}|{kind}|{area}|{head_n}/{head_d}"


def leaf(salt: str, line: str) -> bytes:
    """The leaf of a line."""
    return merkle.leaf(f"{salt}|{line}".encode())
