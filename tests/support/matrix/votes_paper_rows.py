"""The paper desk of a poll of the residents' committee."""

from datetime import timedelta
from typing import Any

from services.contracts.actor import COMMITTEE, Actor, Role
from services.contracts.ids import new_id
from services.votes.domain.paper import number
from services.votes.handlers import ledger
from services.votes.models import PollRow, ProposalVersionRow
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place
from tests.support.matrix.votes_laid import poll, topic
from tests.support.votes import RULES, entry_row

BUILDING = "3号楼"
DESK = COMMITTEE
"""Of those whom the table admits it is this poll's committee that counts."""


def _poll(h: House) -> str:
    """A poll that is open, with six on its roll; its id."""
    poll_id = new_id()
    found = topic(h, "voting", poll_id=poll_id)
    times = {"opens_at": h.now - timedelta(days=2), "closes_at": h.now + timedelta(days=2)}
    with h.units["votes"]() as uow:
        row = poll(
            uow,
            found,
            "open",
            times["opens_at"],
            id=poll_id,
            announced_at=h.now,
            closes_at=times["closes_at"],
            roll_size=6,
        )
        uow.session.add(
            ProposalVersionRow(
                topic_id=found["id"],
                version=1,
                articles=[{"key": "a1", "title": "", "text": "电动车不进楼"}],
                rules=RULES.model_dump(mode="json"),
                hash="ab" * 32,
                written_at=h.now,
                written_role="committee_staff",
                **times,
            )
        )
        uow.session.flush()
        uow.session.add_all(
            entry_row(poll_id, f"r{n}", code=f"{poll_id[-8:]}{n}", building=BUILDING)
            for n in range(6)
        )
        ledger.open_chain(uow, row, "", h.now)
        uow.commit()
    return poll_id


def _codes(poll_id: str) -> list[str]:
    return [f"{poll_id[-8:]}{n}" for n in range(6)]


def _out(h: House) -> Command:
    """Six papers are out; names the first."""
    poll_id = _poll(h)
    h.ask(h.secretary, "issuePaper", id=poll_id, subject_ids=_codes(poll_id))
    return {"id": poll_id, "paper": number(poll_id, 1)}


def _back(h: House) -> Command:
    """It was checked off by mistake."""
    found = _out(h)
    h.ask(h.secretary, "returnPaper", **found)
    return {**found, "reason": "登记错了"}


SHEET: Command = {
    "buildings": [BUILDING],
    "issued": 6,
    "returned": 0,
    "spoiled": 0,
    "unreturned": 6,
    "for": 0,
    "against": 0,
    "abstain": 0,
}


def _closed(h: House) -> str:
    """Voting has ended with six papers out; the poll's id."""
    poll_id: str = _out(h)["id"]
    with h.units["votes"]() as uow:
        row = uow.session.get_one(PollRow, poll_id)
        row.state, row.closes_at = "closed", h.now - timedelta(days=1)
        uow.commit()
    return poll_id


def _entered(h: House, second: Actor | None = None) -> str:
    """A sheet of it, confirmed if a second person is named; the sheet's id."""
    photo = h.picture(h.secretary)
    command: dict[str, Any] = {"id": _closed(h), "photo_ids": [photo], **SHEET}
    sheet_id: str = h.ask(h.secretary, "enterPaper", **command)["id"]
    if second is not None:
        h.ask(second, "confirmPaper", id=sheet_id, **SHEET)
    return sheet_id


def _counter(h: House, who: Actor) -> Command:
    """Puts a sheet in the place of a confirmed one."""
    sheet_id = _entered(h, h.person((Role.COMMITTEE_STAFF, HOME)))
    return {"id": sheet_id, "photo_ids": [h.picture(who)], "reason": "漏数一张", **SHEET}


def _issue(h: House, _who: Actor) -> Command:
    poll_id = _poll(h)
    return {"id": poll_id, "subject_id": _codes(poll_id)[0]}


def _queue(h: House, _who: Actor) -> Command:
    poll_id = _poll(h)
    body = {"subject_id": _codes(poll_id)[0]}
    return {"id": poll_id, "entries": [{"entry_key": "k", "act": "issue", "body": body}]}


def _print(h: House, _who: Actor) -> Command:
    return {"id": _out(h)["id"], "format": "pdf", "building": BUILDING}


PAPER: dict[str, Row] = {
    "issuePaper": place(_issue, only=DESK),
    "returnPaper": place(lambda h, _who: _out(h), only=DESK),
    "spoilPaper": place(lambda h, _who: _out(h), only=DESK),
    "takeBackPaper": place(lambda h, _who: _out(h), only=DESK),
    "reopenPaper": place(lambda h, _who: _back(h), only=DESK),
    "listPaperDesk": place(lambda h, _who: {"id": _poll(h)}),
    "enterPaper": place(
        lambda h, who: {"id": _closed(h), "photo_ids": [h.picture(who)], **SHEET}, only=DESK
    ),
    "confirmPaper": place(lambda h, _who: {"id": _entered(h), **SHEET}, only=DESK),
    "counterPaper": place(_counter, only=DESK),
    "dropPaper": place(lambda h, _who: {"id": _entered(h), "reason": "写错"}, only=DESK),
    "listTallies": place(lambda h, _who: {"id": _poll(h)}),
    "syncPaper": place(_queue, only=DESK),
    "getBallotPapers": place(_print, only=DESK),
    "getIssueRegister": place(_print, only=DESK),
    "getTallySheet": place(_print, only=DESK),
    "getPollPoster": place(lambda h, _who: {"id": _poll(h), "format": "pdf"}),
}
