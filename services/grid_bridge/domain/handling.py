"""Referral to another party, merging with consent, and the reporter's yes.

::

    triaged, self_governing, reopened ──refer──► referred ──done──► answered (fixed)
       ▲                                             │
       └── triaged ◄──── declined, withdrawn ────────┘

    reported, triaged,         ┌──yes, or nobody to ask──► merged ──undo──► as it was before
    self_governing, ──merge──► asked
    reopened                   └──no──► stays what it is, a problem of its own

    self_governing, in_consultation ──confirm──► solved        (居民确认; a "no" is only told)

The promise to the resident runs on while another party is at work: she asked the committee, and it
remains the one that answers for it. A merged issue has no promise of its own and shares the outcome
of the one that it went into. Merges make a forest: into an issue that itself goes into another one
nothing can be merged, so no cycle can come about.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from services.contracts.actor import Actor, Role, covers
from services.contracts.errors import Conflict, Invalid, RuleBroken, ShequError
from services.grid_bridge.domain import issue as rules
from services.grid_bridge.domain.issue import (
    Act,
    Issue,
    NotNow,
    OnlyReporter,
    OrderIsLive,
    Status,
    take,
)

FOLLOWED_AT_MOST = 200
"""Supporters who are told of an outcome by name; see ``OutcomeEvent``."""

ENDED = frozenset({Status.ANSWERED, Status.SOLVED, Status.CLOSED, Status.MERGED})
"""Nothing is joined to what has ended: its outcome is known already."""

PARTY_ROLES: dict[str, Role] = {
    "property": Role.PROPERTY_MANAGER,
    "owners_committee": Role.OWNERS_COMMITTEE,
    "department": Role.DEPARTMENT_STAFF,
}


class DepartmentNeeded(Invalid):
    """A referral to a department names it; one to another party names none."""

    code = "grid.department_needed"
    zh, en = "转办部门时请写明部门，其他情况请勿填写", "Name the department, and only then"


class NotReferred(NotNow):
    """The referral has ended already."""

    code = "grid.referral_settled"
    zh, en = "该转办已办结或已撤回", "The referral has ended already"


class OwnIssue(Conflict):
    """Whoever reported a problem need not say that it concerns her, too."""

    code = "grid.own_issue"
    zh, en = "这是您自己反映的问题", "You reported this yourself"


class NothingToJoin(Conflict):
    """The issue has ended, or was merged: join the one that is at work."""

    code = "grid.nothing_to_join"
    zh, en = "问题已办结或已合并，不能再附议", "The issue has ended or was merged"


class CannotMerge(RuleBroken):
    """Into this issue nothing can be merged, or not this one."""

    code = "grid.cannot_merge"
    zh, en = (
        "只能并入同一社区、尚未办结且自身未被合并的问题",
        "Only into an unfinished issue of the same community that is not merged itself",
    )


class MergeAskedAlready(Conflict):
    """One question at a time."""

    code = "grid.merge_asked"
    zh, en = "已提出合并，正在等待反映人答复", "A merge was asked for already"


class NoMergeAsked(Conflict):
    """There is no merge to answer, or to take back."""

    code = "grid.no_merge"
    zh, en = "没有待处理的合并", "There is no merge to decide on"


def party_of(actor: Actor, path: str) -> list[str]:
    """As which parties the actor is concerned with the community at ``path``.

    By a grant that covers the community or a part of it: an estate's property manager (物业) holds
    one for her estate.
    """
    return [
        party
        for party, role in PARTY_ROLES.items()
        if any(
            grant.role is role and (covers(grant.path, path) or covers(path, grant.path))
            for grant in actor.grants
        )
    ]


def refer(issue: Issue) -> Issue:
    """The committee asks another party to act."""
    return replace(take(issue, Act.REFER), result=None)


def referral_done(issue: Issue) -> Issue:
    """The party has dealt with it."""
    return replace(take(issue, Act.REFERRAL_DONE), result="fixed")


def referral_returned(issue: Issue, *, declined: bool) -> Issue:
    """The party declines, or the committee takes it back: the committee is at it again."""
    return take(issue, Act.REFERRAL_DECLINED if declined else Act.RECALL)


def may_merge(issue: Issue) -> None:
    """Whether the issue can go into another one; raises what forbids it."""
    if issue.order_is_live:
        raise OrderIsLive()
    take(issue, Act.MERGE)


def merge(issue: Issue) -> Issue:
    """The issue goes into another one, whose outcome it shares."""
    may_merge(issue)
    return replace(take(issue, Act.MERGE), result=None)


def undo_merge(issue: Issue, before: Status, into: Status) -> Issue:
    """It is a problem of its own again, where it stood; not once the other one is closed."""
    undone = take(issue, Act.UNMERGE)
    if into is Status.CLOSED:
        raise NotNow()
    return replace(undone, status=before, result=None)


def confirm(issue: Issue, *, solved: bool) -> Issue:
    """The reporter's word while the neighbourhood tries: a yes is the proof that ends it.

    A no changes nothing that stands in the table; the committee goes on.
    """
    confirmed = take(issue, Act.CONFIRM)
    if not solved:
        return issue
    if issue.order_is_live:  # it went to a joint consultation while the city's order lives on
        raise OrderIsLive()
    return replace(confirmed, last_outcome="solved", result="solved")


# -- what a resident may do now ----------------------------------------------------------------


def may_join(status: Status) -> None:
    """Whether a neighbour can still say "me too"; :class:`NothingToJoin` when not."""
    if status in ENDED:
        raise NothingToJoin()


def acts(issue: Issue, *, mine: bool, merge_asked: bool) -> Mapping[str, str | None]:
    """For each act of a resident the code of what forbids it now; None when nothing does."""
    tries: Mapping[str, Callable[[], object]] = {
        "confirm": partial(confirm, issue, solved=True),
        "rate": partial(rules.rate, issue, solved=False),
        "reopen": partial(rules.reopen, issue),
        "merge_consent": partial(_asked, merge_asked),
    }
    found: dict[str, str | None] = {
        "me_too": OwnIssue.code if mine else _why_not(partial(may_join, issue.status))
    }
    for act, attempt in tries.items():
        found[act] = _why_not(attempt) if mine else OnlyReporter.code
    return found


def _asked(merge_asked: bool) -> None:
    if not merge_asked:
        raise NoMergeAsked()


def _why_not(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except ShequError as error:
        return error.code
    return None
