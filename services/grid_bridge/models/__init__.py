"""Tables of the bridge.

``issues`` issues, steps, promises, ratings · ``handling`` referrals, supporters, merges, absences,
minutes · ``orders`` work orders, their updates, counters
``clocks`` calendars, limits, the clocks of posts
``catalogue`` the districts' 8+X in versions · ``guides`` answer guides and their uses
``plans`` one community, one plan; outlines of districts
``consultations`` joint consultations: seats, meetings, minutes, actions
``learning`` what the classifier learns from, its versions
``figures`` counters, and what they were counted from
``hot_topics`` the hot ten: runs, concerns, topics, actions
``figures`` counters, and what they were counted from
``reconciling`` the discovery library, urges, comparisons, letters put back
``vectors`` what residents wrote, and what it means
``open311`` keys, what was sent in, whose words are published
"""

from services.grid_bridge.models.base import Base
from services.grid_bridge.models.catalogue import CatalogueDraftRow, CatalogueVersionRow
from services.grid_bridge.models.clocks import (
    CalendarRow,
    CalendarYearRow,
    LimitsRow,
    PostClockDayRow,
    PostClockRow,
)
from services.grid_bridge.models.consultations import (
    JointActionRow,
    JointConsultationRow,
    JointMeetingRow,
    JointMinutesRow,
    JointSeatRow,
)
from services.grid_bridge.models.figures import (
    FigureCaseRow,
    FigureDeltaRow,
    FigurePendingRow,
    FigureRecountRow,
    FigureSumRow,
)
from services.grid_bridge.models.guides import (
    AnswerGuidePairRow,
    AnswerGuideRow,
    AnswerGuideUseRow,
    AnswerGuideVersionRow,
)
from services.grid_bridge.models.handling import (
    AbsenceRow,
    LookAlikeRow,
    MergeRow,
    MinutesRow,
    ReferralRow,
    SupporterRow,
)
from services.grid_bridge.models.hot_topics import (
    ConcernMessageRow,
    ConcernRow,
    HotTopicActionRow,
    HotTopicMessageRow,
    HotTopicRow,
    HotTopicRunRow,
)
from services.grid_bridge.models.issues import (
    IssueRow,
    PromiseRow,
    RatingRow,
    ReporterLookRow,
    SelfGovernanceRow,
    TimelineRow,
)
from services.grid_bridge.models.learning import (
    BlobRow,
    LabelRow,
    LeftOutRow,
    ModelRow,
    RefitRow,
    UseRow,
)
from services.grid_bridge.models.open311 import (
    IssuePublicationRow,
    Open311CommunityRow,
    Open311KeyRow,
    Open311RequestRow,
)
from services.grid_bridge.models.orders import (
    CounterRow,
    HeldUpdateRow,
    WorkOrderRow,
    WorkOrderUpdateRow,
)
from services.grid_bridge.models.plans import (
    DistrictBoundsRow,
    PlanCommentRow,
    PlanItemRow,
    PlanProgressRow,
    PlanRow,
    PlanStepRow,
    PlanVersionRow,
)
from services.grid_bridge.models.reconciling import (
    DifferenceRow,
    LibraryEntryRow,
    OrderUrgeRow,
    ReconciliationRow,
    ReplayedLetterRow,
)
from services.grid_bridge.models.vectors import VectorRow

__all__ = [
    "AbsenceRow",
    "AnswerGuidePairRow",
    "AnswerGuideRow",
    "AnswerGuideUseRow",
    "AnswerGuideVersionRow",
    "Base",
    "BlobRow",
    "CalendarRow",
    "CalendarYearRow",
    "CatalogueDraftRow",
    "CatalogueVersionRow",
    "ConcernMessageRow",
    "ConcernRow",
    "CounterRow",
    "DifferenceRow",
    "DistrictBoundsRow",
    "FigureCaseRow",
    "FigureDeltaRow",
    "FigurePendingRow",
    "FigureRecountRow",
    "FigureSumRow",
    "HeldUpdateRow",
    "HotTopicActionRow",
    "HotTopicMessageRow",
    "HotTopicRow",
    "HotTopicRunRow",
    "IssuePublicationRow",
    "IssueRow",
    "JointActionRow",
    "JointConsultationRow",
    "JointMeetingRow",
    "JointMinutesRow",
    "JointSeatRow",
    "LabelRow",
    "LeftOutRow",
    "LibraryEntryRow",
    "LimitsRow",
    "LookAlikeRow",
    "MergeRow",
    "MinutesRow",
    "ModelRow",
    "Open311CommunityRow",
    "Open311KeyRow",
    "Open311RequestRow",
    "OrderUrgeRow",
    "PlanCommentRow",
    "PlanItemRow",
    "PlanProgressRow",
    "PlanRow",
    "PlanStepRow",
    "PlanVersionRow",
    "PostClockDayRow",
    "PostClockRow",
    "PromiseRow",
    "RatingRow",
    "ReconciliationRow",
    "ReferralRow",
    "RefitRow",
    "ReplayedLetterRow",
    "ReporterLookRow",
    "SelfGovernanceRow",
    "SupporterRow",
    "TimelineRow",
    "UseRow",
    "VectorRow",
    "WorkOrderRow",
    "WorkOrderUpdateRow",
]
