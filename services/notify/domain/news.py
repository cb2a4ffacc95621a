"""What the table of rules is made of: kinds, reasons, audiences, news.

An audience is a description, not a list: a community may have ten thousand members.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.contracts import events as e
from services.contracts.actor import COMMITTEE, Role
from services.notify.domain.threads import Part


class Kind(StrEnum):
    """What a notification is about; a person will mute by these."""

    ANNOUNCEMENT = "announcement"
    BRIEF = "brief"
    COMMENT = "comment"
    CONTENT_DECIDED = "content_decided"
    CONTENT_REPORTED = "content_reported"
    COVENANT = "covenant"
    COVENANT_DESK = "covenant_desk"
    DIGEST = "digest"
    EMERGENCY = "emergency"
    EMERGENCY_DRILL = "emergency_drill"
    HANDSHAKE = "handshake"
    ISSUE_ANSWERED = "issue_answered"
    ISSUE_ASSIGNED = "issue_assigned"
    ISSUE_CLOSED = "issue_closed"
    ISSUE_CONFIRMED = "issue_confirmed"
    ISSUE_CONSULTATION = "issue_consultation"
    ISSUE_ESCALATED = "issue_escalated"
    ISSUE_MERGE = "issue_merge"
    ISSUE_PROGRESSED = "issue_progressed"
    ISSUE_RATED = "issue_rated"
    ISSUE_REFERRAL = "issue_referral"
    ISSUE_REMINDER = "issue_reminder"
    ISSUE_REOPENED = "issue_reopened"
    ISSUE_REPORTED = "issue_reported"
    ISSUE_SELF_GOVERNANCE = "issue_self_governance"
    ISSUE_TAKEN_UP = "issue_taken_up"
    ISSUE_TRIAGED = "issue_triaged"
    MEMBERSHIP_DECIDED = "membership_decided"
    MEMBERSHIP_REQUESTED = "membership_requested"
    MENTION = "mention"
    OBJECTION = "objection"
    OBJECTION_DESK = "objection_desk"
    PLAN = "plan"
    PLAN_COMMENT = "plan_comment"
    POLL = "poll"
    POLL_DESK = "poll_desk"
    POLL_REMINDER = "poll_reminder"
    POST_UNANSWERED = "post_unanswered"
    PRAISE = "praise"
    PROJECT = "project"
    PROMISE_AT_RISK = "promise_at_risk"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_MOVED = "promise_moved"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_ASKED = "question_asked"
    QUESTION_OVERDUE = "question_overdue"
    RESULT = "result"
    SIGN_UP = "sign_up"
    SILENCE = "silence"
    SURVEY = "survey"
    TOPIC = "topic"
    TOPIC_DESK = "topic_desk"
    TOPIC_MERGED = "topic_merged"
    WORK_ORDER = "work_order"


class Why(StrEnum):
    """Why somebody was told: shown with each notification."""

    MY_ISSUE = "my_issue"
    I_SUPPORT = "i_support"
    AT_THE_TABLE = "at_the_table"
    MY_POST = "my_post"
    MY_COMMENT = "my_comment"
    I_TOOK_PART = "i_took_part"
    ON_DUTY = "on_duty"
    MY_COMMUNITY = "my_community"
    MY_REQUEST = "my_request"
    MY_PLACE = "my_place"
    MY_INVITATION = "my_invitation"
    MY_ARRANGEMENT = "my_arrangement"
    MY_PROJECT = "my_project"
    I_VOLUNTEER = "i_volunteer"
    MY_WORDS = "my_words"
    ABOUT_ME = "about_me"
    MY_QUESTION = "my_question"
    I_WAS_PRAISED = "i_was_praised"
    UNREAD = "unread"
    I_WAS_MENTIONED = "i_was_mentioned"
    I_FOLLOW = "i_follow"
    MY_TOPIC = "my_topic"
    I_SECONDED = "i_seconded"
    I_SPOKE = "i_spoke"
    I_OBJECTED = "i_objected"
    MY_POLL = "my_poll"
    MY_SURVEY = "my_survey"


@dataclass(frozen=True, slots=True)
class Persons:
    """These persons, but for whoever has left ``thread``, where one is named."""

    ids: tuple[str, ...]
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Followers:
    """Who takes part in the thread; by ``part`` alone if given. Whoever has left it is none."""

    thread: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who holds one of ``roles`` at ``path`` or above it; of ``among`` alone if given."""

    roles: frozenset[Role]
    path: str
    among: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """Everybody who lives or works in the community."""

    community_id: str


Audience = Persons | Followers | OnDuty | Members


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell to one audience; ``rank`` 0 is the most personal of its event."""

    rank: int
    audience: Audience
    kind: Kind
    variant: str
    why: Why
    link: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: when ``event`` happens, ``to`` is told in the words of ``kind`` and variant.

    Args:
        event: the type of event.
        to: the audience, from the event.
        kind: what it is about.
        why: the reason that the recipient is given.
        link: where it leads; ``{post_id}`` and the other names of :data:`LINKED` come from the
            event.
        vary: the variant of the wording, from the event.
        variants: the variants that are told; any other keeps silent.
    """

    event: type[e.Event]
    to: Callable[[Any], Audience]
    kind: Kind
    why: Why
    link: str
    vary: Callable[[Any], str] = lambda _event: ""
    variants: tuple[str, ...] = ("",)


HOME = "/"
POST = "/posts/{post_id}"
COMMENT = "/posts/{post_id}?comment={comment_id}#c-{comment_id}"
LINKED = (
    "post_id",
    "comment_id",
    "issue_id",
    "topic_id",
    "into_id",
    "objection_id",
    "poll_id",
    "covenant_id",
    "breach_id",
    "survey_id",
    "plan_id",
    "work_order_no",
    "case_id",
)
"""What of an event a link may name."""
SILENT = "silent"  # a variant that no rule tells


def fact(name: str) -> Callable[[Any], str]:
    """The variant that a field of the event names."""
    return lambda event: str(getattr(event, name))


def committee(event: Any) -> Audience:
    """The committee of the community where it happened."""
    return OnDuty(COMMITTEE, event.path)


def members(event: Any) -> Audience:
    """Everybody of the community where it happened."""
    return Members(event.community_id)


def person(name: str, thread: str = "") -> Callable[[Any], Audience]:
    """The person whom a field of the event names; nobody when it is empty.

    ``thread``: the field that names the thread which she may have left.
    """

    def named(event: Any) -> Audience:
        found = getattr(event, name)
        return Persons((found,) if found else (), getattr(event, thread) if thread else "")

    return named
