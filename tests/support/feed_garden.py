"""The party garden on a street: its use-cases, each in a transaction of its own."""

from datetime import date
from typing import Any

from services.contracts.actor import Role
from services.contracts.errors import Unavailable
from services.contracts.operations.base import Page
from services.contracts.operations.feed import OfCommunity, OfPost
from services.contracts.operations.feed import party as ops
from services.feed.domain.days import day_of
from services.feed.handlers import party, pledges
from tests.support.feed_street import (
    CID,
    LU,
    PATH,
    SUN,
    actor,
)

TEN = actor("ten", (Role.PARTY_MEMBER, PATH))  # a member who shows no badge
DAILY = [{"weekday": day, "from": "20:00", "to": "21:00"} for day in range(1, 8)]


class Garden:
    """The use-cases of the party garden on a street; ``confirmed`` is what identity says."""

    def __init__(self, street: Any) -> None:
        self.street = street
        self.confirmed = {"lu", "ten"}
        self.identity_is_away = False
        self.asked: list[Any] = []

    def ask(self, service: Any, method: Any, **kwargs: Any) -> Any:
        if self.identity_is_away:
            raise Unavailable()
        assert (service, method) == ("identity", "confirm_party_members")
        self.asked.append(kwargs["person_ids"])
        return {"person_ids": [p for p in kwargs["person_ids"] if p in self.confirmed]}

    @property
    def today(self) -> date:
        return day_of(self.street.now)

    def report(
        self, who: Any = LU, kind: Any = "resident", offers: Any = "巡逻", cid: Any = CID
    ) -> Any:
        cmd = ops.CheckInParty(cid=cid, kind=kind, offers=offers)
        return self.street.run(party.check_in_party, cmd, who, self.street.now)

    def leave(self, who: Any = LU, cid: Any = CID) -> Any:
        self.street.run(party.leave_party, OfCommunity(cid=cid), who)

    def listed(self, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfGarden(**{"cid": CID, **asked})
        with self.street.units(ask=self.ask, read_only=True) as uow:
            page = party.list_party_check_ins(uow, cmd, who)
        return ops.PartyCheckIns.model_validate_json(page)

    def names(self, who: Any = SUN, **asked: Any) -> Any:
        return [item.person.display_name for item in self.listed(who, **asked).items]

    def post(self, kind: Any, who: Any = LU, **extra: Any) -> Any:
        fields = {"module": "party", "title": "银先锋夜巡", "body": "请邻居监督"}
        hide = extra.pop("hide_name", False)
        extra = {"kind": kind, **extra}
        return self.street.post(who=who, hide_name=hide, extra=extra, **fields)["id"]

    def study(self, post: Any, who: Any = LU, note: Any = "") -> Any:
        cmd = ops.CompleteStudy(id=post, note=note)
        return self.street.run(party.complete_study, cmd, who, self.street.now)

    def unstudy(self, post: Any, who: Any = LU) -> Any:
        self.street.run(party.withdraw_completion, OfPost(id=post), who)

    def progress(self, post: Any, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfItem(id=post, **asked)
        with self.street.units(ask=self.ask, read_only=True) as uow:
            page = party.get_study_progress(uow, cmd, who)
        return ops.StudyProgress.model_validate_json(page)

    def studies(self, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfGarden(cid=CID, **asked)
        return self.street.run(party.list_studies, cmd, who, read_only=True)

    def name(self, post: Any, person: Any, who: Any = LU) -> Any:
        cmd = ops.OfKeeper(id=post, person_id=person)
        found = self.street.run(pledges.name_keeper, cmd, who, self.street.now)
        return [keeper["id"] for keeper in found["keepers"]]

    def unname(self, post: Any, person: Any, who: Any = LU) -> Any:
        cmd = ops.OfKeeper(id=post, person_id=person)
        return self.street.run(pledges.remove_keeper, cmd, who)["keepers"]

    def record(
        self, post: Any, who: Any = LU, on: Any = None, note: Any = "两栋楼走了一遍", **said: Any
    ) -> Any:
        cmd = ops.RecordDeed(id=post, on_date=on or self.today, note=note, **said)
        now, shelf = self.street.now, self.street.shelf
        return self.street.run(pledges.record_deed, cmd, who, now, shelf)

    def deeds(self, post: Any, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListOfItem(id=post, **asked)
        found = self.street.run(pledges.list_deeds, cmd, who, self.street.now, read_only=True)
        return ops.Deeds.model_validate(found)

    def pledges(self, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListPledges(**{"cid": CID, **asked})
        found = self.street.run(pledges.list_pledges, cmd, who, self.street.now, read_only=True)
        return Page[ops.Pledge].model_validate(found)

    def witness(self, deed: Any, who: Any = SUN, seen: Any = True, note: Any = "") -> Any:
        cmd = ops.WitnessDeed(id=deed["id"], seen=seen, note=note)
        return self.street.run(pledges.witness_deed, cmd, who, self.street.now)

    def witnesses(self, deed: Any, who: Any = SUN, **asked: Any) -> Any:
        cmd = ops.ListWitnesses(id=deed["id"], **asked)
        return self.street.run(pledges.list_witnesses, cmd, who, read_only=True)
