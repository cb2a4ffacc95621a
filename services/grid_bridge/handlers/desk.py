"""What lies on a committee's desk."""

from datetime import datetime, timedelta

from services import directory
from services.contracts.actor import Actor
from services.contracts.operations.grid_bridge import DeskView, GetDesk, IssueAssignee
from services.grid_bridge import repository_casework, repository_desk
from services.grid_bridge.domain.sla import ZONE, start_of
from services.grid_bridge.handlers.common import serving
from services.kit.uow import UnitOfWork

BACK = timedelta(days=7)
"""For how long a referral that came back is brought to mind."""


def get_desk(uow: UnitOfWork, cmd: GetDesk, actor: Actor, now: datetime) -> DeskView:
    """The numbers of the desk, and who sits at it; for the committee alone."""
    community = directory.require_reader(uow, actor, cmd.cid)
    serving(actor, community.path)
    day = now.astimezone(ZONE).date()
    today = start_of(day)
    session = uow.session
    numbers = repository_desk.desk(
        session,
        community.id,
        handlers=repository_casework.handled_by(session, community.id, actor.person_id, day),
        now=now,
        today=today,
        tomorrow=today + timedelta(days=1),
        week=now - BACK,
    )
    return DeskView(
        as_of=now,
        district_id=community.district_id,
        colleagues=[
            IssueAssignee(person_id=row.person_id, display_name=row.display_name)
            for row in repository_desk.colleagues(session, community.id)
        ],
        **numbers._mapping,
    )
