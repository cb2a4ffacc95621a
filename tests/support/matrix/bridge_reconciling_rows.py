"""Operations of the bridge that hold the platform's side against ours."""

from services.contracts.actor import Actor, Role
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import _triaged
from tests.support.matrix.rows import Command, Row, place, self_


def _order(h: House) -> Command:
    """A work order that the platform has not answered yet."""
    asked: Command = {"reason": "急", "urgent": True}
    return {"no": h.ask(h.secretary, "escalateIssue", **_triaged(h, "8x"), **asked)["no"]}


def _comparison(h: House) -> Command:
    admin = h.person((Role.DISTRICT_ADMIN, "d"))
    found = h.ask(admin, "startReconciliation", did="d", orders=[])
    return {"id": found["id"]}


def _theirs(h: House, _who: Actor) -> Command:
    line = {"work_order_no": f"SQT-310199-2026-9{h.number():05d}", "state": "closed", "seq": 8}
    return {"did": "d", "orders": [line]}


RECONCILING: dict[str, Row] = {
    "urgeWorkOrder": place(lambda h, _who: {**_order(h), "reason": "三天没有人来"}),
    "withdrawWorkOrder": place(lambda h, _who: {**_order(h), "reason": "商户自己清走了"}),
    "amendWorkOrder": place(lambda h, _who: {**_order(h), "note": "又多了一堆"}),
    # elsewhere the list is empty, as it is for who serves on no committee of the district
    "listLibraryEntries": self_(lambda _h, _who: {"did": "d"}),
    "startReconciliation": place(_theirs),
    "getReconciliation": place(lambda h, _who: _comparison(h)),
    "repairReconciliation": place(lambda h, _who: _comparison(h)),
    "listDeadLetters": self_(away=True),
    "replayDeadLetter": self_(lambda _h, _who: {"id": "none"}, away=True),
}
