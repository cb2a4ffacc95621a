"""Who hears of a problem that somebody reported, on its way to the end."""

from services.contracts import events as e
from services.contracts.actor import COMMITTEE, Role
from services.contracts.events.grid_bridge import IssueEvent
from services.notify.domain.news import (
    Audience,
    Followers,
    Kind,
    OnDuty,
    Rule,
    Why,
    committee,
    fact,
    person,
)

ISSUE = "/issues/{issue_id}"
DESK = "/console/issues/{issue_id}"

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


def _level(event: e.PromiseBroken) -> Audience:
    return OnDuty(BROKEN_LEVELS[event.level], event.path)


def _source(event: e.IssueReported) -> str:
    return "post" if event.from_post else "report"


def _step(event: e.SelfGovernanceRecorded) -> str:
    return event.outcome or event.step


def _verdict(event: e.IssueRated) -> str:
    return "solved" if event.solved else "unsolved"


_reporter = person("reporter_id")

ISSUE_RULES: tuple[Rule, ...] = (
    Rule(e.IssueReported, _reporter, Kind.ISSUE_TAKEN_UP, Why.MY_POST, ISSUE, _source, ("post",)),
    Rule(
        e.IssueReported,
        committee,
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
)
