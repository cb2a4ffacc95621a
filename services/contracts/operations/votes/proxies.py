"""Written proxies (书面委托): somebody votes for another, as the other states."""

from datetime import datetime

from services.contracts.events.grid_bridge import Attachment
from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    Command,
    Id,
    Operation,
    View,
)
from services.contracts.operations.votes.common import DESK, Choice
from services.contracts.operations.votes.polls import OfPoll


class GrantProxy(Command):
    """I let ``holder_id`` vote for an entry of mine.

    ``choice`` is what she is to vote, and binds her (《上海市住宅物业管理规定》 art. 18). In a
    secret poll the platform is not told it: it would know how the entry voted.
    """

    id: Id
    holder_id: Id
    subject_id: Id | None = None
    choice: Choice | None = None


class RecordProxy(Command):
    """The desk records a written authority; ``photo_id`` is an upload of the sheet."""

    id: Id
    subject_id: Id
    holder_id: Id
    choice: Choice | None = None
    photo_id: Id | None = None


class OfProxy(Command):
    """Names a proxy and nothing more."""

    id: Id


class Proxy(View):
    """A proxy that I gave, hold or recorded; ``used`` says that it was voted with.

    ``holder_name`` and ``holder_building`` are as neighbours know her; empty once she has left.
    """

    id: str
    poll_id: str
    subject_id: str
    building: str
    place: str
    holder_id: str
    holder_name: str = ""
    holder_building: str = ""
    choice: Choice | None
    written: bool
    photo: Attachment | None
    granted_at: datetime
    revoked_at: datetime | None
    used: bool


class Proxies(View):
    """Those for my entries, those I hold, and, at the desk, those that were recorded there."""

    given: list[Proxy]
    held: list[Proxy]
    written: list[Proxy]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "grantProxy", "POST /polls/{id}/proxies", "votes", NEIGHBOUR, GrantProxy, Proxy,
        "Let somebody vote for me", status=201,
    ),
    Operation(
        "recordProxy", "POST /polls/{id}/written-proxies", "votes", DESK, RecordProxy, Proxy,
        "Record a written authority at the desk", status=201,
    ),
    Operation(
        "revokeProxy", "POST /proxies/{id}/revocation", "votes", PERSON, OfProxy, Proxy,
        "Take a proxy back",
    ),
    Operation(
        "listProxies", "GET /polls/{id}/proxies", "votes", PERSON, OfPoll, Proxies,
        "Proxies that I gave or hold",
    ),
)  # fmt: skip
