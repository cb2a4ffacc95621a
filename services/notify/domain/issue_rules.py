"""Who hears of a problem that somebody reported, on its way to the end."""

from collections.abc import Callable
from typing import Any

from services.contracts import events as e
from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.grid_bridge import IssueEvent, OutcomeEvent
from services.notify.domain.news import (
    POST,
    SILENT,
    Audience,
    Followers,
    Kind,
    OnDuty,
    Persons,
    Rule,
    Why,
    committee,
    fact,
    person,
)
from services.notify.domain.threads import AT_THE_DESK

ISSUE = "/issues/{issue_id}"
DESK = "/console/issues/{issue_id}"
REFERRALS = "/referrals"
PARTIES: dict[str, Role] = {
    "property": Role.PROPERTY_MANAGER,
    "owners_committee": Role.OWNERS_COMMITTEE,
    "department": Role.DEPARTMENT_STAFF,
}

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


def _followers(event: IssueEvent) -> Audience:
    return Followers(event.post_id)


def _level(event: e.PromiseBroken | e.PostUnanswered) -> Audience:
    return OnDuty(BROKEN_LEVELS[event.level], event.path)


def _source(event: e.IssueReported) -> str:
    if event.source in AT_THE_DESK:
        return "intake"
    return "post" if event.from_post else "report"


def _step(event: e.SelfGovernanceRecorded) -> str:
    return event.outcome or event.step


def _verdict(event: e.IssueRated) -> str:
    return "solved" if event.solved else "unsolved"


def _supporters(event: OutcomeEvent) -> Audience:
    return Persons(tuple(event.supporter_ids))


def _if_joined(vary: Callable[[Any], str]) -> Callable[[Any], str]:
    """Silent where nobody joined."""
    return lambda event: vary(event) if event.supporter_ids else SILENT


def _party(event: e.ReferralChanged) -> Audience:
    return OnDuty(frozenset({PARTIES[event.party]}), event.path)


def _handler(event: e.IssueReminder) -> Audience:
    return Persons((event.assignee_id,)) if event.assignee_id else committee(event)


def _confirmation(event: e.IssueConfirmed) -> str:
    if event.merged_into:
        return "shared"
    return "solved" if event.solved else "unsolved"


def _to_party(event: e.ReferralChanged) -> str:
    return "asked" if event.state == "open" else event.state


def _merge(event: e.MergeChanged) -> str:
    return f"{event.side}_{event.state}"


def _reporters_word(event: e.MergeChanged) -> str:
    return f"answer_{_merge(event)}" if event.actor_role == Role.RESIDENT else SILENT


_reporter = person("reporter_id")

ISSUE_RULES: tuple[Rule, ...] = (
    Rule(e.IssueReported, _reporter, Kind.ISSUE_TAKEN_UP, Why.MY_POST, ISSUE, _source, ("post",)),
    Rule(
        e.IssueReported, _reporter, Kind.ISSUE_TAKEN_UP, Why.MY_ISSUE, ISSUE, _source, ("intake",)
    ),
    Rule(
        e.IssueReported,
        committee,
        Kind.ISSUE_REPORTED,
        Why.ON_DUTY,
        DESK,
        _source,
        ("post", "report", "intake"),
    ),
    Rule(
        e.IssueTriaged,
        _reporter,
        Kind.ISSUE_TRIAGED,
        Why.MY_ISSUE,
        ISSUE,
        fact("category"),
        ("consult", "advise", "dispose", "8x"),
    ),
    Rule(
        e.IssueAnswered,
        _reporter,
        Kind.ISSUE_ANSWERED,
        Why.MY_ISSUE,
        ISSUE,
        fact("outcome"),
        ("answered", "fixed", "refused"),
    ),
    Rule(
        e.IssueAnswered,
        _followers,
        Kind.ISSUE_ANSWERED,
        Why.I_TOOK_PART,
        ISSUE,
        fact("outcome"),
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
        fact("state"),
        TOLD_STATES,
    ),
    Rule(
        e.IssueClosed,
        _reporter,
        Kind.ISSUE_CLOSED,
        Why.MY_ISSUE,
        ISSUE,
        fact("result"),
        GRID_RESULTS,
    ),
    Rule(
        e.IssueClosed,
        _followers,
        Kind.ISSUE_CLOSED,
        Why.I_TOOK_PART,
        ISSUE,
        fact("result"),
        GRID_RESULTS,
    ),
    Rule(
        e.IssueClosed,
        committee,
        Kind.ISSUE_CLOSED,
        Why.ON_DUTY,
        DESK,
        fact("result"),
        GRID_RESULTS,
    ),
    Rule(
        e.IssueRated,
        committee,
        Kind.ISSUE_RATED,
        Why.ON_DUTY,
        DESK,
        _verdict,
        ("solved", "unsolved"),
    ),
    Rule(e.IssueReopened, committee, Kind.ISSUE_REOPENED, Why.ON_DUTY, DESK),
    Rule(e.IssueReopened, _followers, Kind.ISSUE_REOPENED, Why.I_TOOK_PART, ISSUE),
    *(
        Rule(kind, _supporters, told, Why.I_SUPPORT, ISSUE, _if_joined(vary), variants)
        for kind, told, vary, variants in (
            (
                e.IssueAnswered,
                Kind.ISSUE_ANSWERED,
                fact("outcome"),
                ("answered", "fixed", "refused"),
            ),
            (e.SelfGovernanceRecorded, Kind.ISSUE_SELF_GOVERNANCE, _step, ("solved",)),
            (e.IssueClosed, Kind.ISSUE_CLOSED, fact("result"), GRID_RESULTS),
            (e.IssueConfirmed, Kind.ISSUE_CONFIRMED, _confirmation, ("solved", "shared")),
            (e.ReferralChanged, Kind.ISSUE_REFERRAL, fact("state"), ("done",)),
        )
    ),
    Rule(
        e.IssueConfirmed,
        _reporter,
        Kind.ISSUE_CONFIRMED,
        Why.MY_ISSUE,
        ISSUE,
        _confirmation,
        ("shared",),
    ),
    Rule(
        e.IssueConfirmed,
        committee,
        Kind.ISSUE_CONFIRMED,
        Why.ON_DUTY,
        DESK,
        _confirmation,
        ("solved", "unsolved"),
    ),
    Rule(
        e.ReferralChanged,
        _reporter,
        Kind.ISSUE_REFERRAL,
        Why.MY_ISSUE,
        ISSUE,
        fact("state"),
        ("open", "done", "declined"),
    ),
    Rule(
        e.ReferralChanged,
        _party,
        Kind.ISSUE_REFERRAL,
        Why.ON_DUTY,
        REFERRALS,
        _to_party,
        ("asked", "withdrawn"),
    ),
    Rule(
        e.ReferralChanged,
        committee,
        Kind.ISSUE_REFERRAL,
        Why.ON_DUTY,
        DESK,
        fact("state"),
        ("done", "declined"),
    ),
    Rule(
        e.MergeChanged,
        _reporter,
        Kind.ISSUE_MERGE,
        Why.MY_ISSUE,
        ISSUE,
        _merge,
        ("merged_asked", "merged_agreed", "merged_undone", "into_agreed"),
    ),
    Rule(
        e.MergeChanged,
        committee,
        Kind.ISSUE_MERGE,
        Why.ON_DUTY,
        DESK,
        _reporters_word,
        ("answer_merged_agreed", "answer_merged_refused"),
    ),
    Rule(e.IssueAssigned, person("assignee_id"), Kind.ISSUE_ASSIGNED, Why.ON_DUTY, DESK),
    Rule(e.IssueReminder, _handler, Kind.ISSUE_REMINDER, Why.ON_DUTY, DESK),
    Rule(e.PromiseAtRisk, committee, Kind.PROMISE_AT_RISK, Why.ON_DUTY, DESK),
    Rule(
        e.PromiseBroken,
        _level,
        Kind.PROMISE_BROKEN,
        Why.ON_DUTY,
        DESK,
        fact("level"),
        tuple(BROKEN_LEVELS),
    ),
    Rule(e.PromiseMoved, _reporter, Kind.PROMISE_MOVED, Why.MY_ISSUE, ISSUE),
    Rule(
        e.PostUnanswered,
        _level,
        Kind.POST_UNANSWERED,
        Why.ON_DUTY,
        POST,
        fact("standing"),
        ("at_risk", "broken"),
    ),
)
