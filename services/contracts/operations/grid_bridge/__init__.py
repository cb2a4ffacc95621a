"""Operations of the bridge to the city's grid: issues, and what becomes of them.

``issues`` their life · ``handling`` referral, merging, me too · ``consultations`` joint
consultations · ``orders`` work orders · ``catalogue`` the 8+X · ``guides`` answer guides ·
``hot_topics`` the hot ten · ``plans`` one community, one plan · ``figures`` KPIs · ``operators``
"""

from services.contracts.operations.base import Operation
from services.contracts.operations.grid_bridge import (
    catalogue,
    consultations,
    figures,
    guides,
    handling,
    hot_topics,
    issues,
    operators,
    orders,
    plans,
)
from services.contracts.operations.grid_bridge.catalogue import (
    Catalogue,
    CatalogueEntry,
    ListCatalogue,
)
from services.contracts.operations.grid_bridge.common import (
    OPERATORS,
    STAFF,
    AnswerOutcome,
    AttachmentIds,
    IssueStatus,
    Moment,
    Month,
    OrderNo,
    Outcome,
    Place,
    SlotKey,
    StandardCodeView,
    StandardRef,
    Step,
)
from services.contracts.operations.grid_bridge.consultations import (
    OpenJointConsultation,
)
from services.contracts.operations.grid_bridge.figures import (
    Kpis,
)
from services.contracts.operations.grid_bridge.guides import (
    CreateAnswerGuide,
    ListAnswerGuides,
    UpdateAnswerGuide,
)
from services.contracts.operations.grid_bridge.handling import (
    MergeIssue,
    MeToo,
    ReferIssue,
)
from services.contracts.operations.grid_bridge.hot_topics import (
    AddHotTopicAction,
    CommunityHotTopics,
    HotTopics,
)
from services.contracts.operations.grid_bridge.issues import (
    AnswerIssue,
    Candidate,
    EscalateIssue,
    GetIssue,
    Issue,
    IssueFromPost,
    IssueHelper,
    IssueReceipt,
    IssueReporter,
    IssueSummary,
    ListIssues,
    Promise,
    RateIssue,
    RecordSelfGovernance,
    ReopenIssue,
    ReportIssue,
    Suggestion,
    TimelineEntry,
    TriageIssue,
)
from services.contracts.operations.grid_bridge.operators import (
    ReplayDeadLetter,
)
from services.contracts.operations.grid_bridge.orders import (
    CatalogueSlot,
    DepartmentView,
    GetWorkOrder,
    HeldUpdate,
    ListWorkOrders,
    WorkOrder,
    WorkOrderStep,
)
from services.contracts.operations.grid_bridge.plans import (
    CreatePlan,
    ListPlans,
)

OPERATIONS: tuple[Operation, ...] = (
    *issues.OPERATIONS,
    *handling.OPERATIONS,
    *consultations.OPERATIONS,
    *orders.OPERATIONS,
    *catalogue.OPERATIONS,
    *operators.OPERATIONS,
    *guides.OPERATIONS,
    *hot_topics.OPERATIONS,
    *plans.OPERATIONS,
    *figures.OPERATIONS,
)

__all__ = [
    "AddHotTopicAction",
    "AnswerIssue",
    "AnswerOutcome",
    "AttachmentIds",
    "Candidate",
    "Catalogue",
    "CatalogueEntry",
    "CatalogueSlot",
    "CommunityHotTopics",
    "CreateAnswerGuide",
    "CreatePlan",
    "DepartmentView",
    "EscalateIssue",
    "GetIssue",
    "GetWorkOrder",
    "HeldUpdate",
    "HotTopics",
    "Issue",
    "IssueFromPost",
    "IssueHelper",
    "IssueReceipt",
    "IssueReporter",
    "IssueStatus",
    "IssueSummary",
    "Kpis",
    "ListAnswerGuides",
    "ListCatalogue",
    "ListIssues",
    "ListPlans",
    "ListWorkOrders",
    "MeToo",
    "MergeIssue",
    "Moment",
    "Month",
    "OPERATIONS",
    "OPERATORS",
    "OpenJointConsultation",
    "OrderNo",
    "Outcome",
    "Place",
    "Promise",
    "RateIssue",
    "RecordSelfGovernance",
    "ReferIssue",
    "ReopenIssue",
    "ReplayDeadLetter",
    "ReportIssue",
    "STAFF",
    "SlotKey",
    "StandardCodeView",
    "StandardRef",
    "Step",
    "Suggestion",
    "TimelineEntry",
    "TriageIssue",
    "UpdateAnswerGuide",
    "WorkOrder",
    "WorkOrderStep",
]
