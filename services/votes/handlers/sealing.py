"""What all ballots of a poll have in common: its rules, its box, the keys it began with."""

import secrets
from dataclasses import dataclass

from services.contracts.operations.votes.rules import RuleSet
from services.votes.crypto import box, keys
from services.votes.domain import ballots as rules
from services.votes.domain import receipts
from services.votes.domain.ballots import Ballot, Choice, Entry
from services.votes.models import PollBoxRow, PollRow
from services.votes.repository.ballots import New


@dataclass(frozen=True, slots=True)
class Sealing:
    """Seals the ballots of one poll."""

    poll_id: str
    rules: RuleSet
    box: bytes
    pair: keys.Pair

    @classmethod
    def of(cls, poll: PollRow, kept: PollBoxRow) -> "Sealing":
        """That of a poll that has begun, with its box."""
        pair = keys.ring().pair(kept.pair)
        chosen = RuleSet.model_validate(poll.rules)
        return cls(poll.id, chosen, bytes.fromhex(kept.public), pair)

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
        sealed = box.seal(self.box, self.poll_id, ballot.text())
        changeable = self.rules.change_of_vote
        return receipt, New(
            leaf=rules.secret_leaf(sealed, hashed) if self.secret else rules.named_leaf(ballot),
            receipt=hashed,
            sealed=box.as_text(sealed),
            code=None if self.secret else entry.code,
            tag=receipts.tag(receipt, self.poll_id, entry.code) if changeable else None,
        )
