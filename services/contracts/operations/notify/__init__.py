"""Notify's operations: what a person should know, and how she wants to be told."""

from services.contracts.operations.base import Operation
from services.contracts.operations.notify import (
    briefs,
    channels,
    digests,
    emergencies,
    emergency_doors,
    inbox,
    preferences,
    subscriptions,
    templates,
)

OPERATIONS: tuple[Operation, ...] = (
    *inbox.OPERATIONS,
    *emergencies.OPERATIONS,
    *emergency_doors.OPERATIONS,
    *digests.OPERATIONS,
    *briefs.OPERATIONS,
    *preferences.OPERATIONS,
    *channels.OPERATIONS,
    *subscriptions.OPERATIONS,
    *templates.OPERATIONS,
)
