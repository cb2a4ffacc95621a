"""A problem of the demo on its way: who reported it, and what was done about it and when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from services.contracts import demo
from services.contracts.actor import Actor
from services.contracts.operations import grid_bridge as ops
from services.contracts.operations.base import Command
from services.contracts.operations.grid_bridge import consultations as table
from services.grid_bridge.domain.sla import ZONE
from services.grid_bridge.handlers import (
    casework,
    committee,
    consulting,
    consulting_work,
    merging,
    referring,
    reporting,
    supporting,
    undertakings,
)
from services.grid_bridge.seed_past import SECRETARY, SUN, WANG, Walk
from services.kit.blobs import BlobStore
from services.seeding import Step

_HOURS: Final = 1 / 24


FRESH: Final = 2
"""Days in which something is told as it was: nothing may come to lie ahead of now."""


def _by_day(moment: datetime) -> datetime:
    """The same day between eight and twenty; what came later stays later."""
    here = moment.astimezone(ZONE)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=8) + (here - midnight) / 2


@dataclass(slots=True)
class Story:
    """A problem on its way; times are days before now."""

    walk: Walk
    now: datetime
    title: str
    body: str
    by: Actor = SUN
    desk: Actor = WANG
    cid: str = demo.SHANGYUAN
    place: dict[str, Any] = field(default_factory=dict)
    photo: str = ""
    hidden: bool = False
    id: str = ""
    steps: list[Step] = field(default_factory=list)

    def at(self, days: float, do: Callable[[], object]) -> None:
        """So many days ago this was done; by day, but for what is fresh."""
        moment = self.now - timedelta(days=days)
        self.steps.append(Step(_by_day(moment) if days > FRESH else moment, do))

    def _act(
        self,
        days: float,
        who: Actor,
        use: Callable[..., object],
        shape: type[Command],
        said: Mapping[str, Any],
        *files: BlobStore,
    ) -> None:
        """So many days ago somebody did this with the problem."""
        self.at(
            days,
            lambda: use(
                self.walk.uow,
                shape.model_validate({"id": self.id, **said}),
                who,
                *files,
                self.walk.now,
            ),
        )

    def _photos(self, name: str, owner: Actor) -> list[str]:
        return [self.walk.photo(name, owner)] if name else []

    # -- the neighbours --------------------------------------------------------------------------

    def reported(self, days: float) -> None:
        """Somebody sees it."""

        def do() -> None:
            cmd = ops.ReportIssue.model_validate(
                {
                    "cid": self.cid,
                    "title": self.title,
                    "body": self.body,
                    "location": self.place or None,
                    "attachments": self._photos(self.photo, self.by),
                    "hide_name": self.hidden,
                }
            )
            walk = self.walk
            self.id = reporting.report(walk.uow, cmd, self.by, walk.files, walk.now).id

        self.at(days, do)

    def taken_in(self, days: float, source: str) -> None:
        """Somebody called, and would not be named."""

        def do() -> None:
            cmd = ops.RecordIntake.model_validate(
                {
                    "cid": self.cid,
                    "source": source,
                    "title": self.title,
                    "body": self.body,
                    "location": self.place or None,
                    "anonymous": True,
                }
            )
            walk = self.walk
            self.id = reporting.take_in(walk.uow, cmd, self.desk, walk.files, walk.now).id

        self.at(days, do)

    def joined(self, days: float, people: Sequence[Actor]) -> None:
        """Neighbours say "me too", an hour after each other."""
        for after, one in enumerate(people):
            self._act(days - after * _HOURS, one, supporting.me_too, ops.MeToo, {})

    def rated(self, days: float, score: int, comment: str, *, solved: bool = True) -> None:
        """The reporter judges."""
        said = {"score": score, "solved": solved, "comment": comment}
        self._act(days, self.by, reporting.rate, ops.RateIssue, said)

    def reopened(self, days: float, reason: str) -> None:
        """The reporter is not satisfied."""
        self._act(days, self.by, reporting.reopen, ops.ReopenIssue, {"reason": reason})

    def not_solved(self, days: float, comment: str) -> None:
        """The reporter says during self-governance that it is still so."""
        said = {"solved": False, "comment": comment}
        self._act(days, self.by, undertakings.confirm, ops.ConfirmSolved, said)

    # -- the committee ---------------------------------------------------------------------------

    def triaged(self, days: float, category: str, slot: str | None = None) -> None:
        """What kind of problem it is."""
        said = {"category": category, "slot": slot}
        self._act(days, self.desk, committee.triage, ops.TriageIssue, said)

    def assigned(self, days: float) -> None:
        """One of the committee takes it on."""
        said = {"person_id": self.desk.person_id}
        self._act(days, self.desk, casework.assign, ops.AssignIssue, said)

    def answered(self, days: float, body: str, outcome: str = "answered") -> None:
        """The committee's answer."""
        said, files = {"body": body, "outcome": outcome}, self.walk.files
        self._act(days, self.desk, committee.answer, ops.AnswerIssue, said, files)

    def tried(self, days: float, step: str, note: str, *, photo: str = "", **more: Any) -> None:
        """A step of self-governance; ``due`` is in days from now."""

        def do() -> None:
            walk, due = self.walk, more.pop("due", None)
            if due is not None:
                more["due_at"] = (self.now + timedelta(days=due)).isoformat()
            fields = {"id": self.id, "step": step, "note": note, **more}
            fields["attachments"] = self._photos(photo, self.desk)
            cmd = ops.RecordSelfGovernance.model_validate(fields)
            committee.record_step(walk.uow, cmd, self.desk, walk.files, walk.now)

        self.at(days, do)

    def escalated(self, days: float, reason: str) -> None:
        """To the grid platform."""
        said, files = {"reason": reason}, self.walk.files
        self._act(days, SECRETARY, committee.escalate, ops.EscalateIssue, said, files)

    def referred(self, days: float, note: str) -> None:
        """To the property firm."""
        said, files = {"to": "property", "note": note}, self.walk.files
        self._act(days, self.desk, referring.refer, ops.ReferIssue, said, files)

    def to_be_merged(self, days: float, into: "Story", reason: str) -> None:
        """The reporter is asked whether it is the same problem."""
        self.at(
            days,
            lambda: merging.ask(
                self.walk.uow,
                ops.MergeIssue(id=self.id, into=into.id, reason=reason),
                SECRETARY,
                self.walk.now,
            ),
        )

    def at_the_table(self, days: float) -> None:
        """A joint consultation with a meeting that was held, and one to come."""
        opened: list[ops.JointConsultation] = []

        def convene() -> None:
            cmd = table.OpenJointConsultation.model_validate(
                {
                    "id": self.id,
                    "departments": ["房屋管理部门", "消防救援机构", "民政部门"],
                    "reason": "产权、消防和使用三方面都牵涉，一家办不了。",
                    "actions": [
                        {
                            "what": "查清活动室的产权登记和交付资料",
                            "owner": "department",
                            "department": "房屋管理部门",
                            "due_at": (self.now + timedelta(days=6)).isoformat(),
                        }
                    ],
                }
            )
            opened.append(
                consulting.open_consultation(self.walk.uow, cmd, SECRETARY, self.walk.now)
            )

        def meet() -> None:
            walk, case = self.walk, opened[0].id
            plan = table.PlanJointMeeting(
                id=case, planned_at=walk.now + timedelta(hours=2), place="居委会二楼会议室"
            )
            opened[0] = consulting_work.plan(walk.uow, plan, SECRETARY, walk.now)

        def hold() -> None:
            walk, case = self.walk, opened[0]
            meeting = case.meetings[0].id
            held = table.SettleJointMeeting(
                id=case.id,
                meeting_id=meeting,
                state="held",
                participants=["居民区书记", "房屋管理部门", "消防救援机构"],
            )
            consulting_work.settle(walk.uow, held, SECRETARY, walk.now)
            words = table.WriteJointMinutes(
                id=case.id,
                meeting_id=meeting,
                version=0,
                published=(
                    "一、活动室由房屋管理部门一周内查清产权。\n"
                    "二、消防救援机构到现场指出须整改之处。\n"
                    "三、查清以前，活动照常，人数以三十人为限。"
                ),
                internal="开发商已注销，须查档。",
            )
            consulting_work.write_minutes(walk.uow, words, SECRETARY, walk.files, walk.now)

        self.at(days, convene)
        self.at(days - 1, meet)
        self.at(days - 1.3, hold)
