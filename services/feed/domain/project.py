"""A public-good micro-project (公益项目): its states, who moves it on, hours and money.

::

              ┌─refuse─▶ refused ─apply─┐
    apply ─▶ applied ◀──────────────────┘
              └─approve─▶ approved ─recruit─▶ recruiting ─progress─▶ running ─done─▶ done
                                                                     │    ▲
                                                                     └────┘ progress

    applied, approved, recruiting, running ─cancel─▶ cancelled

The committee approves or refuses, nobody her own; the lead, who is the post's author, does the
rest. Volunteers join while it is recruiting or running, and log their hours; hours count when
somebody else has confirmed them. Whoever ends it shows it: a photo, the story, the account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from services.contracts.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RuleBroken,
    ShequError,
    refusal,
)
from services.contracts.events.feed import ProjectState

Step = Literal["apply", "approve", "refuse", "recruit", "progress", "done", "cancel"]
Side = Literal["lead", "committee"]

NEXT: Final[dict[tuple[ProjectState, Step], ProjectState]] = {
    ("applied", "apply"): "applied",
    ("applied", "approve"): "approved",
    ("applied", "refuse"): "refused",
    ("applied", "cancel"): "cancelled",
    ("refused", "apply"): "applied",
    ("approved", "recruit"): "recruiting",
    ("approved", "cancel"): "cancelled",
    ("recruiting", "progress"): "running",
    ("recruiting", "cancel"): "cancelled",
    ("running", "progress"): "running",
    ("running", "done"): "done",
    ("running", "cancel"): "cancelled",
}
BY: Final[dict[Step, frozenset[Side]]] = {
    "apply": frozenset({"lead"}),
    "approve": frozenset({"committee"}),
    "refuse": frozenset({"committee"}),
    "recruit": frozenset({"lead"}),
    "progress": frozenset({"lead"}),
    "done": frozenset({"lead"}),
    "cancel": frozenset({"lead", "committee"}),
}
EXPLAINED: Final[frozenset[Step]] = frozenset({"refuse", "progress", "done", "cancel"})
DECIDING: Final[frozenset[Step]] = frozenset({"approve", "refuse"})
OPEN: Final[frozenset[ProjectState]] = frozenset({"recruiting", "running"})
# Money may come in late, but not before anybody has said yes.
UNDECIDED: Final[frozenset[ProjectState]] = frozenset({"applied", "refused"})
DAY_HOURS: Final = Decimal(24)


class ProjectNotFound(NotFound):
    """Nobody has applied for a project with this post."""

    code = "feed.project_not_found"
    zh, en = "这个帖子没有申报公益项目", "This post is no micro-project"


class NotForProjects(RuleBroken):
    """Posts of this module carry no projects."""

    code = "feed.not_for_projects"
    zh, en = "这个栏目不申报公益项目", "Posts of this module cannot be micro-projects"


class ProjectNeedsName(RuleBroken):
    """Who leads a project stands to it by name: she answers for people's time and money."""

    code = "feed.project_needs_name"
    zh = "匿名帖子不能申报公益项目，请实名发帖"
    en = "A post without its author's name cannot be a micro-project"


class NotTheLead(Forbidden):
    """Only the author of the post leads its project."""

    code = "feed.not_the_project_lead"
    zh, en = "只有项目发起人可以操作", "Only the lead of the project may do this"


class NotTheCommittee(Forbidden):
    """The residents' committee decides on projects."""

    code = "feed.project_for_the_committee"
    zh, en = "公益项目由居委会审批", "The residents' committee decides on projects"


class OwnProject(Forbidden):
    """Nobody approves or refuses her own project."""

    code = "feed.own_project"
    zh, en = "不能审批自己的项目", "You may not decide on your own project"


class NotInThisState(Conflict):
    """The step does not follow from where the project stands."""

    code = "feed.project_state"
    zh, en = "项目目前的状态不能进行这一步", "The project is not at the point for this"


class NotOpen(Conflict):
    """Volunteers come and go, and log hours, between recruiting and the end."""

    code = "feed.project_not_open"
    zh, en = "项目不在招募或进行中", "The project is not looking for or working with volunteers"


class ProjectFull(Conflict):
    """As many volunteers as were wanted have joined."""

    code = "feed.project_full"
    zh, en = "志愿者已经招满", "All volunteers have been found"


class AlreadyVolunteer(Conflict):
    """She has joined."""

    code = "feed.already_a_volunteer"
    zh, en = "您已经报名做志愿者", "You are a volunteer of this project already"


class NotAVolunteer(Conflict):
    """Only who has joined may log hours, or leave."""

    code = "feed.not_a_volunteer"
    zh, en = "您不是这个项目的志愿者", "You are not a volunteer of this project"


class MayNotConfirm(Forbidden):
    """Hours are confirmed by the lead or the committee."""

    code = "feed.may_not_confirm_hours"
    zh = "志愿时长由项目发起人或居委会确认"
    en = "Hours are confirmed by the lead or the committee"


class OwnHours(Forbidden):
    """Nobody confirms her own hours."""

    code = "feed.own_hours"
    zh, en = "不能确认自己的时长", "You may not confirm your own hours"


class HoursNotFound(NotFound):
    """There is no such entry of hours, or it is not the actor's to see."""

    code = "feed.hours_not_found"
    zh, en = "没有这条时长记录", "There is no such entry of hours"


class HoursConfirmed(Conflict):
    """Confirmed hours stay."""

    code = "feed.hours_confirmed"
    zh, en = "这条时长已经确认", "These hours have been confirmed"


class DayHasNoRoom(RuleBroken):
    """A day has 24 hours, over all projects."""

    code = "feed.more_than_a_day"
    zh, en = "同一天的志愿时长合计不能超过 24 小时", "A day has 24 hours, over all projects"


class MoneyNotFound(NotFound):
    """There is no such line in a project's account."""

    code = "feed.money_not_found"
    zh, en = "没有这笔账目", "There is no such line in the account"


class MoneyCancelled(Conflict):
    """The line was cancelled, or cancels another itself."""

    code = "feed.money_cancelled"
    zh, en = "这笔账目已冲销，或本身就是冲销", "This line was cancelled, or cancels another itself"


class AccountNeeded(RuleBroken):
    """A project ends with its account, or with the word that there was no money."""

    code = "feed.project_account_needed"
    zh = "结项前请先记账；没有收支的请注明“无收支”"
    en = "Please enter the account first, or say that there was no money"


class ThereWasMoney(RuleBroken):
    """Whoever says that there was no money has none in the account."""

    code = "feed.project_had_money"
    zh, en = "项目有账目，不能注明“无收支”", "There is money in the account"


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to a project."""

    lead: bool = False
    committee: bool = False
    volunteer: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a project stands."""

    state: ProjectState
    wanted: int
    volunteers: int


def check_step(state: ProjectState, step: Step, who: Standing) -> ProjectState:
    """The state after ``step``.

    Raises:
        NotTheCommittee, NotTheLead, OwnProject: it is not hers to take.
        NotInThisState: it does not follow.
    """
    sides = {side for side, held in (("lead", who.lead), ("committee", who.committee)) if held}
    if not sides & BY[step]:
        raise NotTheCommittee() if step in DECIDING else NotTheLead()
    if step in DECIDING and who.lead:
        raise OwnProject()
    following = NEXT.get((state, step))
    if following is None:
        raise NotInThisState()
    return following


def check_said(
    step: Step,
    note: str,
    attachments: Sequence[dict[str, Any]],
    *,
    no_money: bool,
    lines: int,
) -> None:
    """Whether a step says what it has to.

    Args:
        lines: of the project's account.

    Raises:
        Invalid: the reason, the story or the photo is missing.
        AccountNeeded, ThereWasMoney: see there.
    """
    errors = []
    if step in EXPLAINED and not note:
        errors.append(FieldError("note", "请写明理由或经过"))
    if step == "done" and not any(a["content_type"].startswith("image/") for a in attachments):
        errors.append(FieldError("attachments", "结项请附上照片"))
    if errors:
        raise Invalid(errors=errors)
    if step == "done" and no_money and lines:
        raise ThereWasMoney(errors=[FieldError("no_money", ThereWasMoney.zh)])
    if step == "done" and not (no_money or lines):
        raise AccountNeeded(errors=[FieldError("no_money", AccountNeeded.zh)])


def check_application(until: date | None, today: date) -> None:
    """Whether a project can be over by the day it names; :class:`Invalid` when that has passed."""
    if until is not None and until < today:
        raise Invalid(errors=[FieldError("until", "计划完成日期不能早于今天")])


def check_join(stand: Stand, who: Standing) -> None:
    """Whether somebody may join.

    Raises:
        AlreadyVolunteer, NotOpen, ProjectFull.
    """
    if who.volunteer:
        raise AlreadyVolunteer()
    if stand.state not in OPEN:
        raise NotOpen()
    if stand.volunteers >= stand.wanted:
        raise ProjectFull()


def check_taking_part(stand: Stand, who: Standing) -> None:
    """Whether a volunteer may log hours, or leave.

    Raises:
        NotAVolunteer, NotOpen.
    """
    if not who.volunteer:
        raise NotAVolunteer()
    if stand.state not in OPEN:
        raise NotOpen()


def check_hours(
    hours: Decimal, on: date, *, today: date, recruiting_since: date, that_day: Decimal
) -> None:
    """Whether hours can have been given.

    Args:
        that_day: what she has logged for the day already, over all projects.

    Raises:
        Invalid: the day is to come, or before volunteers were looked for.
        DayHasNoRoom: a day has 24 hours.
    """
    if on > today:
        raise Invalid(errors=[FieldError("on_date", "日期不能晚于今天")])
    if on < recruiting_since:
        raise Invalid(errors=[FieldError("on_date", "日期不能早于开始招募的那天")])
    if that_day + hours > DAY_HOURS:
        raise DayHasNoRoom(errors=[FieldError("hours", DayHasNoRoom.zh)])


def check_confirm(who: Standing, *, own: bool, confirmed: bool) -> None:
    """Whether somebody may confirm hours.

    Raises:
        MayNotConfirm, OwnHours, HoursConfirmed.
    """
    if not (who.lead or who.committee):
        raise MayNotConfirm()
    if own:
        raise OwnHours()
    if confirmed:
        raise HoursConfirmed()


def check_money(state: ProjectState, who: Standing) -> None:
    """Whether somebody may write in the account.

    Raises:
        NotTheLead: the lead keeps it.
        NotInThisState: nobody has approved the project.
    """
    if not who.lead:
        raise NotTheLead()
    if state in UNDECIDED:
        raise NotInThisState()


def actions(stand: Stand, who: Standing) -> dict[str, ShequError | None]:
    """What can be done with a project as it stands, and why somebody may not (None: she may).

    Steps come only where they follow from its state.
    """
    found = {step: refusal(check_step, stand.state, step, who) for step in _steps(stand.state)}
    if stand.state in OPEN:
        found["join"] = refusal(check_join, stand, who)
        found["leave"] = found["log_hours"] = refusal(check_taking_part, stand, who)
    if stand.state not in UNDECIDED:
        found["add_money"] = refusal(check_money, stand.state, who)
    return found


def _steps(state: ProjectState) -> list[str]:
    return [step for before, step in NEXT if before == state]
