"""A bridge whose committee makes plans, with neighbours who comment; feed is at hand or away."""

from datetime import timedelta
from typing import Any

from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.operations.grid_bridge import plans as ops
from services.grid_bridge.handlers import plan_comments, plan_documents, plans
from tests.support.bridge import SHANGYUAN, SHI, SUN
from tests.support.bridge_desk import Desk

LAMPS: dict[str, Any] = {
    "title": "更换楼道灯",
    "text": "三号楼至五号楼，换成感应灯。",
    "evidence": [{"kind": "hot_topic", "ref": "ht-1", "month": "2026-02", "note": "楼道照明"}],
    "owner": {"kind": "property"},
    "budget": {"amount_fen": 1_250_050, "source": "maintenance_fund"},
    "due_on": "2026-06-30",
}
BENCH: dict[str, Any] = {
    "title": "中心花园加座椅",
    "evidence": [{"kind": "site_visit", "on": "2026-02-20", "note": "老人无处休息"}],
    "owner": {"kind": "person", "name": "楼组长老陆"},
    "budget": {"amount_fen": 300_000, "source": "public_revenue"},
}


class Planners(Desk):
    """Every method is one transaction."""

    feed: dict[str, Any] | ShequError = {"held": False}  # noqa: RUF012 - replaced, never changed

    surveys: frozenset[str] = frozenset()

    def _identity(self, service: str, method: str, **asked: Any) -> Any:
        """Feed's word on what may be said, votes' on surveys; identity's as elsewhere."""
        if method == "known_surveys":
            return {"ids": [one for one in asked["ids"] if one in self.surveys]}
        if service != "feed":
            return super()._identity(service, method, **asked)
        assert method == "check_speech"
        if isinstance(self.feed, ShequError):
            raise self.feed
        return self.feed

    def draft(self, *items: dict[str, Any], by: Actor = SHI, **more: Any) -> ops.Plan:
        """A draft."""
        facts = {"cid": SHANGYUAN, "title": "尚园 2026 年方案", "items": list(items), **more}
        return self._write(plans.create, ops.CreatePlan(**facts), by)

    def rewrite(self, plan: ops.Plan, *items: Any, by: Actor = SHI, **more: Any) -> ops.Plan:
        """The next version."""
        facts = {
            "id": plan.id,
            "version": plan.version,
            "title": plan.title,
            "items": list(items),
            **more,
        }
        return self._write(plans.update, ops.UpdatePlan(**facts), by)

    def go(self, plan: ops.Plan, to: str, by: Actor = SHI, **more: Any) -> ops.Plan:
        """To another state."""
        if to == "open":
            more.setdefault("closes_at", self.now + timedelta(days=7))
        cmd = ops.StepPlan(**{"id": plan.id, "to": to, "version": plan.version, **more})
        return self._write(plans.step, cmd, by)

    def laid_open(self, *items: dict[str, Any]) -> ops.Plan:
        """A plan that neighbours comment on for seven days."""
        return self.go(self.draft(*(items or (LAMPS, BENCH))), "open")

    def adopted(self, *items: dict[str, Any]) -> ops.Plan:
        """A plan that is carried out."""
        plan = self.laid_open(*items)
        self.pass_days(7)
        return self.go(self.go(plan, "adopted"), "in_progress")

    def progress(self, plan: ops.Plan, item: str, by: Actor = SHI, **more: Any) -> ops.Plan:
        """How far an item is."""
        cmd = ops.RecordPlanProgress(**{"id": plan.id, "item": item, "note": "已进场", **more})
        return self._write(plans.record_progress, cmd, by, self.files)

    def plan(self, plan_id: str, by: Actor = SUN) -> ops.Plan:
        """Read a plan."""
        return self._write(plans.get_plan, ops.OfPlan(id=plan_id), by)

    def plans(self, by: Actor = SUN, **query: Any) -> Any:
        """Read a page of plans."""
        return self._write(plans.list_plans, ops.ListPlans(**{"cid": SHANGYUAN, **query}), by)

    def differences(self, plan: ops.Plan, older: int, newer: int, by: Actor = SHI) -> Any:
        """Compare two versions."""
        cmd = ops.ComparePlanVersions(id=plan.id, older=older, newer=newer)
        with self.units(read_only=True) as uow:
            return plans.compare(uow, cmd, by)

    def say(self, plan: ops.Plan, body: str, by: Actor = SUN, **more: Any) -> ops.PlanComment:
        """Comment."""
        cmd = ops.CommentOnPlan(id=plan.id, body=body, **more)
        return self._write(plan_comments.comment, cmd, by)

    def reply(self, comment: ops.PlanComment, body: str, by: Actor = SHI) -> ops.PlanComment:
        """Answer a comment."""
        return self._write(
            plan_comments.answer, ops.AnswerPlanComment(id=comment.id, body=body), by
        )

    def decide(self, comment: ops.PlanComment, decision: str, by: Actor = SHI) -> ops.PlanComment:
        """Show or hide a comment."""
        cmd = ops.DecidePlanComment(id=comment.id, decision=decision, reason="看过了")
        return self._write(plan_comments.decide, cmd, by)

    def take_back(self, comment: ops.PlanComment, by: Actor = SUN) -> ops.PlanComment:
        """Withdraw a comment."""
        with self.units() as uow:
            found = plan_comments.withdraw(uow, ops.WithdrawPlanComment(id=comment.id), by)
            uow.commit()
        return found

    def comments(self, plan: ops.Plan, by: Actor = SUN, **query: Any) -> list[ops.PlanComment]:
        """Read comments."""
        cmd = ops.ListPlanComments(id=plan.id, **query)
        with self.units(read_only=True) as uow:
            return plan_comments.list_comments(uow, cmd, by).items

    def document(self, plan: ops.Plan, by: Actor = SUN) -> Any:
        """What the file says."""
        cmd = ops.ExportPlan(id=plan.id, format="pdf")
        return self._write(plan_documents.export, cmd, by)
