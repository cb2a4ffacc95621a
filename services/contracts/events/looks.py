"""What a service tells when somebody in office sees a name that was hidden from the neighbours.

Identity writes each into the access log of the person (PIPL art. 44: who is told what is done with
her data), so that she reads in one place who looked, whichever service showed it.
"""

from typing import Literal

from services.contracts.events.base import Event

Reason = Literal["handling", "moderation", "oversight", "safety", "legal"]
"""Why a name was seen: ``handling`` the matter itself is worked on; ``moderation`` a complaint
about it is decided; ``oversight`` somebody watches how it is done; ``safety`` somebody is in danger
(PIPL art. 13(4)); ``legal`` an authority may demand it by law (art. 13(3))."""


class Look(Event, abstract=True):
    """Somebody in office learnt who a person is who hides her name from the neighbours.

    ``person_id`` is whose name was uncovered, ``actor_id`` who saw it, ``actor_role`` in which
    office, ``path`` where. When it was is the envelope's ``time``. A service tells it once a day
    for the same person, reader and thing at most; a person's own look is none.
    """

    person_id: str
    actor_id: str
    actor_role: str
    community_id: str
    path: str
    reason: Reason


class AuthorSeen(Look, source="feed", type="author.seen", version=1, subject="post_id"):
    """Who wrote a post with a hidden name, or as its author a comment below, was shown."""

    post_id: str
    comment_id: str | None = None


class ReporterSeen(Look, source="grid_bridge", type="reporter.seen", version=1, subject="issue_id"):
    """Who reported an issue with a hidden name, or did so on the reporter's behalf, was shown."""

    issue_id: str


class BreachReporterSeen(
    Look, source="votes", type="breach_reporter.seen", version=1, subject="breach_id"
):
    """Who hides that she reported a breach of a covenant was shown to the committee."""

    breach_id: str


class HouseholdSeen(
    Look, source="notify", type="household.seen", version=1, subject="emergency_id"
):
    """What was heard of somebody's household in an emergency was shown, with its address.

    Of who has no account ``person_id`` is empty, and ``register_id`` is her entry of the register.
    """

    emergency_id: str
    register_id: str | None = None
