"""Breaches as they are read: each sees what her part in the conversation shows.

The residents' committee sees them all, with the reporter; when she hides, she reads in her access
log who of it has seen her name. Of what belongs to all owners it is the owners' committee that
acts, and it is not told who hides from her neighbours.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from services import directory
from services.contracts.actor import COMMITTEE, Actor
from services.contracts.events import BreachReporterSeen
from services.contracts.operations.base import Page
from services.contracts.operations.votes import breaches as ops
from services.contracts.operations.votes.common import BODIES
from services.kit.pages import decode_cursor, encode_cursor, whole_number
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import breaches as rules
from services.votes.domain.breaches import BreachNotFound, Part
from services.votes.domain.days import day_of
from services.votes.handlers.common import committee_role, convenes
from services.votes.models import BreachNoteRow, BreachRow

_MADE: Final = frozenset({"covenant_title", "role", "hide_me", "overdue"})
_KEPT: Final = tuple(name for name in ops.BreachSummary.model_fields if name not in _MADE)


def list_breaches(
    uow: UnitOfWork, cmd: ops.ListBreaches, actor: Actor, now: datetime
) -> Page[ops.BreachSummary]:
    """Breaches of the desk's, or that the actor has a part in; one statement."""
    community = directory.require_reader(uow, actor, cmd.cid)
    after = None
    if cmd.cursor:
        rank, last = decode_cursor(cmd.cursor, 2)
        after = (whole_number(rank, digits=1), last)
    rows = repository.breaches.page(
        uow.session,
        community.id,
        now,
        reader=actor.eyes,
        bodies=[body for body in BODIES if _serves(actor, body, community.path)],
        covenant_id=cmd.covenant_id,
        article=cmd.article,
        state=cmd.state,
        overdue=cmd.overdue,
        after=after,
        limit=cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[
            ops.BreachSummary(
                **_facts(
                    row,
                    row.covenant_title,
                    _part(row, actor),
                    now,
                    waits=bool(row.report_waits),
                )
            )
            for row in page
        ],
        next_cursor=encode_cursor(str(page[-1].rank), page[-1].id)
        if len(rows) > cmd.limit
        else None,
    )


def get_breach(uow: UnitOfWork, cmd: ops.OfBreach, actor: Actor, now: datetime) -> ops.Breach:
    """A breach with its conversation; :class:`BreachNotFound` for who has no part in it."""
    row = repository.breaches.breach(uow.session, cmd.id)
    part = part_of(uow, row, actor)
    if part is None:
        raise BreachNotFound()
    return shown(uow, row, part, actor, now)


def part_of(uow: UnitOfWork, row: BreachRow, actor: Actor) -> Part | None:
    """What the actor is in the conversation; a neighbour's own part comes before her office.

    A helper has none: what was reported through her is not hers to follow.
    """
    if not actor.acted_by and row.reporter_id == actor.person_id:
        return Part.REPORTER
    if actor.eyes in repository.breaches.concerned(uow.session, row.id):
        return Part.CONCERNED
    return Part.DESK if _serves(actor, row.convener, row.path) else None


def shown(uow: UnitOfWork, row: BreachRow, part: Part, actor: Actor, now: datetime) -> ops.Breach:
    """The breach as somebody with this part in it sees it."""
    uow.session.flush()
    concerned = repository.breaches.concerned(uow.session, row.id)
    notes = repository.breaches.notes(uow.session, row.id)
    covenant = repository.covenants.covenant(uow.session, row.covenant_id)
    people = {row.reporter_id, *concerned} - {None}
    cards = directory.cards(uow, [one for one in people if one], row.community_id)
    _tell_look(uow, row, part, actor, now)
    named = {key: _person(card) for key, card in cards.items() if _named(row, key, part, actor)}
    return ops.Breach(
        **_facts(row, covenant.title, part, now, waits=notes[0].waits),
        reporter=named.get(row.reporter_id or ""),
        concerned=[named[one] for one in concerned if one in named],
        notes=[
            _note(note, named, actor)
            for note in notes
            if not note.waits or part is Part.DESK or note.author_id == actor.person_id
        ],
        actions=_actions(row, part, actor),
    )


def _actions(row: BreachRow, part: Part, actor: Actor) -> list[ops.BreachAction]:
    """What the reader may do; of what another body convenes an office only reads."""
    if part is Part.DESK and not convenes(actor, row):
        return []
    return rules.actions(cast(ops.BreachState, row.state), part, row.failed_talks)


def _tell_look(uow: UnitOfWork, row: BreachRow, part: Part, actor: Actor, now: datetime) -> None:
    """Tell the reporter, by identity's log, who of the committee sees that it was her.

    In the transaction of the look, once a day for each reader: one that cannot be told is not
    answered.
    """
    hidden = row.hidden and row.reporter_id and row.reporter_id != actor.person_id
    if not hidden or not _sees_hidden(row, part, actor):
        return
    if repository.breaches.first_look(uow.session, row.id, actor.person_id, day_of(now)):
        uow.emit(
            BreachReporterSeen(
                breach_id=row.id,
                person_id=row.reporter_id or "",
                actor_id=actor.person_id,
                actor_role=str(committee_role(actor, row.path)),
                community_id=row.community_id,
                path=row.path,
                reason="handling",
            )
        )


def _named(row: BreachRow, person_id: str, part: Part, actor: Actor) -> bool:
    """Whether the reader is told who this is."""
    if person_id == actor.person_id:
        return True
    if person_id == row.reporter_id:
        return not row.hidden or _sees_hidden(row, part, actor)
    return part is Part.DESK


def _sees_hidden(row: BreachRow, part: Part, actor: Actor) -> bool:
    """Whether the reader is told who hides: the committee, but for those of it whom it concerns."""
    return part is Part.DESK and actor.holds(COMMITTEE, row.path)


def _note(
    note: BreachNoteRow, named: Mapping[str, ops.BreachPerson], actor: Actor
) -> ops.BreachNote:
    return ops.BreachNote(
        id=note.id,
        role=note.role if note.part == Part.DESK else note.part,
        person=None if note.part == Part.DESK else named.get(note.author_id or ""),
        mine=note.author_id == actor.person_id,
        body=note.body,
        talk=note.talk,
        waits=note.waits,
        at=note.at,
    )


def _person(card: directory.Card) -> ops.BreachPerson:
    return ops.BreachPerson(
        person_id=card.person_id,
        display_name=card.display_name,
        building_label=card.building_label,
    )


def _serves(actor: Actor, convener: str, path: str) -> bool:
    """Whether the actor sees what this body convenes: it does, and the residents' committee."""
    return actor.holds(BODIES[convener] | COMMITTEE, path)


def _part(row: Any, actor: Actor) -> Part:
    if row.reporter_id == actor.eyes:
        return Part.REPORTER
    return Part.CONCERNED if row.concerns_reader else Part.DESK


def _facts(
    row: Any, covenant_title: str, part: Part, now: datetime, *, waits: bool
) -> dict[str, Any]:
    """What lists and single breaches say; ``waits``: the words of the report wait for the desk.

    Where it was seen and whose it is are words of the report, too.
    """
    withheld = {"place": "", "building": ""} if waits and part is Part.CONCERNED else {}
    return {
        **{name: getattr(row, name) for name in _KEPT},
        **withheld,
        "covenant_title": covenant_title,
        "role": part.value,
        "hide_me": row.hidden,
        "overdue": rules.is_overdue(row.state, row.due_at, row.reacted_at, now),
    }
