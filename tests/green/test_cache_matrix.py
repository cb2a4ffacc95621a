"""What the gateway keeps, against feed itself: whoever asks, whatever was written. Needs: db."""

import json
from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from services.contracts import events as e
from services.contracts.actor import UNOFFICIAL, Actor, Role
from services.contracts.ids import new_id
from services.contracts.operations import ALL, BY_ID
from services.contracts.operations.base import Operation
from services.feed import threads
from services.feed.service import FeedService
from tests.support.cached_house import Front
from tests.support.identity_world import HOME
from tests.support.matrix import ledger_rows, moderation_rows, neighbour_rows
from tests.support.matrix.house import House
from tests.support.matrix.rows import done, held_at, refused_by_table, somebody
from tests.support.neighbourhood import say

pytestmark = pytest.mark.db

HERE = {"cid": "c-home"}
ROWS = {**neighbour_rows.FEED, **ledger_rows.LEDGERS, **moderation_rows.MODERATION}
# One for each event that the cache goes by; `make test-long` tries the others, too.
ONE_OF_EACH = {"createPost", "updatePost", "deletePost", "createComment", "like", "setDistance"}
ONE_OF_EACH |= {"putModule"}
WRITES = [
    pytest.param(row, id=row.id, marks=[] if row.id in ONE_OF_EACH else pytest.mark.slow)
    for row in ALL
    if row.service == "feed" and row.write and row.built
]
CACHEABLE = {row.id for row in ALL if row.cacheable and row.method == "GET"}


@pytest.fixture(scope="module")
def bystanders(house: House) -> tuple[Actor, Actor]:
    """Two neighbours who have a part in nothing."""
    return house.neighbour(), house.neighbour()


def questions(front: Front, who: Actor) -> list[tuple[str, dict[str, Any]]]:
    """The cacheable reads of the community, and of its newest posts."""
    page = {**HERE, "limit": 100}
    listed = json.loads(front.uncached(who, "listPosts", **page))["items"]
    asked = [("listPosts", page), ("listModules", HERE)]
    for post in [*listed[:2], *[p for p in listed if p["comment_count"]][:1]]:
        asked += [
            ("getPost", {"id": post["id"]}),
            ("listComments", {"id": post["id"], "under": "roots"}),
        ]
    return asked


def test_nobody_is_given_what_is_not_hers_whoever_asked_before(house: House):
    """Every role, here and elsewhere × every cacheable read: kept by one, asked by the other."""
    writer, other = house.neighbour(), house.neighbour()
    said = {**HERE, "module": "neighbours", "title": "你好", "body": "大家好"}
    own = house.ask(writer, "createPost", **said)["id"]
    hidden = house.ask(writer, "createPost", **said, hide_name=True)["id"]
    liked = house.ask(other, "createPost", **said)["id"]
    comment = house.ask(other, "createComment", id=own, body="嗯")["id"]
    house.settle(house.secretary)
    house.ask(house.secretary, "createComment", id=own, body="收到")
    house.ask(writer, "likeComment", id=comment)
    house.ask(writer, "like", id=liked)
    keeper = house.neighbour()
    house.ask(keeper, "setDistance", person_id=other.person_id, kind="mute")
    neighbours = [house.neighbour(), writer, other, keeper]
    everybody = [
        somebody(house, BY_ID["listPosts"], role, side)
        for role, side in product(Role, ("own", "other"))
    ]
    kinds = [*neighbours, *(who for who in everybody if who.roles <= UNOFFICIAL)]
    asked = [("listPosts", HERE), ("listModules", HERE), ("listPosts", {**HERE, "mine": True})]
    asked += [("getPost", {"id": post}) for post in (own, hidden, liked)]
    asked.append(("listComments", {"id": own}))
    assert {name for name, _ in asked} == CACHEABLE
    kept = 0
    for name, values in asked:
        front = Front(house)
        for who in (*everybody, replace(neighbours[0], acted_by="helper")):
            assert front.cache.serves(BY_ID[name], who) is (who in kinds)
        alone = {who: front.uncached(who, name, **values) for who in kinds}
        for begins in (neighbours[0], writer):
            front = Front(house)
            front.read(begins, name, **values)
            for who in kinds:
                assert front.read(who, name, **values) == alone[who], (name, values, who)
            kept += len(kinds) + 1 - front.asked
    assert kept > 20  # these came from the cache


def actor_for(house: House, operation: Operation) -> Actor:
    """Somebody who may do it."""
    row = ROWS[operation.id]
    first = (Role.RESIDENT, Role.SECRETARY, Role.TOWN_ADMIN, *Role)
    role = next(
        role for role in first if not refused_by_table(operation, role) and done(row, "own", role)
    )
    assert held_at(role, "own")
    return somebody(house, operation, role, "own")


@pytest.mark.parametrize("operation", WRITES)
def test_after_every_write_nobody_is_shown_what_was_before(
    house: House, bystanders: tuple[Actor, Actor], operation: Operation
):
    """What is kept is thrown away by what the write tells, or was right anyhow."""
    actor = actor_for(house, operation)
    command = ROWS[operation.id].build(house, actor)
    with kept_answers(house, bystanders, operation.id):
        house.ask(actor, operation, **command)


class kept_answers:
    """Between entering and leaving something happens, after which nothing kept may be wrong."""

    def __init__(self, house: House, bystanders: tuple[Actor, Actor], what: str) -> None:
        self.front, self.what = Front(house), what
        self.first, self.second = bystanders

    def __enter__(self) -> None:
        self.asked = questions(self.front, self.first)
        for name, values in self.asked:
            self.front.read(self.first, name, **values)
            before = self.front.asked
            self.front.read(self.second, name, **values)
            assert self.front.asked == before, (name, "was not kept")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        heard = self.front.hear()
        for name, values in self.asked:
            shown = self.front.read(self.second, name, **values)
            right = self.front.uncached(self.second, name, **values)
            assert shown == right, (self.what, name, heard)


def test_what_other_services_tell_throws_away_what_it_changes(
    house: House, bystanders: tuple[Actor, Actor]
):
    """Cards, communities, deletions and the story of an issue come to feed as events."""
    who, post = house.neighbour(), new_id()
    house.ask(who, "createPost", **HERE, module="neighbours", title="你好", body="大家好")
    near = {"community_id": "c-home", "path": HOME}
    card = {**near, "person_id": who.person_id, "display_name": "改名", "standing": "active"}
    community = {
        **near,
        "name": "新名",
        "kind": "urban",
        "code12": "310199101001",
        "district_id": "d",
        "district_name": "样例区",
        "town_id": "t",
        "town_name": "d.t",
    }
    issue = {**near, "post_id": post, "issue_id": new_id(), "reporter_id": who.person_id}
    for event in (
        e.MemberCardChanged(**card),
        e.CommunityChanged(**community, modules=["neighbours"]),
        e.CommunityChanged(**community),
        say(e.IssueReported, **issue),
        say(e.IssueTriaged, **issue),
        say(e.IssueAnswered, **issue),
        e.PersonDeleted(person_id=who.person_id),
    ):
        with kept_answers(house, bystanders, event.TYPE), house.units["feed"](now=house.now) as uow:
            if isinstance(event, (e.MemberCardChanged, e.CommunityChanged, e.PersonDeleted)):
                call = SimpleNamespace(uow=uow, now=house.now)
                FeedService.keep_directory.spec.fn(None, call, event)
            else:
                threads.tell_issue_story(uow, event, new_id(), house.now)
            uow.commit()


def test_who_gets_a_part_by_others_hands_is_not_given_what_was_kept(
    house: House, bystanders: tuple[Actor, Actor]
):
    """The thread of what she reported is hers, as soon as feed has made it."""
    front, (first, _), who = Front(house), bystanders, house.neighbour()
    for reader in (first, who):
        front.read(reader, "listModules", **HERE)
    post, told = {"id": new_id()}, {"community_id": "c-home", "path": HOME}
    issue = {"post_id": post["id"], "issue_id": new_id(), "reporter_id": who.person_id}
    with house.units["feed"](now=house.now) as uow:
        event = say(e.IssueReported, **told, **issue)
        threads.tell_issue_story(uow, event, new_id(), house.now)
        uow.commit()
    front.hear()
    assert not json.loads(front.read(first, "getPost", **post))["mine"]
    assert json.loads(front.read(who, "getPost", **post))["mine"]


def test_offices_are_all_roles_but_those_of_neighbours():
    assert {role.value for role in UNOFFICIAL} == {
        "resident",
        "owner",
        "party_member",
        "volunteer",
        "group_representative",
    }
