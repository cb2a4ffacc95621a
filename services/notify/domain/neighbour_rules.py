"""Who hears of what neighbours do together, and of what is decided about their words.

Sign-ups, help and idle things, micro-projects, moderation, supervision questions: each tells the
one who waits for it, and whoever has to act on it.
"""

from collections.abc import Mapping
from typing import Final

from services.contracts import events as e
from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.feed import QuestionEvent
from services.notify.domain.news import (
    POST,
    SILENT,
    Audience,
    Kind,
    OnDuty,
    Persons,
    Rule,
    Why,
    committee,
    fact,
    person,
)

# Modules where another office than the committee speaks; it answers and moderates there.
CORNERS: Final[Mapping[str, Role]] = {
    "owners": Role.OWNERS_COMMITTEE,
    "property": Role.PROPERTY_MANAGER,
    "police": Role.COMMUNITY_POLICE,
    "doctor": Role.FAMILY_DOCTOR,
}


# -- sign-ups ------------------------------------------------------------------------------------


def _place(event: e.SignUpChanged) -> str:
    """What she could not know: it came by itself, or by somebody else's hand."""
    if event.called_off:
        return "called_off" if event.state == "cancelled" else "off_the_list"
    if event.because in ("alone", "lapsed"):
        return event.because
    return "moved_up" if event.moved_up else SILENT


def _invited(event: e.SignUpChanged) -> bool:
    """Whether this is about an invitation; whoever waits in line can be invited, too."""
    return bool(event.invited_by) and event.because == "own" and not event.called_off


def _invitation(event: e.SignUpChanged) -> str:
    return "invited" if _invited(event) and event.state in ("invited", "waiting") else SILENT


def _acceptance(event: e.SignUpChanged) -> str:
    accepts = event.state == "in" and not (event.checked_in or event.moved_up)
    return "joined" if _invited(event) and accepts else SILENT


# -- help and idle things ------------------------------------------------------------------------


def _two(event: e.HandshakeChanged) -> Audience:
    """Both: whoever moved it is left out as the actor, and what time ended is told to both."""
    return Persons((event.author_id, event.asker_id))


def _move(event: e.HandshakeChanged) -> str:
    if event.state == "asked":
        return f"asked_{event.kind}"
    return "lapsed" if event.by is None and event.state == "cancelled" else event.state


# -- micro-projects ------------------------------------------------------------------------------


def _volunteers(event: e.ProjectAdvanced) -> Audience:
    return Persons(tuple(event.volunteer_ids))


# -- moderation ----------------------------------------------------------------------------------


def _moderators(event: e.ContentReported) -> Audience:
    offices = {*COMMITTEE, CORNERS.get(event.module), Role.TOWN_ADMIN if event.for_town else None}
    return OnDuty(frozenset(role for role in offices if role), event.path)


def _case(event: e.ContentReported) -> str:
    """Why somebody has to look."""
    if event.appealed:
        return "appealed"
    return "reported" if event.opened_by in ("report", "staff") else "waiting"


def _decision(event: e.ContentDecided) -> str:
    return f"{event.target}_{'final_' if event.final else ''}{event.decision}"


def _silence(event: e.SilenceChanged) -> str:
    return "lifted" if event.until is None else "set"


# -- supervision questions -----------------------------------------------------------------------


def _answering(event: QuestionEvent) -> Audience:
    corner = CORNERS.get(event.module)
    return OnDuty(frozenset({corner}) if corner else COMMITTEE, event.path)


def _answering_late(event: e.QuestionOverdue) -> Audience:
    """The office that should have answered, and the committee in any case."""
    corner = CORNERS.get(event.module)
    return OnDuty(COMMITTEE | {corner} if corner else COMMITTEE, event.path)


def _praise(event: e.PostPublished) -> str:
    return "" if event.praised_id else SILENT


CASE, MY_CASES = "/console/moderation/{case_id}", "/me/cases"
QUESTIONS = "/posts/{post_id}/questions"

NEIGHBOUR_RULES: tuple[Rule, ...] = (
    Rule(e.PostPublished, person("praised_id"), Kind.PRAISE, Why.I_WAS_PRAISED, POST, _praise),
    Rule(
        e.SignUpChanged,
        person("person_id"),
        Kind.SIGN_UP,
        Why.MY_PLACE,
        POST,
        _place,
        ("moved_up", "called_off", "off_the_list", "alone", "lapsed"),
    ),
    Rule(
        e.SignUpChanged,
        person("person_id"),
        Kind.SIGN_UP,
        Why.MY_INVITATION,
        POST,
        _invitation,
        ("invited",),
    ),
    Rule(
        e.SignUpChanged,
        person("invited_by"),
        Kind.SIGN_UP,
        Why.MY_PLACE,
        POST,
        _acceptance,
        ("joined",),
    ),
    Rule(
        e.HandshakeChanged,
        _two,
        Kind.HANDSHAKE,
        Why.MY_ARRANGEMENT,
        POST,
        _move,
        (
            "asked_offer",
            "asked_need",
            "asked_idle",
            "agreed",
            "declined",
            "done",
            "thanked",
            "no_show",
            "cancelled",
            "lapsed",
        ),
    ),
    Rule(
        e.ProjectAdvanced,
        person("author_id"),
        Kind.PROJECT,
        Why.MY_PROJECT,
        POST,
        fact("step"),
        ("approve", "refuse", "cancel"),
    ),
    Rule(
        e.ProjectAdvanced,
        _volunteers,
        Kind.PROJECT,
        Why.I_VOLUNTEER,
        POST,
        fact("step"),
        ("progress", "done", "cancel"),
    ),
    Rule(
        e.ProjectAdvanced,
        committee,
        Kind.PROJECT,
        Why.ON_DUTY,
        POST,
        fact("step"),
        ("apply",),
    ),
    Rule(
        e.ContentReported,
        _moderators,
        Kind.CONTENT_REPORTED,
        Why.ON_DUTY,
        CASE,
        _case,
        ("waiting", "reported", "appealed"),
    ),
    Rule(
        e.ContentDecided,
        person("author_id"),
        Kind.CONTENT_DECIDED,
        Why.MY_WORDS,
        POST,
        _decision,
        (
            "post_keep",
            "post_final_keep",
            "comment_keep",
            "comment_final_keep",
            "question_keep",
            "question_final_keep",
        ),
    ),
    Rule(
        e.ContentDecided,
        person("author_id"),
        Kind.CONTENT_DECIDED,
        Why.MY_WORDS,
        MY_CASES,  # the reason stands there, and how to appeal
        _decision,
        (
            "post_take_down",
            "post_final_take_down",
            "comment_take_down",
            "comment_final_take_down",
            "question_take_down",
            "question_final_take_down",
        ),
    ),
    Rule(
        e.SilenceChanged,
        person("person_id"),
        Kind.SILENCE,
        Why.ABOUT_ME,
        MY_CASES,
        _silence,
        ("set", "lifted"),
    ),
    Rule(e.QuestionAsked, _answering, Kind.QUESTION_ASKED, Why.ON_DUTY, QUESTIONS),
    Rule(
        e.QuestionAnswered, person("asker_id"), Kind.QUESTION_ANSWERED, Why.MY_QUESTION, QUESTIONS
    ),
    Rule(
        e.QuestionOverdue,
        person("asker_id"),
        Kind.QUESTION_OVERDUE,
        Why.MY_QUESTION,
        QUESTIONS,
        lambda _event: "asker",
        ("asker",),
    ),
    Rule(
        e.QuestionOverdue,
        _answering_late,
        Kind.QUESTION_OVERDUE,
        Why.ON_DUTY,
        QUESTIONS,
        lambda _event: "office",
        ("office",),
    ),
)
