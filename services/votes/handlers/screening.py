"""The two screenings (筛选): of the question at intake, of the item before it is a proposal."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Row

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import FieldError
from services.contracts.events import SecondersAsked
from services.contracts.operations.base import Page
from services.contracts.operations.votes import topics as ops
from services.kit.pages import decode_moment, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes import texts_chain as texts
from services.votes.domain import alike as reading
from services.votes.domain import chain
from services.votes.domain.chain import FROZEN, ChainRefuses, Hand, ReasonNeeded, State
from services.votes.domain.waiting import TASKS, WaitsForSeconders
from services.votes.handlers.common import (
    DESKS,
    Doer,
    bodies_of,
    desk,
    lead,
    renew,
    settings_of,
    standing_of,
    tell,
    title_of,
    visible,
)
from services.votes.handlers.topic_sources import UnknownTopic, other, require_locked
from services.votes.handlers.topic_views import shown
from services.votes.models import TopicRow

STAGES: Final[Mapping[str, State]] = {"intake": State.RAISED, "proposal": State.ACTIONABLE}
ASKED_AT_ONCE: Final = 500


def screen(uow: UnitOfWork, cmd: ops.ScreenTopic, actor: Actor, now: datetime) -> ops.Topic:
    """The convening body decides on a question, or on an item.

    Raises:
        Forbidden, NotYourStep: it is another body's.
        ChainRefuses: nothing is screened there now.
        WaitsForSeconders: the question needs more of them first.
        ReasonNeeded: a no needs its reason.
        UnknownTopic, NotLocked: the other topic that was named does not fit.
    """
    row, into = _locked(uow, cmd, actor)
    doer = desk(actor, row)
    if row.state != STAGES[cmd.stage]:
        raise ChainRefuses()
    if standing_of(row).wants_seconders:
        raise WaitsForSeconders()
    if cmd.decision != "accept" and cmd.reason is None:
        raise ReasonNeeded(errors=[FieldError("reason", "must be given")])
    if into is not None:
        _merge(uow, row, into, cmd, doer, now)
    else:
        DECISIONS[cmd.decision](uow, row, cmd, doer, now)
    return shown(uow, row, actor, now)


def _locked(
    uow: UnitOfWork, cmd: ops.ScreenTopic, actor: Actor
) -> tuple[TopicRow, TopicRow | None]:
    """The topic, and the one that it is merged into: both locked, in the order of their ids."""
    if cmd.decision != "merge":
        return visible(uow, actor, cmd.id, lock=True), None
    row = visible(uow, actor, cmd.id)
    desk(actor, row)
    if cmd.into is None or cmd.into == row.id:
        raise UnknownTopic(errors=[FieldError("into", "another topic of this community")])
    into = other(uow, cmd.into, row.community_id, "into")
    for topic_id in sorted((row.id, into.id)):
        repository.topics.topic(uow.session, topic_id, lock=True)
    return row, into


def _step(row: TopicRow, to: State, cmd: ops.ScreenTopic) -> None:
    chain.step(settings_of(row), State(row.state), to, {Hand.DESK}, cmd.reason, screening=True)


def _accept(
    uow: UnitOfWork, row: TopicRow, cmd: ops.ScreenTopic, doer: Doer, now: datetime
) -> None:
    to = chain.onwards(settings_of(row), State(row.state))
    _step(row, to, cmd)
    if cmd.stage == "intake":
        row.accepted_at, row.held = now, False
        repository.topics.accept_wording(uow.session, row.id)
    else:
        row.second_accepted_at = now
    lead(uow, row, to, doer, now, reason=cmd.reason)


def _return(
    uow: UnitOfWork, row: TopicRow, cmd: ops.ScreenTopic, doer: Doer, now: datetime
) -> None:
    """A question goes back to its author, an item to the discussion."""
    if cmd.stage == "intake":
        row.returned = True
        renew(uow, row, "returned", doer, now, text=texts.RETURNED, reason=cmd.reason)
        return
    _step(row, State.DISCUSSION, cmd)
    lead(uow, row, State.DISCUSSION, doer, now, reason=cmd.reason, text=texts.RETURNED_ITEM)


def _refuse(
    uow: UnitOfWork, row: TopicRow, cmd: ops.ScreenTopic, doer: Doer, now: datetime
) -> None:
    _step(row, State.REFUSED, cmd)
    text, ref = None, None
    if cmd.locked_by is not None:
        earlier = require_locked(uow, cmd.locked_by, row.community_id, now)
        text, ref = texts.REFUSED_LOCKED, {"locked_by": earlier.id}
    row.outcome = "refused"
    lead(uow, row, State.REFUSED, doer, now, reason=cmd.reason, text=text, ref=ref)


DECISIONS: Final[
    Mapping[str, Callable[[UnitOfWork, TopicRow, ops.ScreenTopic, Doer, datetime], None]]
] = {"accept": _accept, "return": _return, "refuse": _refuse}


def _merge(
    uow: UnitOfWork,
    row: TopicRow,
    into: TopicRow,
    cmd: ops.ScreenTopic,
    doer: Doer,
    now: datetime,
) -> None:
    """One topic ends in the other. Support stays where it was given: its givers are asked."""
    _step(row, State.CLOSED, cmd)
    if State(into.state) in FROZEN:
        raise ChainRefuses("nothing can join the other topic any more")
    row.outcome, row.merged_into = "merged", into.id
    text = texts.MERGED.format(title=title_of(into))
    lead(uow, row, State.CLOSED, doer, now, reason=cmd.reason, text=text, ref={"into": into.id})
    text = texts.MERGED_IN.format(title=title_of(row))
    tell(uow, into, "merged_in", doer, text, now, reason=cmd.reason, ref={"topic_id": row.id})
    people = repository.seconders.of_topic(uow.session, row.id)
    for start in range(0, len(people), ASKED_AT_ONCE):
        uow.emit(
            SecondersAsked(
                topic_id=row.id,
                community_id=row.community_id,
                path=row.path,
                title=title_of(row),
                into_id=into.id,
                into_title=title_of(into),
                reason=cmd.reason or "",
                seconder_ids=list(people[start : start + ASKED_AT_ONCE]),
                actor_id=doer.person_id,
            )
        )


# -- the desk's board -----------------------------------------------------------------------------


def board(
    uow: UnitOfWork, cmd: ops.ListScreeningBoard, actor: Actor, now: datetime
) -> Page[ops.BoardTask]:
    """What waits for the actor's body, or for the other; the longest overdue first.

    Raises:
        CommunityNotFound, Forbidden: she serves elsewhere.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    actor.require(DESKS, community.path)
    rows = repository.topics.board(
        uow.session,
        community.id,
        bodies=bodies_of(actor, community.path),
        party=actor.holds(frozenset({Role.SECRETARY}), community.path),
        mine=cmd.whose == "mine",
        now=now,
        after=decode_moment(cmd.cursor) if cmd.cursor is not None else None,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    like = _alike_to(uow, community.id, [row.id for row in page if row.state == State.RAISED])
    return Page(
        items=[
            ops.BoardTask(
                topic_id=row.id,
                title=row.title,
                task=TASKS[State(row.state)].value,
                state=row.state,
                convener=row.convener,
                author_name=row.author_name,
                seconders=row.seconders,
                since=row.since,
                deadline_at=row.deadline_at,
                overdue=standing_of(cast(Any, row)).overdue(row.deadline_at, now),
                alike=len(like.get(row.id, ())),
            )
            for row in page
        ],
        next_cursor=(
            encode_cursor(page[-1].deadline_at.isoformat(), page[-1].id)
            if len(rows) > cmd.limit
            else None
        ),
    )


# -- what reads alike -----------------------------------------------------------------------------


def alike(uow: UnitOfWork, cmd: ops.OfTopic, actor: Actor) -> ops.AlikeThings:
    """What the community has that reads like a topic: others, and covenants that may say it.

    Raises:
        TopicNotFound, Forbidden: the actor serves elsewhere.
    """
    row = visible(uow, actor, cmd.id)
    actor.require(DESKS, row.path)
    found = _alike_to(uow, row.community_id, [row.id]).get(row.id, [])
    return ops.AlikeThings(
        items=[
            ops.Alike.model_validate({**said._mapping, "percent": percent})
            for percent, said in found
        ]
    )


def _alike_to(
    uow: UnitOfWork, community_id: str, topic_ids: Sequence[str]
) -> dict[str, list[tuple[int, Row[Any]]]]:
    """What reads like each of these topics, the likest first; one statement for all of them."""
    if not topic_ids:
        return {}
    known = repository.alike.known(uow.session, community_id, topic_ids)
    words = {one.id: reading.Words.of(one.title, one.body) for one in known}
    return {
        topic_id: reading.likest(
            words[topic_id],
            [(words[one.id], one) for one in known if one.id != topic_id and one.offered],
        )
        for topic_id in topic_ids
    }
