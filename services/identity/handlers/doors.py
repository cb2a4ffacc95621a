"""The doors of an emergency: opened in the name of whoever calls it, read by the ticket.

::

    open ──ticket──▶ page, page, page …      the ticket says the place and until when, signed

Nothing is kept between the two: a ticket is as good as what is behind the doors when they are read.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Final

from services.contracts.actor import Actor, covers
from services.contracts.errors import FieldError, Invalid, NotFound
from services.contracts.operations.identity import (
    Door,
    DoorPage,
    OpenDoors,
    OpenedDoors,
    PageDoors,
)
from services.contracts.operations.identity.doors import CALLERS
from services.identity import door_rows, repository
from services.identity.crypto import Vault
from services.kit.uow import UnitOfWork

GOOD_FOR: Final = timedelta(days=1)
BUILDINGS_OF_A_PAGE: Final = 20
"""Some thousand doors: more would neither fit a message nor the time of a question."""
_KINDS: Final = frozenset({"community", "estate", "building"})
_PURPOSE: Final = "doors"
_MAC_BYTES: Final = 16


class NoSuchPlace(Invalid):
    """An emergency is of a community, or of an estate or a building in it."""

    code = "identity.no_such_place"
    zh, en = "该社区内没有这个小区或楼栋", "The community has no such estate or building"


class DoorsNotFound(NotFound):
    """The ticket opens nothing, or no longer."""

    code = "identity.doors_not_found"
    zh, en = "没有找到这份住户名单，或已过期", "There is no such list of doors, or its time is over"


def open_doors(
    uow: UnitOfWork, vault: Vault, cmd: OpenDoors, actor: Actor, clock: datetime
) -> OpenedDoors:
    """Open the doors of a place, for whoever may call an emergency there.

    Raises:
        CommunityNotFound: there is no such community.
        NoSuchPlace: ``within`` is none of its estates and buildings.
        Forbidden: the actor's office does not reach there.
    """
    session = uow.session
    place = community = repository.community(session, cmd.community_id)
    if cmd.within is not None:
        found = repository.node(session, cmd.within)
        if found is None or found.kind not in _KINDS or not covers(community.path, found.path):
            raise NoSuchPlace(errors=[FieldError("place_id", "不在该社区范围内")])
        place = found
    actor.require(CALLERS, place.path)
    households = people = None
    if cmd.count:
        counted = door_rows.count(session, community.id, door_rows.buildings(session, place.path))
        households, people = counted.households, counted.people
    return OpenedDoors(
        ticket=_ticket(vault, community.id, place.path, clock + GOOD_FOR),
        place_id=place.id,
        name=place.name,
        kind=place.kind,
        path=place.path,
        households=households,
        people=people,
    )


def page_doors(
    uow: UnitOfWork, vault: Vault, cmd: PageDoors, clock: datetime, now: datetime
) -> DoorPage:
    """The doors of the next buildings.

    Raises:
        DoorsNotFound: the ticket opens nothing, or no longer.
    """
    community_id, path = _read(vault, cmd.ticket, clock)
    buildings = door_rows.buildings(uow.session, path)
    until = cmd.after + BUILDINGS_OF_A_PAGE
    rows = door_rows.page(uow.session, community_id, buildings[cmd.after : until])
    return DoorPage(
        items=[Door.model_validate(row._mapping) for row in rows],
        after=until if until < len(buildings) else None,
        as_of=now,
    )


def _ticket(vault: Vault, community_id: str, path: str, until: datetime) -> str:
    said = json.dumps([community_id, path, int(until.timestamp())]).encode()
    return urlsafe_b64encode(vault.mac(_PURPOSE, said)[:_MAC_BYTES] + said).decode()


def _read(vault: Vault, ticket: str, clock: datetime) -> tuple[str, str]:
    try:
        raw = urlsafe_b64decode(ticket.encode("ascii"))
    except ValueError:
        raise DoorsNotFound() from None
    mac, said = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if not hmac.compare_digest(mac, vault.mac(_PURPOSE, said)[:_MAC_BYTES]):
        raise DoorsNotFound()
    community_id, path, until = json.loads(said)
    if clock.timestamp() >= until:
        raise DoorsNotFound()
    return community_id, path
