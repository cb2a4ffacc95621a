"""Who only watches reads buildings and surnames, from every service. Needs: db."""

import pytest
from sqlalchemy import update

from services.contracts import events as e
from services.contracts.actor import Actor, Role
from services.identity.models import PersonRow
from tests.support.identity_world import HOME
from tests.support.matrix.house import House
from tests.support.matrix.people import COMMUNITIES
from tests.support.matrix.votes_laid import topic

pytestmark = pytest.mark.db

CID = COMMUNITIES[HOME]


@pytest.fixture
def sun(house: House) -> Actor:
    return known_as(house, house.neighbour(), "孙奶奶")


@pytest.fixture
def observer(house: House) -> Actor:
    return house.person((Role.OBSERVER, HOME))


def known_as(house: House, who: Actor, name: str) -> Actor:
    house.tell(
        e.MemberCardChanged(
            person_id=who.person_id,
            community_id=CID,
            path=HOME,
            standing="active",
            display_name=name,
            building_label="3号楼",
        )
    )
    return who


def test_a_thread_is_read_by_surnames_and_by_neighbours_in_full(house, sun, observer):
    said = {"cid": CID, "module": "nearby", "title": "路灯亮了", "body": "谢谢大家"}
    post = house.ask(sun, "createPost", **said)["id"]
    lu = known_as(house, house.neighbour(), "老陆")
    first = house.ask(lu, "createComment", id=post, body="真好")["id"]
    house.ask(sun, "createComment", id=post, body="是呀", reply_to=first)

    def names(who: Actor) -> list[object]:
        listed = house.ask(who, "listPosts", cid=CID)["items"]
        (comment,) = house.ask(who, "listComments", id=post, under="roots")["items"]
        (reply,) = comment["replies"]
        found = [next(one for one in listed if one["id"] == post), comment, reply]
        found.append(house.ask(who, "getPost", id=post))
        assert {one["author"]["building_label"] for one in found} == {"3号楼"}
        return [*(one["author"]["display_name"] for one in found), reply["reply_to_name"]]

    assert names(observer) == ["孙", "陆", "孙", "孙", "陆"]
    assert names(lu) == ["孙奶奶", "老陆", "孙奶奶", "孙奶奶", "老陆"]


def test_so_are_topics_and_what_is_said_about_them(house, sun, observer):
    asked = topic(house, "discussion", sun)
    house.ask(sun, "discussTopic", **asked, stance="for", body="楼道里充电太危险")

    def names(who: Actor) -> list[str]:
        (opinion,) = house.ask(who, "listOpinions", **asked)["items"]
        return [
            house.ask(who, "getTopic", **asked)["author_name"],
            opinion["author"]["display_name"],
        ]

    assert names(observer) == ["孙", "孙"]
    assert names(house.resident) == ["孙奶奶", "孙奶奶"]


def test_her_own_name_stays_hers(house, observer):
    person = house.ask(observer, "getMe")["person"]
    assert person["display_name"] == f"人{observer.person_id[-4:]}"


def test_a_service_that_asks_another_in_her_name_gets_the_card_as_it_is(house, sun, observer):
    named = {"person_id": sun.person_id, "community_id": CID}
    with house.units["identity"]() as uow:
        uow.session.execute(
            update(PersonRow).where(PersonRow.id == sun.person_id).values(display_name="孙奶奶")
        )
        uow.commit()
    card = house.ask(observer, "getMemberCard", **named)
    assert card["display_name"] == "孙奶奶"
