"""Ballots, the bulletin, receipts and exports of a poll of the residents' committee."""

import secrets
from datetime import timedelta

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.votes.handlers import ballots, ledger
from services.votes.models import RollPersonRow
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command, Row, place, public, thing
from tests.support.matrix.votes_laid import poll, topic
from tests.support.votes import entry_row


def _poll(h: House, who: Actor | None = None, *, closed: bool = False) -> Command:
    """A poll that is open, or was opened and closed, with an entry of this person."""
    poll_id = new_id()
    found = topic(h, "voting", poll_id=poll_id)
    with h.units["votes"]() as uow:
        row = poll(
            uow,
            found,
            "open",
            h.now - timedelta(days=8),
            id=poll_id,
            announced_at=h.now - timedelta(days=15),
            closes_at=h.now + timedelta(days=1),
            roll_state="frozen",
            roll_size=1,
        )
        entry = entry_row(poll_id, "r-1")
        uow.session.add(entry)
        uow.session.flush()
        if who is not None:
            person = {"person_id": who.person_id, "code": entry.code}
            uow.session.add(RollPersonRow(poll_id=poll_id, **person))
        ledger.open_chain(uow, row, "", h.now)
        if closed:
            row.state, row.closed_at = "closed", h.now
            ballots.open_box(uow, row, h.now)
        uow.commit()
    return {"id": poll_id}


def _receipt(h: House) -> Command:
    """The receipt of a neighbour's ballot."""
    who = h.neighbour()
    cast = h.ask(who, "castBallot", **_poll(h, who), choice="for")
    return {"code": cast["receipt"]}


def _batch(h: House, who: Actor) -> Command:
    """A ballot as the gateway sends it."""
    sent: Command = {
        "token": h.verifier.token(who),
        "idempotency_key": secrets.token_hex(8),
        "ballot": {"choice": "for"},
    }
    return {**_poll(h, who), "ballots": [sent]}


ROWS: dict[str, Row] = {
    "castBallot": thing(lambda h, who: {**_poll(h, who), "choice": "for"}),
    "castBallots": public(_batch),
    "getBulletin": public(lambda h, _who: _poll(h)),
    "checkReceipt": public(lambda h, _who: _receipt(h)),
    "exportPoll": public(lambda h, _who: _poll(h, closed=True)),
    "auditPoll": place(lambda h, _who: _poll(h, closed=True)),
    "exportPollPart": public(lambda h, _who: _poll(h, closed=True)),
}
