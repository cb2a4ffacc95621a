"""Register against sheets (对账): what of the desk's books agrees, and what bears on the result."""

from typing import TypedDict

from services.contracts.operations.votes.rules import OWNERS, RuleSet
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import paper_sheets as sheets


class _HeldTo(TypedDict):
    weighed: bool
    back: sheets.Back | None


def report(uow: UnitOfWork, poll_id: str) -> list[sheets.Line]:
    """Register against sheets, every line of it (对账)."""
    return sheets.reconcile(*_books(uow, poll_id), **_held_to(uow, poll_id))


def adds_up(uow: UnitOfWork, poll_id: str) -> bool:
    """Whether over all urns what was counted is what came back; see :func:`sheets.adds_up`."""
    return sheets.adds_up(*_books(uow, poll_id), **_held_to(uow, poll_id))


def _books(
    uow: UnitOfWork, poll_id: str
) -> tuple[dict[str, sheets.Booked], list[tuple[int, sheets.Counts]]]:
    """The register, and the sheets that stand."""
    return (
        repository.paper.register(uow.session, poll_id),
        repository.paper_sheets.standing(uow.session, poll_id),
    )


def _held_to(uow: UnitOfWork, poll_id: str) -> _HeldTo:
    """What of a sheet is held against the register besides its sums, by the rules of the poll."""
    poll = repository.polls.poll(uow.session, poll_id)
    named = poll.secrecy != "secret"
    return {
        "weighed": weighed(RuleSet.model_validate(poll.rules)),
        "back": repository.paper.back(uow.session, poll_id) if named else None,
    }


def disagreeing(uow: UnitOfWork, poll_id: str) -> list[sheets.Line]:
    """The lines on which register and sheets do not agree.

    The desk stands still until the caller commits, so that what was found stays true.
    """
    repository.paper.take_book(uow.session, poll_id)
    return [line for line in report(uow, poll_id) if not line.agrees]


def unconfirmed(uow: UnitOfWork, poll_id: str) -> bool:
    """Whether a sheet waits for its second reading, or for a recount."""
    return repository.paper_sheets.open_sheets(uow.session, poll_id) > 0


def out(uow: UnitOfWork, poll_id: str) -> bool:
    """Whether a paper was handed out that nobody brought back."""
    return any(one.unreturned for one in repository.paper.register(uow.session, poll_id).values())


def weighed(rule_set: RuleSet) -> bool:
    """Whether sheets have to say what ballots weigh: they do so differently, and bear no name."""
    return rule_set.secrecy == "secret" and rule_set.electorate.who in OWNERS
