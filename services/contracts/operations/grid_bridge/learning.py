"""The classifier's versions, refits from what staff decided, and whether its advice still fits.

A version is put to use by a human, with a reason, and left again in the same way. Nothing of it
touches an issue: the advice on messages that come in afterwards is another's.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from services.contracts.actor import Role
from services.contracts.events.grid_bridge import Category
from services.contracts.operations.base import (
    Command,
    Id,
    Operation,
    Reason,
    View,
    holders,
)
from services.contracts.operations.grid_bridge.common import OPERATORS

KEEPERS = holders(Role.DISTRICT_ADMIN, Role.GRID_OPERATOR)
WATCHERS = holders(
    Role.COMMITTEE_STAFF,
    Role.SECRETARY,
    Role.TOWN_ADMIN,
    Role.DISTRICT_ADMIN,
    Role.DISTRICT_ANALYST,
    Role.AUDITOR,
)
LONGEST = timedelta(days=731)

ModelState = Literal["candidate", "in_use", "retired", "refused"]
ModelFault = Literal["below_floor", "below_current"]
RefitState = Literal["waiting", "running", "done", "failed"]
RefitCause = Literal["asked", "nightly", "corpus"]


class ListClassifierModels(Command):
    """The versions, the newest first, and the refit that is wanted."""

    limit: int = Field(default=50, ge=1, le=100)


class RequestRefit(Command):
    """Learn anew from the corpus and what staff decided; whoever asks meanwhile gets the same."""


class UseClassifierModel(Command):
    """Put a version to use, or go back to one; ``force`` passes by the guard of its figures."""

    version: Id
    reason: Reason
    force: bool = False


class ClassifierDrift(Command):
    """How the advice agreed with people in a span of days (China's), by week or month.

    ``cid`` or ``tid`` name a community or a town of the district; without them all of it.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    did: Id
    from_: Annotated[date, Field(alias="from", ge=date(2020, 1, 1), le=date(2200, 1, 1))]
    to: Annotated[date, Field(ge=date(2020, 1, 1), le=date(2200, 1, 1))]
    by: Literal["week", "month"] = "month"
    cid: Id | None = None
    tid: Id | None = None

    @model_validator(mode="after")
    def _a_span(self) -> Self:
        if not timedelta(0) <= self.to - self.from_ <= LONGEST:
            raise ValueError(f"to must be on or after from, and within {LONGEST.days} days of it")
        if self.cid and self.tid:
            raise ValueError("name a community or a town, not both")
        return self


class ModelFigures(View):
    """How a version did on ``n`` messages: macro-F1 with a 95 % interval, and the rest."""

    n: int
    macro_f1: float
    low: float
    high: float
    accuracy: float
    slot_n: int
    slot_accuracy: float | None
    mean_confidence: float
    calibration_error: float


class ModelUse(View):
    """That a version was put to use in place of ``before``."""

    at: datetime
    before: str | None
    by: str | None
    role: str
    reason: str
    forced: bool


class ClassifierModel(View):
    """A version.

    ``base`` names corpus and code (the shipped version made of them), ``parent`` the version in
    use when it was made, ``labels`` how many decisions it learned from. ``held_out`` are its
    figures on the project's held-out messages, ``newest`` those on the newest labels of a model
    that had not seen them; ``…_of_current`` are the parent's on the same messages, of which it
    had learned ``newest_seen``. ``faults`` say why the guard would refuse it.
    """

    version: str
    base: str
    parent: str | None
    made_at: datetime
    labels: int
    labels_until: datetime | None
    state: ModelState
    faults: list[ModelFault]
    held_out: ModelFigures | None
    held_out_of_current: ModelFigures | None
    newest: ModelFigures | None
    newest_of_current: ModelFigures | None
    newest_seen: int
    bytes: int
    uses: list[ModelUse]


class Refit(View):
    """A refit. ``asked_by`` is null when it was the clock or a new corpus (``cause``)."""

    id: str
    cause: RefitCause
    state: RefitState
    asked_at: datetime
    asked_by: str | None
    attempts: int
    ended_at: datetime | None
    labels: int | None
    version: str | None
    error: str | None


class ClassifierModels(View):
    """The versions; ``shipped`` is the one of this release, ``serving`` what this process uses.

    ``new_labels`` were decided since the last refit; with ``nightly_from`` of them one is made at
    night.
    """

    items: list[ClassifierModel]
    shipped: str
    serving: str
    refit: Refit | None
    labels: int
    new_labels: int
    nightly_from: int


class DriftShare(View):
    """A share, what it is made of, and Wilson's 95 % interval."""

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None


class CategoryDrift(View):
    """A category: of those people decided, how many were advised (recall), and the reverse."""

    category: Category
    recall: DriftShare
    precision: DriftShare


class SlotDrift(View):
    """A slot of 8x: how often the advised one was the decided one."""

    slot: str
    agreement: DriftShare


class ConfidenceBin(View):
    """Advice whose confidence lies in a tenth, and how often people agreed with it."""

    low: float
    high: float
    mean_confidence: float
    agreement: DriftShare


class DriftSpan(View):
    """The figures from the ``first`` day to the ``last``.

    Of ``n`` decisions those of ``agreement`` had advice. ``psi_…`` hold the span against the 365
    days before the report begins; null where either has too few.
    """

    first: date
    last: date
    n: int
    agreement: DriftShare
    categories: list[CategoryDrift]
    slots: list[SlotDrift]
    bins: list[ConfidenceBin]
    calibration_error: float | None
    mean_confidence: float | None
    baseline_confidence: float | None
    psi_category: float | None
    psi_confidence: float | None
    versions: dict[str, int]
    alert: bool


class DriftReport(View):
    """The whole and its weeks or months; ``formulas`` say how each figure is reckoned."""

    district_id: str
    scope: str
    by: Literal["week", "month"]
    whole: DriftSpan
    spans: list[DriftSpan]
    compared_with: int
    alert_below: float
    formulas: dict[str, str]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listClassifierModels", "GET /ops/classifier/models", service="grid_bridge",
        who=KEEPERS, command=ListClassifierModels, result=ClassifierModels,
        summary="The classifier's versions with their figures",
    ),
    Operation(
        "requestRefit", "POST /ops/classifier/refits", service="grid_bridge",
        who=KEEPERS, command=RequestRefit, result=Refit, status=202,
        summary="Let the classifier learn from what staff decided",
    ),
    Operation(
        "useClassifierModel", "POST /ops/classifier/models/{version}/use",
        service="grid_bridge", who=OPERATORS, command=UseClassifierModel,
        result=ClassifierModel, summary="Put a version of the classifier to use, or go back to one",
    ),
    Operation(
        "classifierDrift", "GET /districts/{did}/classifier-drift", service="grid_bridge",
        who=WATCHERS, command=ClassifierDrift, result=DriftReport,
        summary="Whether the classifier's advice still fits",
    ),
)  # fmt: skip
