"""What ended a moment ago: for a gateway that did not hear it said.

Everything is said at once by events; who was not there to hear (a process that has just begun, or
whose link to the broker was cut) asks for the time that an access token lives, as nothing older
could be shown to it.
"""

from datetime import datetime

from services.contracts.operations.base import PUBLIC, Command, Operation, View
from services.contracts.operations.identity.common import SERVICE


class ListRevocations(Command):
    """All that ended rights in the last quarter of an hour, by real time."""


class EndedSession(View):
    """A session of ``person_id`` that was ended at ``at``."""

    session_id: str
    person_id: str
    at: datetime


class ChangedPerson(View):
    """Whose tokens from until ``at`` say more than she may do since."""

    person_id: str
    at: datetime


class EndedHelp(View):
    """``helper_id`` acts for ``subject_id`` no more since ``at``."""

    helper_id: str
    subject_id: str
    at: datetime


class Revocations(View):
    """Ids and times alone: nobody's data."""

    sessions: list[EndedSession]
    people: list[ChangedPerson]
    helps: list[EndedHelp]


OPERATIONS: tuple[Operation, ...] = (
    # Between processes only: a gateway has no account, and asks before anybody has called it.
    Operation(
        "listRevocations", "INTERNAL", SERVICE, PUBLIC, ListRevocations, Revocations,
        "What ended a moment ago",
    ),
)  # fmt: skip
