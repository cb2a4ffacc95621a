"""Results with their arithmetic, their certificate, and the publicity (公示)."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from services.contracts.actor import Role
from services.contracts.operations.base import (
    PERSON,
    Command,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.documents import Document
from services.contracts.operations.votes.common import DESK, Convener
from services.contracts.operations.votes.counting import CountLine
from services.contracts.operations.votes.paper import PaperLine
from services.contracts.operations.votes.polls import OfPoll


class GetCertificate(Command):
    """The certificate of a result as a file to print and put up."""

    id: Id
    format: Literal["pdf"]


class SignOff(Command):
    """The supervisory committee (居务监督委员会) signs a result, or says why it does not."""

    id: Id
    decision: Literal["sign", "refuse"]
    note: Reason


class RecordFiling(Command):
    """What was adopted is on file (备案): under which number, with whom, since when."""

    id: Id
    number: Line
    authority: Line
    filed_on: date


class AnnulResult(Command):
    """The desk takes a result back; the reason is public."""

    id: Id
    reason: Reason


class ListPublicity(ListCommand):
    """What the community may object to now."""

    cid: Id


class ChannelCounts(View):
    """Ballots of one channel, as counted: entries, whatever they weigh.

    ``spoiled`` papers were handed back and exchanged or given up; ``invalid`` ones lay in the urn,
    took part, and say nothing.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    for_: int = Field(alias="for")
    against: int
    abstain: int
    spoiled: int
    invalid: int


class RollSums(View):
    """Sums over entries of a roll: ``area`` in m² and ``heads``, both exact as ``n/d``."""

    entries: int
    households: int
    area: str
    heads: str


class BuildingTurnout(View):
    """The turnout of a building; in secret polls small ones stand together, without a name."""

    building: str | None
    roll: int
    online: int
    paper: int


class StandingObjection(View):
    """An objection as the certificate prints it: no name, what it is about, how it stands.

    An ``earlier`` one was raised against a notice of the topic that was broken off, and stands.
    """

    id: str
    earlier: bool
    kind: str
    during: str
    answered: bool
    mark: str | None
    stands: bool


class Filing(View):
    """The filing (备案) of what was adopted."""

    due_at: datetime
    number: str | None = None
    authority: str | None = None
    filed_on: date | None = None


class SupervisorsWord(View):
    """What the supervisors decided on the result; nothing yet while ``decision`` is null."""

    due_at: datetime | None
    decision: Literal["sign", "refuse"] | None
    note: str | None
    at: datetime | None


class Result(View):
    """The result of a poll.

    ``roll`` is the number of entries, ``issued`` that of papers handed out, ``unreturned`` of
    those that never came back, ``late`` of those that entered the books only after the close.
    ``by_proxy`` entries were voted for by somebody with a written authority: online, with the
    others. ``disagreements`` are the lines on which the desk's register and its sheets could not be
    brought to agree, while as much was counted as came back. ``weights`` are by unit (``entries``,
    ``households``, ``heads``, ``area`` in m²) and choice, exact as ``n/d``. ``certificate`` is what
    ``certificate_hash`` is of: SHA-256 over its JSON with sorted keys, no spaces and no escapes, in
    UTF-8. ``objections`` are as they stand now, on the certificate as they stood at the publishing.
    """

    poll_id: str
    topic_id: str
    community_id: str
    title: str
    state: str
    roll: int
    roll_sums: RollSums
    taken_part: RollSums
    issued: int
    unreturned: int
    late: int
    by_proxy: int
    online: ChannelCounts
    paper: ChannelCounts
    weights: dict[str, dict[str, str]]
    quorum_reached: bool
    arithmetic: list[CountLine]
    passed: bool
    verified: bool
    buildings: list[BuildingTurnout]
    disagreements: list[PaperLine]
    objections: list[StandingObjection]
    certificate_hash: str
    certificate: dict[str, Any]
    published_at: datetime
    publicity_ends_at: datetime | None
    waits_for: list[str]
    sign_off: SupervisorsWord | None
    adopted_at: datetime | None
    filing: Filing | None
    annulled_at: datetime | None
    annul_reason: str | None


class Publicity(View):
    """A notice or a result: shown until ``until``, open to objections until ``object_until``."""

    kind: Literal["notice", "result"]
    topic_id: str
    poll_id: str
    title: str
    convener: Convener
    passed: bool | None
    since: datetime
    until: datetime
    object_until: datetime
    waits_for: list[str]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "getResult", "GET /polls/{id}/result", "votes", PERSON, OfPoll, Result,
        "The result with its arithmetic",
    ),
    Operation(
        "getCertificate", "GET /polls/{id}/certificate.{format}", "votes", PERSON, GetCertificate,
        Document, "The certificate of a result",
    ),
    Operation(
        "signOffResult", "POST /polls/{id}/sign-off", "votes", holders(Role.SUPERVISOR), SignOff,
        Result, "Sign a result off as its supervisor",
    ),
    Operation(
        "recordFiling", "POST /polls/{id}/filing", "votes", DESK, RecordFiling, Result,
        "Record that the decision is on file",
    ),
    Operation(
        "annulResult", "POST /polls/{id}/annulment", "votes", DESK, AnnulResult, Result,
        "Take a result back",
    ),
    Operation(
        "listPublicity", "GET /communities/{cid}/publicity", "votes", PERSON, ListPublicity,
        Page[Publicity], "What the community may object to now",
    ),
)  # fmt: skip
