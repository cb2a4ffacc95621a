"""The life of an issue, as a table, and the gate between neighbourhood and city.

::

    reported ──triage──► triaged ──answer──► answered ──┐
                          │   │                         │
                          │   └─step─► self_governing   │
                          │              │   │   │      │ reopen
                          │  solve/confirm   │   answer ├──────► reopened ──► (like triaged)
                          │              ▼   │          │           │
                          │           solved ┼──────────┤           │ grid takes it up again
                          │                  │          │           ▼
                          └─────escalate─────┴─► escalated ◄────────┘
                                                    │   (the order's states are mirrored
                                                    ▼    on the timeline meanwhile)
                                                 closed ──reopen

    rate: from answered, solved and closed, once a round; changes no status
    referred, merged: their ways in and out are in :mod:`.handling`
    in_consultation: its ways in and out are in :mod:`.consultation`

Consult and advise are answered; dispose and 8x are first tried by the neighbourhood itself
(自治); an 8x whose attempt failed, or that is urgent, becomes a work order of the grid platform
(上海市居民委员会工作条例 art. 25: dissuade first, then report). What the neighbourhood has
finished, the reporter may rate and reopen. A *round* ends with each reopening, and when the
committee takes up again what was rated already: each round has one judgement.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.contracts.errors import Conflict, Forbidden, Invalid, RuleBroken
from services.grid_bridge.domain.work_order import OPEN, REFUSED, REOPENABLE, State


class Status(StrEnum):
    """Where an issue stands; the values are the contract's."""

    REPORTED = "reported"
    TRIAGED = "triaged"
    ANSWERED = "answered"
    SELF_GOVERNING = "self_governing"
    SOLVED = "solved"
    REFERRED = "referred"
    ESCALATED = "escalated"
    IN_CONSULTATION = "in_consultation"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"


class Category(StrEnum):
    """What kind of problem: 咨询, 建议, 处置, 8+X."""

    CONSULT = "consult"
    ADVISE = "advise"
    DISPOSE = "dispose"
    HARD = "8x"


class Act(StrEnum):
    """What can be done with an issue."""

    TRIAGE = "triage"
    ANSWER = "answer"
    STEP = "step"  # a step of self-governance that does not end the attempt well
    SOLVE = "solve"  # a step that does
    CONFIRM = "confirm"  # the reporter says during self-governance that it is solved
    ESCALATE = "escalate"
    GRID_RESUME = "grid_resume"  # the platform works on a reopened order again
    GRID_END = "grid_end"  # the order was closed or refused
    REFER = "refer"  # to the property firm, the owners' committee, a department
    REFERRAL_DONE = "referral_done"
    REFERRAL_DECLINED = "referral_declined"
    RECALL = "recall"  # the committee takes the referral back
    MERGE = "merge"
    UNMERGE = "unmerge"  # leads to where it stood before
    CONVENE = "convene"  # a joint consultation
    CONSULT_SOLVE = "consult_solve"
    CONSULT_CLOSE = "consult_close"  # nobody at the table can solve it
    CONSULT_RETURN = "consult_return"  # leads to triaged, or to escalated while its order lives
    RATE = "rate"
    REOPEN = "reopen"


class By(StrEnum):
    """Who may do it."""

    COMMITTEE = "committee"
    REPORTER = "reporter"
    GRID = "grid"
    PARTY = "party"  # to whom it was referred
    CONVENER = "convener"  # the committee, the town or the district at a joint consultation


@dataclass(frozen=True, slots=True)
class Move:
    """One act: who does it, from where, where it leads (None: the status stays), what is told.

    ``tells`` are the types of the events that the others hear.
    """

    by: By
    sources: frozenset[Status]
    target: Status | None
    tells: tuple[str, ...]


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


_S = Status
_AT_WORK = _from(_S.TRIAGED, _S.SELF_GOVERNING, _S.REOPENED)
_FINISHED = _from(_S.ANSWERED, _S.SOLVED, _S.CLOSED)
_REFERRAL = ("issue.referral_changed.v1",)
_MERGE = ("issue.merge_changed.v1",)
_CONSULTATION = ("joint_consultation.changed.v1",)
_TABLE = _from(_S.IN_CONSULTATION)

MOVES: dict[Act, Move] = {
    Act.TRIAGE: Move(
        By.COMMITTEE,
        _AT_WORK | _from(_S.REPORTED, _S.ANSWERED),
        _S.TRIAGED,
        ("issue.triaged.v1",),
    ),
    Act.ANSWER: Move(
        By.COMMITTEE, _AT_WORK | _from(_S.ANSWERED), _S.ANSWERED, ("issue.answered.v1",)
    ),
    Act.STEP: Move(
        By.COMMITTEE,
        _AT_WORK | _from(_S.ANSWERED),
        _S.SELF_GOVERNING,
        ("issue.self_governance_recorded.v1",),
    ),
    Act.SOLVE: Move(
        By.COMMITTEE,
        _AT_WORK | _from(_S.ANSWERED),
        _S.SOLVED,
        ("issue.self_governance_recorded.v1",),
    ),
    Act.CONFIRM: Move(
        By.REPORTER,
        _from(_S.SELF_GOVERNING, _S.IN_CONSULTATION),
        _S.SOLVED,
        ("issue.confirmed.v1",),
    ),
    Act.ESCALATE: Move(
        By.COMMITTEE, _AT_WORK, _S.ESCALATED, ("issue.escalated.v1", "workorder.opened.v1")
    ),
    Act.GRID_RESUME: Move(By.GRID, _from(_S.REOPENED), _S.ESCALATED, ("issue.progressed.v1",)),
    Act.GRID_END: Move(
        By.GRID,
        _from(_S.ESCALATED),
        _S.CLOSED,
        ("issue.progressed.v1", "issue.closed.v1"),
    ),
    Act.REFER: Move(By.COMMITTEE, _AT_WORK, _S.REFERRED, _REFERRAL),
    Act.REFERRAL_DONE: Move(By.PARTY, _from(_S.REFERRED), _S.ANSWERED, _REFERRAL),
    Act.REFERRAL_DECLINED: Move(By.PARTY, _from(_S.REFERRED), _S.TRIAGED, _REFERRAL),
    Act.RECALL: Move(By.COMMITTEE, _from(_S.REFERRED), _S.TRIAGED, _REFERRAL),
    Act.MERGE: Move(By.REPORTER, _AT_WORK | _from(_S.REPORTED), _S.MERGED, _MERGE),
    Act.UNMERGE: Move(By.COMMITTEE, _from(_S.MERGED), None, _MERGE),
    Act.CONVENE: Move(
        By.CONVENER,
        _AT_WORK | _from(_S.REFERRED, _S.ESCALATED, _S.CLOSED),
        _S.IN_CONSULTATION,
        _CONSULTATION,
    ),
    Act.CONSULT_SOLVE: Move(By.CONVENER, _TABLE, _S.SOLVED, _CONSULTATION),
    Act.CONSULT_CLOSE: Move(By.CONVENER, _TABLE, _S.CLOSED, _CONSULTATION),
    Act.CONSULT_RETURN: Move(By.CONVENER, _TABLE, None, _CONSULTATION),
    Act.RATE: Move(By.REPORTER, _FINISHED, None, ("issue.rated.v1",)),
    Act.REOPEN: Move(By.REPORTER, _FINISHED, _S.REOPENED, ("issue.reopened.v1",)),
}


# -- what may not be ---------------------------------------------------------------------------


class NotNow(Conflict):
    """The table has no such move from where the issue stands."""

    code = "grid.issue_state"
    zh, en = "当前状态不允许此操作", "The issue's state does not allow this now"


class TriageFirst(NotNow):
    """Nobody has confirmed yet what kind of problem it is."""

    code = "grid.triage_first"
    zh, en = "请先确认问题分类", "Confirm the category first"


class OrderIsLive(NotNow):
    """The grid platform is at work on it; its updates move the issue."""

    code = "grid.order_is_live"
    zh, en = "网格工单正在办理，请等待网格平台反馈", "A work order for it is open"


class AlreadyRated(Conflict):
    """One judgement a round; after a reopening there is another."""

    code = "grid.already_rated"
    zh, en = "您已评价过", "It was rated already"


class OnlyReporter(Forbidden):
    """Rating and reopening belong to the person who reported it."""

    code = "grid.only_reporter"
    zh, en = "只有反映人可以进行此操作", "Only the reporter may do this"


class SelfGovernanceFirst(RuleBroken):
    """No failed attempt is recorded and it is not urgent (先自治，后上报)."""

    code = "grid.self_governance_first"
    zh, en = "请先记录居民自治处置情况，或注明紧急原因", "Record a self-governance attempt first"


class SlotNeeded(RuleBroken):
    """Only classified hard problems become work orders: confirm an 8+X slot first."""

    code = "grid.slot_needed"
    zh, en = "请先确认 8+X 类别", "An 8+X slot is needed"


class NotForTheGrid(RuleBroken):
    """Questions and proposals are answered, not escalated."""

    code = "grid.not_for_the_grid"
    zh, en = "咨询、建议类由居委会答复，不进入网格工单", "Questions and proposals are answered here"


class NothingToGovern(RuleBroken):
    """Self-governance is for concrete problems, not for questions and proposals."""

    code = "grid.nothing_to_govern"
    zh, en = "咨询、建议类无需记录自治处置", "There is nothing to govern in this category"


class ProofNeeded(RuleBroken):
    """Solved needs a photo taken afterwards, or the reporter's yes."""

    code = "grid.proof_needed"
    zh, en = (
        "办结需要整改后的照片，或由反映人确认",
        "Solved needs an after-photo or the reporter's yes",
    )


class SlotNotAllowed(Invalid):
    """A slot of the 8+X catalogue was given to another category."""

    code = "grid.slot_not_allowed"
    zh, en = "只有 8+X 类问题可以选择类别编号", "Only 8+X issues have a slot"


# -- the issue ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Issue:
    """What the rules need to know about an issue.

    ``last_outcome`` is that of the latest ended attempt at self-governance, over all rounds: what
    was solved and reopened needs a new attempt, what failed once stays failed. ``proof`` says
    that this round has an after-photo. ``order`` is the state of its latest work order.
    """

    status: Status = Status.REPORTED
    category: Category | None = None
    slot: str | None = None
    round: int = 1
    last_outcome: str | None = None
    proof: bool = False
    rated: bool = False
    order: State | None = None
    result: str | None = None

    @property
    def order_is_live(self) -> bool:
        """Whether the platform is, or after a reopening will be, at work on it."""
        if self.order is None:
            return False
        return self.order in OPEN or (self.status is Status.REOPENED and self.order in REOPENABLE)


_OFFICES = frozenset({By.COMMITTEE, By.CONVENER})


def take(issue: Issue, act: Act) -> Issue:
    """The issue after ``act``, or the conflict that forbids it."""
    move = MOVES[act]
    if issue.status not in move.sources:
        if issue.status is Status.REPORTED and move.by in _OFFICES:
            raise TriageFirst()
        if issue.status is Status.ESCALATED and move.by is By.COMMITTEE:
            raise OrderIsLive()
        raise NotNow()
    if move.by is By.COMMITTEE and issue.order_is_live:
        raise OrderIsLive()
    if move.by in _OFFICES and issue.rated:
        issue = _next_round(issue)
    return issue if move.target is None else replace(issue, status=move.target)


def _next_round(issue: Issue) -> Issue:
    return replace(issue, round=issue.round + 1, proof=False, rated=False, result=None)


def triage(issue: Issue, category: Category, slot: str | None) -> Issue:
    """Staff confirm what it is; ``slot`` exactly for 8x."""
    moved = take(issue, Act.TRIAGE)
    if category is Category.HARD and slot is None:
        raise SlotNeeded()
    if category is not Category.HARD and slot is not None:
        raise SlotNotAllowed()
    return replace(moved, category=category, slot=slot)


def answer(issue: Issue, outcome: str) -> Issue:
    """The committee answers: ``answered``, ``fixed`` or ``refused``, truthfully."""
    return replace(take(issue, Act.ANSWER), result=outcome)


def record_step(issue: Issue, step: str, outcome: str | None, *, photo: bool) -> Issue:
    """A step of self-governance; ``photo`` says that a picture comes with it.

    A picture counts as taken afterwards when it comes with a check, or with the very step that
    says "solved".
    """
    moved = take(issue, Act.SOLVE if outcome == "solved" else Act.STEP)
    if issue.category in (Category.CONSULT, Category.ADVISE):
        raise NothingToGovern()
    proof = moved.proof or (photo and (step == "check" or outcome == "solved"))
    if outcome == "solved" and not proof:
        raise ProofNeeded()
    return replace(
        moved,
        proof=proof,
        last_outcome=outcome or issue.last_outcome,
        result="solved" if outcome == "solved" else moved.result,
    )


def escalate(issue: Issue, *, urgent: bool) -> Issue:
    """Through the gate to the city: hard problems only, after a failed attempt or when urgent."""
    moved = take(issue, Act.ESCALATE)
    if issue.category in (Category.CONSULT, Category.ADVISE):
        raise NotForTheGrid()
    if issue.category is not Category.HARD or issue.slot is None:
        raise SlotNeeded()
    if issue.last_outcome != "failed" and not urgent:
        raise SelfGovernanceFirst()
    return replace(moved, order=State.REPORTED, result=None)


def grid_moved(issue: Issue, state: State) -> Issue:
    """The platform moved the issue's order to ``state``; the issue follows where it must.

    An update never fails here: an issue that has already ended only notes the order's state.
    """
    noted = replace(issue, order=state)
    for act, result in _LEADS_TO[state]:
        move = MOVES[act]
        if issue.status in move.sources and move.target is not None:
            return replace(noted, status=move.target, result=result)
    return noted


_LEADS_TO: dict[State, tuple[tuple[Act, str | None], ...]] = {
    **dict.fromkeys(OPEN, ((Act.GRID_RESUME, None),)),
    **dict.fromkeys(REFUSED, ((Act.GRID_END, "grid_refused"),)),
    State.CANCELLED: ((Act.GRID_END, "cancelled"),),
    State.CLOSED: ((Act.GRID_END, "grid_closed"),),
    State.EVALUATED: (),
}


def rate(issue: Issue, *, solved: bool) -> Issue:
    """The reporter judges. "Solved" during self-governance is the yes that ends it (居民确认)."""
    if issue.status is Status.SELF_GOVERNING and solved:
        confirmed = take(issue, Act.CONFIRM)
        return replace(confirmed, rated=True, last_outcome="solved", result="solved")
    moved = take(issue, Act.RATE)
    if moved.rated:
        raise AlreadyRated()
    return replace(moved, rated=True)


def reopen(issue: Issue) -> Issue:
    """The reporter is not satisfied: a new round begins."""
    return _next_round(take(issue, Act.REOPEN))
