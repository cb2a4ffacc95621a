"""A whole town from one file: all or nothing, told to the others, and taken back. Needs: db."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.errors import Conflict
from services.contracts.operations import identity as op
from services.identity import tables, town_files
from services.identity.handlers import joining, posters, qr, roles, town, town_undo
from services.identity.handlers.joining import CHINA
from services.identity.handlers.town import DistrictNeeded, Source
from services.identity.handlers.town_undo import ImportInUse, ImportNotFound
from services.identity.models import ImportRecord, QrToken, Territory
from tests.support.identity_world import actor, made_up_id
from tests.support.town_files import SHEETS, workbook

pytestmark = pytest.mark.db

CODE = "310199103001"


def bring(world, *, commit=True, district=None, **changes):
    data = workbook(**changes)
    draft = town_files.read(tables.read("镇.xlsx", data), world.now.astimezone(CHINA).date())
    with world.units(now=world.now) as uow:
        source = Source.of(data, "操作员")
        report = town.import_town(uow, world.vault, draft, source, world.now, district=district)
        if commit:
            uow.commit()
    return report


def undo(world, import_id):
    return world.do(town_undo.undo_import, import_id, world.now)


def census(world):
    tables_ = ("territory", "persons", "grants", "qr_tokens", "community_figures", "imports")
    return {t: world.rows(f"SELECT count(*) AS n FROM {t}")[0].n for t in tables_}


def place(world, name):
    with world.units() as uow:
        return uow.session.query(Territory).filter_by(name=name).one()


# -- bringing it in -------------------------------------------------------------------------------


def test_everything_that_the_sheets_name_is_made_in_one_transaction(world):
    report = bring(world)

    assert report.errors == 0
    assert report.counts == {
        "district": 0,
        "town": 1,
        "community": 2,
        "estate": 3,
        "building": 6,
        "unit": 6,
        "account": 2,
        "role": 3,
        "qr": 3,
    }
    first = place(world, "第一居民区")
    assert (first.code12, first.community_kind, first.modules) == (
        CODE,
        "urban",
        ["party", "guides"],
    )
    assert first.path.startswith("d.") and first.path.endswith(f"c{CODE}")
    (figures,) = world.rows("SELECT * FROM community_figures")
    assert (figures.community_id, figures.households, figures.residents) == (first.id, 812, 2100)
    imported = {r.id for r in world.rows("SELECT id FROM imports WHERE kind = 'territory'")}
    assert imported == {report.import_id}
    for table in ("territory", "grants"):
        made = world.rows(
            f"SELECT count(*) AS n FROM {table} WHERE import_id = :i", i=report.import_id
        )
        assert made[0].n == {"territory": 18, "grants": 3}[table]


def test_the_other_services_are_told_of_communities_offices_and_cards(world):
    bring(world)

    told = {e["name"]: e for e in world.events("community.changed.v1")}
    assert set(told) == {"第一居民区", "前进村"}
    assert told["第一居民区"]["town_name"] == "新镇"
    assert told["前进村"]["town_name"] == "样例镇"
    assert len(world.events("person.registered.v1")) == 2
    granted = world.events("role.granted.v1")
    assert sorted(e["role"] for e in granted) == ["committee_staff", "observer", "secretary"]
    until = next(e["expires_at"] for e in granted if e["role"] == "secretary")
    assert datetime.fromisoformat(until) == datetime(
        2027, 12, 31, 16, tzinfo=UTC
    )  # Shanghai's midnight
    cards = world.events("member.card_changed.v1")
    assert {(c["display_name"], c["standing"]) for c in cards} == {("王书记", "staff")}
    assert len(cards) == 2


def test_no_event_names_a_phone(world):
    bring(world)
    assert not world.rows("SELECT 1 FROM kit_outbox WHERE body LIKE '%1381234%'")


def test_the_staff_can_log_in_and_a_resident_can_join_by_the_new_code(world):
    report = bring(world)
    code = world.sent_code("13812345678")
    who = world.log_in("13812345678", code).person
    assert who.display_name == "王书记"

    with world.units() as uow:
        codes = uow.session.query(QrToken).all()
        fresh = [
            c for c in codes if c.id in uow.session.get(ImportRecord, report.import_id).report["qr"]
        ]
        words = {
            w.estate: w for w in posters.contents(uow.session, world.vault, fresh, "https://x.cn")
        }
    assert set(words) == {"一号院", "二号院", "前进"}
    token = words["一号院"].url.rsplit("/", 1)[1]
    target = world.do(qr.resolve_qr, world.vault, op.ResolveQr(token=token), world.now)
    assert [b.name for b in target.buildings] == ["1号楼", "2号楼", "3号楼"]
    assert [u.name for u in target.buildings[0].units] == ["1单元", "2单元"]
    joined = world.join(world.person(), qr_token=token)
    assert joined.status == "pending"


def test_somebody_who_has_an_account_keeps_it_and_its_name(world):
    there = world.person("13812345678", (Role.OBSERVER, "d.t"))
    report = bring(world)

    assert report.counts["account"] == 1
    (row,) = world.rows("SELECT display_name FROM persons WHERE id = :p", p=there.person_id)
    assert row.display_name.startswith("人")
    assert [line.row for line in report.lines if line.sheet == "工作人员"] == [2, 3]
    held = world.rows("SELECT role FROM grants WHERE person_id = :p", p=there.person_id)
    assert sorted(r.role for r in held) == ["committee_staff", "observer", "secretary"]


def test_a_dry_run_says_the_same_and_leaves_nothing(world):
    before = census(world)
    report = bring(world, commit=False)
    assert report.errors == 0
    assert report.counts["community"] == 2
    assert census(world) == before
    assert world.events("community.changed.v1") == []


def test_one_wrong_row_and_nothing_is_made(world):
    before = census(world)
    rows = [*SHEETS["居村"], ["没有的镇", "乙", "居", "310199103009", "", "", "", ""]]
    report = bring(world, 居村=rows)
    assert (report.import_id, report.errors) == (None, 1)
    assert [(x.sheet, x.row, x.column) for x in report.lines] == [("居村", 4, "镇")]
    assert census(world) == before


def test_the_same_file_again_is_refused_row_by_row(world):
    bring(world)
    before = census(world)
    again = bring(world)
    assert ("居村", 2, "代码") in [(x.sheet, x.row, x.column) for x in again.lines]
    assert again.import_id is None
    assert census(world) == before


def test_more_roles_than_a_token_carries_are_refused(world):
    there = world.person("13812345678")
    with world.units() as uow:
        for number in range(19):
            uow.session.execute(
                text(
                    "INSERT INTO grants (id, person_id, role, path, territory_id, granted_at) "
                    "VALUES (:id, :p, 'volunteer', :path, 'c-home', now())"
                ),
                {"id": f"g-{number}", "p": there.person_id, "path": f"d.t.home.x{number}"},
            )
        uow.commit()
    report = bring(world)
    assert [(x.sheet, x.column) for x in report.lines] == [("工作人员", "角色")]


def test_a_fresh_installation_gets_its_district_and_two_districts_must_be_told_apart(world):
    with world.units() as uow:
        for statement in ("DELETE FROM qr_tokens", "DELETE FROM territory"):
            uow.session.execute(text(statement))
        uow.commit()
    with pytest.raises(DistrictNeeded):
        bring(world)
    rows = [["镇", "名称", "类型", "代码"], ["新镇", "第一居民区", "居", CODE]]
    staff = [["手机", "姓名", "角色", "范围"], ["13712345678", "程管理", "区管理员", "宝山区"]]
    report = bring(world, district="宝山区", 居村=rows, 小区=SHEETS["小区"][:3], 工作人员=staff)
    assert report.errors == 0, report.lines
    assert report.counts["district"] == 1
    (admin,) = world.rows("SELECT role, path FROM grants")
    assert (admin.role, admin.path) == ("district_admin", place(world, "宝山区").path)
    assert world.events("community.changed.v1")[0]["district_name"] == "宝山区"


# -- taking it back -------------------------------------------------------------------------------


def test_undo_leaves_everything_as_it_was_and_tells_the_others(world):
    before = census(world)
    report = bring(world)
    undone = undo(world, report.import_id)

    assert (undone.places, undone.roles, undone.codes, undone.accounts) == (18, 3, 3, 2)
    assert census(world) == {**before, "imports": before["imports"] + 1}
    closed = world.events("community.closed.v1")
    assert {e["why"] for e in closed} == {"undone"}
    assert len(closed) == 2
    assert len(world.events("role.revoked.v1")) == 3
    assert len(world.events("qr.revoked.v1")) == 3
    assert len(world.events("person.deleted.v1")) == 2
    last = {c["community_id"]: c["standing"] for c in world.events("member.card_changed.v1")}
    assert set(last.values()) == {"ended"}
    with pytest.raises(ImportNotFound):
        undo(world, report.import_id)
    assert bring(world).errors == 0  # the way is free again


def test_undo_keeps_an_account_that_has_been_used(world):
    report = bring(world)
    world.log_in("13812345678", world.sent_code("13812345678"))
    undone = undo(world, report.import_id)
    assert (undone.accounts, undone.accounts_kept) == (1, 1)
    (left,) = world.rows("SELECT display_name FROM persons")
    assert left.display_name == "王书记"
    assert world.rows("SELECT 1 FROM grants") == []


def held_back(world, import_id):
    before = census(world)
    with pytest.raises(ImportInUse) as caught:
        undo(world, import_id)
    assert isinstance(caught.value, Conflict)
    assert census(world) == before
    return {(e.field, e.message) for e in caught.value.errors}


def test_a_request_to_join_holds_it_back(world):
    report = bring(world)
    with world.units() as uow:
        code = uow.session.query(QrToken).filter_by(estate_id=place(world, "一号院").id).one()
        token = qr.token_for(world.vault, code.id)
    ask = world.request(qr_token=token, building="1号楼", id_number=made_up_id())
    world.do(joining.request_membership, world.vault, ask, world.person(), world.now)
    assert ("第一居民区", "1 条入住记录") in held_back(world, report.import_id)


def test_further_offices_codes_and_places_hold_it_back(world):
    report = bring(world)
    first, estate = place(world, "第一居民区"), place(world, "一号院")
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    other = world.person()
    grant = op.GrantRole(person_id=other.person_id, role=Role.VOLUNTEER, scope=first.path)
    world.do(roles.grant_role, grant, admin, world.now)
    chief = actor(other.person_id, (Role.SECRETARY, first.path))
    code = op.CreateQr(cid=first.id, estate=estate.id)
    world.do(qr.create_qr, world.vault, code, chief, world.now, "https://x.cn")
    with world.units() as uow:
        uow.session.add(
            Territory(
                id="later", kind="building", parent_id=estate.id, path=f"{estate.path}.zz",
                name="后建楼", position=99,
            )
        )  # fmt: skip
        uow.commit()
    assert held_back(world, report.import_id) == {
        ("第一居民区", "1 项另外授予的角色"),
        ("第一居民区", "1 张另外制作的二维码"),
        ("一号院", "1 个后来建立的下级地点"),
    }


def test_an_import_of_a_register_is_not_undone_here(world):
    with world.units() as uow:
        uow.session.add(
            ImportRecord(id="reg", kind="register", file_sha256="", at=world.now, report={})
        )
        uow.commit()
    for unknown in ("reg", "nothing"):
        with pytest.raises(ImportNotFound):
            undo(world, unknown)
