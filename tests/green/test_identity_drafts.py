"""A register's file at the desk: looked at, mended, confirmed, imported. Needs: db."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.errors import Forbidden, Invalid, ObserverReadOnly
from services.contracts.operations import identity as op
from services.identity.domain import drafts as rules
from services.identity.domain.drafts import DraftMovedOn, DraftNotFound, DraftOfAnother
from services.identity.handlers import access, drafts
from tests.support.identity_world import C_HOME, HOME, OTHER, World
from tests.support.registers import LU, SUN, bring, entries, file_of

pytestmark = pytest.mark.db

NAMELESS = "样例苑,1号楼,1单元,403,,1960,业主,,"
WRONG_YEAR = "样例苑,1号楼,1单元,404,周伟,六零年,租户,,"


def brought(world: World, who: Actor, data: bytes, **over) -> str:
    usual = {"cid": C_HOME, "filename": "名册.csv", "content": base64.b64encode(data).decode()}
    cmd = op.BringFile.model_validate({**usual, **over})
    return world.do(drafts.bring, world.vault, cmd, who, world.now).id


def worked(world: World) -> int:
    return world.do(drafts.work, world.vault, world.now)


def seen(world: World, who: Actor, draft: str) -> op.RegisterDraft:
    return world.do(drafts.get_draft, world.vault, op.DraftOf(id=draft), who, world.now)


def confirmed(world: World, who: Actor, draft: str) -> op.RegisterDraftHead:
    return world.do(drafts.confirm, op.DraftOf(id=draft), who, world.now)


def kept(world: World) -> list[tuple[str, bool]]:
    rows = world.rows("SELECT state, content_sealed FROM register_drafts ORDER BY id")
    return [(row.state, row.content_sealed is not None) for row in rows]


def test_a_file_is_read_aside_and_changes_nothing_until_it_is_confirmed(world, staff):
    draft = brought(world, staff, file_of(SUN, LU))
    assert (seen(world, staff, draft).state, entries(world)) == ("brought", [])
    assert worked(world) == 1
    read = seen(world, staff, draft)
    assert (read.state, read.report.added, read.report.total) == ("ready", 2, 2)
    assert (read.actions, read.brought_by.id) == (["confirm", "drop"], staff.person_id)
    assert entries(world) == [] and worked(world) == 0
    assert confirmed(world, staff, draft).state == "confirmed"
    assert worked(world) == 1
    done = seen(world, staff, draft)
    assert (done.state, done.report.imported, done.actions) == ("done", True, [])
    assert len(entries(world)) == 2
    assert kept(world) == [("done", False)], "the file is forgotten once it is in"


def test_it_says_what_would_change_and_who_would_go_and_that_is_a_look(world, staff):
    assert bring(world, staff, file_of(SUN, LU)).imported
    granny = world.person()
    world.join(granny)
    newer = "样例苑,2号楼,,101室,陆建国,1955,租户,,"
    draft = brought(world, staff, file_of(newer), mode="replace")
    worked(world)
    read = seen(world, staff, draft)
    assert (read.report.changed, read.report.ended) == (1, 1)
    assert [one.field for one in read.report.rows if one.outcome == "changed"] == ["身份"]
    assert [(one.name, one.room) for one in read.ended] == [("孙**", "402")]
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), granny, read=True).items
    assert [line.purpose for line in log] == [drafts.PURPOSE]


def test_lines_at_fault_come_back_mended_as_a_file_of_their_own(world, staff):
    draft = brought(world, staff, file_of(SUN, NAMELESS, WRONG_YEAR))
    worked(world)
    read = seen(world, staff, draft)
    assert (read.state, read.report.errors, read.actions) == ("faulty", 2, ["faults", "drop"])
    with pytest.raises(DraftMovedOn):
        confirmed(world, staff, draft)
    cmd = op.DraftFaults(id=draft)
    sheet = world.do(drafts.faults, world.vault, cmd, staff, read=True)
    assert sheet.columns[-2:] == ["原行号", "要改什么"]
    assert [row[-2:] for row in sheet.rows] == [
        ["3", "姓名：不能为空"],
        ["4", "出生年份：请填写四位数的年份"],
    ]
    lines = [dict(zip(sheet.columns, row, strict=True)) for row in sheet.rows]
    lines[0]["姓名"], lines[1]["出生年份"] = "钱进", "1960"
    mended = "\n".join([",".join(sheet.columns), *(",".join(one.values()) for one in lines)])
    again = brought(world, staff, mended.encode())
    worked(world)
    assert seen(world, staff, again).report.added == 2
    assert kept(world) == [("dropped", False), ("ready", True)], "one file at a time"


def test_lines_of_a_file_are_for_whoever_brought_it(world, staff):
    draft = brought(world, staff, file_of(NAMELESS))
    worked(world)
    other = world.staff()
    assert seen(world, other, draft).actions == ["drop"]
    with pytest.raises(DraftOfAnother):
        world.do(drafts.faults, world.vault, op.DraftFaults(id=draft), other, read=True)


def test_a_file_that_is_no_register_is_told_so_in_its_own_words(world, staff):
    draft = brought(world, staff, "标题,内容\n一,二\n".encode())
    worked(world)
    read = seen(world, staff, draft)
    assert (read.state, read.fault.code, read.report) == ("refused", "identity.columns_wrong", None)
    assert ("标题", "没有这一列，请对照模板") in [(f.field, f.message) for f in read.fault.fields]
    assert kept(world) == [("refused", False)]


def test_what_has_changed_meanwhile_is_found_when_it_is_imported(world, staff):
    draft = brought(world, staff, file_of(SUN))
    worked(world)
    confirmed(world, staff, draft)
    with world.units() as uow:
        uow.session.execute(text("UPDATE territory SET name = '新苑' WHERE id = 'e-1'"))
        uow.commit()
    assert worked(world) == 1
    read = seen(world, staff, draft)
    assert (read.state, read.actions, entries(world)) == ("faulty", ["faults", "drop"], [])


def test_what_nobody_confirms_is_forgotten_after_a_day_and_unknown_after_a_month(world, staff):
    brought(world, staff, file_of(SUN))
    worked(world)
    assert world.do(drafts.sweep, world.now + rules.KEPT - timedelta(minutes=1)) == 0
    assert world.do(drafts.sweep, world.now + rules.KEPT) == 1
    assert kept(world) == [("dropped", False)]
    assert world.do(drafts.sweep, world.now + rules.KEPT + rules.REMEMBERED) == 1
    assert kept(world) == []


def test_it_is_dropped_by_hand_and_twice_is_once(world, staff):
    draft = brought(world, staff, file_of(SUN))
    for _ in range(2):
        world.do(drafts.drop, op.DraftOf(id=draft), staff, world.now)
    assert kept(world) == [("dropped", False)] and worked(world) == 0
    with pytest.raises(DraftMovedOn):
        confirmed(world, staff, draft)


def test_another_community_sees_nothing_of_it(world, staff):
    draft = brought(world, staff, file_of(SUN))
    stranger = world.staff(OTHER)
    for act in (
        lambda: seen(world, stranger, draft),
        lambda: confirmed(world, stranger, draft),
        lambda: world.do(drafts.drop, op.DraftOf(id=draft), stranger, world.now),
        lambda: world.do(drafts.faults, world.vault, op.DraftFaults(id=draft), stranger, read=True),
    ):
        with pytest.raises(DraftNotFound):
            act()
    with pytest.raises(Forbidden):
        brought(world, stranger, file_of(SUN))
    cmd = op.ListRegisterDrafts(cid=C_HOME)
    assert [one.id for one in world.do(drafts.list_drafts, cmd, staff, read=True).items] == [draft]


def test_nobody_who_watches_brings_one_and_no_base64_is_said_at_once(world, staff):
    watcher = world.person("", (Role.OBSERVER, HOME), (Role.COMMITTEE_STAFF, HOME))
    with pytest.raises(ObserverReadOnly):
        brought(world, watcher, file_of(SUN))
    with pytest.raises(Invalid):
        brought(world, staff, b"", content="no base64!")
