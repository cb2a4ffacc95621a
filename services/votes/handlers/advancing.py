"""Leading a topic on: the desk, its author, the Party organisation; screenings have their own way.

The prior study (先行研究) is the secretary's step: the opinion is its reason, and stands in the
public timeline, whichever way it goes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from services.contracts.actor import Actor
from services.contracts.errors import Conflict, FieldError, Invalid
from services.contracts.operations.votes import topics as ops
from services.kit.uow import UnitOfWork
from services.votes import texts_chain as texts
from services.votes.domain import chain
from services.votes.domain.chain import FROZEN, Hand, NotYourStep, State
from services.votes.domain.next_steps import WORDED
from services.votes.domain.waiting import require_discussed
from services.votes.handlers import polls
from services.votes.handlers.common import (
    Doer,
    hands,
    lead,
    role_in,
    settings_of,
    standing_of,
    visible,
)
from services.votes.handlers.topic_views import shown
from services.votes.handlers.topics import word
from services.votes.models import TopicRow

ENDS: Final[Mapping[State, str]] = {State.VOTING: "voided", State.PUBLICITY: "annulled"}
"""How a topic ends that the desk stops when there is a poll, or a result, to stop with it."""


class ItemNeedsWording(Invalid):
    """What comes out of a discussion is said in words before it is screened."""

    code = "votes.item_needs_wording"
    zh, en = "请写明可操作议题的标题和内容", "Give the item that came of the discussion its wording"


class NoProposal(Conflict):
    """A poll is announced on a text, and there is none yet."""

    code = "votes.no_proposal"
    zh, en = "还没有提案文本，不能公示", "There is no proposal to announce yet"


def advance(uow: UnitOfWork, cmd: ops.AdvanceTopic, actor: Actor, now: datetime) -> ops.Topic:
    """Lead a topic on, in whichever capacity the actor may.

    Raises:
        NotYourStep: she has none here, or the step is somebody else's.
        ChainRefuses: there is no such step, or it is a screening's.
        ReasonNeeded, ItemNeedsWording: something must be given.
        DiscussionRuns: the discussion is not over.
        NoProposal: there is no text to announce.
        Locked: the same was voted down a short while ago.
    """
    row = visible(uow, actor, cmd.id, lock=True)
    held = hands(actor, row)
    if not held:
        raise NotYourStep()
    was, to = State(row.state), State(cmd.to)
    hand = chain.step(settings_of(row), was, to, held, cmd.reason)
    doer = role_in(hand, actor, row)
    if to is State.NOTICE and not row.proposal:
        raise NoProposal()
    if standing_of(row).ripens(to):
        require_discussed(row.deadline_at, now)
    if to is State.ACTIONABLE:
        _word(uow, row, cmd, was, doer, now)
    if was in FROZEN:
        polls.stop(uow, row, doer, cmd.reason or "", now)
    if to is State.CLOSED:
        row.outcome = "withdrawn" if hand is Hand.AUTHOR else ENDS.get(was, "stopped")
    lead(uow, row, to, doer, now, reason=cmd.reason, text=_said(row, was, to, hand))
    if to is State.NOTICE:
        polls.announce(uow, row, doer, now)
    return shown(uow, row, actor, now)


def _word(
    uow: UnitOfWork, row: TopicRow, cmd: ops.AdvanceTopic, was: State, doer: Doer, now: datetime
) -> None:
    """The item's wording: needed when it is formed; coming back, it may get another one."""
    missing = [name for name in ("title", "body") if getattr(cmd, name) is None]
    if missing and (was in WORDED or len(missing) == 1):
        raise ItemNeedsWording(errors=[FieldError(name, "must be given") for name in missing])
    if cmd.title is not None and cmd.body is not None:
        row.title, row.body = cmd.title, cmd.body
        word(uow, row, "item", doer, now)


def _said(row: TopicRow, was: State, to: State, hand: Hand) -> str | None:
    """What the timeline says of the step, where the state's own words do not."""
    if to is State.CLOSED:
        return (
            texts.WITHDRAWN
            if hand is Hand.AUTHOR
            else texts.STOPPED.format(body=texts.BODIES[row.convener])
        )
    if was is State.PRIOR_STUDY:
        return texts.STUDIED[to]
    if was is State.NOTICE:
        return texts.BACK_TO_PROPOSAL
    return texts.BACK_TO_ITEM if was is State.PROPOSAL and to is State.ACTIONABLE else None
