"""The past, to be walked through: one transaction whose clock is set back from act to act.

What happens is told like everything else, at the time at which it happened: feed opens the threads,
notify tells, and the grid platform takes up what was escalated.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, func, select

from services.contracts import demo
from services.contracts.actor import Actor, Role
from services.contracts.errors import NotFound
from services.grid_bridge import seed_pictures
from services.grid_bridge.handlers import promises
from services.grid_bridge.models import PromiseRow
from services.kit.blobs import BlobStore
from services.kit.uow import UnitOfWork
from services.seeding import somebody

COMMUNITIES: Final[Mapping[str, Mapping[str, str]]] = {
    demo.SHANGYUAN: {
        "path": demo.PATH_SHANGYUAN,
        "name": "尚园居民区",
        "kind": "urban",
        "code12": "310199101001",
        "town_id": demo.TOWN_YUEPU,
        "town_name": "月浦样例镇",
    },
    demo.HAIXING: {
        "path": demo.PATH_HAIXING,
        "name": "海星村",
        "kind": "village",
        "code12": "310199102201",
        "town_id": demo.TOWN_LUODIAN,
        "town_name": "罗店样例镇",
    },
}
_VILLAGERS: Final = frozenset({demo.VILLAGER_ZHAO, demo.VILLAGE_CLERK})

SECRETARY: Final = somebody(demo.SECRETARY_SHI, Role.SECRETARY, Role.COMMITTEE_STAFF)
WANG: Final = somebody(demo.STAFF_WANG, Role.COMMITTEE_STAFF)
SUN: Final = somebody(demo.GRANNY_SUN)
LU: Final = somebody(demo.OLD_LU)
ZHAO: Final = somebody(demo.VILLAGER_ZHAO, path=demo.PATH_HAIXING)
CLERK: Final = somebody(demo.VILLAGE_CLERK, Role.COMMITTEE_STAFF, path=demo.PATH_HAIXING)


def neighbour(number: int) -> Actor:
    """One of 尚园's neighbours, from 12 to 40."""
    return somebody(demo.PERSON_BY_PHONE[f"138{number:08d}"])


def _answer(service: str, method: str, **asked: Any) -> Any:
    """What the other services would say."""
    match method:
        case "get_community" if asked["community_id"] in COMMUNITIES:
            return {
                **COMMUNITIES[asked["community_id"]],
                "community_id": asked["community_id"],
                "district_id": demo.DISTRICT_ID,
                "district_name": "宝山样例区",
            }
        case "get_member_card":
            home = demo.HAIXING if asked["person_id"] in _VILLAGERS else demo.SHANGYUAN
            if asked["community_id"] == home:
                path = COMMUNITIES[home]["path"]
                return {**asked, "path": path, "standing": "active", "display_name": ""}
        case "check_speech":
            return {"held": False}
    raise NotFound(f"{service}.{method} is not known in the demo's past")


class Past(UnitOfWork):
    """A transaction that can be set to any moment; services answer in it as they would have."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, "grid_bridge", ask=_answer)

    def stand(self, moment: datetime) -> None:
        """What is emitted from now on happened then."""
        self._now = moment


class Walk:
    """Goes through the past, from one act to the next."""

    def __init__(self, uow: Past, files: BlobStore, now: datetime) -> None:
        self.uow, self.files, self.now = uow, files, now

    def to(self, moment: datetime) -> None:
        """Go on to this moment; promises that came near or were broken on the way are told of."""
        self.uow.session.flush()
        next_alarm = select(func.min(PromiseRow.next_alarm)).where(PromiseRow.ended_at.is_(None))
        while (due := self.uow.session.scalar(next_alarm)) is not None and due <= moment:
            self._stand(due)
            promises.chase(self.uow, due)
            self.uow.session.flush()
        self._stand(moment)

    def _stand(self, moment: datetime) -> None:
        self.now = moment
        self.uow.stand(moment)

    def photo(self, name: str, owner: Actor) -> str:
        """A drawn photo as an upload of this person's; its id."""
        whole, small = seed_pictures.draw(name)
        kept = self.files.put(
            whole, content_type="image/jpeg", owner=owner.person_id, thumbnail=small
        )
        return kept.id
