"""Topics and polls of the home community, laid down in the state that an operation wants."""

from datetime import timedelta

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.contracts.operations.votes.chain import ChainSettings
from services.votes.models import PollRow, TopicRow
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.rows import Command
from tests.support.votes import RULES


def topic(h: House, state: str, author: Actor | None = None, **facts: object) -> Command:
    """Names a topic in that state, raised by this neighbour or another."""
    values: dict[str, object] = {
        "id": new_id(),
        "community_id": "c-home",
        "path": HOME,
        "title": "电动车不进楼",
        "body": "楼道里充电太危险了",
        "state": state,
        "convener": "residents_committee",
        "author_id": (author or h.resident).person_id,
        "settings": ChainSettings().model_dump(mode="json"),
        "settings_version": 0,
        "since": h.now,
        "created_at": h.now,
        **facts,
    }
    with h.units["votes"]() as uow:
        uow.session.add(TopicRow(**values))
        uow.commit()
    return {"id": values["id"]}


def announced(h: House) -> Command:
    """Names a topic in its notice, whose poll opens in a week."""
    poll_id = new_id()
    found = topic(h, "notice", poll_id=poll_id)
    opens = h.now + timedelta(days=7)
    with h.units["votes"]() as uow:
        uow.session.add(
            PollRow(
                id=poll_id,
                topic_id=found["id"],
                community_id="c-home",
                path=HOME,
                title="电动车不进楼",
                state="announced",
                convener="residents_committee",
                proposal=1,
                rules=RULES.model_dump(mode="json"),
                secrecy=RULES.secrecy,
                announced_at=h.now,
                opens_at=opens,
                closes_at=opens + timedelta(days=7),
            )
        )
        uow.commit()
    return found
