"""Neighbours who help each other: feed's street with offers, needs, things and handshakes."""

import json
from collections.abc import Callable
from typing import Any

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import NotFound
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import aid as ops
from services.feed.handlers import aid, handshakes
from tests.support.feed_street import CID, PATH, SUN, WANG, Street, actor

CHEN = actor("chen")
MIN = actor("min")
YOUNG = actor("young")

EVERY_DAY = [{"weekday": day, "from": "08:00", "to": "15:00"} for day in range(1, 8)]


class AidStreet(Street):
    """``minors`` are those of whom identity knows that they are below 18."""

    def __init__(self, units: Any) -> None:
        super().__init__(units)
        self.minors = {"young"}
        self.away = False
        self.card("sun", display_name="孙奶奶", building_label="尚园 3号楼", home=f"{PATH}.e1.b3")
        self.card("lu", display_name="老陆", building_label="尚园 3号楼", home=f"{PATH}.e1.b3")
        self.card("chen", display_name="陈老师", building_label="尚园 5号楼", home=f"{PATH}.e1.b5")
        self.card("min", display_name="敏敏", building_label="北苑 1号楼", home=f"{PATH}.e2.b1")
        self.card("young", display_name="小杨", building_label="北苑 1号楼", home=f"{PATH}.e2.b1")

    def run(self, use: Callable[..., Any], *args: Any, read_only: bool = False) -> Any:
        """One use-case in one transaction, with an identity that knows whom the copy knows."""
        with self.units(ask=self._identity, read_only=read_only) as uow:
            answer = use(uow, *args)
            uow.commit()
        return json.loads(answer) if isinstance(answer, str) else answer

    def _identity(self, service: str, method: str, **kwargs: Any) -> Any:
        if self.away:
            from services.contracts.errors import Unavailable

            raise Unavailable()
        with self.units(read_only=True) as uow:
            card = directory.card(uow, kwargs["person_id"], kwargs["community_id"])
        if card is None or not card.present:
            raise NotFound()
        told = {name: getattr(card, name) for name in directory.Card.__slots__}
        return {**told, "minor": card.person_id in self.minors}

    # -- posts ------------------------------------------------------------------------------

    def offer(self, who: Actor = SUN, **fields: Any) -> str:
        return self._help(who, "offer", **fields)

    def need(self, who: Actor = SUN, **fields: Any) -> str:
        return self._help(who, "need", **fields)

    def thing(self, who: Actor = SUN, **fields: Any) -> str:
        found: str = self.post(who, module="idle", title="婴儿床", **fields)["id"]
        return found

    def _help(self, who: Actor, kind: str, **fields: Any) -> str:
        post = {name: fields.pop(name) for name in ("hide_name", "title") if name in fields}
        extra = {"kind": kind, **fields}
        found: str = self.post(who, module="mutual_aid", extra=extra, **post)["id"]
        return found

    # -- the use-cases ----------------------------------------------------------------------

    def aid(self, post: str, who: Actor = SUN) -> dict[str, Any]:
        found: dict[str, Any] = self.run(aid.get_aid, OfPost(id=post), who, read_only=True)
        return found

    def open(self, post: str, who: Actor = SUN, *, to: bool = False) -> dict[str, Any]:
        cmd = ops.UpdateAid(id=post, open=to)
        found: dict[str, Any] = self.run(aid.update_aid, cmd, who, self.now)
        return found

    def matches(self, post: str, who: Actor = SUN, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListMatches(id=post, **fields)
        page: dict[str, Any] = self.run(aid.list_matches, cmd, who, self.now, read_only=True)
        return page

    def ask(self, post: str, who: Actor = CHEN, **fields: Any) -> dict[str, Any]:
        cmd = ops.CreateHandshake(id=post, **fields)
        shake: dict[str, Any] = self.run(handshakes.create_handshake, cmd, who, self.now)
        return shake

    def step(self, shake: dict[str, Any], step: Any, who: Actor, **fields: Any) -> dict[str, Any]:
        cmd = ops.StepHandshake(id=shake["id"], step=step, **fields)
        moved: dict[str, Any] = self.run(handshakes.step_handshake, cmd, who, self.now)
        return moved

    def story(self, shake: dict[str, Any], who: Actor = SUN) -> dict[str, Any]:  # type: ignore[override]
        cmd = ops.OfHandshake(id=shake["id"])
        found: dict[str, Any] = self.run(
            handshakes.get_handshake, cmd, who, self.now, read_only=True
        )
        return found

    def shakes(self, post: str, who: Actor = SUN, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListHandshakes(id=post, **fields)
        page: dict[str, Any] = self.run(handshakes.list_handshakes, cmd, who, read_only=True)
        return page

    def my_shakes(self, who: Actor = SUN, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListMyHandshakes(**fields)
        page: dict[str, Any] = self.run(handshakes.list_my_handshakes, cmd, who, read_only=True)
        return page

    def expire(self) -> int:
        ended: int = self.run(handshakes.expire_handshakes, self.now)
        return ended

    def minors_aid(self, who: Actor = WANG, cid: str = CID, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListOfCommunity(cid=cid, **fields)
        page: dict[str, Any] = self.run(aid.list_minors_aid, cmd, who, read_only=True)
        return page

    def no_shows(self, who: Actor = WANG, **fields: Any) -> dict[str, Any]:
        cmd = ops.ListOfCommunity(cid=CID, **fields)
        page: dict[str, Any] = self.run(aid.list_no_shows, cmd, who, self.now, read_only=True)
        return page

    def clear(self, person: str, who: Actor = WANG, note: str = "已谈过话") -> None:
        cmd = ops.ClearNoShows(cid=CID, person_id=person, note=note)
        self.run(aid.clear_no_shows, cmd, who, self.now)

    def agreed(self, post: str, asker: Actor = CHEN, author: Actor = SUN, **ask: Any) -> Any:
        """A handshake that was asked for and agreed."""
        confirmed = ask.get("confirmed_safety", False)
        return self.step(self.ask(post, asker, **ask), "agree", author, confirmed_safety=confirmed)
