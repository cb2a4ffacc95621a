"""Tables of the bridge.

``issues`` issues, steps, promises, ratings · ``orders`` work orders, their updates, counters
``catalogue`` the districts' 8+X in versions · ``guides`` answer guides and their uses
``reconciling`` the discovery library, urges, comparisons, letters put back
"""

from services.grid_bridge.models.base import Base
from services.grid_bridge.models.catalogue import CatalogueDraftRow, CatalogueVersionRow
from services.grid_bridge.models.guides import (
    AnswerGuidePairRow,
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
from services.grid_bridge.models.reconciling import (
    DifferenceRow,
    LibraryEntryRow,
    OrderUrgeRow,
    ReconciliationRow,
    ReplayedLetterRow,
)

__all__ = [
    "AnswerGuidePairRow",
    "AnswerGuideRow",
    "AnswerGuideUseRow",
    "AnswerGuideVersionRow",
    "ReplayedLetterRow",
    "ReconciliationRow",
    "OrderUrgeRow",
    "LibraryEntryRow",
    "DifferenceRow",
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
