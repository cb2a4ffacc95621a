"""A bridge with the people who handle a case besides its committee; each method a transaction."""

from typing import Any

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.operations import grid_bridge as ops
from services.grid_bridge.handlers import (
    casework,
    desk,
    duplicates,
    merging,
    referring,
    reporting,
    supporting,
    undertakings,
)
from tests.support.bridge import SHANGYUAN, SHI, SUN, Bridge, actor, card_told

HOME = "demo.yuepu.shangyuan"
PROPERTY = actor("p-property", (Role.PROPERTY_MANAGER, f"{HOME}.estate"))
OWNERS = actor("p-owners", (Role.OWNERS_COMMITTEE, HOME))
CITY = actor("p-city", (Role.DEPARTMENT_STAFF, "demo.yuepu"))
OTHER_PROPERTY = actor("p-other", (Role.PROPERTY_MANAGER, "demo.yuepu.juyuan"))
CHILD = actor("p-child", (Role.RESIDENT, HOME))


class Desk(Bridge):
    """One bridge, as a committee and its partners use it."""

    def settle(self, person_id: str, standing: str = "active") -> None:
        """Let somebody belong here, as feed and bridge hear of it."""
        with self.units() as uow:
            directory.project(uow, card_told(person_id, SHANGYUAN, standing))
            uow.commit()

    def triaged(self, who: Actor = SUN, category: str = "dispose", **fields: Any) -> str:
        """A problem that the committee has confirmed."""
        receipt = self.report(who, **fields)
        self.triage(receipt.id, category, "X3" if category == "8x" else None)
        return receipt.id

    def refer(self, issue_id: str, to: str = "property", by: Actor = SHI, **more: Any) -> Any:
        """Ask another party to act."""
        cmd = ops.ReferIssue(id=issue_id, to=to, note="请尽快处理", **more)
        return self._write(referring.refer, cmd, by, self.files)

    def settle_referral(
        self, referral_id: str, by: Actor = PROPERTY, outcome: str = "done", **more: Any
    ) -> Any:
        """The party answers."""
        cmd = ops.AnswerReferral(id=referral_id, body="已修好", outcome=outcome, **more)
        return self._write(referring.answer, cmd, by, self.files)

    def recall(self, referral_id: str, by: Actor = SHI) -> Any:
        """The committee takes it back."""
        cmd = ops.WithdrawReferral(id=referral_id, reason="改由居委会处理")
        return self._write(referring.withdraw, cmd, by)

    def referral(self, referral_id: str, by: Actor = PROPERTY) -> Any:
        """Read a referral."""
        return self._write(referring.get_referral, ops.OfReferral(id=referral_id), by)

    def referrals(self, by: Actor = PROPERTY, **query: Any) -> Any:
        """Read the referrals in somebody's reach."""
        return self._write(referring.list_referrals, ops.ListReferrals(**query), by)

    def me_too(self, issue_id: str, by: Actor, follow: bool = True) -> Any:
        """It concerns her, too."""
        return self._write(supporting.me_too, ops.MeToo(id=issue_id, follow=follow), by)

    def not_me(self, issue_id: str, by: Actor) -> Any:
        """It concerns her no more."""
        with self.units() as uow:
            result = supporting.withdraw(uow, ops.OfIssue(id=issue_id), by)
            uow.commit()
        return result

    def merge(self, issue_id: str, into: str, by: Actor = SHI) -> ops.Issue:
        """The committee wants to merge."""
        cmd = ops.MergeIssue(id=issue_id, into=into, reason="同一处")
        return self._write(merging.ask, cmd, by)

    def consent(self, issue_id: str, by: Actor = SUN, agree: bool = True) -> ops.Issue:
        """The reporter says yes or no."""
        return self._write(merging.consent, ops.ConsentToMerge(id=issue_id, agree=agree), by)

    def undo_merge(self, issue_id: str, by: Actor = SHI) -> ops.Issue:
        """The committee takes the merge back."""
        return self._write(merging.undo, ops.OfIssue(id=issue_id), by)

    def duplicates(self, issue_id: str, by: Actor = SHI) -> ops.LookAlikes:
        """What may be the same problem."""
        return self._write(duplicates.find, ops.OfIssue(id=issue_id), by)

    def look_alikes(self, by: Actor, title: str, body: str = "") -> ops.LookAlikes:
        """Was it reported already?"""
        cmd = ops.FindLookAlikes(cid=SHANGYUAN, title=title, body=body)
        return self._write(duplicates.before_reporting, cmd, by)

    def take_in(self, by: Actor = SHI, **fields: Any) -> ops.IssueReceipt:
        """A call, a visit or a letter."""
        facts = {
            "cid": SHANGYUAN,
            "source": "phone",
            "title": "路灯不亮",
            "body": "3号楼前的路灯坏了",
            **fields,
        }
        return self._write(reporting.take_in, ops.RecordIntake(**facts), by, self.files)

    def assign(self, issue_id: str, person_id: str, by: Actor = SHI) -> ops.Issue:
        """Give it to somebody."""
        cmd = ops.AssignIssue(id=issue_id, person_id=person_id)
        return self._write(casework.assign, cmd, by)

    def unassign(self, issue_id: str, by: Actor = SHI) -> ops.Issue:
        """Give it back."""
        return self._write(casework.unassign, ops.UnassignIssue(id=issue_id), by)

    def away(self, by: Actor, cover_id: str, first: str, last: str, **more: Any) -> ops.Absence:
        """Somebody is away."""
        cmd = ops.PutAbsence(cid=SHANGYUAN, from_=first, to=last, cover_id=cover_id, **more)
        return self._write(casework.put_absence, cmd, by)

    def back(self, by: Actor) -> ops.Absences:
        """She is back."""
        return self._write(casework.end_absence, ops.EndAbsence(cid=SHANGYUAN), by)

    def absences(self, by: Actor = SHI) -> ops.Absences:
        """Who is away."""
        return self._write(casework.list_absences, ops.ListAbsences(cid=SHANGYUAN), by)

    def desk(self, by: Actor = SHI) -> ops.DeskView:
        """How much lies on the desk."""
        return self._write(desk.get_desk, ops.GetDesk(cid=SHANGYUAN), by)

    def spend(self, issue_id: str, minutes: int, by: Actor = SHI) -> ops.Minutes:
        """Note time spent."""
        cmd = ops.LogMinutes(id=issue_id, minutes=minutes, note="上门")
        return self._write(casework.log_minutes, cmd, by)

    def confirm(self, issue_id: str, by: Actor = SUN, solved: bool = True) -> ops.Issue:
        """The reporter's word."""
        cmd = ops.ConfirmSolved(id=issue_id, solved=solved, comment="看过了")
        return self._write(undertakings.confirm, cmd, by)

    def remind(self) -> int:
        """One turn of the timer of undertakings."""
        with self.units() as uow:
            handled = undertakings.remind(uow, self.now)
            uow.commit()
        return handled
