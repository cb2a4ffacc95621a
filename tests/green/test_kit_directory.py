"""The copy of territory and member cards when things come late or not at all. Needs: db."""

import pytest
from sqlalchemy import text

from services import directory
from services.contracts.actor import Actor
from services.contracts.errors import Forbidden, NotFound, TimedOut, Unavailable
from services.contracts.events import MemberCardChanged, PersonDeleted

pytestmark = pytest.mark.db


@pytest.fixture
def units(db):
    return db("feed")


def card(name="孙奶奶", community="c-1"):
    return MemberCardChanged(
        person_id="p-1",
        community_id=community,
        path="demo.a",
        standing="active",
        display_name=name,
        building_label="1 号楼",
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
