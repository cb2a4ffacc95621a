"""Binding coverage and badge rate, within one's scope, small numbers withheld. Needs: db."""

import pytest
from sqlalchemy import event, text

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.identity import repository
from services.identity.handlers import community, figures
from services.identity.handlers.roles import ScopeNotFound
from services.identity.models import Membership
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    HOME,
    OTHER,
    OTHER_ESTATE,
    World,
    made_up_id,
)

pytestmark = pytest.mark.db


@pytest.fixture
def analyst(world) -> Actor:
    return world.person("", (Role.DISTRICT_ANALYST, "d"))


def ask(world: World, who: Actor, **over) -> dict[str, op.FigureRow]:
    cmd = op.IdentityFigures.model_validate({"did": "d", **over})
    found = world.do(figures.identity_figures, cmd, who, world.now, read=True)
    assert found.as_of == world.now
    return {row.place.id: row for row in found.items}


def party(world: World, path: str, members: int, shown: int) -> None:
    for number in range(members):
        who = world.person("", (Role.PARTY_MEMBER, path))
        if number < shown:
            world.do(_show, who.person_id, world.now)


def _show(uow, person_id, now):
    repository.choose_badge(uow.session, person_id, True, now)


@pytest.fixture
def street(world) -> World:
    """Three households on the register, two of them with members; one member in the village."""
    for name, room in (("孙桂芳", "402"), ("孙伟", "402"), ("陆建国", "101"), ("周伟", "102")):
        world.register(name, room)
    for number, (name, room) in enumerate((("孙桂芳", "402"), ("孙伟", "402"), ("周伟", "102"))):
        number = made_up_id(sequence=10 + number)
        state = world.join(world.person(), real_name=name, room=room, unit=None, id_number=number)
        assert state.status == "active"
    world.join(world.person(), real_name="王等", room="500", id_number=made_up_id(sequence=40))
    there = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    who = {"relation": "villager", "id_number": made_up_id(sequence=50)}
    village = world.join(world.person(), **there, **who)
    with world.units() as uow:
        uow.session.get(Membership, village.id).status = "active"
        uow.commit()
    return world


def test_coverage_is_households_with_a_member_of_the_households_on_the_register(street, analyst):
    row = ask(street, analyst, level="community")[C_HOME]
    assert (row.households, row.households_bound, row.binding_coverage) == (3, 2, "2/3")
    assert (row.members, row.register_persons) == (3, 4)


def test_where_the_community_states_its_households_these_count(street, analyst):
    cmd = op.UpdateCommunity(cid=C_HOME, electorate=op.Electorate(households=800))
    street.do(community.update_community, cmd, street.staff(), street.now)
    assert ask(street, analyst, level="community")[C_HOME].binding_coverage == "2/800"


def test_towns_and_the_district_are_the_sum_of_their_communities(street, analyst):
    for level, place in (("town", "t"), ("district", "d")):
        (row,) = ask(street, analyst, level=level).values()
        assert row.place.id == place
        assert (row.households, row.households_bound, row.members) == (3, 3, 4)


def test_ended_entries_and_waiting_members_do_not_count(street, analyst):
    with street.units() as uow:
        uow.session.execute(text("UPDATE register_persons SET ended_at = now()"))
        uow.session.execute(text("UPDATE memberships SET status = 'pending'"))
        uow.commit()
    row = ask(street, analyst, level="community")[C_HOME]
    assert (row.households, row.households_bound, row.members, row.register_persons) == (0, 0, 0, 0)
    assert row.binding_coverage == "0/0"


def test_the_badge_rate_is_who_shows_it_of_whom_a_branch_confirmed(world, analyst):
    party(world, HOME, 14, 11)
    party(world, f"{HOME}.e1.b1", 1, 1)
    party(world, OTHER, 12, 10)
    rows = ask(world, analyst, level="community")
    assert (rows[C_HOME].party_members, rows[C_HOME].badges_shown) == (15, 12)
    assert rows[C_HOME].badge_rate == "12/15"
    assert rows[C_OTHER].badge_rate == "10/12"


def test_fewer_than_ten_badges_are_not_told_of_nor_to_be_reckoned(world, analyst):
    party(world, HOME, 22, 20)
    party(world, OTHER, 12, 5)
    rows = ask(world, analyst, level="community")
    few, many = rows[C_OTHER], rows[C_HOME]
    assert (few.party_members, few.badges_shown, few.badge_rate) == (12, None, None)
    assert (many.party_members, many.badges_shown, many.badge_rate) == (22, None, None)
    assert ask(world, analyst, level="town")["t"].badges_shown == 25, "less 20 here would tell of 5"


def test_fewer_than_ten_party_members_are_not_told_of_nor_to_be_reckoned(world, analyst):
    party(world, HOME, 14, 12)
    party(world, OTHER, 9, 9)
    rows = ask(world, analyst, level="community")
    assert rows[C_OTHER].party_members is rows[C_OTHER].badge_rate is None
    assert rows[C_HOME].party_members is None, "23 in the town less 14 here would tell of 9 there"
    assert ask(world, analyst, level="town")["t"].badge_rate == "21/23"


def test_a_confirmation_that_is_over_does_not_count(world, analyst):
    party(world, HOME, 12, 12)
    with world.units() as uow:
        uow.session.execute(
            text("UPDATE grants SET expires_at = :now WHERE role = 'party_member'"),
            {"now": world.now},
        )
        uow.commit()
    assert ask(world, analyst, level="community")[C_HOME].party_members is None


def test_each_office_sees_its_own_scope(street, world):
    town = world.person("", (Role.TOWN_ADMIN, "d.t"))
    observer = world.person("", (Role.OBSERVER, HOME))
    for who in (world.staff(), observer):
        assert set(ask(street, who, level="community")) == {C_HOME}
        assert set(ask(street, who, level="community", town="t")) == {C_HOME}
        for level in ("town", "district"):
            with pytest.raises(Forbidden):
                ask(street, who, level=level)
    assert set(ask(street, town, level="community")) == {C_HOME, C_OTHER}
    assert set(ask(street, town)) == {"t"}
    with pytest.raises(Forbidden):
        ask(street, town, level="district")
    with pytest.raises(Forbidden):
        ask(street, world.person(), level="community")


def test_what_is_no_district_or_no_town_of_it_is_not_found(world, analyst):
    for over in ({"did": "t"}, {"did": "nowhere"}, {"town": C_HOME}, {"town": "nowhere"}):
        with pytest.raises(ScopeNotFound):
            ask(world, analyst, **over)


def test_the_number_of_statements_does_not_grow_with_the_communities(street, analyst):
    asked = []
    listener = lambda *_: asked.append(1)  # noqa: E731
    event.listen(street.units.engine, "before_cursor_execute", listener)
    try:
        ask(street, analyst, level="community")
    finally:
        event.remove(street.units.engine, "before_cursor_execute", listener)
    assert len(asked) <= 9
