"""The roll as everybody sees it, and as the desk does: found, corrected, counted by building."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from services.contracts.actor import Actor
from services.contracts.errors import FieldError, Invalid, ShequError
from services.contracts.operations.base import Page
from services.contracts.operations.identity import ElectorateEntry, ShownSubject, ShownSubjects
from services.contracts.operations.votes import polls as poll_ops
from services.contracts.operations.votes import rolls as ops
from services.kit import logs
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository, texts_rolls
from services.votes.domain import objections
from services.votes.domain import paper as slips
from services.votes.domain.count_words import exact
from services.votes.domain.results import square_metres
from services.votes.domain.rolls import (
    AlreadyOnRoll,
    AlreadyStruck,
    Mark,
    RollNotReady,
    SubjectUnknown,
    require_open,
)
from services.votes.handlers import paper, polls, rolls
from services.votes.handlers.common import Doer, desk, tell
from services.votes.models import PollRow, RollChangeRow, RollEntryRow, TopicRow

log = logs.get(__name__)


# -- for everybody -------------------------------------------------------------------------------


def list_roll(uow: UnitOfWork, cmd: poll_ops.OfPoll, actor: Actor) -> ops.Roll:
    """Sizes, changes and hash of a roll: nobody is named, not even by a code.

    Raises:
        PollNotFound: it is not the actor's to see.
    """
    poll = polls.visible(uow, actor, cmd.id)
    kinds, buildings, doubts = (
        repository.rolls.sizes(uow.session, poll.id, column)
        for column in ("kind", "building", "doubt")
    )
    return ops.Roll.model_validate(
        {
            "poll_id": poll.id,
            "state": poll.roll_state,
            "hash": poll.roll_hash,
            "size": poll.roll_size,
            "households": poll.roll_households,
            "area": square_metres(poll.roll_area),
            "heads": poll.roll_heads,
            "kinds": [{"kind": kind, "entries": n} for kind, n in kinds.items()],
            "buildings": [{"building": name, "entries": n} for name, n in buildings.items()],
            "doubts": [{"doubt": doubt, "entries": n} for doubt, n in doubts.items() if doubt],
            "changes": [_change(row) for row in repository.rolls.changes(uow.session, poll.id)],
            "drawn": int(poll.drawn_to or 0),
            "expected": poll.roll_expected,
            "drawn_at": poll.roll_drawn_at,
        }
    )


def list_my_entries(uow: UnitOfWork, cmd: poll_ops.OfPoll, actor: Actor) -> ops.RollProofs:
    """The proofs that the actor's entries are in the roll.

    Raises:
        PollNotFound: it is not the actor's to see.
        RollNotReady: it is still being drawn.
    """
    poll = _ready(polls.visible(uow, actor, cmd.id))
    mine = [] if actor.acted_by else rolls.subjects(uow, actor, poll)
    return ops.RollProofs(
        poll_id=poll.id,
        hash=poll.roll_hash,
        size=poll.roll_size,
        items=rolls.proofs(uow, poll, mine),
    )


# -- for the desk --------------------------------------------------------------------------------


def get_turnout(uow: UnitOfWork, cmd: poll_ops.OfPoll, actor: Actor) -> ops.RollTurnout:
    """The turnout building by building.

    Raises:
        PollNotFound, Forbidden, NotYourStep: she does not work at the desk of this poll.
    """
    poll = _at_desk(uow, cmd.id, actor)
    rows = repository.rolls.turnout(uow.session, poll.id)
    return ops.RollTurnout(buildings=[ops.DeskTurnout(**row._mapping) for row in rows])


def find(uow: UnitOfWork, cmd: ops.FindOnRoll, actor: Actor) -> Page[ops.DeskEntry]:
    """Entries by building, place, code or slip; or whatever of the register is called so.

    Names come from identity, asked in the actor's own name, and are written down there.

    Raises:
        PollNotFound, Forbidden, NotYourStep: she does not work at the desk of this poll.
        RollNotReady: it is still being drawn.
        UnknownPaper: no paper of this poll has that number.
        ShequError: a name is asked for, and identity cannot be asked.
    """
    poll = _ready(_at_desk(uow, cmd.id, actor))
    if cmd.names and cmd.limit > ops.NAMED_AT_ONCE:
        raise Invalid(errors=[FieldError("limit", f"is {ops.NAMED_AT_ONCE} at most with names")])
    if cmd.name is not None:
        return _named(uow, poll, cmd)
    code = cmd.code if cmd.paper is None else _of_slip(uow, poll, cmd.paper)
    rows = repository.rolls.find(
        uow.session,
        poll.id,
        building=cmd.building,
        place=cmd.place,
        code=code,
        state=cmd.state,
        after=decode_cursor(cmd.cursor, 3) if cmd.cursor else None,
        limit=cmd.limit + 1,
    )
    page = rows[: cmd.limit]
    people = _people(uow, poll, [row.ref for row in page]) if cmd.names else {}
    papers = paper.of_entries(uow, poll, page)
    last = page[-1] if len(rows) > cmd.limit else None
    return Page(
        items=[_entry(row, people.get(row.ref), papers[row.code]) for row in page],
        next_cursor=encode_cursor(last.building, last.place, last.code) if last else None,
    )


def _of_slip(uow: UnitOfWork, poll: PollRow, number: str) -> str:
    """The entry whose slip bears this number.

    Raises:
        UnknownPaper: no paper of this poll has it.
    """
    found = repository.paper.paper(uow.session, poll.id, slips.serial(poll.id, number))
    if found is None:
        raise slips.UnknownPaper(errors=[FieldError("paper", "was not handed out")])
    return found.code


def _named(uow: UnitOfWork, poll: PollRow, cmd: ops.FindOnRoll) -> Page[ops.DeskEntry]:
    told = uow.ask("identity", "show_subjects", **rolls.electorate(poll), name=cmd.name)
    shown = ShownSubjects.model_validate(told).items
    rows = repository.rolls.of_refs(uow.session, poll.id, [one.ref for one in shown])
    on_roll = {row.ref: row for row in rows}
    papers = paper.of_entries(uow, poll, rows)
    items = [
        _entry(on_roll[one.ref], one, papers[on_roll[one.ref].code])
        if one.ref in on_roll
        else _absent(one)
        for one in shown
        if (cmd.building or "") in one.building and (cmd.place or "") in one.place
    ]
    if cmd.state is not None:
        items = [one for one in items if one.state == cmd.state]
    return Page(items=items[: cmd.limit])


def _people(uow: UnitOfWork, poll: PollRow, refs: Sequence[str]) -> dict[str, ShownSubject]:
    """Who belongs to these subjects; nobody while identity is away: the desk goes on without."""
    if not refs:
        return {}
    try:
        told = uow.ask("identity", "show_subjects", **rolls.electorate(poll), refs=list(refs))
    except ShequError as error:
        if error.status < 500:
            raise
        log.warning("the desk works without names", code=error.code)
        return {}
    return {one.ref: one for one in ShownSubjects.model_validate(told).items}


def _entry(row: RollEntryRow, people: ShownSubject | None, papers: paper.OfEntry) -> ops.DeskEntry:
    return ops.DeskEntry.model_validate(
        {
            "subject_id": row.code,
            "ref": row.ref,
            "kind": row.kind,
            "building": row.building,
            "place": row.place,
            "state": row.state,
            "area": square_metres(row.area),
            "heads": exact(rolls.heads(row)),
            "doubt": row.doubt,
            "names": people.names if people else [],
            "birth_years": people.birth_years if people else [],
            **papers,
        }
    )


def _absent(one: ShownSubject) -> ops.DeskEntry:
    return ops.DeskEntry(
        subject_id=None,
        ref=one.ref,
        kind=one.kind,
        building=one.building,
        place=one.place,
        state="absent",
        area=square_metres(one.area),
        heads=exact(Fraction(one.head_n, one.head_d)),
        doubt=one.doubt,
        names=one.names,
        birth_years=one.birth_years,
    )


# -- corrected -----------------------------------------------------------------------------------


def add(uow: UnitOfWork, cmd: ops.AddRollEntry, actor: Actor, now: datetime) -> ops.RollChange:
    """Somebody was left out, or struck off by mistake: the desk puts the subject on the roll.

    Raises:
        PollNotFound, Forbidden, NotYourStep: she does not work at the desk of this poll.
        RollNotReady, RollFrozen: the roll cannot be changed.
        AlreadyOnRoll, SubjectUnknown: it has its entry, or the register does not know it.
        ObjectionNotFound: the objection is none on this topic.
    """
    asked = _at_desk(uow, cmd.id, actor)
    told = uow.ask("identity", "show_subjects", **rolls.electorate(asked), refs=[cmd.ref])
    subject = next(iter(ShownSubjects.model_validate(told).items), None)
    topic, poll, doer = _open(uow, cmd, actor)
    found = repository.rolls.of_refs(uow.session, poll.id, [cmd.ref])
    if found:
        if not repository.rolls.take(uow.session, poll.id, [found[0].code], Mark.STRUCK, Mark.FREE):
            raise AlreadyOnRoll()
        return _changed(uow, topic, poll, doer, "restored", found[0].code, cmd, now)
    if subject is None:
        raise SubjectUnknown()
    entry = ElectorateEntry.model_validate(subject.model_dump())
    (code,) = rolls.lay_down(uow, poll, [entry])
    return _changed(uow, topic, poll, doer, "added", code, cmd, now)


def strike(
    uow: UnitOfWork, cmd: ops.StrikeRollEntry, actor: Actor, now: datetime
) -> ops.RollChange:
    """Somebody does not belong on the roll: the entry stays, and counts no more.

    Raises:
        PollNotFound, Forbidden, NotYourStep: she does not work at the desk of this poll.
        RollNotReady, RollFrozen: the roll cannot be changed.
        SubjectNotFound, AlreadyStruck: there is no such entry, or it was struck off before.
        ObjectionNotFound: the objection is none on this topic.
    """
    topic, poll, doer = _open(uow, cmd, actor)
    code = repository.rolls.entry(uow.session, poll.id, cmd.subject_id).code
    if not repository.rolls.take(uow.session, poll.id, [code], Mark.FREE, Mark.STRUCK):
        raise AlreadyStruck()
    return _changed(uow, topic, poll, doer, "struck", code, cmd, now)


def _open(
    uow: UnitOfWork, cmd: ops.AddRollEntry | ops.StrikeRollEntry, actor: Actor
) -> tuple[TopicRow, PollRow, Doer]:
    """Topic and poll, locked, while the roll may be changed by the actor."""
    polls.visible(uow, actor, cmd.id)
    topic, poll = polls.locked(uow, cmd.id)
    doer = desk(actor, poll)
    require_open(poll.state, poll.roll_state)
    if cmd.objection_id is not None:
        found = repository.objections.topic_of(uow.session, cmd.objection_id)
        if found != topic.id:
            raise objections.ObjectionNotFound()
    return topic, poll, doer


def _changed(
    uow: UnitOfWork,
    topic: TopicRow,
    poll: PollRow,
    doer: Doer,
    kind: str,
    code: str,
    cmd: ops.AddRollEntry | ops.StrikeRollEntry,
    now: datetime,
) -> ops.RollChange:
    """Keep the change, reckon anew, and tell it without naming anybody."""
    row = RollChangeRow(
        poll_id=poll.id,
        code=code,
        kind=kind,
        reason=cmd.reason,
        objection_id=cmd.objection_id,
        by=doer.person_id or "",
        at=now,
    )
    uow.session.add(row)
    uow.session.flush()
    rolls.reckon(uow, poll)
    number = len(repository.rolls.changes(uow.session, poll.id))
    text = texts_rolls.CHANGES[kind].format(number=number)
    ref = {"poll_id": poll.id, "roll_change": str(row.id)}
    if cmd.objection_id is not None:
        ref["objection_id"] = cmd.objection_id
    tell(uow, topic, "roll_changed", doer, text, now, reason=cmd.reason, ref=ref)
    return _change(row)


def _change(row: RollChangeRow) -> ops.RollChange:
    return ops.RollChange.model_validate(
        {
            "id": str(row.id),
            "kind": row.kind,
            "reason": row.reason,
            "objection_id": row.objection_id,
            "at": row.at,
        }
    )


def _at_desk(uow: UnitOfWork, poll_id: str, actor: Actor) -> PollRow:
    poll = polls.visible(uow, actor, poll_id)
    desk(actor, poll)
    return poll


def _ready(poll: PollRow) -> PollRow:
    if poll.roll_state == "drawing":
        raise RollNotReady()
    return poll
