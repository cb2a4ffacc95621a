"""Who is told of which event, as one table.

::

    event ──► RULES ──► News (audience, kind, variant, why, link, facts)
                          │
                          ▼
              the audience is resolved in one statement; whoever is reached by several
              rules hears the event once, by the first of them; the actor never hears it

The rules stand in the order of precedence. A rule whose variant is not among its ``variants`` stays
silent: a work order goes through nineteen states, and a resident wants to hear of
three, and of the end. What happens to a reported problem stands in
:mod:`~services.notify.domain.issue_rules`, at a joint
consultation in :mod:`~services.notify.domain.consultation_rules`, what neighbours do together in
:mod:`~services.notify.domain.neighbour_rules`, what is decided together in
:mod:`~services.notify.domain.votes_rules`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.contracts import events as e
from services.notify.domain.consultation_rules import CONSULTATION_RULES
from services.notify.domain.issue_rules import ISSUE_RULES
from services.notify.domain.neighbour_rules import NEIGHBOUR_RULES
from services.notify.domain.news import (
    COMMENT,
    HOME,
    LINKED,
    POST,
    SILENT,
    Audience,
    Followers,
    Kind,
    News,
    Persons,
    Rule,
    Why,
    committee,
    fact,
    members,
    person,
)
from services.notify.domain.order_news import ORDER_RULES
from services.notify.domain.plan_news import PLAN_RULES
from services.notify.domain.threads import AT_THE_DESK, Part
from services.notify.domain.votes_rules import VOTES_RULES

ANNOUNCEMENTS = "announcements"
REQUESTS = "/console/memberships"


def _followers(event: e.CommentPublished) -> Audience:
    return Followers(event.post_id)


def _choosers(event: e.CommentPublished) -> Audience:
    return Followers(event.post_id, Part.CHOSE)


def _mentioned(event: e.PostPublished | e.CommentPublished) -> Audience:
    return Persons(tuple(event.mentions))


def _mentions(event: e.PostPublished | e.CommentPublished) -> str:
    if not event.mentions:
        return SILENT
    return "comment" if isinstance(event, e.CommentPublished) else "post"


def _and_choosers(rules: Iterable[Rule]) -> Iterator[Rule]:
    """These rules; whoever chose to follow hears what those hear who take part."""
    for rule in rules:
        yield rule
        if rule.why is Why.I_TOOK_PART:
            yield replace(rule, to=_choosers, why=Why.I_FOLLOW)


def _announces(event: e.PostPublished) -> str:
    return "" if event.module == ANNOUNCEMENTS and event.issue_id is None else SILENT


def _official(event: e.CommentPublished) -> str:
    return "official" if event.official else ""


def _small_talk(event: e.CommentPublished) -> str:
    """Under an announcement half a community may speak: only whoever is meant is told."""
    return SILENT if event.module == ANNOUNCEMENTS else _official(event)


RULES: tuple[Rule, ...] = (
    *NEIGHBOUR_RULES,
    Rule(e.MembershipRequested, committee, Kind.MEMBERSHIP_REQUESTED, Why.ON_DUTY, REQUESTS),
    Rule(
        e.MembershipDecided,
        person("person_id"),
        Kind.MEMBERSHIP_DECIDED,
        Why.MY_REQUEST,
        HOME,
        fact("status"),
        ("active", "refused"),
    ),
    *(
        Rule(event, _mentioned, Kind.MENTION, Why.I_WAS_MENTIONED, link, _mentions, (variant,))
        for event, variant, link in (
            (e.PostPublished, "post", POST),
            (e.CommentPublished, "comment", COMMENT),
        )
    ),
    Rule(e.PostPublished, members, Kind.ANNOUNCEMENT, Why.MY_COMMUNITY, POST, _announces),
    Rule(
        e.CommentPublished,
        person("reply_to_author_id"),
        Kind.COMMENT,
        Why.MY_COMMENT,
        COMMENT,
        lambda _event: "reply",
        ("reply",),
    ),
    Rule(
        e.CommentPublished,
        person("post_author_id", "post_id"),
        Kind.COMMENT,
        Why.MY_POST,
        COMMENT,
        _official,
        ("", "official"),
    ),
    Rule(
        e.CommentPublished,
        _followers,
        Kind.COMMENT,
        Why.I_TOOK_PART,
        COMMENT,
        _small_talk,
        ("", "official"),
    ),
    Rule(
        e.CommentPublished,
        _choosers,
        Kind.COMMENT,
        Why.I_FOLLOW,
        COMMENT,
        _official,
        ("", "official"),
    ),
    *_and_choosers(ISSUE_RULES),
    *ORDER_RULES,
    *CONSULTATION_RULES,
    *PLAN_RULES,
    *VOTES_RULES,
)

# Whose act an event is; nobody is told of the own act. Not every event has somebody: a work
# order moves by the platform's hand, a limit passes by itself.
ACTORS: dict[type[e.Event], str] = {
    e.EmergencyTold: "actor_id",
    e.MembershipRequested: "person_id",
    e.PostPublished: "author_id",
    e.CommentPublished: "author_id",
    e.HandshakeChanged: "by",
    e.ProjectAdvanced: "actor_id",
    e.ContentDecided: "decided_by",
    e.QuestionAsked: "asker_id",
    e.QuestionAnswered: "answered_by",
    e.IssueTriaged: "actor_id",
    e.IssueAnswered: "actor_id",
    e.SelfGovernanceRecorded: "actor_id",
    e.IssueEscalated: "actor_id",
    e.IssueUrged: "actor_id",
    e.IssueRated: "reporter_id",
    e.IssueReopened: "reporter_id",
    e.IssueConfirmed: "reporter_id",
    e.ReferralChanged: "actor_id",
    e.MergeChanged: "actor_id",
    e.JointConsultationChanged: "actor_id",
    e.IssueAssigned: "actor_id",
    e.PlanChanged: "actor_id",
    e.PlanCommentAnswered: "actor_id",
    e.TopicRaised: "author_id",
    e.TopicAdvanced: "actor_id",
    e.TopicHandedOver: "actor_id",
    e.SecondersAsked: "actor_id",
    e.ObjectionFiled: "objector_id",
    e.ObjectionAnswered: "actor_id",
    e.PollAnnounced: "actor_id",
    e.PollVoided: "actor_id",
    e.SurveyOpened: "actor_id",
    e.SurveyClosed: "actor_id",
}

FACTS = (
    "actor_role",
    "closes_at",
    "convener",
    "deadline_at",
    "department",
    "due_at",
    "into_title",
    "opens_at",
    "plan_title",
    "score",
    "until",
    "work_order_no",
)


def actor_of(event: e.Event) -> str | None:
    """Whose act it was, when it was a person's and the event says so."""
    if isinstance(event, e.IssueReported):
        taken_in = event.from_post or event.source in AT_THE_DESK
        return event.taken_up_by if taken_in else event.reporter_id
    if isinstance(event, e.SignUpChanged):
        return _who_signed(event)
    name = ACTORS.get(type(event))
    found = getattr(event, name) if name else None
    return str(found) if found else None


def neighbour_of(event: e.Event) -> str | None:
    """Who speaks by this event as a neighbour: whoever keeps away from her does not hear of it.

    An office is heard by all.
    """
    if isinstance(event, e.CommentPublished) and not event.official:
        return event.author_id or None
    return None


def _who_signed(event: e.SignUpChanged) -> str | None:
    """Whoever invites, calls off, or acts on the own part; a place moves up by itself."""
    if event.called_off:
        return event.organiser_id
    if event.moved_up or event.because != "own":
        return None
    invites = event.state in ("invited", "waiting") and event.invited_by
    return event.invited_by if invites else event.person_id


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
    ids = {name: str(getattr(event, name, "")) for name in LINKED}
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
