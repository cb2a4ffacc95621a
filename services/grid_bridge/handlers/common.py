"""What the bridge's use-cases share: who acts, the issue under its lock, a line of the timeline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from services import directory
from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.errors import NotFound
from services.contracts.events import Attachment
from services.grid_bridge import repository, repository_consultations
from services.grid_bridge.domain.consultation import may_sit
from services.grid_bridge.domain.issue import OnlyReporter
from services.grid_bridge.domain.tallies import FINISHED
from services.grid_bridge.handlers import counting
from services.grid_bridge.models import IssueRow, TimelineRow
from services.grid_bridge.repository import IssueNotFound
from services.kit.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Doer:
    """Who took a step, and in which role; the grid platform's people have no id here."""

    role: str
    person_id: str | None = None


CLASSIFIER = Doer("classifier")
CLOCK = Doer("clock")


class About(TypedDict):
    """What every event about an issue says."""

    issue_id: str
    post_id: str
    community_id: str
    path: str
    reporter_id: str


def about(row: IssueRow) -> About:
    """The head of an event about this issue."""
    return {
        "issue_id": row.id,
        "post_id": row.post_id,
        "community_id": row.community_id,
        "path": row.path,
        "reporter_id": row.reporter_id or "",
    }


def nameless(row: IssueRow) -> bool:
    """Whether the thread must not say who reported it, though it is not that person's post.

    What the committee took in, it posts in office; feed could not tell that the author is hidden.
    """
    return row.taken_by is not None and row.hide_name


def is_staff(actor: Actor, path: str) -> bool:
    """Whether the actor serves on the committee there."""
    return actor.holds(COMMITTEE, path)


def serving(actor: Actor, path: str) -> Doer:
    """The actor as one of the committee there; :class:`Forbidden` when she is not."""
    actor.require(COMMITTEE, path)
    secretary = actor.holds(frozenset({Role.SECRETARY}), path)
    return Doer(Role.SECRETARY if secretary else Role.COMMITTEE_STAFF, actor.person_id)


def visible(uow: UnitOfWork, actor: Actor, issue_id: str) -> IssueRow:
    """The issue, when the actor may read its community or reported it herself.

    A helper reads where her token says, whoever reported it; a department what it was invited to.

    Raises:
        IssueNotFound: it does not exist or is not hers to see.
    """
    row = repository.issue(uow.session, issue_id)
    own = row.reporter_id == actor.person_id and not actor.acted_by
    if not own and not repository_consultations.is_invited(uow.session, actor, row.id, row.path):
        try:
            directory.require_reader(uow, actor, row.community_id)
        except NotFound:
            raise IssueNotFound() from None
    return row


def reader(uow: UnitOfWork, actor: Actor, community_id: str) -> tuple[directory.Community, bool]:
    """The community, and whether the actor is a guest there: a department that covers it.

    A guest reads the cases that she was invited to, and no other.

    Raises:
        CommunityNotFound: it does not exist or is not hers to see.
    """
    try:
        community = directory.require_reader(uow, actor, community_id)
    except NotFound:
        community = directory.community(uow, community_id)
        if not may_sit(actor, community.path):
            raise
        return community, True
    return community, False


def for_committee(uow: UnitOfWork, actor: Actor, issue_id: str) -> tuple[IssueRow, Doer]:
    """The issue, locked, for somebody who serves on its community's committee.

    Raises:
        IssueNotFound, Forbidden: see :func:`visible`; or the actor serves elsewhere.
    """
    row = visible(uow, actor, issue_id)
    doer = serving(actor, row.path)
    return repository.issue(uow.session, issue_id, lock=True), doer


def for_reporter(uow: UnitOfWork, actor: Actor, issue_id: str) -> tuple[IssueRow, Doer]:
    """The issue, locked, for the person who reported it.

    Raises:
        IssueNotFound, OnlyReporter: see :func:`visible`; or somebody else reported it.
    """
    row = visible(uow, actor, issue_id)
    if row.reporter_id != actor.person_id:
        raise OnlyReporter()
    locked = repository.issue(uow.session, issue_id, lock=True)
    return locked, Doer(Role.RESIDENT, actor.person_id)


def tell(
    uow: UnitOfWork,
    row: IssueRow,
    kind: str,
    doer: Doer,
    text: str,
    at: datetime,
    *,
    attachments: Iterable[Attachment] = (),
    reason: str | None = None,
    staff_only: bool = False,
    guide: dict[str, Any] | None = None,
) -> None:
    """Add a line to the issue's timeline; ``guide`` is the one that an answer was given by.

    What is told is counted, too (:mod:`.counting`).
    """
    counting.follow(uow, row.id)
    uow.session.add(
        TimelineRow(
            issue_id=row.id,
            at=at,
            kind=kind,
            actor_id=doer.person_id,
            actor_role=str(doer.role),
            text=text,
            reason=reason,
            attachments=plain(attachments),
            staff_only=staff_only,
            guide=guide,
            round=row.round,
            result=row.result if row.status in FINISHED else None,
        )
    )


def plain(attachments: Iterable[Attachment]) -> list[dict[str, Any]]:
    """Attachments as they are stored."""
    return [one.model_dump(mode="json") for one in attachments]


def stored_limits(stages: Iterable[tuple[str, datetime]]) -> list[dict[str, Any]]:
    """The limits of an order's stages as they are stored."""
    return [{"stage": stage, "due_at": due.isoformat()} for stage, due in stages]


def read_attachments(stored: Iterable[dict[str, Any]]) -> list[Attachment]:
    """Stored attachments as events and views carry them."""
    return [Attachment.model_validate(one) for one in stored]
