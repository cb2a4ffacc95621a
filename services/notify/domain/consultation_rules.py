"""Who hears of a joint consultation (联合会商): whose problem it is, who sits there, who leads."""

from services.contracts import events as e
from services.contracts.actor import GUESTS, Role
from services.notify.domain.issue_rules import DESK, ISSUE
from services.notify.domain.news import (
    SILENT,
    Audience,
    Kind,
    OnDuty,
    Persons,
    Rule,
    Why,
    committee,
    person,
)


def _at_table(event: e.JointConsultationChanged) -> str:
    """What happened there; by the reporter's own word it ended for those who sit there alone."""
    return f"concluded_{event.outcome}" if event.what == "concluded" else event.what


def _away_from_table(event: e.JointConsultationChanged) -> str:
    return SILENT if event.actor_role == Role.RESIDENT else _at_table(event)


def _supporters(event: e.JointConsultationChanged) -> Audience:
    return Persons(tuple(event.supporter_ids))


def _to_supporters(event: e.JointConsultationChanged) -> str:
    return _away_from_table(event) if event.supporter_ids else SILENT


def _to_guests(event: e.JointConsultationChanged) -> str:
    """To departments: an opening is an invitation, and an end is an end however it came out."""
    if event.what in ("opened", "invited"):
        return "asked"
    if event.what in ("action_added", "action_due", "action_overdue", "action_postponed"):
        return f"yours_{event.what}"
    return "over" if event.what == "concluded" else event.what


def _guests(event: e.JointConsultationChanged) -> Audience:
    """Who was named, while she serves there: a name alone lets nobody know of a case."""
    return OnDuty(GUESTS, event.path, among=tuple(event.guest_ids))


def _departments(event: e.JointConsultationChanged) -> Audience:
    return OnDuty(GUESTS, event.path) if event.to_departments else Persons(())


_OUTCOMES = tuple(
    f"concluded_{outcome}" for outcome in ("resolved", "unresolvable", "handed_over", "returned")
)
_GUESTS_HEAR = (
    "asked",
    "uninvited",
    "meeting_planned",
    "meeting_cancelled",
    "yours_action_added",
    "yours_action_due",
    "yours_action_overdue",
    "yours_action_postponed",
    "over",
)

CONSULTATION_RULES: tuple[Rule, ...] = (
    Rule(
        e.JointConsultationChanged,
        person("reporter_id"),
        Kind.ISSUE_CONSULTATION,
        Why.MY_ISSUE,
        ISSUE,
        _away_from_table,
        (
            "opened",
            "minutes_published",
            "action_added",
            "action_done",
            "action_dropped",
            "action_postponed",
            "action_overdue",
            *_OUTCOMES,
        ),
    ),
    Rule(
        e.JointConsultationChanged,
        _supporters,
        Kind.ISSUE_CONSULTATION,
        Why.I_SUPPORT,
        ISSUE,
        _to_supporters,
        ("opened", *_OUTCOMES),
    ),
    *(
        Rule(
            e.JointConsultationChanged,
            to,
            Kind.ISSUE_CONSULTATION,
            Why.AT_THE_TABLE,
            ISSUE,
            _to_guests,
            _GUESTS_HEAR,
        )
        for to in (_guests, _departments)
    ),
    Rule(
        e.JointConsultationChanged,
        committee,
        Kind.ISSUE_CONSULTATION,
        Why.ON_DUTY,
        DESK,
        _at_table,
        (
            "opened",
            "accepted",
            "declined",
            "action_started",
            "action_done",
            "action_due",
            "action_overdue",
            *_OUTCOMES,
        ),
    ),
)
