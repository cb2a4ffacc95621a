"""Operations of feed's micro-projects and party garden."""

from services.contracts.actor import Actor, Role
from services.feed.domain.days import day_of
from services.feed.models import Post
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, inside, place, self_, thing

HERE = {"cid": "c-home"}
MEMBERS = frozenset({Role.PARTY_MEMBER})


def _post(h: House, who: Actor, module: str, **more: object) -> Command:
    h.settle(who)
    words: Command = {"module": module, "title": "修自行车", "body": "旧车修好大家骑", **more}
    return {"id": h.ask(who, "createPost", **HERE, **words)["id"]}


def _applied(h: House, lead: Actor | None = None) -> Command:
    lead = lead or h.neighbour()
    post = _post(h, lead, "services")
    h.ask(lead, "applyProject", **post, wanted=5)
    return post


def _approved(h: House, lead: Actor) -> Command:
    post = _applied(h, lead)
    h.ask(h.secretary, "recordProjectStep", **post, step="approve")
    return post


def _open(h: House, lead: Actor | None = None) -> Command:
    lead = lead or h.neighbour()
    post = _approved(h, lead)
    h.ask(lead, "recordProjectStep", **post, step="recruit")
    return post


def _hours(h: House) -> Command:
    return {"hours": "2.5", "on_date": day_of(h.now).isoformat()}


def _joined(h: House, who: Actor, lead: Actor | None = None) -> Command:
    post = _open(h, lead)
    h.settle(who)
    h.ask(who, "joinProject", **post)
    return post


def _logged(h: House, who: Actor, lead: Actor | None = None) -> Command:
    post = _joined(h, who, lead)
    return {"id": h.ask(who, "logHours", **post, **_hours(h))["id"]}


def _line(h: House) -> Command:
    day = day_of(h.now).isoformat()
    return {"kind": "spending", "amount": "80", "subject": "车胎", "on_date": day}


def _paid(h: House, lead: Actor) -> Command:
    post = _approved(h, lead)
    return {"id": h.ask(lead, "addMoney", **post, **_line(h))["id"]}


PROJECTS: dict[str, Row] = {
    "applyProject": thing(lambda h, who: {**_post(h, who, "services"), "wanted": 3}),
    "getProject": inside(lambda h, _who: _applied(h)),
    "listProjects": inside(lambda _h, _who: HERE),
    "recordProjectStep": thing(lambda h, who: {**_approved(h, who), "step": "recruit"}),
    "joinProject": place(lambda h, _who: _open(h)),
    "leaveProject": place(lambda h, _who: _open(h)),
    "listVolunteers": inside(lambda h, _who: _open(h)),
    "logHours": thing(lambda h, who: {**_joined(h, who), **_hours(h)}),
    "listHours": inside(lambda h, _who: _open(h)),
    "confirmHours": thing(lambda h, who: _logged(h, h.neighbour(), who)),
    "withdrawHours": thing(_logged),
    "listMyHours": self_(),
    "addMoney": thing(lambda h, who: {**_approved(h, who), **_line(h)}),
    "listMoney": inside(lambda h, _who: _applied(h)),
    "cancelMoney": thing(lambda h, who: {**_paid(h, who), "reason": "记错了"}),
}


def _item(h: House, kind: str) -> Command:
    """A study item or a pledge, by the secretary."""
    words = {"module": "party", "title": "银先锋夜巡", "body": "请邻居监督"}
    said: Command = {**HERE, **words, "extra": {"kind": kind}}
    return {"id": h.ask(h.secretary, "createPost", **said)["id"]}


def _deed(h: House) -> Command:
    post = _item(h, "pledge")
    done = {"on_date": day_of(h.now).isoformat(), "note": "走了一遍"}
    return {"id": h.ask(h.secretary, "recordDeed", **post, **done)["id"]}


def _kept(h: House, who: Actor) -> Command:
    """A pledge that this neighbour was named to keep."""
    h.settle(who)
    named = {**_item(h, "pledge"), "person_id": who.person_id}
    h.ask(h.secretary, "nameKeeper", **named)
    return named


def _own_pledge(h: House, who: Actor) -> Command:
    """A pledge of hers, whatever she may write now."""
    h.settle(who)
    post = _item(h, "pledge")
    with h.units["feed"]() as uow:
        uow.session.get_one(Post, post["id"]).author_id = who.person_id
        uow.commit()
    return post


PARTY: dict[str, Row] = {
    "checkInParty": place(lambda _h, _who: {**HERE, "kind": "resident"}, only=MEMBERS),
    "leaveParty": self_(lambda _h, _who: HERE),
    "listPartyCheckIns": inside(lambda _h, _who: HERE),
    "completeStudy": place(lambda h, _who: _item(h, "study"), only=MEMBERS),
    "withdrawCompletion": self_(lambda _h, _who: {"id": "p1"}),
    "getStudyProgress": inside(lambda h, _who: _item(h, "study")),
    "listStudies": inside(lambda _h, _who: HERE),
    "nameKeeper": thing(
        lambda h, who: {**_own_pledge(h, who), "person_id": h.neighbour().person_id}
    ),
    "removeKeeper": thing(_kept),
    "recordDeed": thing(
        lambda h, who: {
            "id": _kept(h, who)["id"],
            "on_date": day_of(h.now).isoformat(),
            "note": "走了一遍",
        }
    ),
    "listPledges": inside(lambda _h, _who: HERE),
    "listDeeds": inside(lambda h, _who: _item(h, "pledge")),
    "witnessDeed": place(lambda h, _who: {**_deed(h), "seen": True}),
    "listWitnesses": inside(lambda h, _who: _deed(h)),
}
