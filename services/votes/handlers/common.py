"""What the use-cases share: who acts, the topic under its lock, its timeline, its next state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import Invalid, NotFound, ShequError
from services.contracts.events import TopicAdvanced, TopicPartChanged
from services.contracts.events.votes import TopicPart
from services.contracts.operations.votes.chain import ChainSettings
from services.contracts.operations.votes.common import BODIES
from services.kit.uow import UnitOfWork
from services.votes import repository, texts, texts_chain
from services.votes.domain.chain import Hand, NotYourStep, State
from services.votes.domain.waiting import Standing
from services.votes.models import (
    BreachRow,
    CovenantRow,
    PollRow,
    SurveyRow,
    TopicRow,
    TopicStepRow,
)
from services.votes.models.base import Json
from services.votes.repository.topics import TopicNotFound


@dataclass(frozen=True, slots=True)
class Doer:
    """Who took a step, and in which role."""

    role: str
    person_id: str | None = None


CLOCK = Doer("clock")

DESKS: frozenset[Role] = frozenset().union(*BODIES.values())
"""Who belongs to either of them."""

_NOT_HERS = (403, 404)  # another service's answers that mean: not there, or not hers to see

HELD = ("poll.open", "poll.publish", "publicity.end")
"""The duties that may have to wait for somebody."""

Convened = TopicRow | PollRow | CovenantRow | BreachRow | SurveyRow
"""What has a convening body."""


class About(TypedDict):
    """What every step of a topic tells of it."""

    topic_id: str
    community_id: str
    path: str
    title: str
    author_id: str
    convener: str


def about(row: TopicRow) -> About:
    """The head of an event about this topic."""
    return {
        "topic_id": row.id,
        "community_id": row.community_id,
        "path": row.path,
        "title": title_of(row),
        "author_id": row.author_id,
        "convener": row.convener,
    }


def say_part(
    uow: UnitOfWork, row: TopicRow, person_id: str, part: TopicPart, *, taken: bool = True
) -> None:
    """Tell that somebody took part in a topic, or took that back; its lock is the caller's."""
    uow.emit(
        TopicPartChanged(
            topic_id=row.id,
            community_id=row.community_id,
            path=row.path,
            title=title_of(row),
            person_id=person_id,
            part=part,
            taken=taken,
        )
    )


def settings_of(row: TopicRow) -> ChainSettings:
    """The settings that the topic was raised under."""
    return ChainSettings.model_validate(row.settings)


def title_of(row: TopicRow) -> str:
    """The title as everybody may read it."""
    return texts_chain.WITHHELD if row.held else row.title


def standing_of(row: TopicRow) -> Standing:
    """The topic as it stands: whose turn it is, and by when."""
    return Standing(
        settings_of(row), State(row.state), returned=row.returned, seconded=bool(row.seconded_at)
    )


def visible(uow: UnitOfWork, actor: Actor, topic_id: str, *, lock: bool = False) -> TopicRow:
    """The topic, when the actor may read its community.

    Raises:
        TopicNotFound: it does not exist or is not hers to see.
    """
    row = repository.topics.topic(uow.session, topic_id)
    try:
        directory.require_reader(uow, actor, row.community_id)
    except NotFound:
        raise TopicNotFound() from None
    return repository.topics.topic(uow.session, topic_id, lock=True) if lock else row


def of_community(
    uow: UnitOfWork, community_id: str, service: str, method: str, named: str, unknown: Invalid
) -> dict[str, Any]:
    """What another service tells the actor of something of this community that she named.

    Raises:
        Invalid: ``unknown``, when it is not there, not hers to see, or another community's.
        ShequError: the other service is away: nobody knows.
    """
    try:
        told: dict[str, Any] = uow.ask(service, method, id=named)
    except ShequError as error:
        if error.status in _NOT_HERS:
            raise unknown from None
        raise
    if told.get("community_id") != community_id:
        raise unknown
    return told


def convenes(actor: Actor, place: Convened) -> bool:
    """Whether the actor belongs to the body that convenes this."""
    return actor.holds(BODIES[place.convener], place.path)


def bodies_of(actor: Actor, path: str) -> list[str]:
    """The convening bodies there that the actor belongs to."""
    return [body for body, roles in BODIES.items() if actor.holds(roles, path)]


def desk(actor: Actor, place: Convened) -> Doer:
    """The actor as one of the convening body.

    Raises:
        Forbidden, ObserverReadOnly, NotYourStep: she serves elsewhere, or in the other body.
    """
    actor.require(DESKS, place.path)
    if not convenes(actor, place):
        raise NotYourStep()
    if place.convener == "owners_committee":
        return Doer(Role.OWNERS_COMMITTEE, actor.person_id)
    return Doer(committee_role(actor, place.path), actor.person_id)


def committee_role(actor: Actor, path: str) -> Role:
    """In which role one of the residents' committee acts."""
    secretary = actor.holds(frozenset({Role.SECRETARY}), path)
    return Role.SECRETARY if secretary else Role.COMMITTEE_STAFF


def hands(actor: Actor, row: TopicRow) -> frozenset[Hand]:
    """In how many capacities the actor may act on the topic."""
    held = set()
    if actor.person_id == row.author_id and not actor.acted_by:
        held.add(Hand.AUTHOR)
    if convenes(actor, row):
        held.add(Hand.DESK)
    if actor.holds(frozenset({Role.SECRETARY}), row.path):
        held.add(Hand.PARTY)
    return frozenset(held)


def role_in(hand: Hand, actor: Actor, row: TopicRow) -> Doer:
    """The actor as she acts in that capacity."""
    if hand is Hand.AUTHOR:
        return Doer(Role.RESIDENT, actor.person_id)
    return Doer(Role.SECRETARY, actor.person_id) if hand is Hand.PARTY else desk(actor, row)


def tell(
    uow: UnitOfWork,
    row: TopicRow,
    kind: str,
    doer: Doer,
    text: str,
    at: datetime,
    *,
    was: str | None = None,
    reason: str | None = None,
    ref: Json | None = None,
) -> None:
    """Add a line to the topic's public timeline; ``ref`` names what it tells of.

    By when the next step is due stands beside it, as it is now.
    """
    uow.session.add(
        TopicStepRow(
            topic_id=row.id,
            at=at,
            kind=kind,
            was=was or row.state,
            state=row.state,
            actor_id=doer.person_id,
            actor_role=str(doer.role),
            text=text,
            reason=reason,
            ref=ref,
            deadline_at=row.deadline_at,
        )
    )


def lead(
    uow: UnitOfWork,
    row: TopicRow,
    to: State,
    doer: Doer,
    now: datetime,
    *,
    reason: str | None = None,
    text: str | None = None,
    ref: Json | None = None,
    until: datetime | None = None,
) -> None:
    """Lead the topic on, and say so: the one place where its state changes.

    Whether it may be is :func:`services.votes.domain.chain.step`'s to say, before. The row is
    locked by the caller. ``until`` is the deadline where it is not the settings' to say.
    """
    was, row.state = row.state, to.value
    row.since, row.returned = now, False
    wind(uow, row, now)
    row.deadline_at = until or row.deadline_at
    tell(uow, row, "advanced", doer, text or texts.STATES[to], now, was=was, reason=reason, ref=ref)
    _emit(uow, row, was, reason, "advanced", doer)


def renew(
    uow: UnitOfWork,
    row: TopicRow,
    kind: str,
    doer: Doer,
    now: datetime,
    *,
    text: str,
    reason: str | None = None,
    ref: Json | None = None,
    whole_time: bool = True,
) -> None:
    """Take the topic's state up anew (returned, amended, enough seconded it), and say so.

    Whoever's turn it is then has the ``whole_time`` for it. The row is locked by the caller.
    """
    if whole_time:
        wind(uow, row, now)
    tell(uow, row, kind, doer, text, now, reason=reason, ref=ref)
    _emit(uow, row, row.state, reason, kind, doer)


def wind(uow: UnitOfWork, row: TopicRow, now: datetime) -> None:
    """Set the deadline of whoever's turn it is, and the clock to it.

    What the clock was set to before is left standing: it finds nothing to do then.
    """
    standing = standing_of(row)
    row.deadline_at = standing.deadline(now)
    if standing.duty and row.deadline_at:
        repository.due.put(uow.session, standing.duty, row.id, row.deadline_at)


def look_again(uow: UnitOfWork, poll_id: str | None, now: datetime) -> None:
    """Something came that a held poll or result may have waited for: the clock looks now."""
    if poll_id is not None:
        repository.due.hasten(uow.session, poll_id, now, *HELD)


def _emit(
    uow: UnitOfWork, row: TopicRow, was: str, reason: str | None, step: str, doer: Doer
) -> None:
    uow.emit(
        TopicAdvanced(
            **about(row),
            was=was,
            state=row.state,
            reason=reason,
            deadline_at=row.deadline_at,
            from_post_id=row.from_post_id,
            step=step,
            outcome=row.outcome,
            actor_id=doer.person_id,
            actor_role=str(doer.role),
        )
    )
