"""What the bridge tells of a community's plans (一小区一方案)."""

from datetime import datetime
from typing import Literal

from services.contracts.events.base import Event

PlanState = Literal["draft", "open", "adopted", "in_progress", "finished", "withdrawn"]


class PlanChanged(Event, source="grid_bridge", type="plan.changed", version=1, subject="plan_id"):
    """A plan that the neighbours read has come to another state.

    Open for comments, back to the draft, adopted, begun, finished, withdrawn; a draft that nobody
    has seen is not told of. ``due_at`` is when the comment period of an open one ends.
    ``plan_title`` is the committee's own words.
    """

    plan_id: str
    community_id: str
    path: str
    plan_title: str
    plan_version: int
    state: PlanState
    due_at: datetime | None = None
    reason: str | None = None
    actor_id: str
    actor_role: str


class PlanCommentAnswered(
    Event, source="grid_bridge", type="plan.comment_answered", version=1, subject="plan_id"
):
    """The committee answered a comment for the first time, or decided whether it is shown."""

    plan_id: str
    comment_id: str
    community_id: str
    path: str
    plan_title: str
    author_id: str
    decision: Literal["answered", "shown", "hidden"]
    actor_id: str
    actor_role: str
