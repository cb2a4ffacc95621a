"""How often observers read what: counted by every service and gateway, told to identity.

A gateway has no outbox: it tells the same by ``countReads``.

An observer (观察员) is shown nobody beyond what neighbours see, so her reads stand in nobody's
access log. That she reads, what kind of thing, where and how often is known all the same.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.events.base import Event


class ReadCount(BaseModel):
    """So many reads of one operation; ``place`` is the community or district that it named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    operation: str
    place: str = ""
    count: int = Field(ge=1)


class AccessCounted(
    Event, source="services", type="access.counted", version=1, subject=("service", "person_id")
):
    """An observer has read: what, where and how often since a service last told, on one day.

    ``paths`` are the places where she observes; ``day`` is China's. Never what was read.
    """

    service: str
    person_id: str
    paths: list[str]
    day: date
    reads: list[ReadCount]
