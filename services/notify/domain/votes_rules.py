"""Who hears of a question on its way to a covenant, of polls and of surveys.

Whoever raised a topic, objected, spoke or seconded follows it ("my votes"), each for that reason; a
poll and a survey are the whole community's; what has to be done is told to the body that convened.
Nobody is told of who voted, and no event says it.

A step that the poll, the result or the covenant tells of itself is not told a second time.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.events.votes import TopicEvent
from services.contracts.operations.votes.common import BODIES
from services.notify.domain.news import (
    SILENT,
    Audience,
    Followers,
    Kind,
    OnDuty,
    Persons,
    Rule,
    Why,
    fact,
    members,
    person,
)
from services.notify.domain.threads import Part

TOPIC = "/topics/{topic_id}"
POLL = "/polls/{poll_id}"
RESULT = "/polls/{poll_id}/result"
OBJECTION = "/objections/{objection_id}"
COVENANT = "/covenants/{covenant_id}"
SURVEY = "/surveys/{survey_id}"
DESK_POLL = "/console/polls/{poll_id}"
DESK_COVENANT = "/console/covenants/{covenant_id}"
DESK_BREACH = "/console/covenants/breaches/{breach_id}"

PARTS: Final = (
    (Part.WROTE, Why.MY_TOPIC),
    (Part.OBJECTED, Why.I_OBJECTED),
    (Part.SPOKE, Why.I_SPOKE),
    (Part.SECONDED, Why.I_SECONDED),
    (Part.CHOSE, Why.I_FOLLOW),
)

_BACK: Final[Mapping[tuple[str, str], str]] = {
    ("proposal", "actionable"): "sent_back",
    ("prior_study", "actionable"): "sent_back",
    ("actionable", "discussion"): "discussed_again",
    ("notice", "proposal"): SILENT,  # its poll was stopped, and that is told
}
_STEPS: Final = (
    "seconded",
    "screened",
    "discussion",
    "discussed_again",
    "actionable",
    "sent_back",
    "prior_study",
    "proposal",
    "refused",
    "closed_withdrawn",
    "closed_lapsed",
    "closed_stopped",
)


# -- the topic -----------------------------------------------------------------------------------


def _convening(event: Any) -> Audience:
    return OnDuty(BODIES[event.convener], event.path)


def _gave_away(event: e.TopicHandedOver) -> Audience:
    return OnDuty(BODIES[event.was_convener], event.path)


def _party(event: TopicEvent) -> Audience:
    """The community's Party organisation, which studies a topic first."""
    return OnDuty(frozenset({Role.SECRETARY}), event.path)


def _late(event: e.TopicOverdue) -> Audience:
    return _party(event) if event.state == "prior_study" else _convening(event)


def _whose_delay(event: e.TopicOverdue) -> str:
    return "study_overdue" if event.state == "prior_study" else "overdue"


def _step(event: e.TopicAdvanced) -> str:
    if event.step != "advanced":
        return event.step
    if event.state == "closed":
        return f"closed_{event.outcome}"
    return _BACK.get((event.was, event.state), event.state)


def _task(event: e.TopicAdvanced) -> str:
    """What the desk has to do now that it did not bring about itself."""
    if event.was == "prior_study" and event.state == "proposal":
        return "studied"
    return event.step if event.step in ("seconded", "amended") else SILENT


def _seconders(event: e.SecondersAsked) -> Audience:
    return Persons(tuple(event.seconder_ids))


def _by(part: Part) -> Callable[[Any], Audience]:
    return lambda event: Followers(event.topic_id, part)


def _takes_part(
    event: type[e.Event],
    kind: Kind,
    link: str,
    vary: Callable[[Any], str],
    variants: tuple[str, ...],
    but: Part | None = None,
) -> tuple[Rule, ...]:
    """Everybody who takes part in the topic, each for that reason; ``but`` is told otherwise."""
    return tuple(
        Rule(event, _by(part), kind, why, link, vary, variants)
        for part, why in PARTS
        if part is not but
    )


def _always(variant: str) -> Callable[[Any], str]:
    return lambda _event: variant


def _all(
    event: type[e.Event],
    kind: Kind,
    link: str,
    vary: Callable[[Any], str],
    *variants: str,
    why: Why = Why.MY_POLL,
) -> tuple[Rule, ...]:
    """Whoever takes part in the topic, and for the reason ``why`` the whole community."""
    return (
        *_takes_part(event, kind, link, vary, variants),
        Rule(event, members, kind, why, link, vary, variants),
    )


def _desk(
    event: type[e.Event],
    kind: Kind,
    link: str,
    variant: str,
    to: Callable[[Any], Audience] = _convening,
) -> Rule:
    return Rule(event, to, kind, Why.ON_DUTY, link, _always(variant), (variant,))


def _verdict(event: e.ResultPublished) -> str:
    return "passed" if event.passed else "failed"


TOPIC_RULES: tuple[Rule, ...] = (
    _desk(e.TopicRaised, Kind.TOPIC_DESK, TOPIC, "raised"),
    # Whoever has to word it anew hears so, even if she left it.
    Rule(
        e.TopicAdvanced,
        person("author_id"),
        Kind.TOPIC,
        Why.MY_TOPIC,
        TOPIC,
        _step,
        ("returned",),
    ),
    *_takes_part(e.TopicAdvanced, Kind.TOPIC, TOPIC, _step, _STEPS),
    *_takes_part(  # whoever seconded is asked whether she seconds the other one
        e.TopicAdvanced, Kind.TOPIC, TOPIC, _step, ("closed_merged",), but=Part.SECONDED
    ),
    Rule(
        e.TopicAdvanced,
        _convening,
        Kind.TOPIC_DESK,
        Why.ON_DUTY,
        TOPIC,
        _task,
        ("seconded", "amended", "studied"),
    ),
    Rule(
        e.TopicAdvanced,
        _party,
        Kind.TOPIC_DESK,
        Why.ON_DUTY,
        TOPIC,
        _step,
        ("prior_study",),
    ),
    *_takes_part(e.TopicHandedOver, Kind.TOPIC, TOPIC, _always("handed_over"), ("handed_over",)),
    _desk(e.TopicHandedOver, Kind.TOPIC_DESK, TOPIC, "handed_over"),
    _desk(e.TopicHandedOver, Kind.TOPIC_DESK, TOPIC, "given_away", _gave_away),
    Rule(
        e.SecondersAsked,
        _seconders,
        Kind.TOPIC_MERGED,
        Why.I_SECONDED,
        "/topics/{into_id}",
    ),
    Rule(
        e.TopicOverdue,
        person("author_id", "topic_id"),
        Kind.TOPIC,
        Why.MY_TOPIC,
        TOPIC,
        _whose_delay,
        ("overdue", "study_overdue"),
    ),
    _desk(e.TopicOverdue, Kind.TOPIC_DESK, TOPIC, "overdue", _late),
    Rule(
        e.ObjectionFiled,
        person("author_id", "topic_id"),
        Kind.OBJECTION,
        Why.MY_TOPIC,
        OBJECTION,
        _always("filed"),
        ("filed",),
    ),
    _desk(e.ObjectionFiled, Kind.OBJECTION_DESK, TOPIC, ""),
    Rule(
        e.ObjectionAnswered,
        person("objector_id"),
        Kind.OBJECTION,
        Why.I_OBJECTED,
        OBJECTION,
        _always("answered"),
        ("answered",),
    ),
)

# -- polls, covenants, surveys -------------------------------------------------------------------

VOTES_RULES: tuple[Rule, ...] = (
    *TOPIC_RULES,
    *_all(e.PollAnnounced, Kind.POLL, POLL, _always("announced"), "announced"),
    *_all(e.PollOpened, Kind.POLL, POLL, _always("opened"), "opened"),
    *_all(e.PollReminded, Kind.POLL_REMINDER, POLL, _always(""), ""),
    *_all(e.PollExtended, Kind.POLL, POLL, _always("extended"), "extended"),
    _desk(e.PollClosed, Kind.POLL_DESK, DESK_POLL, ""),
    *_all(e.PollVoided, Kind.POLL, POLL, _always("voided"), "voided"),
    *_all(e.ResultPublished, Kind.RESULT, RESULT, _verdict, "passed", "failed"),
    *_all(
        e.CovenantAdopted,
        Kind.COVENANT,
        COVENANT,
        fact("change"),
        "new",
        "amended",
        "repealed",
        why=Why.MY_COMMUNITY,
    ),
    _desk(e.CovenantBreachReported, Kind.COVENANT_DESK, DESK_BREACH, "breach"),
    _desk(e.CovenantReviewDue, Kind.COVENANT_DESK, DESK_COVENANT, "review"),
    Rule(
        e.SurveyOpened,
        members,
        Kind.SURVEY,
        Why.MY_SURVEY,
        SURVEY,
        _always("opened"),
        ("opened",),
    ),
    Rule(
        e.SurveyClosed,
        members,
        Kind.SURVEY,
        Why.MY_SURVEY,
        SURVEY,
        _always("closed"),
        ("closed",),
    ),
)
