"""The chain (运行链): from a neighbour's question to a covenant, as a table.

::

    raised ─► screened ─► discussion ─► actionable ─► prior_study ─► proposal ─► notice ─► voting
      │           │            ▲   │      │   │  ▲        │             │  ▲       │          │
      │           └────────────┼───┼──────┘   │  └────────┴─────────────┘  └───────┘          ▼
      ▼                        └───┼──────────┘                                          publicity
    refused · closed ◄─────────────┴──────────────────────────────────────── closed ◄──┬─────┘
                                                                                        ▼
                                                                                     adopted

``discussion`` and ``prior_study`` are left out where the community's settings say so. The first
screening (筛选) is that of the question at intake, the second that of the item before it becomes a
proposal: there is no way from ``actionable`` onwards but through it. Nobody is refused, returned
or stopped without a reason, and the reason is public. What begins and ends voting is the clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid
from services.contracts.operations.votes.chain import ChainSettings


class State(StrEnum):
    """Where a topic stands; the values are the contract's."""

    RAISED = "raised"
    SCREENED = "screened"
    DISCUSSION = "discussion"
    ACTIONABLE = "actionable"
    PRIOR_STUDY = "prior_study"
    PROPOSAL = "proposal"
    NOTICE = "notice"
    VOTING = "voting"
    PUBLICITY = "publicity"
    ADOPTED = "adopted"
    REFUSED = "refused"
    CLOSED = "closed"


class Hand(StrEnum):
    """In whose power a step is."""

    AUTHOR = "author"
    DESK = "desk"
    """The convening body: the residents' committee, or the owners' committee for its matters."""
    PARTY = "party"
    """The community's Party organisation, by its secretary: the prior study."""
    CLOCK = "clock"


ENDED: Final = frozenset({State.ADOPTED, State.REFUSED, State.CLOSED})
FROZEN: Final = frozenset({State.NOTICE, State.VOTING, State.PUBLICITY, *ENDED})
"""Where the text can no longer be changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """A way from one state to the next: whose it is, and whether it needs a public reason."""

    hand: Hand
    reason: bool = False


_S = State
_DESK, _DESK_WHY = Step(Hand.DESK), Step(Hand.DESK, reason=True)
_CLOCK = Step(Hand.CLOCK)

STEPS: Final[Mapping[tuple[State, State], tuple[Step, ...]]] = {
    (_S.RAISED, _S.SCREENED): (_DESK,),
    (_S.RAISED, _S.REFUSED): (_DESK_WHY,),
    (_S.RAISED, _S.CLOSED): (Step(Hand.AUTHOR), _DESK_WHY, _CLOCK),
    (_S.SCREENED, _S.DISCUSSION): (_DESK,),
    (_S.SCREENED, _S.ACTIONABLE): (_DESK,),
    (_S.SCREENED, _S.CLOSED): (Step(Hand.AUTHOR), _DESK_WHY),
    (_S.DISCUSSION, _S.ACTIONABLE): (_DESK,),
    (_S.DISCUSSION, _S.CLOSED): (_DESK_WHY,),
    (_S.ACTIONABLE, _S.DISCUSSION): (_DESK_WHY,),
    (_S.ACTIONABLE, _S.PRIOR_STUDY): (_DESK,),
    (_S.ACTIONABLE, _S.PROPOSAL): (_DESK,),
    (_S.ACTIONABLE, _S.REFUSED): (_DESK_WHY,),
    (_S.ACTIONABLE, _S.CLOSED): (_DESK_WHY,),
    (_S.PRIOR_STUDY, _S.PROPOSAL): (Step(Hand.PARTY, reason=True),),
    (_S.PRIOR_STUDY, _S.ACTIONABLE): (Step(Hand.PARTY, reason=True),),
    (_S.PROPOSAL, _S.NOTICE): (_DESK,),
    (_S.PROPOSAL, _S.ACTIONABLE): (_DESK_WHY,),
    (_S.PROPOSAL, _S.CLOSED): (_DESK_WHY,),
    (_S.NOTICE, _S.PROPOSAL): (_DESK_WHY,),
    (_S.NOTICE, _S.VOTING): (_CLOCK,),
    (_S.NOTICE, _S.CLOSED): (_DESK_WHY,),
    (_S.VOTING, _S.PUBLICITY): (_CLOCK,),
    (_S.VOTING, _S.CLOSED): (_DESK_WHY, _CLOCK),
    (_S.PUBLICITY, _S.ADOPTED): (_CLOCK,),
    (_S.PUBLICITY, _S.CLOSED): (_DESK_WHY,),
}

_SCREENINGS: Final = frozenset(
    {
        (_S.RAISED, _S.SCREENED),
        (_S.RAISED, _S.REFUSED),
        (_S.ACTIONABLE, _S.PRIOR_STUDY),
        (_S.ACTIONABLE, _S.PROPOSAL),
        (_S.ACTIONABLE, _S.REFUSED),
        (_S.ACTIONABLE, _S.DISCUSSION),
    }
)
"""Steps that are a screening's outcome, and cannot be taken past it."""


class ChainRefuses(Conflict):
    """The chain has no such step from here, or this community's has not."""

    code = "votes.chain_refuses"
    zh, en = "按照流程，现在不能走到这一步", "The chain does not allow this step now"


class NotYourStep(Forbidden):
    """The step is somebody else's to take."""

    code = "votes.not_your_step"
    zh, en = "这一步由其他主体决定", "This step is for somebody else to take"


class ReasonNeeded(Invalid):
    """Nobody is told no without a reason."""

    code = "votes.reason_needed"
    zh, en = "请写明理由，理由会向居民公开", "Please give the reason; the neighbours will read it"


def step(
    settings: ChainSettings,
    was: State,
    to: State,
    hands: Iterable[Hand],
    reason: str | None,
    *,
    screening: bool = False,
) -> Hand:
    """Check a step, and in which hand it is taken: of several that allow it the table's first.

    Raises:
        ChainRefuses: there is no such step, in general or in this community.
        NotYourStep: it is none of the ``hands``'.
        ReasonNeeded: it needs a reason.
    """
    if (was, to) not in STEPS or not _goes(settings, was, to):
        raise ChainRefuses()
    if ((was, to) in _SCREENINGS) and not screening:
        raise ChainRefuses("the step needs a screening")
    held = frozenset(hands)
    taken = next((one for one in STEPS[was, to] if one.hand in held), None)
    if taken is None:
        raise NotYourStep()
    if taken.reason and not (reason or "").strip():
        raise ReasonNeeded(errors=[FieldError("reason", "must be given")])
    return taken.hand


def _goes(settings: ChainSettings, was: State, to: State) -> bool:
    """Whether this community's chain goes that way."""
    if was is State.SCREENED and to in (State.DISCUSSION, State.ACTIONABLE):
        return (to is State.DISCUSSION) == ("discussion" in settings.steps)
    if to is State.DISCUSSION:
        return "discussion" in settings.steps
    if was is State.ACTIONABLE and to in (State.PRIOR_STUDY, State.PROPOSAL):
        return (to is State.PRIOR_STUDY) == ("prior_study" in settings.steps)
    return True


def onwards(settings: ChainSettings, was: State) -> State:
    """Where a topic goes that was accepted: by the first screening, or by the second.

    Raises:
        ChainRefuses: nothing is screened there.
    """
    if was is State.RAISED:
        return State.SCREENED
    if was is State.ACTIONABLE:
        return State.PRIOR_STUDY if "prior_study" in settings.steps else State.PROPOSAL
    raise ChainRefuses()


def deadline(settings: ChainSettings, state: State, since: datetime) -> datetime | None:
    """By when whoever has to act should have acted; None where a poll's own times say it.

    Of a question it is the desk's; while it waits for others, :mod:`services.votes.domain.waiting`
    says whom for and how long.
    """
    days = {
        State.RAISED: settings.screening_days,
        State.SCREENED: settings.screening_days,
        State.DISCUSSION: settings.discussion_days,
        State.ACTIONABLE: settings.actionable_days,
        State.PRIOR_STUDY: settings.study_days,
        State.PROPOSAL: settings.drafting_days,
    }.get(state)
    return None if days is None else since + timedelta(days=days)
