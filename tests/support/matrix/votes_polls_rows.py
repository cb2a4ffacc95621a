"""Operations of polls, results and the publicity."""

import json
from datetime import timedelta

from services.contracts.actor import COMMITTEE
from services.contracts.ids import new_id
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.handlers import ledger
from services.votes.models import ResultRow
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import HERE
from tests.support.matrix.rows import Command, Row, inside, place
from tests.support.matrix.votes_laid import announced, poll, topic

SUMS: Command = {"entries": 0, "households": 0, "area": "0/1", "heads": "0/1"}
NONE: Command = {"for": 0, "against": 0, "abstain": 0, "spoiled": 0, "invalid": 0}
FIGURES: Command = {
    "roll": SUMS,
    "taken_part": SUMS,
    "issued": 0,
    "unreturned": 0,
    "late": 0,
    "by_proxy": 0,
    "online": NONE,
    "paper": NONE,
    "weights": {},
    "quorum_reached": True,
    "passed": True,
    "arithmetic": [],
    "buildings": [],
    "disagreements": [],
}
CERTIFICATE: Command = {
    "community": "样例居民区",
    "convener": "residents_committee",
    "verified": True,
    "figures": FIGURES,
    "rules_in_words": [],
    **dict.fromkeys(("text_hash", "rules_hash", "roll_hash"), ""),
    "heads": [],
}


def _poll(h: House) -> Command:
    """A poll in its notice."""
    poll_id = new_id()
    announced(h, poll_id)
    return {"id": poll_id}


def _result(h: House, *, adopted: bool = False) -> Command:
    """The result of a poll, in publicity or adopted."""
    poll_id = new_id()
    settings = ChainSettings(steps=["supervision", "filing"])
    state = "adopted" if adopted else "publicity"
    found = topic(h, state, poll_id=poll_id, settings=settings.model_dump(mode="json"))
    with h.units["votes"]() as uow:
        row = poll(
            uow,
            found,
            "published",
            h.now - timedelta(days=8),
            id=poll_id,
            announced_at=h.now - timedelta(days=15),
            closes_at=h.now - timedelta(days=1),
            published_at=h.now,
        )
        ledger.open_chain(uow, row, "", h.now)
        uow.session.add(
            ResultRow(
                poll_id=poll_id,
                topic_id=found["id"],
                passed=True,
                figures=FIGURES,
                certificate=json.dumps({**CERTIFICATE, "poll_id": poll_id}),
                certificate_hash="00",
                published_at=h.now,
                ends_at=h.now + timedelta(days=7),
                adopted_at=h.now - timedelta(days=1) if adopted else None,
                file_by=h.now + timedelta(days=30) if adopted else None,
            )
        )
        uow.commit()
    return {"id": poll_id}


def _filing(h: House) -> Command:
    today = (h.now + timedelta(hours=8)).date().isoformat()
    return {**_result(h, adopted=True), "number": "3号", "authority": "镇政府", "filed_on": today}


ROWS: dict[str, Row] = {
    "listPolls": inside(lambda _h, _who: HERE),
    "getPoll": inside(lambda h, _who: _poll(h)),
    "voidPoll": place(lambda h, _who: {**_poll(h), "reason": "文本有误"}, only=COMMITTEE),
    "getResult": inside(lambda h, _who: _result(h)),
    "getCertificate": inside(lambda h, _who: {**_result(h), "format": "pdf"}),
    "signOffResult": place(lambda h, _who: {**_result(h), "decision": "sign", "note": "无误"}),
    "recordFiling": place(lambda h, _who: _filing(h), only=COMMITTEE),
    "annulResult": place(lambda h, _who: {**_result(h), "reason": "名册有误"}, only=COMMITTEE),
    "listPublicity": inside(lambda _h, _who: HERE),
}
