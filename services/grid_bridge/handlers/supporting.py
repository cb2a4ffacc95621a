"""Neighbours whom the same problem concerns: "me too" (附议), and what they hear of it."""

from datetime import datetime

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.grid_bridge import MeToo, OfIssue, Support
from services.grid_bridge import repository, repository_vectors
from services.grid_bridge import repository_handling as store
from services.grid_bridge.domain.handling import OwnIssue, may_join
from services.grid_bridge.domain.issue import Status
from services.grid_bridge.handlers.common import visible
from services.grid_bridge.models import IssueRow, SupporterRow
from services.kit.uow import UnitOfWork


def me_too(uow: UnitOfWork, cmd: MeToo, actor: Actor, now: datetime) -> Support:
    """She joins, once however often she says it; or changes whether she wants to hear of it."""
    found = visible(uow, actor, cmd.id)
    directory.require_member(uow, actor, found.community_id)
    if found.reporter_id == actor.person_id:
        raise OwnIssue()
    row = repository.issue(uow.session, cmd.id, lock=True)
    mine = store.supporter(uow.session, row.id, actor.person_id)
    if mine is None:
        may_join(Status(row.status))
        mine = SupporterRow(
            issue_id=row.id, person_id=actor.person_id, following=cmd.follow, since=now
        )
        uow.session.add(mine)
        row.supporters += 1
    mine.following = cmd.follow
    uow.session.flush()
    return Support(supporters=row.supporters, supported=True, following=mine.following)


def withdraw(uow: UnitOfWork, cmd: OfIssue, actor: Actor) -> Support:
    """She takes it back, wherever she lives now; who never said it has nothing to take back."""
    if not store.supports(uow.session, cmd.id, actor.person_id):
        return _without(visible(uow, actor, cmd.id))
    row = repository.issue(uow.session, cmd.id, lock=True)
    mine = store.supporter(uow.session, row.id, actor.person_id)
    if mine is not None:  # two of her devices at once: the other was a moment faster
        uow.session.delete(mine)
        row.supporters -= 1
        uow.session.flush()
    return _without(row)


def forget(uow: UnitOfWork, person_id: str) -> None:
    """Somebody has left for good: nothing is counted as hers any more."""
    store.forget_supporter(uow.session, person_id)
    repository_vectors.forget_author(uow.session, person_id)


def _without(row: IssueRow) -> Support:
    return Support(supporters=row.supporters, supported=False, following=False)
