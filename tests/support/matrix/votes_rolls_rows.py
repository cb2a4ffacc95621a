"""Rolls and proxies of a poll of the residents' committee."""

from services.contracts.actor import COMMITTEE, Actor
from services.contracts.ids import new_id
from services.votes.models import ProxyRow, RollPersonRow
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, thing
from tests.support.matrix.votes_laid import announced
from tests.support.votes import RULES, entry_row

BY_PROXY = RULES.model_copy(update={"proxies": "written", "proxies_each": 1})


def _poll(h: House, *voters: Actor) -> tuple[str, list[str]]:
    """A poll whose roll is published, with an entry for each of them; its id, and their codes."""
    poll_id = new_id()
    announced(h, poll_id, BY_PROXY, roll_state="published")
    codes = []
    with h.units["votes"]() as uow:
        for voter in voters:
            person_id = voter.person_id
            entry = entry_row(poll_id, f"r-{person_id}", building="样例苑 1号楼")
            codes.append(entry.code)
            uow.session.add(entry)
            uow.session.add(RollPersonRow(poll_id=poll_id, person_id=person_id, code=entry.code))
        uow.commit()
    return poll_id, codes


def _of(h: House, _who: Actor) -> Command:
    return {"id": _poll(h, h.resident)[0]}


def _added(h: House, _who: Actor) -> Command:
    ref = h.world.register("孙桂芳", str(h.number()), birth_year=1950)
    return {"id": _poll(h)[0], "ref": ref, "reason": "登记时遗漏"}


def _struck(h: House, _who: Actor) -> Command:
    poll_id, (code,) = _poll(h, h.resident)
    return {"id": poll_id, "subject_id": code, "reason": "已迁出本社区"}


def _given(h: House, who: Actor) -> Command:
    holder = h.neighbour()
    poll_id, codes = _poll(h, who, holder)
    return {"id": poll_id, "holder_id": holder.person_id, "subject_id": codes[0]}


def _written(h: House, _who: Actor) -> Command:
    return _given(h, h.resident)


def _mine(h: House, who: Actor) -> Command:
    """A proxy that this person gave."""
    poll_id, (code,) = _poll(h, who)
    proxy_id = new_id()
    with h.units["votes"]() as uow:
        uow.session.add(
            ProxyRow(
                id=proxy_id,
                poll_id=poll_id,
                code=code,
                principal_id=who.person_id,
                holder_id=h.resident.person_id,
                written=False,
                granted_at=h.now,
            )
        )
        uow.commit()
    return {"id": proxy_id}


ROWS: dict[str, Row] = {
    "listRoll": inside(_of),
    "listMyRollEntries": inside(_of),
    "findOnRoll": place(_of, only=COMMITTEE),
    "getRollTurnout": place(_of, only=COMMITTEE),
    "addRollEntry": place(_added, only=COMMITTEE),
    "strikeRollEntry": place(_struck, only=COMMITTEE),
    "grantProxy": place(_given),
    "recordProxy": place(_written, only=COMMITTEE),
    "revokeProxy": thing(_mine),
    "listProxies": inside(_of),
}
