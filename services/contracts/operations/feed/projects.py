"""Public-good micro-projects (公益项目): applied for, worked at by volunteers, accounted for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from services.contracts.events.feed import ProjectState
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Empty,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Reason,
    View,
    check_storable,
)
from services.contracts.operations.feed.common import (
    AttachmentView,
    Author,
    Note,
    OfPost,
    Photos,
    WhyNot,
)

Place = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(check_storable)
]
Yuan = Annotated[Decimal, Field(gt=0, max_digits=11, decimal_places=2)]
MoneyKind = Literal["income", "spending"]

# -- what the caller asks for ---------------------------------------------------------------


class ApplyProject(OfPost):
    """Apply for a project with a post of mine; again until the committee decides, or after a no.

    ``wanted`` volunteers, ``budget`` in yuan, ``until`` when it should be done.
    """

    wanted: int = Field(ge=0, le=1_000)
    budget: Yuan | None = None
    place: Place = ""
    until: date | None = None


class RecordProjectStep(OfPost):
    """Move a public-good micro-project (公益项目) on.

    ``note`` is the reason of ``refuse`` and ``cancel``, the story of ``progress`` and ``done``.
    ``done`` needs a photo, and the account: ``no_money`` says that nothing came in or was spent.
    """

    step: Literal["approve", "refuse", "recruit", "progress", "done", "cancel"]
    note: Note = ""
    attachments: Photos = Field(default_factory=list)
    no_money: bool = False


class ListProjects(ListCommand):
    """The projects of a community, those that moved last first."""

    cid: Id
    state: ProjectState | None = None


class ListOfProject(ListCommand):
    """A list that belongs to one project."""

    id: Id


class LogHours(OfPost):
    """Hours that I gave a project on a day."""

    hours: Decimal = Field(gt=0, le=24, max_digits=4, decimal_places=2)
    on_date: date
    note: Note = ""


class OfHours(Command):
    """Concerning one entry of hours."""

    id: Id


class AddMoney(OfPost):
    """A line of the project's account, in yuan; ``attachments`` are its receipts."""

    kind: MoneyKind
    amount: Yuan
    subject: Line
    on_date: date
    note: Note = ""
    attachments: Photos = Field(default_factory=list)


class CancelMoney(Command):
    """Cancel a line of the account by one of the opposite amount; both stay to be seen."""

    id: Id
    reason: Reason


# -- what the caller gets -------------------------------------------------------------------


class HoursSum(View):
    """Hours as decimal strings: those that somebody confirmed, and those that wait for it."""

    confirmed: str
    waiting: str


class MoneySum(View):
    """Yuan as decimal strings."""

    income: str
    spending: str
    balance: str


class ProjectLine(View):
    """A project in a list; ``applied_at`` is the last application."""

    post_id: str
    community_id: str
    title: str
    lead: Author
    state: ProjectState
    wanted: int
    volunteers: int
    budget: str | None
    place: str
    until: date | None
    hours: HoursSum
    money: MoneySum
    applied_at: datetime
    changed_at: datetime


class ProjectStep(View):
    """A step of a project, for all to see; ``actor_role`` is the office in which it was taken."""

    id: str
    step: str
    by: Author
    actor_role: str | None
    note: str
    attachments: list[AttachmentView]
    at: datetime


class ProjectAction(View):
    """What can be done with a project as it stands, and whether by the caller."""

    action: str
    may: bool
    why_not: WhyNot | None


class Project(ProjectLine):
    """A project with its steps, the first one first, and what comes next."""

    mine: bool
    volunteering: bool
    steps: list[ProjectStep]
    actions: list[ProjectAction]


class Volunteer(View):
    """Somebody who takes part, with her confirmed hours."""

    person: Author
    joined_at: datetime
    hours: str


class Hours(View):
    """Hours that a volunteer gave; they count when ``confirmed_at`` is set.

    ``may_confirm`` says whether the caller may do that.
    """

    id: str
    post_id: str
    person: Author
    mine: bool
    hours: str
    on_date: date
    note: str
    confirmed_at: datetime | None
    may_confirm: bool = False
    logged_at: datetime


class MyHours(View):
    """Hours that I gave, with the project."""

    id: str
    post_id: str
    community_id: str
    title: str
    hours: str
    on_date: date
    note: str
    confirmed_at: datetime | None


class MyHoursPage(Page[MyHours]):
    """A page of my hours, the latest day first, and the sums of all of them."""

    total: HoursSum


class Money(View):
    """A line of a project's account; one that ``cancels`` another has the opposite amount.

    The ``note`` of a cancelling line is the reason.
    """

    id: str
    post_id: str
    kind: MoneyKind
    amount: str
    subject: str
    on_date: date
    note: str
    attachments: list[AttachmentView]
    cancels: str | None
    cancelled: bool
    at: datetime


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "applyProject",
        "PUT /posts/{id}/project",
        service="feed",
        who=NEIGHBOUR,
        command=ApplyProject,
        result=Project,
        summary="Apply for a micro-project",
    ),
    Operation(
        "getProject",
        "GET /posts/{id}/project",
        service="feed",
        who=PERSON,
        command=OfPost,
        result=Project,
        summary="How a micro-project stands",
    ),
    Operation(
        "listProjects",
        "GET /communities/{cid}/projects",
        service="feed",
        who=PERSON,
        command=ListProjects,
        result=Page[ProjectLine],
        summary="The micro-projects of a community",
    ),
    Operation(
        "recordProjectStep",
        "POST /posts/{id}/project-steps",
        service="feed",
        who=NEIGHBOUR,
        command=RecordProjectStep,
        result=Project,
        status=201,
        summary="Move a micro-project on",
    ),
    Operation(
        "joinProject",
        "PUT /posts/{id}/volunteers/me",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=Project,
        summary="Take part in a micro-project",
    ),
    Operation(
        "leaveProject",
        "DELETE /posts/{id}/volunteers/me",
        service="feed",
        who=NEIGHBOUR,
        command=OfPost,
        result=Project,
        summary="Take part in a micro-project no more",
    ),
    Operation(
        "listVolunteers",
        "GET /posts/{id}/volunteers",
        service="feed",
        who=PERSON,
        command=ListOfProject,
        result=Page[Volunteer],
        summary="Who takes part in a micro-project",
    ),
    Operation(
        "logHours",
        "POST /posts/{id}/hours",
        service="feed",
        who=NEIGHBOUR,
        command=LogHours,
        result=Hours,
        status=201,
        summary="Log hours given to a micro-project",
    ),
    Operation(
        "listHours",
        "GET /posts/{id}/hours",
        service="feed",
        who=PERSON,
        command=ListOfProject,
        result=Page[Hours],
        summary="The hours given to a micro-project",
    ),
    Operation(
        "confirmHours",
        "POST /project-hours/{id}/confirmation",
        service="feed",
        who=NEIGHBOUR,
        command=OfHours,
        result=Hours,
        summary="Confirm a volunteer's hours",
    ),
    Operation(
        "withdrawHours",
        "DELETE /project-hours/{id}",
        service="feed",
        who=NEIGHBOUR,
        command=OfHours,
        result=Empty,
        summary="Take back hours that nobody has confirmed",
    ),
    Operation(
        "listMyHours",
        "GET /me/volunteer-hours",
        service="feed",
        who=PERSON,
        command=ListCommand,
        result=MyHoursPage,
        summary="The hours I gave as a volunteer",
    ),
    Operation(
        "addMoney",
        "POST /posts/{id}/money",
        service="feed",
        who=NEIGHBOUR,
        command=AddMoney,
        result=Money,
        status=201,
        summary="Enter income or spending of a micro-project",
    ),
    Operation(
        "listMoney",
        "GET /posts/{id}/money",
        service="feed",
        who=PERSON,
        command=ListOfProject,
        result=Page[Money],
        summary="The account of a micro-project",
    ),
    Operation(
        "cancelMoney",
        "POST /project-money/{id}/cancellation",
        service="feed",
        who=NEIGHBOUR,
        command=CancelMoney,
        result=Money,
        status=201,
        summary="Cancel a line of a micro-project's account",
    ),
)
