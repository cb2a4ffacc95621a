"""What all ballots of a poll have in common: its rules, its box, the keys it began with."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.crypto import box, keys
from services.votes.domain import ballots as rules
from services.votes.domain import receipts
from services.votes.domain.ballots import Ballot, Choice, Entry
from services.votes.repository.ballots import New

KEPT: Final = 64
"""Polls whose sealing a process remembers: what is in it is frozen when voting begins."""
_kept: OrderedDict[str, "Sealing"] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seals the ballots of one poll."""

    poll_id: str
    community_id: str
    rules: RuleSet
    box: str
    pair: keys.Pair

    @classmethod
    def known(cls, uow: UnitOfWork, poll_id: str) -> "Sealing":
        """That of a poll, as this process knows it.

        Whether voting still goes on, and whether its box is still this one (a database that was
        restored may have begun the poll anew), is asked under the head's lock.

        Raises:
            PollNotFound: there is no such poll.
            NotOpen: it has not begun.
        """
        return _kept.get(poll_id) or cls.read(uow, poll_id)

    @classmethod
    def read(cls, uow: UnitOfWork, poll_id: str) -> "Sealing":
        """The same from the database; see :meth:`known`."""
        poll, kept = repository.ledger.poll_with_box(uow.session, poll_id)
        if kept is None:
            raise rules.NotOpen()
        pair = keys.ring().pair(kept.pair)
        chosen = RuleSet.model_validate(poll.rules)
        found = _kept[poll_id] = cls(poll.id, poll.community_id, chosen, kept.public, pair)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return found

    @property
    def secret(self) -> bool:
        """Whether nobody ever learns whose ballot it is."""
        return self.rules.secrecy == "secret"

    def sealed(self, choice: str, entry: Entry) -> tuple[str, New]:
        """A new receipt, and the ballot as it is kept under it."""
        receipt = receipts.new()
        hashed = receipts.hashed(receipt)
        area, heads = rules.weighed(entry, self.rules)
        named = {} if self.secret else {"code": entry.code, "salt": secrets.token_hex(16)}
        ballot = Ballot(Choice(choice), area, heads, **named)
        sealed = box.seal(bytes.fromhex(self.box), self.poll_id, ballot.text())
        changeable = self.rules.change_of_vote
        return receipt, New(
            leaf=rules.secret_leaf(sealed, hashed) if self.secret else rules.named_leaf(ballot),
            receipt=hashed,
            sealed=box.as_text(sealed),
            code=None if self.secret else entry.code,
            tag=receipts.tag(receipt, self.poll_id, entry.code) if changeable else None,
        )
