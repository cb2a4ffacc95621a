"""Neighbours with arrangements among each other leave side by side. Needs: db."""

from collections import Counter
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select

from services.contracts import events as e
from services.contracts.actor import Actor
from services.contracts.errors import ShequError
from services.contracts.ids import new_id
from services.contracts.operations.feed import aid as ops
from services.feed.handlers import handshakes, leaving
from services.feed.models import AidPost, Handshake
from tests.support.feed_moderators import WatchedStreet, at_once
from tests.support.feed_street import CID

pytestmark = pytest.mark.db
CROWD = 6


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


def crowd(street: WatchedStreet) -> tuple[list[Actor], list[tuple[Actor, str]]]:
    """People each of whom has asked each other one; they, and who may answer which handshake."""
    people = street.neighbours(CROWD)
    posts = {}
    for who in people:
        post = street.post(who, module="mutual_aid", extra={"kind": "offer", "skill": "修车"})
        posts[who.person_id] = post["id"]
    asked = []
    with street.units() as uow:
        for author, asker in permutations(people, 2):
            shake = new_id()
            uow.session.add(
                Handshake(
                    id=shake,
                    post_id=posts[author.person_id],
                    community_id=CID,
                    kind="offer",
                    author_id=author.person_id,
                    asker_id=asker.person_id,
                    helper_id=author.person_id,
                    state="asked",
                    asked_at=street.now,
                    changed_at=street.now,
                )
            )
            asked.append((author, shake))
        uow.commit()
    return people, asked


def test_who_leave_side_by_side_leave_nothing_open_and_nothing_is_ended_twice(street):
    people, asked = crowd(street)

    def leaves(who: Actor) -> Any:
        event = e.PersonDeleted(person_id=who.person_id)
        return lambda: street.run(leaving.follow, event, street.now)

    def declines(author: Actor, shake: str) -> Any:
        cmd = ops.StepHandshake(id=shake, step="decline")
        return lambda: street.run(handshakes.step_handshake, cmd, author, street.now)

    steps = [declines(author, shake) for author, shake in asked]
    outcomes = at_once([*map(leaves, people), *steps])
    declined = [found for found in outcomes[len(people) :] if not isinstance(found, ShequError)]
    with street.units(read_only=True) as uow:
        states = Counter(uow.session.scalars(select(Handshake.state)))
        still_offered = select(func.count()).where(AidPost.state != "closed")
        assert uow.session.scalar(still_offered) == 0
    assert states["declined"] == len(declined)
    assert states["cancelled"] == len(asked) - len(declined)
    told = Counter(
        body["handshake_id"] for kind, body in street.emitted() if kind == e.HandshakeChanged.TYPE
    )
    assert told == Counter(shake for _, shake in asked)
