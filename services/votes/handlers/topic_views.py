"""A topic as its readers see it, whole and in lists."""

from datetime import datetime, timedelta
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.votes import topics as ops
from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository, texts_chain
from services.votes.domain import objections as objecting
from services.votes.domain.chain import ENDED, State
from services.votes.domain.next_steps import Caller, next_steps
from services.votes.domain.objections import MOST_OBJECTIONS
from services.votes.domain.way import way
from services.votes.handlers import taking_part
from services.votes.handlers.common import DESKS, convenes, hands, settings_of, standing_of
from services.votes.models import PollRow, TopicRow


def shown(uow: UnitOfWork, row: TopicRow, actor: Actor, now: datetime) -> ops.Topic:
    """The topic with its whole way, and what the actor may do with it now."""
    uow.session.flush()
    cards = directory.cards(
        uow, {row.author_id, actor.eyes, row.assisted_by or ""} - {""}, row.community_id
    )
    mine = cards.get(actor.eyes)
    my_second = bool(actor.eyes) and repository.seconders.seconds(uow.session, row.id, actor.eyes)
    poll = uow.session.get(PollRow, row.poll_id) if row.poll_id else None
    lines = [
        dict(one._mapping)
        for one in repository.timeline.lines(uow.session, row.id, row.community_id)
    ]
    inside = _reads_held(row, actor)
    readable = inside or not row.held
    caller = Caller(
        hands(actor, row),
        neighbour=bool(mine and mine.standing == "active"),
        author=row.author_id == actor.eyes,
        my_second=my_second,
    )
    return ops.Topic(
        **facts(row, actor, now, author_name=_name(cards, row.author_id), my_second=my_second),
        body=row.body if readable else "",
        assisted_by_name=_name(cards, row.assisted_by),
        from_post_id=row.from_post_id,
        again_of=row.again_of,
        aim=row.aim,
        covenant_id=row.covenant_id,
        merged_into=row.merged_into,
        locked_until=row.locked_until,
        settings_version=row.settings_version,
        opinions={
            "for": row.opinions_for,
            "against": row.opinions_against,
            "neutral": row.opinions_neutral,
        },
        wordings=[
            ops.Wording.model_validate(one, from_attributes=True)
            for one in repository.topics.wordings(uow.session, row.id)
            if inside or (readable and not one.held)
        ],
        versions=[
            ops.ProposalMark.model_validate(dict(one._mapping))
            for one in repository.topics.proposals(uow.session, row.id)
        ],
        objections=[
            ops.ObjectionMark.model_validate(dict(one._mapping))
            for one in repository.topics.objections(uow.session, row.id)
        ],
        timeline=[ops.TimelineLine.model_validate(line) for line in lines],
        next_steps=next_steps(
            standing_of(row),
            caller,
            deadline=row.deadline_at,
            has_proposal=row.proposal > 0,
            merged_into=row.merged_into,
            of_covenant=row.covenant_id is not None,
        ),
        way=way(settings_of(row), State(row.state), lines, _until(row, poll)),
        waits_for=None if State(row.state) in ENDED else standing_of(row).waits.value,
        objecting=_objecting(uow, row, poll, actor),
        barred=taking_part.barred(actor, mine),
        convenes=convenes(actor, row),
    )


def _until(row: TopicRow, poll: PollRow | None) -> datetime | None:
    """By when the step is due where the topic stands, or when its poll leads it on."""
    if poll is None or row.deadline_at is not None:
        return row.deadline_at
    match State(row.state):
        case State.NOTICE:
            return poll.opens_at
        case State.VOTING:
            return poll.closes_at
        case State.PUBLICITY:
            return row.since + timedelta(days=RuleSet.model_validate(poll.rules).publicity_days)
    return None


def _objecting(
    uow: UnitOfWork, row: TopicRow, poll: PollRow | None, actor: Actor
) -> ops.Objecting | None:
    """When objections are filed, by the database's clock, as they are when one is filed."""
    if poll is None:
        return None
    rules = RuleSet.model_validate(poll.rules)
    found = objecting.window(row.state, row.since, rules, poll.opens_at)
    if found is None:
        return None
    filed = repository.objections.filed_by(uow.session, actor.eyes, row.id, poll.id, found.period)
    return ops.Objecting(
        period=found.period,
        opens_at=found.opens,
        closes_at=found.closes,
        open=found.holds(repository.clock.legal_now(uow.session)),
        left=max(0, MOST_OBJECTIONS - filed),
    )


def facts(
    row: Any, actor: Actor, now: datetime, *, author_name: str | None, my_second: bool
) -> dict[str, Any]:
    """What lists and single topics say."""
    standing = standing_of(row)
    return {
        "id": row.id,
        "community_id": row.community_id,
        "title": row.title if _reads(row, actor) else texts_chain.WITHHELD,
        "state": row.state,
        "convener": row.convener,
        "author_name": author_name,
        "mine": row.author_id == actor.eyes,
        "returned": row.returned,
        "held": row.held,
        "outcome": row.outcome,
        "seconders": row.seconders,
        "seconders_wanted": standing.seconders_wanted,
        "my_second": my_second,
        "poll_id": row.poll_id,
        "since": row.since,
        "deadline_at": row.deadline_at,
        "overdue": standing.overdue(row.deadline_at, now),
        "created_at": row.created_at,
    }


def reads_all(actor: Actor, path: str) -> bool:
    """Whether the actor is at one of the desks there, and so reads words that are held."""
    return actor.holds(DESKS, path)


def _reads(row: Any, actor: Actor) -> bool:
    return not row.held or _reads_held(row, actor)


def _reads_held(row: Any, actor: Actor) -> bool:
    return row.author_id == actor.person_id or reads_all(actor, row.path)


def _name(cards: dict[str, directory.Card], person_id: str | None) -> str | None:
    card = cards.get(person_id or "")
    return card.display_name if card else None
