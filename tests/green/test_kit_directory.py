"""The copy of territory and member cards when things come late or not at all. Needs: db."""

import pytest
from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import Forbidden, NotFound, TimedOut, Unavailable
from services.contracts.events import (
    CommunityChanged,
    CommunityClosed,
    MemberCardChanged,
    PersonDeleted,
)

pytestmark = pytest.mark.db


@pytest.fixture
def units(db):
    return db("feed")


def card(name="孙奶奶", community="c-1", residence="local", building="demo.a.e1.b1"):
    return MemberCardChanged(
        person_id="p-1",
        community_id=community,
        path="demo.a",
        standing="active",
        display_name=name,
        building_label="1 号楼",
        residence=residence,
        home=building,
    )


def tell(units, *events):
    for event in events:
        with units() as uow:
            directory.project(uow, event)
            uow.commit()


def names(units):
    with units() as uow:
        rows = uow.session.execute(
            text("SELECT display_name FROM directory_cards WHERE community_id <> ''")
        )
        return [row.display_name for row in rows]


def test_somebody_who_deleted_her_account_is_nameless(units):
    tell(units, card(), PersonDeleted(person_id="p-1"))
    assert "孙奶奶" not in names(units)


@pytest.mark.parametrize("before", [[], [card("孙")]])
def test_a_card_that_comes_after_the_deletion_does_not_bring_the_name_back(units, before):
    tell(units, *before, PersonDeleted(person_id="p-1"), card(), card(community="c-2"))
    assert "孙奶奶" not in names(units)


@pytest.mark.parametrize("error", [Unavailable, TimedOut])
def test_while_identity_is_away_a_new_community_is_not_called_missing(units, error):
    def ask(service, method, **_):
        raise error()

    with units(ask=ask) as uow, pytest.raises(Unavailable):
        directory.community(uow, "c-new")


@pytest.mark.parametrize("error", [NotFound, Forbidden])
def test_a_community_that_identity_does_not_know_is_missing(units, error):
    def ask(service, method, **_):
        raise error()

    with units(ask=ask) as uow, pytest.raises(NotFound) as caught:
        directory.community(uow, "c-new")
    assert caught.value.code == "identity.community_not_found"


def test_while_identity_is_away_nobody_is_called_a_stranger(units):
    def ask(service, method, **_):
        raise Unavailable()

    with units(ask=ask) as uow, pytest.raises(Unavailable):
        directory.require_member(uow, Actor("p-1", "s-1", (), 0), "c-1")


def home():
    return CommunityChanged(
        community_id="c-1",
        path="demo.a",
        name="样例居民区",
        kind="urban",
        code12="310199101001",
        district_id="d",
        district_name="样例区",
        town_id="t",
        town_name="样例镇",
    )


@pytest.mark.parametrize(("why", "known"), [("undone", False), ("offboarded", True)])
def test_a_closed_community_has_no_members_and_is_forgotten_if_nobody_used_it(units, why, known):
    tell(units, home(), card(), card("另一处", "c-2"))
    tell(units, CommunityClosed(community_id="c-1", path="demo.a", why=why))

    with units(ask=lambda *_, **__: (_ for _ in ()).throw(NotFound())) as uow:
        mine, elsewhere = directory.card(uow, "p-1", "c-1"), directory.card(uow, "p-1", "c-2")
        assert (mine.present, mine.building_label) == (False, "")
        assert elsewhere.present
        if known:
            assert directory.community(uow, "c-1").name == "样例居民区"
        else:
            with pytest.raises(NotFound):
                directory.community(uow, "c-1")


# -- who lives elsewhere ---------------------------------------------------------------------------


def residence(units, community="c-1"):
    with units(read_only=True) as uow:
        return directory.card(uow, "p-1", community).residence


def test_who_lives_elsewhere_and_comes_back_is_known_in_each_community(units):
    tell(units, card(residence="away"), card(community="c-2"))
    assert (residence(units), residence(units, "c-2")) == ("away", "local")
    tell(units, card(residence="away"))  # told again
    assert residence(units) == "away"
    tell(units, card())
    assert residence(units) == "local"


@pytest.mark.parametrize(
    "end",
    [
        PersonDeleted(person_id="p-1"),
        CommunityClosed(community_id="c-1", path="demo.a", why="offboarded"),
    ],
)
def test_where_somebody_lives_is_not_kept_of_who_belongs_nowhere(units, end):
    tell(units, card(residence="away"), end)
    assert residence(units) == "local"


def test_who_was_approved_a_moment_ago_lives_elsewhere_already(units):
    told = card(residence="away").model_dump()
    with units(ask=lambda *_, **__: told) as uow:
        mine = directory.require_member(uow, Actor("p-1", "s-1", (), 0), "c-1")
    assert mine.residence == "away"


def test_the_copy_of_somebodys_data_says_where_she_lives(units):
    tell(units, card(residence="away"))
    with units(read_only=True) as uow:
        (mine,) = directory.held_about(uow, "p-1")["items"]
    assert mine["residence"] == "away"


# -- who is near by --------------------------------------------------------------------------------


def building(units):
    with units(read_only=True) as uow:
        return directory.card(uow, "p-1", "c-1").home


def test_the_building_of_a_member_is_known_as_long_as_she_lives_there(units):
    tell(units, card())
    assert building(units) == "demo.a.e1.b1"
    tell(units, card(building="demo.a.e2.b7"))
    assert building(units) == "demo.a.e2.b7"
    tell(units, PersonDeleted(person_id="p-1"))
    assert building(units) == ""


def test_a_card_told_before_there_was_a_building_is_taken(units):
    told = card().model_dump(exclude={"home"})
    with units() as uow:
        directory.projection.put_cards(uow, [told])
        uow.commit()
    assert building(units) == ""
