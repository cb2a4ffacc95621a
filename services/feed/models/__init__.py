"""Tables of feed.

``posts`` posts with their history, comments, likes, modules · ``sign_ups`` events that one signs
up for · ``aid`` mutual aid, idle things, the handshake of both · ``projects`` micro-projects and
the party garden · ``ledgers`` disclosed accounts and the questions about them · ``moderation``
cases, reports, the log, who keeps away from whom · ``suggestions`` posts that look like problems
"""

from services.feed.models.aid import AidPost, Handshake, HandshakeStep, NoShowClearance
from services.feed.models.base import Base
from services.feed.models.ledgers import Ledger, LedgerLine, Question
from services.feed.models.moderation import Distance, LogEntry, ModerationCase, Report, Silence
from services.feed.models.posts import (
    Comment,
    CommentLike,
    CommunityModule,
    Like,
    Post,
    PostVersion,
    SearchedPost,
)
from services.feed.models.projects import (
    PartyCheckIn,
    PledgeKeeper,
    PledgeRecord,
    PledgeWitness,
    Project,
    ProjectHours,
    ProjectMoney,
    ProjectStep,
    StudyCompletion,
    Volunteer,
)
from services.feed.models.sign_ups import SignUp, SignUpEvent
from services.feed.models.suggestions import Suggestion

__all__ = [
    "AidPost",
    "Base",
    "Comment",
    "CommentLike",
    "CommunityModule",
    "Distance",
    "Handshake",
    "HandshakeStep",
    "Ledger",
    "LedgerLine",
    "Like",
    "LogEntry",
    "ModerationCase",
    "NoShowClearance",
    "PartyCheckIn",
    "PledgeKeeper",
    "PledgeRecord",
    "PledgeWitness",
    "Post",
    "PostVersion",
    "Project",
    "ProjectHours",
    "ProjectMoney",
    "ProjectStep",
    "Question",
    "Report",
    "SearchedPost",
    "SignUp",
    "SignUpEvent",
    "Silence",
    "StudyCompletion",
    "Suggestion",
    "Volunteer",
]
