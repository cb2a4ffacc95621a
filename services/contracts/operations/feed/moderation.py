"""Reports, cases, decisions, appeals, the log."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Body,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    holders,
)
from services.contracts.operations.feed.comments import OfComment
from services.contracts.operations.feed.common import Author, OfPost

ReportKind = Literal[
    "spam", "fraud", "insult", "private_data", "rumour", "illegal", "minors", "other"
]
Target = Literal["post", "comment", "question"]
CaseState = Literal["open", "decided", "appealed", "final"]
Decision = Literal["keep", "take_down"]
OpenedBy = Literal["module", "lexicon", "report", "staff"]
ContentState = Literal["shown", "waiting", "refused", "taken_down", "deleted"]

# -- what the caller asks for ---------------------------------------------------------------


class ReportContent(OfPost):
    """Report a post to those who moderate; its author never learns who did."""

    kind: ReportKind = "other"
    reason: Reason


class ReportComment(OfComment):
    """Report a comment to those who moderate; its author never learns who did."""

    kind: ReportKind = "other"
    reason: Reason


class TakeDown(OfPost):
    """Take a post down as who moderates it: a case that is opened and decided in one act."""

    reason: Reason


class TakeDownComment(OfComment):
    """Take a comment down as who moderates it: a case that is opened and decided in one act."""

    reason: Reason


class ReportQuestion(Command):
    """Report a supervision question to those who moderate; ``id`` is the question's."""

    id: Id
    kind: ReportKind = "other"
    reason: Reason


class TakeDownQuestion(Command):
    """Take a question's words down as who moderates, by a case; ``id`` is the question's."""

    id: Id
    reason: Reason


class ListModerationCases(ListCommand):
    """The cases of the modules that the caller moderates, the oldest first.

    ``state`` ``waiting`` are those that somebody has to decide: open and appealed.
    """

    cid: Id
    state: Literal["waiting", "open", "decided", "appealed", "final"] = "waiting"


class OfCase(Command):
    """Concerning one case."""

    id: Id


class DecideReport(OfCase):
    """Decide a case, with a reason that the author gets."""

    decision: Decision
    reason: Reason


class AppealDecision(OfCase):
    """Ask another person to look at the decision again."""

    reason: Reason


class DecideAppeal(OfCase):
    """The second person's decision, which is final."""

    decision: Decision
    reason: Reason


class ListModerationLog(ListCommand):
    """The moderation log of a community, the newest first."""

    cid: Id


class CheckSpeech(Command):
    """A neighbour speaks to the neighbours, though not on a thread of feed's."""

    cid: Id
    body: Body


# -- what the caller gets -------------------------------------------------------------------


class Report(View):
    """A report as it was taken; ``id`` is the case that it belongs to."""

    id: str
    target: Target
    target_id: str
    kind: ReportKind
    reported_at: datetime


class Reported(View):
    """A report in a case. ``reporter`` is named only when it is somebody in office."""

    kind: ReportKind
    reason: str
    at: datetime
    reporter: Author | None


class EvidenceFile(View):
    """A file of the content; the hash proves which one it was."""

    id: str
    content_type: str
    bytes: int
    sha256: str


class Evidence(View):
    """The content as it was when the case was opened, or last edited while it waited.

    ``before`` are the texts that it had earlier while the case was open, the latest last: the
    first, those that somebody reported (``reported``), and the latest of the others. All of it is
    empty once the words had to be dropped (``forgotten_at`` of the case).
    """

    title: str = ""
    body: str = ""
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    attachments: list[EvidenceFile] = Field(default_factory=list)
    version: int | None = None
    at: datetime | None = None
    reported: bool = False
    before: list["Evidence"] = Field(default_factory=list)


class Person(View):
    """Somebody who acted in office."""

    id: str
    display_name: str


class CaseSummary(View):
    """A case in the queue.

    ``held``: the content is not, or for a time was not, shown because of the case. ``hits`` are
    the categories that the lexicon found, ``reports`` how many people reported it.
    ``may_decide`` is false for the author, who reported it, and (of an appeal) who decided first.
    ``excerpt`` is how the words begin that the case is about; empty once they had to be dropped.
    """

    id: str
    community_id: str
    module: str
    target: Target
    target_id: str
    post_id: str
    title: str
    excerpt: str = ""
    content_state: ContentState
    author: Author
    opened_by: OpenedBy
    state: CaseState
    held: bool
    hits: list[str]
    reports: int
    opened_at: datetime
    decision: Decision | None
    decided_at: datetime | None
    appealed_at: datetime | None
    final_decision: Decision | None
    final_at: datetime | None
    may_decide: bool


class ModerationCase(CaseSummary):
    """A case with its evidence, its reports and what was said about it.

    ``appeal_until`` is until when the author may appeal against what was decided, null if never.
    """

    evidence: Evidence
    forgotten_at: datetime | None
    reported: list[Reported]
    reason: str
    decided_by: Person | None
    appeal_until: datetime | None = None
    appeal: str
    final_reason: str
    final_by: Person | None


class MyCase(View):
    """What was decided about something of mine, or that it waits; ``appeal_until`` while I may."""

    id: str
    community_id: str
    module: str
    target: Target
    target_id: str
    post_id: str
    title: str
    content_state: ContentState
    state: CaseState
    decision: Decision | None
    reason: str
    decided_at: datetime | None
    appeal_until: datetime | None
    appeal: str
    appealed_at: datetime | None
    final_decision: Decision | None
    final_reason: str
    final_at: datetime | None


class LogLine(View):
    """Somebody did something; ``actor`` null is time itself, the lexicon, or who reported."""

    id: str
    at: datetime
    actor: Person | None
    actor_role: str
    action: str
    target: str
    target_id: str
    case_id: str | None
    reason: str
    details: dict[str, JsonValue]


class SpeechChecked(View):
    """The words may be said; ``held``: somebody has to look at them before they are shown."""

    held: bool


_LOG_READERS = holders(*COMMITTEE, Role.AUDITOR)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "reportContent",
        "POST /posts/{id}/reports",
        service="feed",
        who=NEIGHBOUR,
        command=ReportContent,
        result=Report,
        status=201,
        summary="Report a post",
    ),
    Operation(
        "reportComment",
        "POST /comments/{id}/reports",
        service="feed",
        who=NEIGHBOUR,
        command=ReportComment,
        result=Report,
        status=201,
        summary="Report a comment",
    ),
    Operation(
        "reportQuestion",
        "POST /questions/{id}/reports",
        service="feed",
        who=NEIGHBOUR,
        command=ReportQuestion,
        result=Report,
        status=201,
        summary="Report a supervision question",
    ),
    Operation(
        "listModerationCases",
        "GET /communities/{cid}/moderation-cases",
        service="feed",
        who=PERSON,
        command=ListModerationCases,
        result=Page[CaseSummary],
        summary="What waits for a moderator",
    ),
    Operation(
        "getModerationCase",
        "GET /moderation-cases/{id}",
        service="feed",
        who=PERSON,
        command=OfCase,
        result=ModerationCase,
        summary="One case with its evidence",
    ),
    Operation(
        "decideReport",
        "POST /reports/{id}/decision",
        service="feed",
        who=PERSON,
        command=DecideReport,
        result=ModerationCase,
        summary="Decide a report of content",
    ),
    Operation(
        "takeDown",
        "POST /posts/{id}/takedown",
        service="feed",
        who=PERSON,
        command=TakeDown,
        result=ModerationCase,
        status=201,
        summary="Take a post down, with a reason; its author may appeal",
    ),
    Operation(
        "takeDownComment",
        "POST /comments/{id}/takedown",
        service="feed",
        who=PERSON,
        command=TakeDownComment,
        result=ModerationCase,
        status=201,
        summary="Take a comment down, with a reason; its author may appeal",
    ),
    Operation(
        "takeDownQuestion",
        "POST /questions/{id}/takedown",
        service="feed",
        who=PERSON,
        command=TakeDownQuestion,
        result=ModerationCase,
        status=201,
        summary="Take a question's words down, with a reason; its author may appeal",
    ),
    Operation(
        "appeal",
        "POST /reports/{id}/appeals",
        service="feed",
        who=PERSON,
        command=AppealDecision,
        result=MyCase,
        status=201,
        summary="Appeal against a decision on content",
    ),
    Operation(
        "decideAppeal",
        "POST /reports/{id}/appeal-decision",
        service="feed",
        who=PERSON,
        command=DecideAppeal,
        result=ModerationCase,
        summary="Decide an appeal, as another person than the first",
    ),
    Operation(
        "listMyCases",
        "GET /me/moderation-cases",
        service="feed",
        who=PERSON,
        command=ListCommand,
        result=Page[MyCase],
        summary="What was decided about my posts and comments",
    ),
    Operation(
        "listModerationLog",
        "GET /communities/{cid}/moderation-log",
        service="feed",
        who=_LOG_READERS,
        command=ListModerationLog,
        result=Page[LogLine],
        summary="The moderation log",
    ),
    Operation(
        "checkSpeech",
        "INTERNAL",
        service="feed",
        who=NEIGHBOUR,
        command=CheckSpeech,
        result=SpeechChecked,
        summary="Whether words that another service keeps may be shown to the neighbours",
        assisted=True,
    ),
)
