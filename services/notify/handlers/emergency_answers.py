"""What people say for themselves in an emergency, by one tap."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor, covers
from services.contracts.operations.notify import emergencies as ops
from services.kit.uow import UnitOfWork
from services.notify.domain import emergencies as rules
from services.notify.handlers import emergency_telling
from services.notify.models import Emergency, EmergencyMember
from services.notify.repository import emergencies as repository
from services.notify.repository import emergency_people


def mine(uow: UnitOfWork, actor: Actor, now: datetime) -> ops.MyEmergencies:
    """The emergencies that concern the actor; in assisted mode, whom the helper acts for."""
    return ops.MyEmergencies(items=_mine(uow, actor, now))


def answer(
    uow: UnitOfWork, cmd: ops.AnswerEmergency, actor: Actor, now: datetime
) -> ops.MyEmergency:
    """Say that one is safe, or needs help. The last word counts; repeated, it changes nothing.

    Whoever has an account here is heard, on the register or not, before the doors are read, too.

    Raises:
        EmergencyNotFound: it does not concern the actor.
        NoDoors: nobody is asked.
        EmergencyClosed: it is over, and no help is needed; or nothing is kept of it any more.
        Invalid: help without the need, or the other way round.
    """
    rules.check_need(cmd.state, cmd.need)
    session = uow.session
    if not _mine(uow, actor, now, cmd.id):
        raise rules.EmergencyNotFound()
    row = repository.hold(session, cmd.id)
    if row.doors == "none":
        raise rules.NoDoors()
    if row.report is not None or (row.state != "open" and cmd.state != "help"):
        raise rules.EmergencyClosed()
    member = emergency_people.member(session, row.id, actor.person_id) or _alone(uow, row, actor)
    before = (member.state, member.need)
    said = (cmd.state, cmd.need, cmd.note, cmd.whole)
    if said != (*before, member.note, member.whole):
        member.state, member.need, member.note, member.whole = said
        member.answered_at = now
        session.flush()
        emergency_people.settle(session, row.id, {member.ref}, now)
        if cmd.need is not None and before != ("help", cmd.need):
            emergency_telling.tell_staff(uow, row, cmd.need, now)
    return _mine(uow, actor, now, cmd.id)[0]


def _alone(uow: UnitOfWork, row: Emergency, actor: Actor) -> EmergencyMember:
    """A place on the list for somebody whose door is not known, or not yet."""
    card = directory.card(uow, actor.person_id, row.community_id or "")
    member = emergency_people.add_alone(
        uow.session, row.id, actor.person_id, card.building_label if card else ""
    )
    if member is None:
        raise rules.EmergencyNotFound()
    return member


def _mine(
    uow: UnitOfWork, actor: Actor, now: datetime, one: str | None = None
) -> list[ops.MyEmergency]:
    rows = repository.mine(uow.session, actor.person_id, now - rules.SHOWN_AFTERWARDS, one)
    if actor.acted_by:
        rows = [
            row
            for row in rows
            if any(covers(g.path, row.path) or covers(row.path, g.path) for g in actor.grants)
        ]
    latest = repository.latest(uow.session, [row.id for row in rows])
    return [
        ops.MyEmergency(
            id=row.id,
            scope=row.scope,
            place=row.place,
            title=row.title,
            message=row.message,
            latest=latest.get(row.id, row.message),
            drill=row.drill,
            state=row.state,
            called_at=row.called_at,
            closed_at=row.closed_at,
            asked=row.state == "open" and row.scope not in rules.WIDE and not row.away,
            answer=ops.MyAnswer(
                state=row.said, need=row.need, note=row.note, whole=row.whole, at=row.answered_at
            )
            if row.said
            else None,
            household=row.household,
        )
        for row in rows
    ]
