"""What waited in a desk's queue while its line was down: taken in order, each entry by itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.base import View
from services.contracts.operations.votes import paper as ops
from services.contracts.operations.votes import paper_sheets as sheet_ops
from services.kit.uow import UnitOfWork
from services.kit.worker import validated
from services.votes import repository
from services.votes.domain import paper as rules
from services.votes.domain.paper import Act
from services.votes.files import Files
from services.votes.handlers import ledger, paper, paper_sheets, polls
from services.votes.models import PollRow
from services.votes.repository.paper_sheets import SheetNotFound

Done = tuple[View, bool]
Do = Callable[[UnitOfWork, Any, Actor, Files, PollRow], Done]


@dataclass(frozen=True, slots=True)
class _Kind:
    """An act of the queue: what its body is, how it is done, and whether ``id`` is a sheet's."""

    shape: type[ops.Keyed]
    do: Do
    of_sheet: bool = False


def _settling(act: Act) -> Do:
    return lambda uow, cmd, actor, files, poll: paper.settle_here(uow, cmd, actor, act, files, poll)


_KINDS: Final[Mapping[str, _Kind]] = {
    "issue": _Kind(
        ops.IssuePaper,
        lambda uow, cmd, actor, _files, poll: paper.issue_here(uow, cmd, actor, poll),
    ),
    "return": _Kind(ops.ReturnPaper, _settling(Act.RETURN)),
    "spoil": _Kind(ops.OfPaper, _settling(Act.SPOIL)),
    "take_back": _Kind(ops.OfPaper, _settling(Act.TAKE_BACK)),
    "reopen": _Kind(ops.ReopenPaper, _settling(Act.REOPEN)),
    "enter": _Kind(
        sheet_ops.EnterPaper,
        lambda uow, cmd, actor, files, _poll: paper_sheets.enter(uow, cmd, actor, files),
    ),
    "confirm": _Kind(
        sheet_ops.ConfirmPaper,
        lambda uow, cmd, actor, _files, _poll: paper_sheets.confirm(uow, cmd, actor),
        of_sheet=True,
    ),
    "counter": _Kind(
        sheet_ops.CounterPaper,
        lambda uow, cmd, actor, files, _poll: paper_sheets.counter(uow, cmd, actor, files),
        of_sheet=True,
    ),
    "drop": _Kind(
        sheet_ops.DropPaper,
        lambda uow, cmd, actor, _files, _poll: paper_sheets.drop(uow, cmd, actor),
        of_sheet=True,
    ),
}


def sync(uow: UnitOfWork, cmd: ops.SyncPaper, actor: Actor, files: Files) -> ops.SyncResults:
    """Take what waited. One that is refused undoes itself alone; its key is free again.

    Raises:
        PollNotFound, Forbidden, NotYourStep: the desk is not the actor's.
    """
    poll = paper.at_desk(uow, actor, cmd.id)
    if polls.rules_of(poll).precedence == "paper":
        ledger.lock(uow, poll.id)  # before any entry, as those who cast ballots take it
    repository.paper.hold_entries(uow.session, poll.id, _touched(uow, poll.id, cmd.entries))
    return ops.SyncResults(
        results=[_taken(uow, poll, entry, actor, files) for entry in cmd.entries]
    )


def _taken(
    uow: UnitOfWork, poll: PollRow, entry: ops.QueuedEntry, actor: Actor, files: Files
) -> ops.SyncResult:
    kind = _KINDS[entry.act]
    body = {**entry.body, "entry_key": entry.entry_key}
    if not kind.of_sheet:
        body["id"] = poll.id
    try:
        with uow.part():
            told, first = _act(uow, poll, kind, body, actor, files)
    except ShequError as error:
        if error.status >= 500:
            raise  # somebody is away: the whole queue is sent again
        return ops.SyncResult(entry_key=entry.entry_key, outcome="refused", refusal=_refusal(error))
    return ops.SyncResult(
        entry_key=entry.entry_key,
        outcome="done" if first else "before",
        result=told.model_dump(mode="json", by_alias=True),
    )


def _act(
    uow: UnitOfWork, poll: PollRow, kind: _Kind, body: dict[str, Any], actor: Actor, files: Files
) -> Done:
    command = validated(kind.shape, body)
    if kind.of_sheet and repository.paper_sheets.sheet(uow.session, command.id).poll_id != poll.id:
        raise SheetNotFound()  # another poll's book may not be waited for while this one is held
    return kind.do(uow, command, actor, files, poll)


def _refusal(error: ShequError) -> ops.SyncRefusal:
    return ops.SyncRefusal(
        code=error.code,
        zh=error.zh,
        en=error.en,
        errors=[{"field": one.field, "message": one.message} for one in error.errors],
    )


def _touched(uow: UnitOfWork, poll_id: str, entries: Iterable[ops.QueuedEntry]) -> set[str]:
    """The entries of the roll that the queue is about, to be locked in one order at once."""
    codes, serials = set(), set()
    for entry in entries:
        named = entry.body.get("subject_ids")
        several = named if isinstance(named, list) else []
        for code in [entry.body.get("subject_id"), *several]:
            if isinstance(code, str) and code.isascii() and code.isprintable():
                codes.add(code)
        try:
            serials.add(rules.serial(poll_id, str(entry.body.get("paper", ""))))
        except (ShequError, ValueError):
            continue  # it will be refused
    return codes | {row.code for row in repository.paper.papers(uow.session, poll_id, serials)}
