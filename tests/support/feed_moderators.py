"""The street with those who moderate it: reports, decisions, appeals, mutes and silences."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.errors import ShequError
from services.contracts.operations.base import ListCommand
from services.contracts.operations.feed import keeping_away as away
from services.contracts.operations.feed import moderation as ops
from services.feed.handlers import decisions, keeping_away, reports
from tests.support.feed_street import CID, LU, PATH, SHI, SUN, WANG, Street, actor

TOWN = actor("town", (Role.TOWN_ADMIN, "demo.yuepu"))
AUDITOR = actor("auditor", (Role.AUDITOR, "demo"))
POLICE = actor("police", (Role.COMMUNITY_POLICE, PATH))


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run all tasks side by side; their answers, or what they were refused with."""

    def outcome(task: Callable[[], Any]) -> Any:
        try:
            return task()
        except ShequError as error:
            return error

    with ThreadPoolExecutor(max_workers=12) as pool:
        return [future.result(timeout=60) for future in [pool.submit(outcome, t) for t in tasks]]


class WatchedStreet(Street):
    """A street with moderation's use-cases, each in a transaction of its own."""

    def neighbours(self, count: int) -> list[Actor]:
        """More people of the street."""
        people = [f"n{number}" for number in range(count)]
        for person in people:
            self.card(person, display_name=f"邻居{person}")
        return [actor(person) for person in people]

    def seen_by(self, who: Actor = LU) -> list[str]:
        """The posts that somebody finds in her list."""
        return [post["id"] for post in self.posts(who)["items"]]

    def report(self, post_id: str, who: Actor = LU, **fields: Any) -> ops.Report:
        cmd = ops.ReportContent(**{"id": post_id, "kind": "insult", "reason": "骂人", **fields})
        found: ops.Report = self.run(reports.report_post, cmd, who, self.now)
        return found

    def report_comment(self, comment_id: str, who: Actor = LU, **fields: Any) -> ops.Report:
        cmd = ops.ReportComment(**{"id": comment_id, "kind": "insult", "reason": "骂人", **fields})
        found: ops.Report = self.run(reports.report_comment, cmd, who, self.now)
        return found

    def cases(self, who: Actor = WANG, cid: str = CID, **fields: Any) -> list[dict[str, Any]]:
        cmd = ops.ListModerationCases(cid=cid, **fields)
        items: list[dict[str, Any]] = self.run(decisions.list_cases, cmd, who, read_only=True)[
            "items"
        ]
        return items

    def case(self, case_id: str, who: Actor = WANG) -> dict[str, Any]:
        found: dict[str, Any] = self.run(
            decisions.get_case, ops.OfCase(id=case_id), who, read_only=True
        )
        return found

    def decide(
        self, case_id: str, decision: str = "take_down", who: Actor = WANG, reason: str = "违反公约"
    ) -> dict[str, Any]:
        cmd = ops.DecideReport(id=case_id, decision=decision, reason=reason)
        found: dict[str, Any] = self.run(decisions.decide, cmd, who, self.now)
        return found

    def take_down(
        self, post_id: str, who: Actor = WANG, *, comment: str = "", reason: str = "骂人"
    ) -> dict[str, Any]:
        """A post, or a comment of it."""
        if comment:
            said = ops.TakeDownComment(id=comment, reason=reason)
            found: dict[str, Any] = self.run(decisions.take_down_comment, said, who, self.now)
        else:
            cmd = ops.TakeDown(id=post_id, reason=reason)
            found = self.run(decisions.take_down, cmd, who, self.now)
        return found

    def appeal(self, case_id: str, who: Actor = SUN) -> dict[str, Any]:
        cmd = ops.AppealDecision(id=case_id, reason="我没有骂人")
        found: dict[str, Any] = self.run(decisions.appeal, cmd, who, self.now)
        return found

    def decide_appeal(
        self, case_id: str, decision: str = "keep", who: Actor = SHI
    ) -> dict[str, Any]:
        cmd = ops.DecideAppeal(id=case_id, decision=decision, reason="复核过了")
        found: dict[str, Any] = self.run(decisions.decide_appeal, cmd, who, self.now)
        return found

    def my_cases(self, who: Actor = SUN, **fields: Any) -> list[dict[str, Any]]:
        cmd = ListCommand(**fields)
        items: list[dict[str, Any]] = self.run(
            decisions.list_my_cases, cmd, who, self.now, read_only=True
        )["items"]
        return items

    def log(self, who: Actor = WANG, cid: str = CID) -> list[dict[str, Any]]:
        cmd = ops.ListModerationLog(cid=cid, limit=100)
        items: list[dict[str, Any]] = self.run(decisions.list_log, cmd, who, read_only=True)[
            "items"
        ]
        return items

    def keep_from(
        self, other: str, who: Actor = SUN, kind: str = "mute", what: str = "person"
    ) -> dict[str, Any]:
        """Keep away from a person, or from the author of a post or comment."""
        uses: dict[str, tuple[Callable[..., Any], Any]] = {
            "person": (keeping_away.set_distance, away.SetDistance(person_id=other, kind=kind)),
            "post": (keeping_away.keep_from_author, away.KeepFromAuthor(id=other, kind=kind)),
            "comment": (
                keeping_away.keep_from_commenter,
                away.KeepFromCommenter(id=other, kind=kind),
            ),
        }
        use, cmd = uses[what]
        found: dict[str, Any] = self.run(use, cmd, who, self.now)
        return found

    def come_near(self, other: str, who: Actor = SUN) -> None:
        self.run(keeping_away.drop_distance, away.DropDistance(person_id=other), who)

    def distances(self, who: Actor = SUN) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.run(
            keeping_away.list_distances, ListCommand(), who, read_only=True
        )["items"]
        return items

    def silence(
        self, person_id: str = "sun", who: Actor = WANG, days: float = 3, cid: str = CID
    ) -> dict[str, Any]:
        until = self.now + timedelta(days=days)
        cmd = away.SilencePerson(cid=cid, person_id=person_id, until=until, reason="多次辱骂邻居")
        found: dict[str, Any] = self.run(keeping_away.silence_person, cmd, who, self.now)
        return found

    def lift(self, silence_id: str, who: Actor = SHI) -> dict[str, Any]:
        cmd = away.OfSilence(id=silence_id)
        found: dict[str, Any] = self.run(keeping_away.lift_silence, cmd, who, self.now)
        return found

    def module(self, key: str, definition: str, cid: str = CID, path: str = PATH) -> None:
        """The community changes a module, as it is kept."""
        with self.units() as uow:
            uow.session.execute(
                text(
                    "INSERT INTO feed_modules "
                    "(community_id, key, path, definition, changed_by, changed_at) "
                    "VALUES (:cid, :key, :path, cast(:definition AS jsonb), 'shi', now())"
                ),
                {"cid": cid, "key": key, "path": path, "definition": definition},
            )
            uow.commit()
