"""A register of persons is imported; accounts find their entries. Needs: db."""

import base64
import hashlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, ObserverReadOnly
from services.contracts.operations import identity as op
from services.identity.handlers import desk, joining, register_import
from services.identity.models import Territory
from services.identity.repository import CommunityNotFound
from services.identity.tables import ColumnsWrong, FileUnreadable
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    HOME,
    OTHER,
    World,
    first_and_second,
    made_up_id,
)
from tests.support.registers import LU, SUN, bring, counts, entries, file_of

pytestmark = pytest.mark.db

SAMPLE = Path(__file__).parents[1] / "support" / "register_sample.csv"


def everything(world: World) -> list[tuple]:
    places = world.rows("SELECT id, name, path, floor_area FROM territory ORDER BY id")
    done = world.rows("SELECT id FROM imports WHERE kind <> 'trial'")
    told = world.rows("SELECT id FROM kit_outbox")
    seats = world.rows("SELECT id, status, finding, register_id FROM memberships ORDER BY id")
    return [*entries(world), *map(tuple, places), *map(tuple, (*done, *told, *seats))]


# -- importing -------------------------------------------------------------------------------------


def test_a_file_brings_persons_and_the_places_they_live_in(world, staff):
    report = bring(world, staff, file_of(SUN, LU))
    assert report.imported and not report.dry_run and report.rows == []
    assert counts(report) == (2, 0, 0, 0, 0)
    rooms = world.rows("SELECT name, path, parent_id, floor_area FROM territory WHERE kind='room'")
    assert sorted(map(tuple, rooms)) == [
        ("101室", f"{HOME}.e1.b2.r101", "b-2", None),
        ("402", f"{HOME}.e1.b1.u1.r402", "u-1", pytest.approx(89.5)),
    ]
    (record,) = world.rows("SELECT * FROM imports")
    assert (record.id, record.kind, record.community_id) == (report.import_id, "register", C_HOME)
    assert record.actor_id == staff.person_id and record.report["added"] == 2
    made = world.rows("SELECT DISTINCT import_id FROM register_persons")
    assert [row.import_id for row in made] == [report.import_id]


def test_the_same_file_again_changes_nothing(world, staff):
    bring(world, staff, file_of(SUN, LU))
    before = entries(world)
    report = bring(world, staff, file_of(SUN, LU))
    assert counts(report) == (0, 0, 2, 0, 0)
    assert report.places_added == 0 and entries(world) == before


def test_new_buildings_and_units_are_made_with_labels_of_their_own(world, staff):
    report = bring(
        world,
        staff,
        file_of(
            "样例苑,甲楼,东单元,5,王小明,1990,业主,,",
            "样例苑,乙楼,,5,王小红,1991,业主,,",
            "样例苑,3 幢,1单元,5,王大明,1992,业主,,",
            "样例苑,03号楼,一单元,6,王大红,1993,业主,,",
        ),
    )
    assert report.places_added == 3 + 3 + 4
    buildings = world.rows(
        "SELECT path FROM territory WHERE kind = 'building' AND parent_id = 'e-1' ORDER BY position"
    )
    assert [row.path.rpartition(".")[2] for row in buildings] == ["b1", "b2", "b", "b_2", "b3"]


def test_a_spelling_of_a_building_that_could_be_two_is_a_fault(world, staff):
    with world.units() as uow:
        for i, name in enumerate(("7号楼", "7幢")):
            uow.session.add(
                Territory(id=f"b7{i}", kind="building", parent_id="e-1", name=name,
                          path=f"{HOME}.e1.b7{i}", position=70 + i)
            )  # fmt: skip
        uow.commit()
    report = bring(world, staff, file_of("样例苑,7,,1,王小明,1990,业主,,"))
    assert [(r.row, r.field) for r in report.rows] == [(2, "楼栋")]
    assert bring(world, staff, file_of("样例苑,7幢,,1,王小明,1990,业主,,")).imported


def test_one_wrong_row_and_nothing_is_imported(world, staff):
    before = everything(world)
    report = bring(
        world,
        staff,
        file_of(SUN, "样例苑,9号楼,,1,7,1990,业主,,", "别的苑,1号楼,,1,王小明,1990,业主,,"),
    )
    assert not report.imported and report.import_id is None
    assert [(r.row, r.outcome, r.field) for r in report.rows] == [
        (3, "error", "姓名"),
        (4, "error", "小区"),
    ]
    assert counts(report)[4] == 2 and report.total == 3
    assert everything(world) == before


def test_a_dry_run_tells_what_would_be_and_does_nothing(world, staff):
    world.join(world.person())
    before = everything(world)
    report = bring(world, staff, file_of(SUN, LU), dry_run=True)
    assert (report.dry_run, report.imported, report.import_id) == (True, False, None)
    assert counts(report) == (2, 0, 0, 0, 0)
    assert (report.linked, report.admitted, report.places_added) == (1, 1, 2)
    assert everything(world) == before


@pytest.mark.parametrize(
    ("rows", "dry_run"), [((SUN, LU), True), ((SUN, ",,,,,,,,1"), False)], ids=["dry", "wrong"]
)
def test_who_learns_how_a_file_stands_to_the_register_is_written_down(world, staff, rows, dry_run):
    data = file_of(*rows)
    report = bring(world, staff, data, dry_run=dry_run)
    assert not report.imported and report.import_id is None
    (line,) = world.rows("SELECT * FROM imports")
    assert (line.kind, line.community_id, line.actor_id) == ("trial", C_HOME, staff.person_id)
    assert line.file_sha256 == hashlib.sha256(data).hexdigest() and line.at == world.now
    assert line.report["total"] == 2 and "rows" not in line.report


def test_twice_the_same_person_in_a_file_names_both_rows(world, staff):
    report = bring(
        world,
        staff,
        file_of(SUN, LU, "样例苑,１号楼,,0402室,孙桂芳,,业主,,"),
    )
    (fault,) = report.rows
    assert (fault.row, fault.field) == (4, "姓名") and "第 2 行" in fault.message


def test_father_and_son_of_one_name_are_two_persons(world, staff):
    rows = ("样例苑,1号楼,,5,王强,1950,业主,,", "样例苑,1号楼,,5,王强,1980,家庭成员,,")
    assert counts(bring(world, staff, file_of(*rows))) == (2, 0, 0, 0, 0)
    assert counts(bring(world, staff, file_of(*reversed(rows)))) == (0, 0, 2, 0, 0)


def test_what_a_file_knows_better_is_written_and_what_it_does_not_know_stays(world, staff):
    number = made_up_id()
    bring(world, staff, file_of("样例苑,1号楼,,402,孙桂芳,,家庭成员,,"))
    report = bring(world, staff, file_of(f"样例苑,1号楼,1单元,402,孙桂芳,,业主,{number},90"))
    assert counts(report) == (0, 1, 0, 0, 0)
    assert [(r.row, r.outcome) for r in report.rows] == [(2, "changed")]
    (row,) = world.rows("SELECT * FROM register_persons")
    assert (row.unit_id, row.birth_year, row.relation) == ("u-1", 1949, "owner")
    assert row.id_index == world.vault.index("id_number", number)
    assert counts(bring(world, staff, file_of("样例苑,1号楼,,402,孙桂芳,,业主,,"))) == (
        0,
        0,
        1,
        0,
        0,
    )
    (after,) = world.rows("SELECT * FROM register_persons")
    assert (after.unit_id, after.birth_year, after.id_index) == ("u-1", 1949, row.id_index)


def test_two_sizes_of_one_room_are_a_fault_and_another_size_is_a_change(world, staff):
    other = "样例苑,1号楼,1单元,402,孙伟,1975,家庭成员,,90"
    report = bring(world, staff, file_of(SUN, other))
    assert [(r.row, r.field) for r in report.rows] == [(3, "建筑面积")]
    bring(world, staff, file_of(SUN))
    assert counts(bring(world, staff, file_of(SUN.replace("89.5", "90")))) == (0, 1, 0, 0, 0)
    (room,) = world.rows("SELECT floor_area FROM territory WHERE kind = 'room'")
    assert room.floor_area == 90


def test_replace_ends_whom_the_file_no_longer_names_and_says_whose_account_it_was(world, staff):
    bring(world, staff, file_of(SUN, LU))
    granny = world.person()
    state = world.join(granny)
    assert state.status == "active"
    world.later(days=1)
    report = bring(world, staff, file_of("样例苑,2号楼,,102,周伟,1960,业主,,"), mode="replace")
    assert counts(report) == (1, 0, 0, 2, 0) and report.ended_with_account == 1
    tied = world.membership(state.id).register_id
    first, second = report.rows
    assert (first.row, first.outcome, first.register_id) == (0, "ended", tied)
    assert first.message and second.message is None
    assert world.membership(state.id).status == "active"
    assert len(world.rows("SELECT 1 FROM register_persons WHERE ended_at IS NOT NULL")) == 2


def test_an_ended_entry_lets_nobody_in(world, staff):
    bring(world, staff, file_of(SUN))
    bring(world, staff, file_of(LU), mode="replace")
    assert world.join(world.person()).status == "pending"


def test_who_comes_back_gets_a_new_entry_and_her_account_finds_it(world, staff):
    bring(world, staff, file_of(SUN))
    state = world.join(world.person())
    bring(world, staff, file_of(LU), mode="replace")
    report = bring(world, staff, file_of(SUN))
    assert (report.added, report.linked, report.admitted) == (1, 1, 0)
    (live,) = world.rows(
        "SELECT id FROM register_persons WHERE ended_at IS NULL AND person_id IS NOT NULL"
    )
    assert world.membership(state.id).register_id == live.id


def test_a_file_without_persons_ends_nobody(world, staff):
    bring(world, staff, file_of(SUN))
    with pytest.raises(Invalid):
        bring(world, staff, file_of(), mode="replace")
    assert world.rows("SELECT 1 FROM register_persons WHERE ended_at IS NULL")


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"PK\x03\x04", FileUnreadable), ("姓名\n孙桂芳".encode(), ColumnsWrong)],
)
def test_what_is_no_register_is_refused(world, staff, data, error):
    with pytest.raises(error):
        bring(world, staff, data)
    cmd = op.ImportFile(cid=C_HOME, filename="a.csv", content="%%%")
    with pytest.raises(Invalid):
        world.do(register_import.import_register_file, world.vault, cmd, staff, world.now)


def test_only_the_communitys_own_committee_imports(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    watching = world.person("", (Role.COMMITTEE_STAFF, HOME), (Role.OBSERVER, HOME))
    for who, error in (
        (world.staff(OTHER), Forbidden),
        (admin, Forbidden),
        (watching, ObserverReadOnly),
    ):
        with pytest.raises(error):
            bring(world, who, file_of(SUN))
    with pytest.raises(CommunityNotFound):
        bring(world, world.staff(), file_of(SUN), cid="nowhere")


def test_of_two_files_at_once_the_second_sees_the_first(world, staff):
    cmd = op.ImportFile(
        cid=C_HOME, filename="a.csv", content=base64.b64encode(file_of(SUN)).decode()
    )
    first, other = first_and_second(
        world,
        lambda uow: register_import.import_register_file(uow, world.vault, cmd, staff, world.now),
        lambda: bring(world, staff, file_of(SUN)),
    )
    assert counts(first) == (1, 0, 0, 0, 0)
    assert counts(other.result(10)) == (0, 0, 1, 0, 0)
    assert len(entries(world)) == 1


def test_the_sample_file_of_the_docs_is_imported(world, staff):
    report = bring(world, staff, SAMPLE.read_bytes())
    assert report.imported and report.added == 6


def test_neither_report_nor_record_nor_event_holds_personal_data(world, staff):
    number = made_up_id()
    bring(world, staff, file_of(SUN.replace("业主,,", f"业主,{number},")))
    report = bring(world, staff, file_of(LU, SUN, SUN))
    dump = report.model_dump_json() + "".join(
        str(tuple(row))
        for table in ("imports", "register_persons", "kit_outbox")
        for row in world.rows(f"SELECT * FROM {table}")
    )
    for secret in ("孙桂芳", "陆建国", number):
        assert secret not in dump


tables = st.lists(
    st.tuples(
        st.sampled_from(["样例苑", "", "别的苑"]),
        st.sampled_from(["1号楼", "1", "5号楼", ""]),
        st.sampled_from(["", "1单元", "2"]),
        st.sampled_from(["402", "0402室", "7", "=1"]),
        st.sampled_from(["孙桂芳", "孙 桂芳", "陆建国", "7"]),
        st.sampled_from(["", "1949", "1980", "x"]),
        st.sampled_from(["业主", "户主", "?"]),
        st.sampled_from(["", made_up_id(), made_up_id(date(1980, 1, 1))]),
        st.sampled_from(["", "89.5", "90"]),
    ),
    max_size=5,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tables, st.sampled_from(["add", "replace"]))
def test_any_file_is_taken_whole_and_once_or_not_at_all(world, staff, rows, mode):
    before = everything(world)
    try:
        report = bring(world, staff, file_of(*map(",".join, rows)), mode=mode)
    except Invalid:
        assert everything(world) == before and not rows
        return
    if report.errors:
        assert everything(world) == before and not report.imported
        return
    assert report.added + report.changed + report.unchanged == report.total == len(rows)
    after = entries(world)
    again = bring(world, staff, file_of(*map(",".join, rows)), mode=mode)
    assert counts(again) == (0, 0, len(rows), 0, 0)
    assert entries(world) == after


def test_who_is_let_in_while_her_entry_is_about_to_end_is_in_the_report(world, staff):
    bring(world, staff, file_of(SUN))
    granny = world.person()
    joined, other = first_and_second(
        world,
        lambda uow: joining.request_membership(
            uow, world.vault, world.request(), granny, world.now
        ),
        lambda: bring(world, staff, file_of(LU), mode="replace"),
    )
    assert joined.status == "active"
    assert other.result(10).ended_with_account == 1


# -- accounts find their entries -------------------------------------------------------------------


def test_who_waited_and_is_on_the_register_now_is_let_in(world, staff):
    granny = world.person()
    state = world.join(granny)
    assert state.status == "pending"
    report = bring(world, staff, file_of(SUN))
    assert (report.linked, report.admitted) == (1, 1)
    row = world.membership(state.id)
    assert (row.status, row.finding, row.decided_at) == ("active", "match", world.now)
    (entry,) = world.rows("SELECT id, person_id FROM register_persons")
    assert (row.register_id, entry.person_id) == (entry.id, granny.person_id)
    (told,) = world.events("membership.decided.v1")
    assert (told["membership_id"], told["by"]) == (state.id, "register")
    (card,) = world.events("member.card_changed.v1")
    assert (card["person_id"], card["standing"], card["building_label"]) == (
        granny.person_id, "active", "样例苑 1号楼"
    )  # fmt: skip


def test_a_member_without_an_entry_gets_hers(world, staff):
    granny = world.person()
    state = world.join(granny)
    decision = op.DecideMembership(id=state.id, decision="approve")
    world.do(desk.decide_membership, decision, staff, world.now)
    report = bring(world, staff, file_of(SUN))
    assert (report.linked, report.admitted) == (1, 0)
    assert world.membership(state.id).register_id == entries(world)[0][0]
    assert len(world.events("membership.decided.v1")) == 1


def test_a_near_miss_stays_in_the_queue_with_what_the_register_says_now(world, staff):
    state = world.join(world.person())
    report = bring(world, staff, file_of(SUN.replace("1949", "1950")))
    assert (report.linked, report.admitted) == (0, 0)
    row = world.membership(state.id)
    assert (row.status, row.finding) == ("pending", "birth_year_differs")


def test_of_two_accounts_for_one_entry_the_one_who_asked_first_gets_it(world, staff):
    first, second = world.person(), world.person()
    one = world.join(first)
    world.later(minutes=1)
    two = world.join(second, id_number=made_up_id(sequence=8))
    bring(world, staff, file_of(SUN))
    assert world.membership(one.id).status == "active"
    assert world.membership(two.id).status == "pending"


def test_a_head_of_household_in_a_village_is_a_villager(world):
    row = "隔壁苑,9号楼,,1,王小明,1990,户主,,"
    bring(world, world.staff(OTHER), file_of(row), cid=C_OTHER)
    (entry,) = world.rows("SELECT relation FROM register_persons")
    assert entry.relation == "villager"
