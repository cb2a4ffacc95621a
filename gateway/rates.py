"""The table of rate limits: what may be done how often, by an address and by a person.

An operation has limits of its own, or shares those of its kind. Whoever shares an address (a
housing estate behind one line, a carrier's customers behind one number) shares its limits, so
those are wide, and a person's are narrow. ``docs/operations.md`` shows the table as it is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from limits import parse_many

from services.contracts.operations.base import ListCommand, Operation
from services.contracts.operations.documents import Document
from services.contracts.operations.feed import Sheet

Whose = Literal["address", "person"]


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in such a time for one address or person.

    Args:
        scope: what is counted together: an operation's id, or a kind.
        seconds: how long a window is; it begins with the first count.
        together: counted by all gateways together, where they have a place for it.
    """

    scope: str
    whose: Whose
    amount: int
    seconds: int
    together: bool = True

    @property
    def name(self) -> str:
        """What the headers of an answer call it."""
        return f"{self.scope}-{self.whose}-{self.seconds}s"


Rates = tuple[Limit, ...]


def _rates(scope: str, sides: Mapping[str, str], *, together: bool = True) -> Rates:
    """Limits by whose they are; several of one side by semicolons."""
    whose: dict[str, Whose] = {"address": "address", "person": "person"}
    return tuple(
        Limit(scope, whose[side], rate.amount, rate.get_expiry(), together)
        for side, many in sides.items()
        for rate in parse_many(many)
    )


_OWN: Mapping[str, Mapping[str, str]] = {
    # each code is a message that somebody pays for, and somebody's phone that rings
    "requestCode": {"address": "10/minute;100/hour;400/day"},
    "createToken": {"address": "60/minute"},
    "loginByWechat": {"address": "60/minute"},
    "createAssistedToken": {"address": "120/minute", "person": "20/minute"},
    # guesses are counted by identity, too: these keep them from coming fast
    "confirmTotp": {"address": "60/minute", "person": "10/minute"},
    "removeTotp": {"address": "60/minute", "person": "10/minute"},
    "changePhone": {"address": "60/minute", "person": "5/minute;20/day"},
    "openRecovery": {"address": "60/minute", "person": "10/hour;30/day"},
    # somebody's data, one at a time and for a reason
    "revealRegisterEntry": {"address": "120/minute", "person": "20/minute;200/day"},
    # half a minute of a processor at worst, and an answer to "is this ID number on the register?"
    # for each of 20,000 rows; a community has one register, and a file is mended a few times
    "importRegister": {"address": "120/hour", "person": "10/hour;40/day"},
    "bringRegister": {"address": "120/hour", "person": "20/hour;80/day"},
    "exportMyData": {"address": "60/minute", "person": "5/hour"},
    "deleteMe": {"address": "60/minute", "person": "5/hour"},
    "refreshToken": {"address": "240/minute"},
    "resolveQr": {"address": "120/minute"},
    "checkReceipt": {"address": "120/minute"},
    # a whole poll: some megabytes, and the rows of as many ballots
    "exportPoll": {"address": "30/minute"},
    "auditPoll": {"address": "60/minute", "person": "10/minute"},
    "upload": {"address": "600/minute", "person": "30/minute"},
    # one address, that of the platform; who guesses its key is counted here, too
    "gridUpload": {"address": "120/minute"},
    "streamNotifications": {"person": "60/minute"},
    # drawn in the workshop, a second of a processor each
    "getPoster": {"address": "300/minute", "person": "60/minute"},
    # open to everybody without a login: lists of a thousand, and guesses at keys
    "listOpen311Services": {"address": "120/minute"},
    "getOpen311Service": {"address": "240/minute"},
    "listOpen311Requests": {"address": "60/minute"},
    "getOpen311Request": {"address": "240/minute"},
    "getOpen311Token": {"address": "240/minute"},
    "createOpen311Request": {"address": "240/minute"},
}
BY_OPERATION: Mapping[str, Rates] = {name: _rates(name, sides) for name, sides in _OWN.items()}

WRITES: Final = _rates("writes", {"address": "1200/minute", "person": "120/minute"})
FILES: Final = _rates("files", {"address": "300/minute", "person": "30/minute"})
"""What is put together from a whole table: documents and sheets."""
SEARCHES: Final = _rates("searches", {"address": "1200/minute", "person": "60/minute"})
"""What is looked for by words or by likeness, or reckoned from many rows."""
LISTS: Final = _rates("lists", {"address": "12000/minute", "person": "600/minute"}, together=False)
READS: Final = _rates("reads", {"address": "24000/minute", "person": "1200/minute"}, together=False)
"""Lists and single reads keep a process from drowning and not a resource from being used up: each
counts its own, for asking Redis would cost more than what is asked for."""

KINDS: Final[Mapping[str, Rates]] = {
    "writes": WRITES,
    "files": FILES,
    "searches": SEARCHES,
    "lists": LISTS,
    "reads": READS,
}
SEARCHING: Final = frozenset(
    {
        "classifierDrift",
        "comparePlanVersions",
        "compareCovenantVersions",
        "compareProposalVersions",
        "communityKpis",
        "districtStanding",
        "findDuplicates",
        "findLookAlikes",
        "findOnRoll",
        "identityFigures",
        "issueBreakdown",
        "issueCounts",
        "kpis",
        "surveyResults",
    }
)
"""Operations that always search; a list does when it is given words (``q``)."""
WORDS: Final = "q"


@cache
def of(operation: Operation, *, searching: bool = False) -> Rates:
    """The limits of an operation.

    Args:
        searching: a list was given words to look for.
    """
    if operation.id in BY_OPERATION:
        return BY_OPERATION[operation.id]
    return KINDS[kind(operation, searching=searching)]


def kind(operation: Operation, *, searching: bool = False) -> str:
    """What an operation without limits of its own is counted as."""
    if operation.write:
        return "writes"
    if operation.result in (Document, Sheet):
        return "files"
    if searching or operation.id in SEARCHING:
        return "searches"
    return "lists" if issubclass(operation.command, ListCommand) else "reads"
