"""For which household somebody speaks, told so that nobody learns where she lives."""

from services.contracts.operations.base import PERSON, Command, Id, Operation, View
from services.contracts.operations.identity.common import SERVICE


class HouseholdOf(Command):
    """For which household the caller speaks in one ``matter`` of a service's (a survey's id)."""

    community_id: Id
    matter: Id


class HouseholdKey(View):
    """The same for all who live in one dwelling, another for another matter; null without one."""

    key: str | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "householdOf", "INTERNAL", SERVICE, PERSON, HouseholdOf, HouseholdKey,
        "For which household the caller speaks", own=True, assisted=True,
    ),
)  # fmt: skip
