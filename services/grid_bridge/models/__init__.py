"""Tables of the bridge.

``issues`` issues, steps, promises, ratings · ``orders`` work orders, their updates, counters
``catalogue`` the districts' 8+X in versions · ``guides`` answer guides and their uses
"""

from services.grid_bridge.models.base import Base
from services.grid_bridge.models.catalogue import CatalogueDraftRow, CatalogueVersionRow
from services.grid_bridge.models.guides import (
    AnswerGuideRow,
    AnswerGuideUseRow,
    AnswerGuideVersionRow,
)
from services.grid_bridge.models.issues import (
    IssueRow,
    PromiseRow,
    RatingRow,
    ReporterLookRow,
    SelfGovernanceRow,
    TimelineRow,
)
from services.grid_bridge.models.orders import (
    CounterRow,
    HeldUpdateRow,
    WorkOrderRow,
    WorkOrderUpdateRow,
)

__all__ = [
    "AnswerGuideRow",
    "AnswerGuideUseRow",
    "AnswerGuideVersionRow",
    "Base",
    "CatalogueDraftRow",
    "CatalogueVersionRow",
    "CounterRow",
    "HeldUpdateRow",
    "IssueRow",
    "PromiseRow",
    "RatingRow",
    "ReporterLookRow",
    "SelfGovernanceRow",
    "TimelineRow",
    "WorkOrderRow",
    "WorkOrderUpdateRow",
]
