"""The register of persons: read masked, tied to accounts by hand, exported. Needs: db."""

from collections import Counter

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden
from services.contracts.operations import identity as op
from services.contracts.operations.base import Page
from services.identity.domain.tenure import MembershipOver
from services.identity.exchange import REGISTER, Line
from services.identity.handlers import access, desk, register, register_export
from services.identity.handlers.desk import MembershipNotFound, OwnRequest
from services.identity.handlers.register import (
    AddressesDiffer,
    EntryEnded,
    EntryNotFound,
    EntryTaken,
)
from services.identity.models import Territory
from services.kit.pages import BadCursor
from tests.support.identity_world import C_HOME, OTHER, World, made_up_id
from tests.support.registers import LU, SUN, bring, counts, entries, file_of

pytestmark = pytest.mark.db


def look(world: World, who: Actor, **over) -> Page[op.RegisterEntryView]:
    cmd = op.ListRegister.model_validate({"cid": C_HOME, **over})
    return world.do(register.list_register, world.vault, cmd, who, world.now)


def link(world: World, who: Actor, membership: str, entry: str) -> op.RegisterEntryView:
    cmd = op.LinkRegister(id=membership, register_id=entry)
    return world.do(register.link_register, world.vault, cmd, who, world.now)


def log_of(world: World, who: Actor) -> list[op.AccessLogEntry]:
    return world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items


# -- reading ---------------------------------------------------------------------------------------


@pytest.fixture
def street(world, staff) -> World:
    rows = (
        SUN,
        LU,
        "样例苑,1号楼,2单元,402,周伟,1960,租户,,",
        "样例苑,1号楼,1单元,1001,孙桂芳,1980,家庭成员,,",
        "样例苑,1号楼,1单元,9,陈静,1990,业主,,",
    )
    assert bring(world, staff, file_of(*rows)).imported
    return world


def test_the_register_is_read_masked_in_the_order_of_the_addresses(street, staff):
    page = look(street, staff)
    assert [(e.building.name, e.unit.name if e.unit else None, e.room) for e in page.items] == [
        ("1号楼", "1单元", "9"),
        ("1号楼", "1单元", "402"),
        ("1号楼", "1单元", "1001"),
        ("1号楼", "2单元", "402"),
        ("2号楼", None, "101室"),
    ]
    assert [e.name for e in page.items] == ["陈*", "孙**", "孙**", "周*", "陆**"]
    assert {e.has_account for e in page.items} == {False}


def test_it_is_searched_by_whole_name_room_building_and_account(street, staff):
    granny = street.person()
    street.join(granny)

    def found(**over) -> list[str]:
        return [e.room for e in look(street, staff, **over).items]

    assert found(q="孙 桂芳") == ["402", "1001"]
    assert found(q="孙桂") == [] == found(q="孙")
    assert found(q="0402室") == ["402", "402"]
    assert found(building="b-2") == ["101室"]
    assert found(account=True) == ["402"]
    assert len(found(account=False)) == 4
    assert look(street, staff, account=True).items[0].person_id == granny.person_id


def test_it_goes_on_page_by_page(street, staff):
    seen, cursor = [], None
    while True:
        page = look(street, staff, limit=2, cursor=cursor)
        seen += [e.id for e in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 5 == len(set(seen))
    assert seen == [e.id for e in look(street, staff).items]
    with pytest.raises(BadCursor):
        look(street, staff, cursor="WyJhIiwiYiIsImMiLCJkIiwiZSJd")


def test_ended_entries_are_read_apart(street, staff):
    bring(street, staff, file_of(LU), mode="replace")
    assert [e.room for e in look(street, staff).items] == ["101室"]
    gone = look(street, staff, ended=True).items
    assert len(gone) == 4 and all(e.ended_at for e in gone)


def test_each_look_is_written_down_also_at_who_has_no_account(street, staff):
    granny = street.person()
    street.join(granny)
    look(street, staff)
    rows = street.rows("SELECT person_id, register_id, actor_role FROM access_log")
    assert Counter(bool(row.person_id) for row in rows) == {False: 4, True: 1}
    assert all(row.register_id and row.actor_role == "committee_staff" for row in rows)
    (entry,) = log_of(street, granny)
    assert entry.purpose == register.PURPOSE_LIST


def test_a_full_name_is_given_for_a_purpose_that_the_person_reads(street, staff):
    granny = street.person()
    street.join(granny)
    (mine,) = look(street, staff, account=True).items
    cmd = op.RevealRegisterEntry(id=mine.id, purpose="核对纸质选票")
    shown = street.do(register.reveal_register_entry, street.vault, cmd, staff, street.now)
    assert (shown.name, shown.address) == ("孙桂芳", "样例苑 1号楼 1单元 402")
    assert [e.purpose for e in log_of(street, granny)] == ["核对纸质选票", register.PURPOSE_LIST]


def test_strangers_and_admins_read_nothing(street):
    admin = street.person("", (Role.DISTRICT_ADMIN, "d"))
    (entry_id, *_), *_ = entries(street)
    cmd = op.RevealRegisterEntry(id=entry_id, purpose="x")
    for who in (street.staff(OTHER), admin):
        with pytest.raises(Forbidden):
            look(street, who)
        with pytest.raises(EntryNotFound):
            street.do(register.reveal_register_entry, street.vault, cmd, who, street.now)
    assert street.rows("SELECT 1 FROM access_log") == []


# -- tying by hand ---------------------------------------------------------------------------------


@pytest.fixture
def misspelt(street) -> tuple[Actor, str]:
    """A member whom the committee let in although the register spells her otherwise."""
    granny = street.person()
    state = street.join(granny, real_name="孙桂芬")
    assert state.status == "pending"
    return granny, state.id


def entry_of(world: World, who: Actor, **over) -> str:
    return look(world, who, **over).items[0].id


def test_the_committee_ties_a_membership_to_its_entry_and_the_earlier_tie_ends(
    street, staff, misspelt
):
    granny, membership = misspelt
    wrong, right = [e.id for e in look(street, staff, q="孙桂芳").items]
    assert link(street, staff, membership, wrong).has_account
    tied = link(street, staff, membership, right)
    assert (tied.id, tied.person_id, tied.name) == (right, granny.person_id, "孙**")
    owners = dict(map(tuple, street.rows("SELECT id, person_id FROM register_persons")))
    assert owners[wrong] is None and owners[right] == granny.person_id
    assert street.membership(membership).register_id == right
    assert street.membership(membership).status == "pending"
    assert link(street, staff, membership, right).id == right


def test_an_entry_of_another_account_is_refused(street, staff, misspelt):
    street.join(street.person(), id_number=made_up_id(sequence=4))
    with pytest.raises(EntryTaken):
        link(street, staff, misspelt[1], entry_of(street, staff, account=True))


def test_what_cannot_be_tied_is_refused_in_words(street, staff, misspelt):
    _, membership = misspelt
    with pytest.raises(AddressesDiffer):
        link(street, staff, membership, entry_of(street, staff, building="b-2"))
    with pytest.raises(EntryNotFound):
        link(street, staff, membership, "no-such")
    with pytest.raises(MembershipNotFound):
        link(street, street.staff(OTHER), membership, entry_of(street, staff, q="陈静"))
    bring(street, staff, file_of(LU), mode="replace")
    with pytest.raises(EntryEnded):
        link(street, staff, membership, entry_of(street, staff, ended=True, building="b-1"))
    decision = op.DecideMembership(id=membership, decision="refuse", reason="不住此处")
    street.do(desk.decide_membership, decision, staff, street.now)
    with pytest.raises(MembershipOver):
        link(street, staff, membership, entry_of(street, staff))


def test_nobody_ties_herself(street, staff):
    mine = street.join(staff, real_name="孙桂芬").id
    with pytest.raises(OwnRequest):
        link(street, staff, mine, entry_of(street, staff, q="孙桂芳"))


# -- exchange --------------------------------------------------------------------------------------


def exported(world: World) -> list[Line]:
    with world.units(read_only=True) as uow:
        community = uow.session.get(Territory, C_HOME)
        return list(register_export.register_lines(uow, world.vault, community))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_taken_in_again_changes_nothing(street, staff, form):
    before = entries(street)
    data = REGISTER.write(exported(street), form)
    report = bring(street, staff, data, f"a.{form}", mode="replace")
    assert counts(report) == (0, 0, 5, 0, 0)
    assert entries(street) == before


def test_a_hotline_learns_who_is_responsible_for_which_building(world):
    with world.units(read_only=True) as uow:
        district = uow.session.get(Territory, "d")
        found = list(register_export.ground_lines(uow, district))
    assert {(g.town, g.community, g.estate, g.building) for g in found} == {
        ("样例镇", "样例居民区", "样例苑", "1号楼"),
        ("样例镇", "样例居民区", "样例苑", "2号楼"),
        ("样例镇", "隔壁村", "隔壁苑", "9号楼"),
    }
