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
from services.contracts.operations.feed import sign_ups as sign_up_ops
from services.feed.handlers import handshakes, leaving, sign_ups
from services.feed.models import AidPost, Handshake, SignUp
from tests.support.feed_moderators import WatchedStreet, at_once
from tests.support.feed_street import CID, PATH, SUN

pytestmark = pytest.mark.db
CROWD = 6
ROUNDS = 8  # one of four met a deadlock when the posts were locked last
HELP_AND_SIGN_UPS = """{"name": "聚会", "name_en": "Gatherings", "works": ["sign_up", "aid"],
    "fields": [{"key": "kind", "kind": "choice", "name": "类型", "name_en": "Kind", "lines": false,
        "choices": [{"key": "offer", "name": "我能帮", "name_en": "Offer"}]}]}"""


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


def asked_of(
    street: WatchedStreet, post: str, author: Actor, asker: Actor, shake: str
) -> Handshake:
    """A handshake that waits for its author's answer."""
    return Handshake(
        id=shake,
        post_id=post,
        community_id=CID,
        kind="offer",
        author_id=author.person_id,
        asker_id=asker.person_id,
        helper_id=author.person_id,
        state="asked",
        asked_at=street.now,
        changed_at=street.now,
    )


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
            post = posts[author.person_id]
            uow.session.add(asked_of(street, post, author, asker, shake))
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


def test_who_leave_while_the_post_is_deleted_wait_for_each_other_in_one_order(street):
    people = street.neighbours(CROWD)
    street.module("gatherings", HELP_AND_SIGN_UPS)

    def leaves(who: Actor) -> Any:
        event = e.MemberCardChanged(
            person_id=who.person_id, community_id=CID, path=PATH, standing="ended", display_name="x"
        )
        return lambda: street.run(leaving.follow, event, street.now)

    for _ in range(ROUNDS):
        post = street.post(module="gatherings", extra={"kind": "offer"})["id"]
        event = sign_up_ops.PutSignUpEvent(id=post, unit="person")
        street.run(sign_ups.put_event, event, SUN, street.now)
        with street.units() as uow:
            uow.session.add_all(asked_of(street, post, SUN, who, new_id()) for who in people)
            uow.commit()
        for who in people:
            street.run(sign_ups.sign_up, sign_up_ops.PutSignUp(id=post), who, street.now)
        outcomes = at_once([*map(leaves, people), lambda post=post: street.delete(post)])
        assert outcomes == [None] * len(outcomes)
        with street.units(read_only=True) as uow:
            assert uow.session.scalar(select(func.count()).where(SignUp.state == "in")) == 0
