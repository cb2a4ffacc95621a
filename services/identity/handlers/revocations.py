"""What ended a moment ago, read from the events that said so.

The outbox keeps what was said for days, in the same transaction as the deed and by real time: so
nothing can be forgotten here that is said there. What waits to be said counts as said now.
"""

from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.events import (
    AssistanceEnded,
    PersonDeleted,
    RightsNarrowed,
    RoleGranted,
    RoleRevoked,
    SessionRevoked,
)
from services.contracts.operations.identity import (
    ChangedPerson,
    EndedHelp,
    EndedSession,
    Revocations,
)
from services.identity.tokens import ACCESS_SECONDS
from services.kit.uow import UnitOfWork

_SAID: Final = text(
    """
    SELECT type, body, coalesce(published_at, clock_timestamp()) AS at
    FROM kit_outbox
    WHERE type = ANY(:types) AND (
        published_at IS NULL OR published_at > clock_timestamp() - make_interval(secs => :seconds)
    )
    ORDER BY id
    """
)
_CHANGES_PEOPLE: Final = frozenset(
    {RoleRevoked.TYPE, RightsNarrowed.TYPE, PersonDeleted.TYPE, RoleGranted.TYPE}
)
_TYPES: Final = [*_CHANGES_PEOPLE, SessionRevoked.TYPE, AssistanceEnded.TYPE]


def list_revocations(uow: UnitOfWork) -> Revocations:
    """All that ended rights within the life of an access token, the oldest first."""
    found = Revocations(sessions=[], people=[], helps=[])
    for row in uow.session.execute(_SAID, {"types": _TYPES, "seconds": ACCESS_SECONDS}):
        said: dict[str, Any] = from_json(row.body)
        if row.type == SessionRevoked.TYPE:
            found.sessions.append(EndedSession(**said, at=row.at))
        elif row.type == AssistanceEnded.TYPE:
            found.helps.append(EndedHelp(**said, at=row.at))
        elif row.type != RoleGranted.TYPE or said["role"] == Role.OBSERVER:
            found.people.append(ChangedPerson(**said, at=row.at))
    return found
