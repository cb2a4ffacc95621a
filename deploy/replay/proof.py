"""The proof: what the listings say about what was accepted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploy.replay.messages import Message
from services.contracts.operations.grid_bridge import IssueReceipt


@dataclass(frozen=True)
class Proof:
    """What the listings say about the accepted messages; each list holds message or issue ids."""

    lost: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    threads_lost: tuple[str, ...] = ()
    threads_twice: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing twice."""
        return not (self.lost or self.twice or self.threads_lost or self.threads_twice)


def prove(
    messages: Iterable[Message],
    accepted: dict[str, IssueReceipt],
    issues: Sequence[tuple[str, tuple[str, str]]],
    posts: Sequence[str],
    before: frozenset[str],
) -> Proof:
    """Hold what was accepted against what is listed.

    Args:
        accepted: the receipt of each message.
        issues: id and fingerprint of every issue listed afterwards.
        posts: the id of every post listed afterwards.
        before: the issues that were there before the replay.

    Twice is: a listing that shows the same thing again, two messages with one receipt, and an
    issue that is new, has the text of one of our messages and was never acknowledged.
    """
    listed = Counter(issue_id for issue_id, _ in issues)
    threads = Counter(posts)
    receipts = Counter(receipt.id for receipt in accepted.values())
    texts = {message.text for message in messages}
    strangers = [
        issue_id
        for issue_id, text in issues
        if issue_id not in receipts and issue_id not in before and text in texts
    ]
    return Proof(
        lost=tuple(m for m, receipt in accepted.items() if not listed[receipt.id]),
        twice=tuple(
            [m for m, r in accepted.items() if listed[r.id] > 1 or receipts[r.id] > 1] + strangers
        ),
        threads_lost=tuple(m for m, r in accepted.items() if not threads[r.post_id]),
        threads_twice=tuple(m for m, r in accepted.items() if threads[r.post_id] > 1),
    )
