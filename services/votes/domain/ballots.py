"""A ballot: what is sealed of it, what stands in the bulletin, and whether it may be cast.

::

    secret   sealed = box([choice, area, heads])               leaf = SHA-256(sealed ‖ receipt hash)
    named    sealed = box([choice, area, heads, code, salt])   leaf = SHA-256(canonical of the same)

The leaf of a named ballot is a commitment: it says nothing before the close, and whoever is shown
the ballot afterwards can reckon it again. That of a secret one never says anything.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.contracts.operations.votes.rules import OWNERS, RuleSet
from services.votes.domain.count_words import exact
from services.votes.domain.ledger import canonical, list_hash
from services.votes.domain.rolls import Mark


class Choice(StrEnum):
    """What somebody votes; the values are the contract's."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


_SIGNS: Final = {Choice.FOR: "f", Choice.AGAINST: "a", Choice.ABSTAIN: "n"}
"""One sign each: the length of what is sealed must not say which."""
_LENGTH: Final = 64
"""Of a secret ballot's text, with spaces at its end: an area's digits would tell whose it is."""
_CHOICES: Final = {sign: choice for choice, sign in _SIGNS.items()}


class NotOpen(Conflict):
    """Voting has not begun."""

    code = "votes.not_open"
    zh, en = "表决还没有开始", "Voting has not begun yet"


class Closed(Conflict):
    """Voting is over, by the database's clock."""

    code = "votes.closed"
    zh, en = "表决已经截止", "Voting is over"


class AlreadyVoted(Conflict):
    """The entry has voted, over whatever channel."""

    code = "votes.already_voted"
    zh, en = "这一票已经投过了", "This vote has been cast already"


class PaperOut(Conflict):
    """A paper ballot is out for the entry, which reserves it."""

    code = "votes.paper_out"
    zh, en = (
        "已领取纸质选票，请用纸质选票投票",
        "A paper ballot is out for this vote; please use it",
    )


class NotOnRoll(Forbidden):
    """The account may vote for no entry of this roll."""

    code = "votes.not_on_roll"
    zh, en = "您不在本次表决的名册上", "You are not on the roll of this poll"


class SubjectNotFound(NotFound):
    """There is no such entry, or it is not the caller's."""

    code = "votes.subject_not_found"
    zh, en = "没有找到您要代表的表决主体", "There is no such entry of yours on the roll"


class SubjectNeeded(Invalid):
    """Whoever has several entries says which of them votes."""

    code = "votes.subject_needed"
    zh, en = "您名下有多个表决主体，请选择其中一个", "You have several votes: please say which one"


class NoOnlineVoting(Conflict):
    """The rules of this poll know paper only."""

    code = "votes.no_online_voting"
    zh, en = "本次表决只用纸质选票", "This poll is by paper only"


class NoChange(Conflict):
    """The rules of this poll do not let a vote be changed."""

    code = "votes.no_change"
    zh, en = "本次表决投出后不能更改", "A vote cannot be changed in this poll"


class ReceiptNotYours(NotFound):
    """The receipt is of no ballot of this entry that still counts."""

    code = "votes.receipt_not_yours"
    zh, en = "这张回执不是您这一票的有效回执", "This is not the receipt of your ballot that counts"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the roll, as far as a ballot is concerned; ``area`` in hundredths of m²."""

    code: str
    state: str
    area: int = 0
    heads: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Ballot:
    """What is sealed; ``code`` and ``salt`` in named polls only."""

    choice: Choice
    area: int
    heads: Fraction
    code: str = ""
    salt: str = ""

    def text(self) -> bytes:
        """What goes into the box."""
        facts = [_SIGNS[self.choice], self.area, exact(self.heads)]
        if self.code:
            facts += [self.code, self.salt]
        return canonical(facts).encode().ljust(_LENGTH)

    @classmethod
    def read(cls, text: bytes) -> "Ballot":
        """What came out of the box."""
        sign, area, heads, *named = json.loads(text.decode())
        return cls(_CHOICES[sign], area, _fraction(heads), *named)

    def told(self) -> list[str | int]:
        """The ballot of a named poll as an export tells it; its leaf is the hash of this."""
        return [self.choice.value, self.area, exact(self.heads), self.code, self.salt]


_fraction = lru_cache(maxsize=4096)(Fraction)  # a poll has few, and reading one takes its time


def secret_leaf(sealed: bytes, receipt_hash: str) -> str:
    """What the bulletin shows of a secret ballot."""
    return hashlib.sha256(sealed + bytes.fromhex(receipt_hash)).hexdigest()


def named_leaf(ballot: Ballot) -> str:
    """What the bulletin shows of a named ballot."""
    return list_hash(ballot.told())


def weighed(entry: Entry, rules: RuleSet) -> tuple[int, Fraction]:
    """What the ballot carries of its entry: nothing where everybody counts alike.

    Of owners a unit carries its area and its share of a head, also where only heads count: who owns
    three units and votes with all of them is one, and a quorum may be by area.
    """
    if rules.electorate.who in OWNERS:
        return entry.area, entry.heads
    return 0, Fraction(1)


def check_time(state: str, opens_at: datetime, closes_at: datetime, legal_now: datetime) -> None:
    """Whether a ballot is in time; the clock is the database's.

    Raises:
        NotOpen, Closed: it is too early, or too late.
    """
    if state == "announced" or (state == "open" and legal_now < opens_at):
        raise NotOpen()
    if state != "open" or legal_now >= closes_at:
        raise Closed()


def check_online(rules: RuleSet) -> None:
    """Raise :class:`NoOnlineVoting` where the rules know paper only."""
    if "online" not in rules.channels:
        raise NoOnlineVoting()


def own_entry(entries: Mapping[str, Entry], subject_id: str | None) -> Entry:
    """The entry that is to vote, of those that the account may vote for.

    One that was struck off is none to choose from, unless it is named.

    Raises:
        NotOnRoll: there is none.
        SubjectNeeded, SubjectNotFound: one of several must be named; it is none of them.
    """
    if not entries:
        raise NotOnRoll()
    if subject_id is not None:
        if subject_id not in entries:
            raise SubjectNotFound()
        return entries[subject_id]
    standing = [entry for entry in entries.values() if entry.state != Mark.STRUCK]
    if not standing:
        raise NotOnRoll()
    if len(standing) > 1:
        raise SubjectNeeded(errors=[FieldError("subject_id", "must be given")])
    return standing[0]


def check_entry(entry: Entry, rules: RuleSet, *, changes: bool) -> None:
    """Whether the entry may vote now; ``changes``: by a ballot that replaces an earlier one.

    Raises:
        NotOnRoll, PaperOut, AlreadyVoted, NoChange: it may not.
    """
    if entry.state == Mark.STRUCK:
        raise NotOnRoll()
    if entry.state == Mark.PAPER_OUT:
        raise PaperOut()
    if changes and not rules.change_of_vote:
        raise NoChange()
    voted_online = entry.state in (Mark.ONLINE, Mark.PROXY)
    if entry.state != Mark.FREE and not (changes and voted_online):
        raise AlreadyVoted()
    if entry.state == Mark.FREE and changes:
        raise ReceiptNotYours()


@dataclass(frozen=True, slots=True)
class Total:
    """What all ballots of one choice come to."""

    entries: int = 0
    area: int = 0
    heads: Fraction = Fraction(0)


def totals(opened: Iterable[Ballot]) -> dict[Choice, Total]:
    """What each choice comes to."""
    entries = dict.fromkeys(Choice, 0)
    area = dict.fromkeys(Choice, 0)
    heads: dict[Choice, dict[int, int]] = {choice: {} for choice in Choice}
    for ballot in opened:
        entries[ballot.choice] += 1
        area[ballot.choice] += ballot.area
        part, of = heads[ballot.choice], ballot.heads.denominator
        part[of] = part.get(of, 0) + ballot.heads.numerator  # a Fraction sum takes 20 times as long
    return {
        choice: Total(
            entries[choice],
            area[choice],
            sum((Fraction(n, d) for d, n in heads[choice].items()), Fraction(0)),
        )
        for choice in Choice
    }
