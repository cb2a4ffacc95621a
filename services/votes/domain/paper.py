"""Papers (纸质票): from the desk to the voter, back, and into the urn.

::

    (roll: free)                                      (roll: paper)
     issued ───────► out ──────────── return ───────► returned
                     │ ▲ ◄─────────── reopen ───────────┘
                     │ └── reopen ──┐
                     ├── spoil ─────┴──► spoiled     (roll: free, another may be issued)
                     └── take back ────► taken_back  (roll: free, it counts as never issued)

As at any polling station the return is two acts. The slip (回执), which carries the number, is
checked off against the register: that is how the roll learns who has voted. Then the ballot, which
carries no number, goes into the urn among the others: nothing written down leads from the one to
the other. What is still out when voting ends was not returned: it is no vote.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, FieldError, Invalid


class State(StrEnum):
    """Where a paper is; the values are the contract's."""

    OUT = "out"
    RETURNED = "returned"
    SPOILED = "spoiled"
    TAKEN_BACK = "taken_back"


class Act(StrEnum):
    """What the desk does with a paper that was handed out."""

    RETURN = "return"
    SPOIL = "spoil"
    TAKE_BACK = "take_back"
    REOPEN = "reopen"


_S = State
ACTS: Final[Mapping[tuple[State, Act], State]] = {
    (_S.OUT, Act.RETURN): _S.RETURNED,
    (_S.OUT, Act.SPOIL): _S.SPOILED,
    (_S.OUT, Act.TAKE_BACK): _S.TAKEN_BACK,
    (_S.RETURNED, Act.REOPEN): _S.OUT,
    (_S.SPOILED, Act.REOPEN): _S.OUT,
    (_S.TAKEN_BACK, Act.REOPEN): _S.OUT,
}

MARKS: Final[Mapping[State, str]] = {
    _S.OUT: "paper_out",
    _S.RETURNED: "paper",
    _S.SPOILED: "free",
    _S.TAKEN_BACK: "free",
}
"""The mark on the roll that goes with a paper, where no other vote stands there."""

_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: they are misread


class NoPaperChannel(Conflict):
    """This poll is not voted on paper."""

    code = "votes.no_paper_channel"
    zh, en = "这次表决不使用纸质票", "This poll takes no paper ballots"


class UnknownEntry(Invalid):
    """Who was named is not on the roll of this poll."""

    code = "votes.unknown_entry"
    zh, en = "名册上没有这一户（人）", "There is no such entry on the roll"


class EntryTaken(Conflict):
    """Somebody voted for the entry already, or has a paper for it."""

    code = "votes.entry_taken"
    zh, en = "该户（人）已经投票，或已领取纸质票", "This entry has voted or holds a paper already"


class UnknownPaper(Invalid):
    """No paper of this poll has that number."""

    code = "votes.unknown_paper"
    zh, en = "票号不对，请核对回执上的号码", "No paper of this poll has that number"


class PaperSettled(Conflict):
    """The paper is not where the act would find it: it is back already, or was spoiled."""

    code = "votes.paper_settled"
    zh, en = "这张票的状态不允许此操作", "The paper is settled already"


class PaperTooLate(Conflict):
    """Voting has ended: what comes now is no vote."""

    code = "votes.paper_too_late"
    zh, en = "表决已截止，此后收到的纸质票不计票", "Voting has ended; this paper came too late"


class CountingOver(Conflict):
    """The result is out: the papers of the poll are no longer touched."""

    code = "votes.counting_over"
    zh, en = "结果已公布，纸质票不能再更改", "The result is out; papers can no longer be changed"


class EntryChanged(Conflict):
    """The desk's key was used for something else, or by somebody else."""

    code = "votes.entry_changed"
    zh, en = "这条离线记录已按其他内容登记", "This queued entry was taken with other content before"


class WitnessesNeeded(Invalid):
    """A paper that takes the place of a vote cast online needs two witnesses and a photo."""

    code = "votes.witnesses_needed"
    zh = "纸质票取代线上票，需两名见证人签名并拍照"
    en = "To replace an online vote a paper needs two witnesses and a photo"


def number(poll_id: str, serial: int) -> str:
    """What the slip says: the serial, and two signs that go with it in this poll alone.

    A mistyped serial, or the slip of another poll, is found out in 1,023 cases of 1,024.
    """
    digest = hashlib.sha256(f"paper {poll_id} {serial}".encode()).digest()
    return f"{serial:04}-{_SIGNS[digest[0] & 31]}{_SIGNS[digest[1] & 31]}"


def serial(poll_id: str, text: str) -> int:
    """The serial that a slip's number names.

    Raises:
        UnknownPaper: it cannot be one of this poll's.
    """
    found = int(text.partition("-")[0])
    if number(poll_id, found) != text:
        raise UnknownPaper(errors=[FieldError("paper", "is no number of this poll's papers")])
    return found


def settle(was: State, act: Act) -> State:
    """Where the paper is after the act.

    Raises:
        PaperSettled: it is not where the act would find it.
    """
    if (was, act) not in ACTS:
        raise PaperSettled()
    return ACTS[was, act]


def offered(
    mark: str, last: State | None, *, instead: bool, issuing: bool, settling: bool, first: bool
) -> list[str]:
    """What the desk can do for an entry now, the likeliest first.

    Args:
        mark: its mark on the roll.
        last: where the paper is that was handed out last for it; None: there was none.
        instead: that paper takes the place of a vote that stands online.
        issuing: papers are handed out now.
        settling: papers are taken back now, and what was done with them mended.
        first: paper comes first here: it may take the place of a vote cast otherwise.
    """
    found: list[str] = []
    held = last in (State.OUT, State.RETURNED)
    voted = mark in ("online", "proxy")
    if issuing and (mark == "free" or (first and voted and not held)):
        found.append("issue")
    if not settling or last is None:
        return found
    acts = [act for was, act in ACTS if was is last]
    if last is State.RETURNED and instead:
        acts = []  # the vote in whose place it came is struck out for good
    if last in (State.SPOILED, State.TAKEN_BACK) and mark != "free" and not instead:
        acts = []  # its entry is taken
    return [*found, *acts]


def happened(
    said: datetime | None, issued_at: datetime, now: datetime, closes_at: datetime
) -> datetime:
    """When a paper came back, as the desk says: after it was issued, and not later than now.

    The desk's clock may be slow or fast by a little, so what cannot be is brought to what can.

    Raises:
        PaperTooLate: that was after voting ended, or nobody says that it was before.
    """
    at = now if said is None else max(issued_at, min(said, now))
    if at >= closes_at:
        raise PaperTooLate()
    return at


def need_witnesses(witnesses: int, photos: int) -> None:
    """A paper that takes the place of another vote is seen by two, and shown.

    Raises:
        WitnessesNeeded: fewer did, or there is no photo.
    """
    wrong = []
    if witnesses < 2:
        wrong.append(FieldError("witnesses", "must name two"))
    if not photos:
        wrong.append(FieldError("photo_ids", "must hold a photo"))
    if wrong:
        raise WitnessesNeeded(errors=wrong)
