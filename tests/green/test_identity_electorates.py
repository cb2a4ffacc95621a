"""Who may vote: out of the register, at one moment, by a ticket. Needs: db."""

import secrets
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, ShequError
from services.contracts.operations import identity as op
from services.identity.domain.electorates import (
    MOST_AT_ONCE,
    ElectorateImpossible,
    ElectorateNotFound,
)
from services.identity.handlers import access, electorates
from services.identity.models import PersonRow, RegisterPerson, Territory
from tests.support.identity_world import C_HOME, C_OTHER, HOME, OTHER, World

pytestmark = pytest.mark.db
NEXT_YEAR_18 = 2026 - 17
THIS_YEAR_18 = 2026 - 18


@pytest.fixture
def world(db) -> World:
    return World(db("identity"))


def electorate(who: str, **more: Any) -> dict[str, Any]:
    return {"community_id": C_HOME, "salt": "poll-1", "who": who, **more}


def draw(world: World, actor: Any, who: str, **more: Any) -> op.DrawnElectorate:
    cmd = op.DrawElectorate(**electorate(who, **more))
    return world.do(electorates.draw_electorate, cmd, actor, world.clock, world.now)


def read(world: World, ticket: str, limit: int = 2_000) -> list[op.ElectorateEntry]:
    """All pages."""
    found: list[op.ElectorateEntry] = []
    after: int | None = 0
    while after is not None:
        cmd = op.PageElectorate(ticket=ticket, after=after, limit=limit)
        page = world.do(electorates.page_electorate, cmd, world.clock, read=True)
        found += page.items
        after = page.after
    return found


def drawn(world: World, actor: Any, who: str, **more: Any) -> list[op.ElectorateEntry]:
    return read(world, draw(world, actor, who, **more).ticket)


def mine(world: World, actor: Any, who: str, **more: Any) -> list[str]:
    cmd = op.MySubjects(**electorate(who, **more))
    return world.do(electorates.my_subjects, cmd, actor, world.now, read=True).refs


def refused(call: Callable[[], Any], error: type[ShequError]) -> None:
    with pytest.raises(error):
        call()


def room(world: World, name: str, area: str | None, parent: str = "u-1") -> str:
    """A room of the tree, with its floor area in m²; its id."""
    paths = {"u-1": f"{HOME}.e1.b1.u1", "b-2": f"{HOME}.e1.b2"}
    room_id = f"r{secrets.token_hex(4)}"
    with world.units() as uow:
        uow.session.add(
            Territory(
                id=room_id,
                kind="room",
                parent_id=parent,
                path=f"{paths[parent]}.{room_id}",
                name=name,
                position=int(name),
                floor_area=None if area is None else Decimal(area),
            )
        )
        uow.commit()
    return room_id


def person(world: World, room: str, relation: str = "owner", **known: Any) -> str:
    """Somebody of the register; the id of the entry."""
    entry = world.register("孙桂芳", room, **known)
    with world.units() as uow:
        uow.session.get_one(RegisterPerson, entry).relation = relation
        uow.commit()
    return entry


def test_residents_are_the_adults_of_the_register_and_what_is_not_known_is_said(world):
    wang, sun = world.staff(), world.person()
    known = person(world, "101", birth_year=1950, person_id=sun.person_id)
    unknown = person(world, "102", birth_year=None)
    this_year = person(world, "103", birth_year=THIS_YEAR_18)
    person(world, "104", birth_year=NEXT_YEAR_18)
    person(world, "105", birth_year=1950, ended_at=world.now)
    tenant = person(world, "106", "tenant", birth_year=1980)
    shop = person(world, "107", "operator", birth_year=1980)
    migrant = person(world, "108", "migrant", birth_year=1980)
    away = person(world, "109", "away", birth_year=1980)
    entries = {e.ref: e for e in drawn(world, wang, "residents18")}
    assert set(entries) == {known, unknown, this_year, tenant, shop, migrant, away}
    assert {ref: e.doubt for ref, e in entries.items() if e.doubt} == {
        unknown: "age",
        this_year: "age",
    }
    first = entries[known]
    assert (first.kind, first.building, first.place) == ("person", "样例苑 1号楼", "101")
    assert first.people == [sun.person_id]
    assert (first.head_n, first.head_d, first.area, first.head_group) == (1, 1, 0, "")
    narrow = drawn(world, wang, "residents18", tenants=False, migrants=False, away=False)
    assert {e.ref for e in narrow} == {known, unknown, this_year}
    person(world, "201", birth_year=1950, building_id="b-2")
    assert len(drawn(world, wang, "residents18", within="b-2")) == 1
    assert mine(world, sun, "residents18") == [known]
    assert mine(world, world.person(), "residents18") == []


def test_a_household_is_an_address_with_somebody_who_may_vote_and_any_of_them_may_act(world):
    wang, sun, son, lodger = world.staff(), *(world.person() for _ in range(3))
    person(world, "101", birth_year=1950, person_id=sun.person_id)
    person(world, "101", "family", birth_year=1980, person_id=son.person_id)
    person(world, "101", "tenant", birth_year=1990, person_id=lodger.person_id)
    person(world, "102", birth_year=2020)
    person(world, "103", birth_year=None)
    entries = drawn(world, wang, "households", tenants=False)
    assert [e.place for e in entries] == ["101", "103"], "nobody at 102 is of age"
    assert set(entries[0].people) == {sun.person_id, son.person_id}
    assert [e.doubt for e in entries] == ["", "age"]
    assert mine(world, sun, "households", tenants=False) == [entries[0].ref]
    assert mine(world, lodger, "households", tenants=False) == []
    assert mine(world, lodger, "households") == [entries[0].ref]


def test_an_owner_of_several_units_is_one_head_and_those_who_own_one_together_are_one(world):
    committee, wang = world.person("", (Role.OWNERS_COMMITTEE, HOME)), world.staff()
    sun, lu = world.person(), world.person()
    one, two, three, bare, unsold = (
        room(world, "101", "88.5"), room(world, "102", "60.25"), room(world, "103", "70"),
        room(world, "104", None), room(world, "105", "99.99"),
    )  # fmt: skip
    room(world, "106", None)  # neither owner nor area: a place where nobody owns anything
    far = room(world, "201", "50", "b-2")
    person(world, "101", room_id=one, unit_id="u-1", person_id=sun.person_id, id_index="sun")
    person(world, "102", room_id=two, unit_id="u-1", id_index="sun")
    person(world, "103", room_id=three, unit_id="u-1", id_index="sun")
    person(world, "103", room_id=three, unit_id="u-1", person_id=lu.person_id)
    person(world, "104", room_id=bare, unit_id="u-1")
    person(world, "101", "tenant", room_id=one, unit_id="u-1")
    person(world, "201", room_id=far, building_id="b-2", id_index="sun")
    loose = person(world, "999")  # of a room that the tree does not have
    for actor in (committee, wang):
        entries = {e.ref: e for e in drawn(world, actor, "owners")}
    assert set(entries) - {one, two, three, bare, unsold, far} == {
        e.ref for e in entries.values() if e.place == "999"
    }
    assert len(entries) == 7 and loose
    assert [entries[r].area for r in (one, two, three, bare, unsold, far)] == [
        8850, 6025, 7000, 0, 9999, 5000,
    ]  # fmt: skip
    heads = {r: (e.head_n, e.head_d) for r, e in entries.items()}
    assert heads[one] == heads[two] == heads[far] == (1, 3)
    assert heads[three] == heads[bare] == heads[unsold] == (1, 1)
    assert len({entries[r].head_group for r in (one, two, far)}) == 1
    assert set(entries[three].people) == {lu.person_id}
    assert (entries[bare].doubt, entries[unsold].doubt) == ("area", "owner")
    assert entries[one].place == "1单元 101"
    near = {e.ref: e.head_d for e in drawn(world, wang, "affected_owners", within="b-1")}
    assert far not in near and near[one] == 2, "heads are those of the electorate"
    again = draw(world, wang, "owners", salt="poll-2")
    assert {e.head_group for e in read(world, again.ticket)}.isdisjoint(
        {e.head_group for e in entries.values() if e.head_group}
    )
    assert mine(world, sun, "owners") == [one]
    assert mine(world, lu, "owners") == [three]


def test_representatives_hold_the_office_and_villagers_live_in_a_village(world):
    wang, far = world.staff(), world.staff(OTHER)
    ma = world.person("", (Role.GROUP_REPRESENTATIVE, HOME))
    world.person("", (Role.GROUP_REPRESENTATIVE, OTHER))
    (entry,) = drawn(world, wang, "representatives")
    assert (entry.ref, entry.people, entry.building) == (ma.person_id, [ma.person_id], "样例居民区")
    assert mine(world, ma, "representatives") == [ma.person_id]
    refused(lambda: draw(world, wang, "villagers"), ElectorateImpossible)
    assert draw(world, far, "villagers", community_id=C_OTHER).size == 0


def test_the_snapshot_stays_as_it_was_in_one_order_and_opens_to_its_ticket_alone(world):
    wang = world.staff()
    for number in range(7):
        person(world, str(100 + number), birth_year=1950)
    ticket = draw(world, wang, "residents18").ticket
    before = read(world, ticket)
    for number in range(7):
        person(world, str(200 + number), birth_year=1950)
    assert read(world, ticket) == before
    assert read(world, ticket, limit=3) == before
    assert [e.place for e in before] == [str(100 + n) for n in range(7)]
    assert ticket not in str(world.rows("SELECT * FROM electorates"))
    refused(lambda: read(world, "x" * 43), ElectorateNotFound)
    cmd = op.DropElectorate(ticket=ticket)
    assert world.do(electorates.drop_electorate, cmd).dropped
    assert not world.do(electorates.drop_electorate, cmd).dropped
    refused(lambda: read(world, ticket), ElectorateNotFound)
    assert world.rows("SELECT count(*) FROM electorate_entries") == [(0,)]


def test_after_a_day_it_is_forgotten_and_not_too_many_are_kept(world):
    wang = world.staff()
    person(world, "101", birth_year=1950)
    tickets = [draw(world, wang, "residents18").ticket for _ in range(MOST_AT_ONCE)]
    with pytest.raises(ShequError) as caught:
        draw(world, wang, "residents18")
    assert (caught.value.status, caught.value.code) == (429, "identity.too_many_electorates")
    assert world.do(electorates.forget_electorates, world.clock) == 0
    world.later(hours=24)
    refused(lambda: read(world, tickets[0]), ElectorateNotFound)
    for left in range(MOST_AT_ONCE, 0, -1):
        assert world.rows("SELECT count(*) FROM electorates") == [(left,)]
        assert world.do(electorates.forget_electorates, world.clock) == 1
    assert world.do(electorates.forget_electorates, world.clock) == 0
    assert world.rows("SELECT count(*) FROM electorate_entries") == [(0,)]


def test_only_who_convenes_such_voters_there_may_draw_or_look(world):
    owners, next_door = world.person("", (Role.OWNERS_COMMITTEE, HOME)), world.staff(OTHER)
    for who, actor in (("residents18", owners), ("residents18", next_door), ("owners", next_door)):
        refused(lambda a=actor, w=who: draw(world, a, w), Forbidden)
        cmd = op.ShowSubjects(**electorate(who), name="孙桂芳")
        refused(
            lambda a=actor, c=cmd: world.do(
                electorates.show_subjects, world.vault, c, a, world.now
            ),
            Forbidden,
        )
    wang = world.staff()
    refused(lambda: draw(world, wang, "affected_owners"), ElectorateImpossible)
    refused(lambda: draw(world, wang, "owners", within="b-9"), ElectorateImpossible)
    with world.units() as uow:
        uow.session.get_one(Territory, C_HOME).closed_at = world.now
        uow.commit()
    refused(lambda: draw(world, wang, "residents18"), ElectorateImpossible)


def test_the_desk_sees_masked_names_also_of_those_not_entitled_and_they_read_of_it(world):
    wang, sun = world.staff(), world.person()
    old = person(world, "101", birth_year=1950, person_id=sun.person_id)
    young = person(world, "101", "family", birth_year=2020)

    def show(**asked: Any) -> list[op.ShownSubject]:
        cmd = op.ShowSubjects(**electorate("residents18", **asked))
        return world.do(electorates.show_subjects, world.vault, cmd, wang, world.now).items

    assert {s.ref for s in show(name="孙桂芳")} == {old, young}
    (shown,) = show(refs=[old])
    assert (shown.names, shown.birth_years) == (["孙**"], [1950])
    assert show(name="李四") == [] and show(name="1") == []
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), sun, read=True).items
    assert [(line.what, line.actor.id) for line in log] == [(electorates.SEEN, wang.person_id)] * 2


def test_a_childs_account_acts_for_nothing(world):
    wang, guardian, child = world.staff(), world.person(), world.person()
    with world.units() as uow:
        uow.session.get_one(PersonRow, child.person_id).guardian_id = guardian.person_id
        uow.commit()
    person(world, "101", birth_year=None, person_id=child.person_id)
    room_id = room(world, "102", "50")
    person(world, "102", room_id=room_id, person_id=child.person_id)
    assert drawn(world, wang, "residents18") == []
    unit = next(e for e in drawn(world, wang, "owners") if e.ref == room_id)
    assert unit.people == [] and unit.doubt == ""
    for who in ("residents18", "households", "owners"):
        assert mine(world, child, who) == []
