"""The paper desk: papers out, and back.

Whoever works there holds the poll's book, so that a serial is given once and what one desk does
the other sees. The roll decides: an entry is taken by one statement, whatever the channel.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypedDict, TypeVar

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import FieldError, Forbidden, Invalid
from services.contracts.operations.base import View
from services.contracts.operations.votes import paper as ops
from services.contracts.operations.votes.rolls import DeskPaper
from services.contracts.operations.votes.rules import RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import paper as rules
from services.votes.domain.paper import Act, State
from services.votes.domain.polls import PollRefuses
from services.votes.files import Files, attach
from services.votes.handlers import ballots, polls, reconciling
from services.votes.handlers.common import desk, look_again
from services.votes.models import PaperActRow, PaperRow, PollRow, RollEntryRow

V = TypeVar("V", bound=View)
READERS = frozenset({*COMMITTEE, Role.OWNERS_COMMITTEE, Role.SUPERVISOR, Role.AUDITOR})


# -- who, once -----------------------------------------------------------------------------------


def watched(uow: UnitOfWork, actor: Actor, poll_id: str) -> PollRow:
    """The poll, when the actor may read what the desk has in its books.

    Raises:
        PollNotFound: it is not hers to see.
        Forbidden: she neither counts nor watches there.
    """
    row = polls.visible(uow, actor, poll_id)
    if not actor.holds(READERS, row.path):
        raise Forbidden()
    return row


def at_desk(uow: UnitOfWork, actor: Actor, poll_id: str) -> PollRow:
    """The poll with its book, when the actor works at its desk; whoever else does waits.

    Raises:
        PollNotFound, Forbidden, NotYourStep: she does not.
    """
    desk(actor, polls.visible(uow, actor, poll_id))
    poll = repository.paper.hold_poll(uow.session, poll_id)
    repository.paper.take_book(uow.session, poll_id)
    return poll


def once(
    uow: UnitOfWork,
    actor: Actor,
    poll: PollRow,
    act: str,
    cmd: ops.Keyed,
    shape: type[V],
    do: Callable[[], V],
) -> tuple[V, bool]:
    """Do it, or give the answer of the first time; and whether this was the first time.

    The book is held, so that nobody else is at the same entry.

    Raises:
        EntryChanged: the key was used for something else, or by somebody else.
    """
    key = cmd.entry_key
    if key is None:
        return _done(uow, poll, do), True
    said = cmd.model_dump(mode="json", exclude={"entry_key"})
    text = json.dumps([actor.person_id, act, said], sort_keys=True, ensure_ascii=False)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    earlier = repository.paper.remember(uow.session, poll.id, key, fingerprint)
    if earlier is not None:
        if earlier.fingerprint != fingerprint or earlier.result is None:
            raise rules.EntryChanged()
        return shape.model_validate(earlier.result), False
    result = _done(uow, poll, do)
    kept = result.model_dump(mode="json", by_alias=True)
    repository.paper.keep_result(uow.session, poll.id, key, kept)
    return result, True


def _done(uow: UnitOfWork, poll: PollRow, do: Callable[[], V]) -> V:
    """Do it; a result that waits for the last paper is looked at again."""
    result = do()
    if poll.state == "closed":
        look_again(uow, poll.id, repository.clock.legal_now(uow.session))
    return result


# -- out -----------------------------------------------------------------------------------------


def issue(uow: UnitOfWork, cmd: ops.IssuePaper, actor: Actor) -> tuple[ops.Papers, bool]:
    """Hand out papers: all that were asked for, or none.

    Raises:
        NoPaperChannel, PollRefuses, PaperTooLate: there is nothing to hand out now.
        UnknownEntry: one is not on the roll.
        EntryTaken: one has voted or holds a paper; ``errors`` names it.
    """
    return issue_here(uow, cmd, actor, at_desk(uow, actor, cmd.id))


def issue_here(
    uow: UnitOfWork, cmd: ops.IssuePaper, actor: Actor, poll: PollRow
) -> tuple[ops.Papers, bool]:
    """The same by somebody who is at the desk of the poll."""
    return once(uow, actor, poll, "issue", cmd, ops.Papers, lambda: _issue(uow, cmd, actor, poll))


def _issue(uow: UnitOfWork, cmd: ops.IssuePaper, actor: Actor, poll: PollRow) -> ops.Papers:
    named = [*([cmd.subject_id] if cmd.subject_id else []), *cmd.subject_ids]
    if not named:
        raise Invalid(errors=[FieldError("subject_id", "must be given")])
    if len(set(named)) != len(named):
        raise Invalid(errors=[FieldError("subject_ids", "names an entry twice")])
    rule_set = polls.rules_of(poll)
    now = _voting(uow, poll, rule_set)
    known = repository.paper.entries(uow.session, poll.id, named)
    if unknown := [code for code in named if code not in known]:
        raise rules.UnknownEntry(errors=_each(cmd, unknown, "is not on the roll"))
    taken = repository.rolls.take(uow.session, poll.id, named, "free", "paper_out")
    instead = _instead(uow, poll, rule_set, set(named) - taken)
    if refused := [code for code in named if code not in taken | instead]:
        raise rules.EntryTaken(errors=_each(cmd, refused, "has voted, or holds a paper"))
    last, _ = repository.paper.take_book(uow.session, poll.id, papers=len(named))
    rows = [
        PaperRow(
            poll_id=poll.id,
            serial=last - len(named) + place,
            code=code,
            building=known[code].building,
            place=known[code].place,
            state=State.OUT,
            instead=code in instead,
            issued_by=actor.person_id,
            issued_at=now,
        )
        for place, code in enumerate(named, 1)
    ]
    uow.session.add_all(rows)
    uow.session.flush()
    return ops.Papers(papers=[shown(row) for row in rows])


def _voting(uow: UnitOfWork, poll: PollRow, rule_set: RuleSet) -> datetime:
    """The time, by the database's clock, when papers are handed out now."""
    if "paper" not in rule_set.channels:
        raise rules.NoPaperChannel()
    now = repository.clock.legal_now(uow.session)
    if poll.state != "open" or now < poll.opens_at:
        raise rules.PaperTooLate() if poll.state == "closed" else PollRefuses()
    if now >= poll.closes_at:
        raise rules.PaperTooLate()
    return now


def _instead(uow: UnitOfWork, poll: PollRow, rule_set: RuleSet, codes: set[str]) -> set[str]:
    """Those that have voted otherwise, where paper takes the place of that vote."""
    if rule_set.precedence != "paper" or not codes:
        return set()
    rows = repository.paper.entries(uow.session, poll.id, codes)
    voted = {code for code, row in rows.items() if row.state in ("online", "proxy")}
    return voted - repository.paper.held(uow.session, poll.id, voted)


def _each(cmd: ops.IssuePaper, codes: Sequence[str], what: str) -> list[FieldError]:
    """The fields in which these entries were named."""
    return [
        FieldError(
            "subject_id"
            if code == cmd.subject_id
            else f"subject_ids.{cmd.subject_ids.index(code)}",
            what,
        )
        for code in codes
    ]


def shown(row: PaperRow) -> ops.Paper:
    """A paper as the desk sees it."""
    return ops.Paper(
        paper=rules.number(row.poll_id, row.serial),
        serial=row.serial,
        subject_id=row.code,
        building=row.building,
        place=row.place,
        state=row.state,
        issued_at=row.issued_at,
    )


# -- back ----------------------------------------------------------------------------------------


def settle(
    uow: UnitOfWork, cmd: ops.OfPaper, actor: Actor, act: Act, files: Files
) -> tuple[ops.Paper, bool]:
    """A paper came back, was spoiled, was handed back unused, or is out again after all.

    Raises:
        UnknownPaper, PaperSettled: there is no such paper, or it is not there.
        PaperTooLate: it came back after voting ended.
        CountingOver: the result is out.
    """
    return settle_here(uow, cmd, actor, act, files, at_desk(uow, actor, cmd.id))


def settle_here(
    uow: UnitOfWork, cmd: ops.OfPaper, actor: Actor, act: Act, files: Files, poll: PollRow
) -> tuple[ops.Paper, bool]:
    """The same by somebody who is at the desk of the poll."""
    return once(
        uow, actor, poll, act, cmd, ops.Paper, lambda: _settle(uow, cmd, actor, act, poll, files)
    )


def _settle(
    uow: UnitOfWork, cmd: ops.OfPaper, actor: Actor, act: Act, poll: PollRow, files: Files
) -> ops.Paper:
    if poll.state not in ("open", "closed"):
        raise PollRefuses() if poll.state == "announced" else rules.CountingOver()
    row = repository.paper.paper(uow.session, poll.id, rules.serial(poll.id, cmd.paper))
    if row is None:
        raise rules.UnknownPaper(errors=[FieldError("paper", "was not handed out")])
    was = State(row.state)
    to = rules.settle(was, act)
    now = repository.clock.legal_now(uow.session)
    at = now if act is Act.REOPEN else rules.happened(cmd.at, row.issued_at, now, poll.closes_at)
    back = cmd if isinstance(cmd, ops.ReturnPaper) else None
    pictures = attach(files, back.photo_ids if back else [], actor.person_id, "photo_ids")
    witnesses = back.witnesses if back else []
    if row.instead:
        _mark_instead(uow, row, was, to, witnesses=len(witnesses), pictures=len(pictures))
    else:
        _mark(uow, row, was, to)
    row.state = to
    uow.session.add(
        PaperActRow(
            poll_id=poll.id,
            serial=row.serial,
            act=act,
            person_id=actor.person_id,
            at=at,
            entered_at=now,
            late=now >= poll.closes_at,
            reason=cmd.reason if isinstance(cmd, ops.ReopenPaper) else None,
            witnesses=list(witnesses),
            photos=[one.model_dump(mode="json") for one in pictures],
        )
    )
    uow.session.flush()
    if State.RETURNED in (was, to) and poll.state == "open":
        repository.due.put_if_none(uow.session, "paper.turnout", poll.id, now)
    return shown(row)


def _mark(uow: UnitOfWork, row: PaperRow, was: State, to: State) -> None:
    """Lead the roll's mark along with the paper."""
    marks = rules.MARKS[was], rules.MARKS[to]
    if not repository.rolls.take(uow.session, row.poll_id, [row.code], *marks):
        raise rules.EntryTaken(errors=[FieldError("paper", "its entry has voted otherwise")])


def _mark_instead(
    uow: UnitOfWork, row: PaperRow, was: State, to: State, *, witnesses: int, pictures: int
) -> None:
    """The paper takes the place of the vote that stands, for good; till then that one stands."""
    if was is State.RETURNED:
        raise rules.PaperSettled("the vote in whose place it came was struck out")
    if to is State.OUT and repository.paper.held(uow.session, row.poll_id, [row.code]):
        raise rules.EntryTaken(errors=[FieldError("paper", "its entry holds another paper")])
    if to is State.RETURNED:
        rules.need_witnesses(witnesses, pictures)
        ballots.supersede(uow, row.poll_id, row.code)


# -- shown ---------------------------------------------------------------------------------------


class OfEntry(TypedDict):
    """What the desk is told of an entry's paper."""

    paper: DeskPaper | None
    acts: list[str]


def of_entries(uow: UnitOfWork, poll: PollRow, rows: Sequence[RollEntryRow]) -> dict[str, OfEntry]:
    """The last paper of each of these entries, and what can be done now, by code."""
    rule_set, now = polls.rules_of(poll), repository.clock.legal_now(uow.session)
    issuing = "paper" in rule_set.channels and poll.state == "open"
    issuing = issuing and poll.opens_at <= now < poll.closes_at
    last = repository.paper.latest(uow.session, poll.id, [row.code for row in rows])
    found: dict[str, OfEntry] = {}
    for row in rows:
        paper = last.get(row.code)
        acts = rules.offered(
            row.state,
            State(paper.state) if paper else None,
            instead=bool(paper and paper.instead),
            issuing=issuing,
            settling=poll.state in ("open", "closed"),
            first=rule_set.precedence == "paper",
        )
        found[row.code] = {"paper": _last(paper) if paper else None, "acts": acts}
    return found


def _last(row: PaperRow) -> DeskPaper:
    return DeskPaper(
        paper=rules.number(row.poll_id, row.serial),
        state=row.state,
        instead=row.instead,
        issued_at=row.issued_at,
    )


# -- figures -------------------------------------------------------------------------------------


def list_desk(uow: UnitOfWork, poll_id: str, actor: Actor) -> ops.PaperDesk:
    """The papers of a poll, building by building, and how register and sheets agree.

    Raises:
        PollNotFound, Forbidden: it is not the actor's to see.
    """
    poll = watched(uow, actor, poll_id)
    rows = repository.paper.desk(uow.session, poll.id)
    lines = reconciling.report(uow, poll.id)
    waiting = repository.paper_sheets.open_sheets(uow.session, poll.id)
    return ops.PaperDesk(
        poll_id=poll.id,
        buildings=[ops.DeskBuilding.model_validate(row, from_attributes=True) for row in rows],
        issued=sum(row.issued for row in rows),
        out=sum(row.out for row in rows),
        returned=sum(row.returned for row in rows),
        spoiled=sum(row.spoiled for row in rows),
        sheets_open=waiting,
        lines=[ops.PaperLine.model_validate(line.as_json()) for line in lines],
        reconciled=not waiting and all(line.agrees for line in lines),
    )
