"""The paper desk."""

from typing import Annotated

from pydantic import ConfigDict, Field

from services.contracts.operations.base import AnyObject, Command, Id, Operation
from services.contracts.operations.votes.common import DESK, Count


class IssuePaper(Command):
    """Hand out a paper ballot: it reserves the voter on the roll."""

    id: Id
    subject_id: Id


class PaperCounts(Command):
    """A sheet of paper ballots: issued = returned + spoiled + unreturned."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    issued: Count
    returned: Count
    spoiled: Count
    unreturned: Count
    for_: Annotated[Count, Field(alias="for")]
    against: Count
    abstain: Count


class EnterPaper(PaperCounts):
    """The first person enters a sheet."""

    id: Id


class ConfirmPaper(PaperCounts):
    """A second person enters the same sheet; the two must agree."""

    id: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "issuePaper", "POST /polls/{id}/paper-issues", "votes", DESK, IssuePaper, AnyObject,
        "Hand out a paper ballot", status=201, built=False,
    ),
    Operation(
        "enterPaper", "POST /polls/{id}/paper-tallies", "votes", DESK, EnterPaper, AnyObject,
        "Enter a sheet of paper ballots", status=201, built=False,
    ),
    Operation(
        "confirmPaper", "POST /paper-tallies/{id}/confirmation", "votes", DESK, ConfirmPaper,
        AnyObject, "Confirm a sheet of paper ballots", built=False,
    ),
)  # fmt: skip
