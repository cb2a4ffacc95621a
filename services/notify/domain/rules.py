"""Who is told of which event, as one table.

::

    event ──► RULES ──► News (audience, kind, variant, why, link, facts)
                          │
                          ▼
              the audience is resolved in one statement; whoever is reached by several
              rules hears the event once, by the first of them; the actor never hears it

An audience is a description, not a list: a community may have ten thousand members. The rules
stand in the order of precedence. A rule whose variant is not among its ``variants`` stays
silent: a work order goes through nineteen states, and a resident wants to hear of
three, and of the end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.contracts import events as e
from services.contracts.actor import COMMITTEE, Role

ANNOUNCEMENTS = "announcements"


class Kind(StrEnum):
    """What a notification is about; a person will mute by these."""

    ANNOUNCEMENT = "announcement"
    COMMENT = "comment"
    ISSUE_ANSWERED = "issue_answered"
    ISSUE_CLOSED = "issue_closed"
    ISSUE_ESCALATED = "issue_escalated"
    ISSUE_PROGRESSED = "issue_progressed"
    ISSUE_RATED = "issue_rated"
    ISSUE_REOPENED = "issue_reopened"
    ISSUE_REPORTED = "issue_reported"
    ISSUE_SELF_GOVERNANCE = "issue_self_governance"
    ISSUE_TAKEN_UP = "issue_taken_up"
    ISSUE_TRIAGED = "issue_triaged"
    MEMBERSHIP_DECIDED = "membership_decided"
    MEMBERSHIP_REQUESTED = "membership_requested"
    PROMISE_AT_RISK = "promise_at_risk"
    PROMISE_BROKEN = "promise_broken"


class Why(StrEnum):
    """Why somebody was told: shown with each notification."""

    MY_ISSUE = "my_issue"
    MY_POST = "my_post"
    MY_COMMENT = "my_comment"
    I_TOOK_PART = "i_took_part"
    ON_DUTY = "on_duty"
    MY_COMMUNITY = "my_community"
    MY_REQUEST = "my_request"


@dataclass(frozen=True, slots=True)
class Persons:
    """These persons."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Followers:
    """Who wrote the thread or took part in it."""

    post_id: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who holds one of ``roles`` at ``path`` or above it."""

    roles: frozenset[Role]
    path: str


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
        link: where it leads; ``{post_id}`` and ``{issue_id}`` come from the event.
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


ISSUE = "/issues/{issue_id}"
POST = "/posts/{post_id}"
DESK = "/console/issues/{issue_id}"
REQUESTS = "/console/memberships"
HOME = "/"

# The states of a work order that mean something to the person who reported the problem. The
# others are the platform's inner life; refusal and end are told by issue.closed.
TOLD_STATES = ("dispatched", "suspended", "rework")
# The ends that the grid brought about. The neighbourhood's own ends (answered, refused, solved)
# are told by the answer or the step of self-governance that was the end.
GRID_RESULTS = ("grid_closed", "grid_refused", "cancelled")
BROKEN_LEVELS: dict[str, frozenset[Role]] = {
    "committee": COMMITTEE,
    "town": frozenset({Role.TOWN_ADMIN}),
    "district": frozenset({Role.DISTRICT_ADMIN}),
}


def _reporter(event: e.IssueReported) -> Audience:
    return Persons((event.reporter_id,))


def _person(event: e.MembershipDecided) -> Audience:
    return Persons((event.person_id,))


def _followers(event: e.CommentPublished) -> Audience:
    return Followers(event.post_id)


def _committee(event: e.IssueReported) -> Audience:
    return OnDuty(COMMITTEE, event.path)


def _level(event: e.PromiseBroken) -> Audience:
    return OnDuty(BROKEN_LEVELS[event.level], event.path)


def _members(event: e.PostPublished) -> Audience:
    return Members(event.community_id)


def _replied_to(event: e.CommentPublished) -> Audience:
    return Persons((event.reply_to_author_id,) if event.reply_to_author_id else ())


def _post_author(event: e.CommentPublished) -> Audience:
    return Persons((event.post_author_id,))


def _field(name: str) -> Callable[[Any], str]:
    return lambda event: str(getattr(event, name))


def _source(event: e.IssueReported) -> str:
    return "post" if event.from_post else "report"


def _step(event: e.SelfGovernanceRecorded) -> str:
    return event.outcome or event.step


def _announces(event: e.PostPublished) -> str:
    return "" if event.module == ANNOUNCEMENTS and event.issue_id is None else "silent"


def _official(event: e.CommentPublished) -> str:
    return "official" if event.official else ""


def _small_talk(event: e.CommentPublished) -> str:
    """Under an announcement half a community may speak: only whoever is meant is told."""
    return "silent" if event.module == ANNOUNCEMENTS else _official(event)


def _verdict(event: e.IssueRated) -> str:
    return "solved" if event.solved else "unsolved"


RULES: tuple[Rule, ...] = (
    Rule(e.MembershipRequested, _committee, Kind.MEMBERSHIP_REQUESTED, Why.ON_DUTY, REQUESTS),
    Rule(
        e.MembershipDecided,
        _person,
        Kind.MEMBERSHIP_DECIDED,
        Why.MY_REQUEST,
        HOME,
        _field("status"),
        ("active", "refused"),
    ),
    Rule(e.PostPublished, _members, Kind.ANNOUNCEMENT, Why.MY_COMMUNITY, POST, _announces),
    Rule(
        e.CommentPublished,
        _replied_to,
        Kind.COMMENT,
        Why.MY_COMMENT,
        POST,
        lambda _event: "reply",
        ("reply",),
    ),
    Rule(
        e.CommentPublished,
        _post_author,
        Kind.COMMENT,
        Why.MY_POST,
        POST,
        _official,
        ("", "official"),
    ),
    Rule(
        e.CommentPublished,
        _followers,
        Kind.COMMENT,
        Why.I_TOOK_PART,
        POST,
        _small_talk,
        ("", "official"),
    ),
    Rule(e.IssueReported, _reporter, Kind.ISSUE_TAKEN_UP, Why.MY_POST, ISSUE, _source, ("post",)),
    Rule(
        e.IssueReported,
        _committee,
        Kind.ISSUE_REPORTED,
        Why.ON_DUTY,
        DESK,
        _source,
        ("post", "report"),
    ),
    Rule(
        e.IssueTriaged,
        _reporter,
        Kind.ISSUE_TRIAGED,
        Why.MY_ISSUE,
        ISSUE,
        _field("category"),
        ("consult", "advise", "dispose", "8x"),
    ),
    Rule(
        e.IssueAnswered,
        _reporter,
        Kind.ISSUE_ANSWERED,
        Why.MY_ISSUE,
        ISSUE,
        _field("outcome"),
        ("answered", "fixed", "refused"),
    ),
    Rule(
        e.IssueAnswered,
        _followers,
        Kind.ISSUE_ANSWERED,
        Why.I_TOOK_PART,
        ISSUE,
        _field("outcome"),
        ("answered", "fixed", "refused"),
    ),
    Rule(
        e.SelfGovernanceRecorded,
        _reporter,
        Kind.ISSUE_SELF_GOVERNANCE,
        Why.MY_ISSUE,
        ISSUE,
        _step,
        ("site_visit", "talk", "undertaking", "check", "solved", "failed"),
    ),
    Rule(
        e.SelfGovernanceRecorded,
        _followers,
        Kind.ISSUE_SELF_GOVERNANCE,
        Why.I_TOOK_PART,
        ISSUE,
        _step,
        ("solved",),
    ),
    Rule(e.IssueEscalated, _reporter, Kind.ISSUE_ESCALATED, Why.MY_ISSUE, ISSUE),
    Rule(
        e.IssueProgressed,
        _reporter,
        Kind.ISSUE_PROGRESSED,
        Why.MY_ISSUE,
        ISSUE,
        _field("state"),
        TOLD_STATES,
    ),
    Rule(
        e.IssueClosed,
        _reporter,
        Kind.ISSUE_CLOSED,
        Why.MY_ISSUE,
        ISSUE,
        _field("result"),
        GRID_RESULTS,
    ),
    Rule(
        e.IssueClosed,
        _followers,
        Kind.ISSUE_CLOSED,
        Why.I_TOOK_PART,
        ISSUE,
        _field("result"),
        GRID_RESULTS,
    ),
    Rule(
        e.IssueClosed,
        _committee,
        Kind.ISSUE_CLOSED,
        Why.ON_DUTY,
        DESK,
        _field("result"),
        GRID_RESULTS,
    ),
    Rule(
        e.IssueRated,
        _committee,
        Kind.ISSUE_RATED,
        Why.ON_DUTY,
        DESK,
        _verdict,
        ("solved", "unsolved"),
    ),
    Rule(e.IssueReopened, _committee, Kind.ISSUE_REOPENED, Why.ON_DUTY, DESK),
    Rule(e.IssueReopened, _followers, Kind.ISSUE_REOPENED, Why.I_TOOK_PART, ISSUE),
    Rule(e.PromiseAtRisk, _committee, Kind.PROMISE_AT_RISK, Why.ON_DUTY, DESK),
    Rule(
        e.PromiseBroken,
        _level,
        Kind.PROMISE_BROKEN,
        Why.ON_DUTY,
        DESK,
        _field("level"),
        tuple(BROKEN_LEVELS),
    ),
)

# Whose act an event is; nobody is told of the own act. Not every event has somebody: a work
# order moves by the platform's hand, a limit passes by itself.
ACTORS: dict[type[e.Event], str] = {
    e.MembershipRequested: "person_id",
    e.PostPublished: "author_id",
    e.CommentPublished: "author_id",
    e.IssueTriaged: "actor_id",
    e.IssueAnswered: "actor_id",
    e.SelfGovernanceRecorded: "actor_id",
    e.IssueEscalated: "actor_id",
    e.IssueRated: "reporter_id",
    e.IssueReopened: "reporter_id",
}

FACTS = ("actor_role", "department", "due_at", "score", "work_order_no")


def actor_of(event: e.Event) -> str | None:
    """Whose act it was, when it was a person's and the event says so."""
    if isinstance(event, e.IssueReported):
        return event.taken_up_by if event.from_post else event.reporter_id
    name = ACTORS.get(type(event))
    return str(getattr(event, name)) if name else None


def facts_of(event: e.Event) -> dict[str, str]:
    """What the wordings may say of the event: none of it is personal."""
    found = {name: getattr(event, name, None) for name in FACTS}
    texts = {
        name: value.isoformat() if hasattr(value, "isoformat") else str(value)
        for name, value in found.items()
        if value is not None and value != ""
    }
    return texts


def news_of(event: e.Event) -> tuple[News, ...]:
    """What is to be told of an event, in the order of precedence."""
    facts = facts_of(event)
    ids = {name: str(getattr(event, name, "")) for name in ("post_id", "issue_id")}
    told: list[News] = []
    for rule in RULES:
        if rule.event is not type(event):
            continue
        variant = rule.vary(event)
        if variant in rule.variants:
            told.append(
                News(
                    rank=len(told),
                    audience=rule.to(event),
                    kind=rule.kind,
                    variant=variant,
                    why=rule.why,
                    link=rule.link.format_map(ids),
                    facts=facts,
                )
            )
    return tuple(told)


def ancestors(path: str) -> tuple[str, ...]:
    """The node and all above it: ``a.b.c`` gives ``a.b.c``, ``a.b``, ``a``."""
    labels = path.split(".")
    return tuple(".".join(labels[:n]) for n in range(len(labels), 0, -1))
