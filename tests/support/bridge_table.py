"""A bridge with a table for joint consultations, and who sits there; each method a transaction."""

from datetime import datetime, timedelta
from typing import Any

from services.contracts.actor import Actor, Role
from services.contracts.operations import grid_bridge as ops
from services.grid_bridge.handlers import consulting, consulting_views, consulting_work
from tests.support.bridge import SHI, actor
from tests.support.bridge_desk import Desk

HOUSING = actor("p-housing", (Role.DEPARTMENT_STAFF, "demo.yuepu"))
URBAN = actor("p-urban", (Role.DEPARTMENT_STAFF, "demo"))
FAR_AWAY = actor("p-far", (Role.DEPARTMENT_STAFF, "demo.luodian"))


class TableDesk(Desk):
    """One bridge, as a committee and several departments use it."""

    def days(self, count: float) -> datetime:
        """So many days ahead."""
        return self.now + timedelta(days=count)

    def convene(self, issue_id: str, *departments: Any, by: Actor = SHI, **more: Any) -> Any:
        """Open a consultation."""
        names = list(departments) or ["区房管局"]
        cmd = ops.OpenJointConsultation(
            **{"id": issue_id, "departments": names, "reason": "多部门多年未决", **more}
        )
        return self._write(consulting.open_consultation, cmd, by)

    def table(self, consultation_id: str, by: Actor = SHI) -> ops.JointConsultation:
        """Read a consultation."""
        return self._write(consulting_views.get, ops.OfConsultation(id=consultation_id), by)

    def tables(self, by: Actor = SHI, **query: Any) -> list[ops.JointConsultationSummary]:
        """The consultations of a community."""
        cmd = ops.ListJointConsultations(**{"cid": "c-shangyuan", **query})
        with self.units(read_only=True) as uow:
            return consulting_views.of_community(uow, cmd, by).items

    def my_tables(self, by: Actor, **query: Any) -> list[ops.JointConsultationSummary]:
        """The consultations in somebody's reach."""
        with self.units(read_only=True) as uow:
            return consulting_views.of_actor(uow, ops.ListMyJointConsultations(**query), by).items

    def invite(self, consultation_id: str, department: str, by: Actor = SHI, **more: Any) -> Any:
        """One more department."""
        cmd = ops.InviteDepartment(id=consultation_id, department=department, **more)
        return self._write(consulting.invite, cmd, by)

    def reply(self, one: Any, by: Actor, seat: int = 0, accept: bool = True, **more: Any) -> Any:
        """The department answers."""
        cmd = ops.AnswerDepartmentInvitation(
            id=one.id, seat_id=one.seats[seat].id, accept=accept, **more
        )
        return self._write(consulting.answer, cmd, by)

    def let_go(self, one: Any, seat: int = 0, by: Actor = SHI) -> Any:
        """The department need not come."""
        cmd = ops.WithdrawDepartmentInvitation(
            id=one.id, seat_id=one.seats[seat].id, reason="与其无关"
        )
        return self._write(consulting.withdraw, cmd, by)

    def plan_meeting(self, one: Any, by: Actor = SHI, **more: Any) -> Any:
        """They will meet."""
        facts = {"planned_at": self.days(2), "place": "居委会会议室", **more}
        return self._write(consulting_work.plan, ops.PlanJointMeeting(id=one.id, **facts), by)

    def settle_meeting(self, one: Any, state: str = "held", by: Actor = SHI, **more: Any) -> Any:
        """They met, or did not; the last meeting that is planned."""
        (meeting, *_) = [m for m in one.meetings if m.state == "planned"] or one.meetings
        cmd = ops.SettleJointMeeting(id=one.id, meeting_id=meeting.id, state=state, **more)
        return self._write(consulting_work.settle, cmd, by)

    def write_minutes(
        self, one: Any, version: int, by: Actor = SHI, meeting: int = 0, **more: Any
    ) -> Any:
        """The minutes of a meeting."""
        cmd = ops.WriteJointMinutes(
            id=one.id, meeting_id=one.meetings[meeting].id, version=version, **more
        )
        return self._write(consulting_work.write_minutes, cmd, by, self.files)

    def minutes(self, one: Any, by: Actor = SHI, meeting: int = 0) -> list[ops.JointMinutes]:
        """All that a meeting's minutes have said."""
        cmd = ops.OfJointMeeting(id=one.id, meeting_id=one.meetings[meeting].id)
        with self.units(read_only=True) as uow:
            return consulting_views.versions(uow, cmd, by).items

    def agree(self, one: Any, due_at: datetime, by: Actor = SHI, **more: Any) -> Any:
        """One more action."""
        cmd = ops.AddJointAction(**{"id": one.id, "what": "清运杂物", "due_at": due_at, **more})
        return self._write(consulting_work.add, cmd, by)

    def act(self, one: Any, move: str, by: Actor = SHI, action: int = 0, **more: Any) -> Any:
        """What became of an action."""
        cmd = ops.MoveJointAction(id=one.id, action_id=one.actions[action].id, move=move, **more)
        return self._write(consulting_work.move, cmd, by, self.files)

    def conclude(self, one: Any, outcome: str, by: Actor = SHI, **more: Any) -> Any:
        """How it came out."""
        cmd = ops.ConcludeJointConsultation(
            **{"id": one.id, "outcome": outcome, "words": "各方已达成一致", **more}
        )
        return self._write(consulting.conclude, cmd, by, self.files)

    def follow_up(self) -> int:
        """One turn of the timer of actions."""
        with self.units() as uow:
            handled = consulting_work.follow_up(uow, self.now)
            uow.commit()
        return handled
