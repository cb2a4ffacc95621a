"""Micro-projects on a street: their use-cases, each in a transaction of its own."""

from datetime import date
from typing import Any

from sqlalchemy import text

from services.contracts.operations.base import ListCommand
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import projects as ops
from services.feed.domain.days import day_of
from services.feed.handlers import project_hours, projects
from tests.support.feed_street import (
    CID,
    LU,
    SUN,
    WANG,
)


class Projects:
    """The use-cases of projects on a street."""

    def __init__(self, street: Any) -> None:
        self.street = street

    @property
    def today(self) -> date:
        return day_of(self.street.now)

    def post(self, who: Any = LU, **fields: Any) -> Any:
        words = {"module": "services", "title": "修自行车", "body": "旧车修好大家骑"}
        return self.street.post(who=who, **{**words, **fields})["id"]

    def apply(self, post: Any, who: Any = LU, **said: Any) -> Any:
        cmd = ops.ApplyProject(id=post, **{"wanted": 3, "budget": "600.50", **said})
        return self.street.run(projects.apply_project, cmd, who, self.street.now)

    def step(self, post: Any, step: Any, who: Any = LU, **said: Any) -> Any:
        cmd = ops.RecordProjectStep(id=post, step=step, **said)
        now, shelf = self.street.now, self.street.shelf
        return self.street.run(projects.record_project_step, cmd, who, now, shelf)

    def open(self, who: Any = LU, **said: Any) -> Any:
        post = self.post(who)
        self.apply(post, who, **said)
        self.step(post, "approve", WANG)
        self.step(post, "recruit", who)
        return post

    def get(self, post: Any, who: Any = SUN) -> Any:
        return self.street.run(projects.get_project, OfPost(id=post), who, read_only=True)

    def listed(self, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListProjects(**{"cid": CID, **asked})
        return self.street.run(projects.list_projects, cmd, who, read_only=True)

    def join(self, post: Any, who: Any = SUN) -> Any:
        return self.street.run(projects.join_project, OfPost(id=post), who, self.street.now)

    def leave(self, post: Any, who: Any = SUN) -> Any:
        return self.street.run(projects.leave_project, OfPost(id=post), who, self.street.now)

    def volunteers(self, post: Any, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfProject(id=post, **asked)
        return self.street.run(projects.list_volunteers, cmd, who, read_only=True)

    def log(
        self, post: Any, who: Any = SUN, hours: Any = "2.5", on: Any = None, **said: Any
    ) -> Any:
        cmd = ops.LogHours(id=post, hours=hours, on_date=on or self.today, **said)
        return self.street.run(project_hours.log_hours, cmd, who, self.street.now)

    def confirm(self, entry: Any, who: Any = LU) -> Any:
        cmd = ops.OfHours(id=entry["id"])
        return self.street.run(project_hours.confirm_hours, cmd, who, self.street.now)

    def withdraw(self, entry: Any, who: Any = SUN) -> Any:
        self.street.run(project_hours.withdraw_hours, ops.OfHours(id=entry["id"]), who)

    def hours(self, post: Any, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfProject(id=post, **asked)
        return self.street.run(project_hours.list_hours, cmd, who, read_only=True)

    def mine(self, who: Any = SUN, **asked: Any) -> Any:
        return self.street.run(
            project_hours.list_my_hours, ListCommand(**asked), who, read_only=True
        )

    def pay(
        self, post: Any, who: Any = LU, kind: Any = "spending", amount: Any = "80", **said: Any
    ) -> Any:
        words = {"subject": "车胎", "on_date": self.today, **said}
        cmd = ops.AddMoney(id=post, kind=kind, amount=amount, **words)
        now, shelf = self.street.now, self.street.shelf
        return self.street.run(project_hours.add_money, cmd, who, now, shelf)

    def cancel(self, line: Any, who: Any = LU, reason: Any = "记错了") -> Any:
        cmd = ops.CancelMoney(id=line["id"], reason=reason)
        return self.street.run(project_hours.cancel_money, cmd, who, self.street.now)

    def account(self, post: Any, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfProject(id=post, **asked)
        return self.street.run(project_hours.list_money, cmd, who, read_only=True)

    def count(self, post: Any) -> Any:
        """The counter, and what there is to count."""
        with self.street.units() as uow:
            return uow.session.execute(
                text(
                    "SELECT volunteers, (SELECT count(*) FROM feed_volunteers v "
                    "WHERE v.post_id = j.post_id AND left_at IS NULL) "
                    "FROM feed_projects j WHERE post_id = :id"
                ),
                {"id": post},
            ).one()
