"""Tables of the bridge.

``issues`` issues, steps, promises, ratings · ``orders`` work orders, their updates, counters
"""

from services.grid_bridge.models.base import Base
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
    "Base",
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
