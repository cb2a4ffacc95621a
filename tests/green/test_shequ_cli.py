"""The operator's command line on a real database. Needs: db."""

import io
import json
import zipfile

import pytest
import pyzipper
import zxingcpp
from joserfc.jwk import KeySet, OKPKey
from PIL import Image
from typer.testing import CliRunner

from deploy.shequ.__main__ import app
from services.identity.models import Territory
from tests.support.identity_world import C_HOME, OTHER, World, random_vault, vault_file_content
from tests.support.town_files import SHEETS, workbook

pytestmark = pytest.mark.db

PASSWORD = "a password for tests"


@pytest.fixture
def world(shared_db, tmp_path, monkeypatch) -> World:
    world = World(shared_db("identity"))
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "data.json").write_text(vault_file_content(world.vault))
    key = OKPKey.generate_key("Ed25519", {"kid": "first", "use": "sig"}, private=True)
    for name, private in (("token.json", True), ("jwks.json", False)):
        content = KeySet([key]).as_dict(private=private)
        (tmp_path / "keys" / name).write_text(json.dumps(content))
    (tmp_path / "password").write_text(PASSWORD)
    url = world.units.engine.url.render_as_string(hide_password=False)
    for name, value in {
        "SHEQU_IDENTITY_DATABASE_URL": url,
        "SHEQU_DATA_KEYS_FILE": str(tmp_path / "keys" / "data.json"),
        "SHEQU_TOKEN_KEY_FILE": str(tmp_path / "keys" / "token.json"),
        "SHEQU_JWKS_FILE": str(tmp_path / "keys" / "jwks.json"),
        "SHEQU_PUBLIC_URL": "https://shequ.example",
        "SHEQU_ENV": "test",
    }.items():
        monkeypatch.setenv(name, value)
    return world


def shequ(*words, code=0):
    said = CliRunner(env={"COLUMNS": "250"}).invoke(app, [str(w) for w in words])
    assert said.exit_code == code, said.output
    assert "Traceback" not in said.output
    return said.output


@pytest.fixture
def file(tmp_path):
    (tmp_path / "town.xlsx").write_bytes(workbook())
    return tmp_path / "town.xlsx"


def import_id(world):
    (row,) = world.rows("SELECT id FROM imports WHERE kind = 'territory' AND undone_at IS NULL")
    return row.id


def communities(world):
    with world.units() as uow:
        query = uow.session.query(Territory).filter_by(kind="community")
        return {c.name: c.id for c in query}


def test_a_town_comes_is_seen_and_goes_again(world, file):
    assert "第一居民区" not in communities(world)
    said = shequ("community", "import", file, "--dry-run")
    assert "would be made" in said
    assert "第一居民区" not in communities(world)

    said = shequ("community", "import", file, "--by", "程旭东")
    assert import_id(world) in said
    assert "第一居民区" in shequ("community", "list")
    assert "程旭东" in shequ("community", "imports")

    assert "would be taken back" in shequ("community", "undo", import_id(world), "--dry-run")
    assert "第一居民区" in communities(world)
    shequ("community", "undo", import_id(world))
    assert "第一居民区" not in communities(world)


def test_wrong_rows_are_listed_and_nothing_happens(world, tmp_path):
    rows = [*SHEETS["居村"], ["新镇", "乙", "城", "310199103009", "", "", "", ""]]
    (tmp_path / "bad.xlsx").write_bytes(workbook(居村=rows))
    said = shequ("community", "import", tmp_path / "bad.xlsx", code=1)
    assert "居村 第 4 行 类型：请填写 居 或 村" in said
    assert "nothing was imported" in said
    assert world.rows("SELECT 1 FROM imports") == []


def test_what_is_no_town_is_refused_in_words(world, tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"no workbook at all \xff\x00")
    assert "无法读取" in shequ("community", "import", tmp_path / "x.xlsx", code=1)
    assert "没有这次导入" in shequ("community", "undo", "nothing", code=1)


def test_posters_of_the_whole_town_scan_and_open_the_right_estate(world, file, tmp_path):
    out = tmp_path / "posters.zip"
    shequ("community", "import", file, "--posters", out)
    with zipfile.ZipFile(out) as archive:
        names = sorted(archive.namelist())
        pictures = {n: archive.read(n) for n in names if n.endswith(".png")}
        assert all(archive.read(n).startswith(b"%PDF") for n in names if n.endswith(".pdf"))
    assert names == sorted(
        f"{town}/海报-{place}.{ending}"
        for town, place in (
            ("新镇", "第一居民区-一号院"),
            ("新镇", "第一居民区-二号院"),
            ("样例镇", "前进村-前进"),
        )
        for ending in ("png", "pdf")
    )
    codes = set()
    for data in pictures.values():
        (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(data)).convert("L"))
        assert found.text.startswith("https://shequ.example/j/")
        codes.add(found.text)
    assert len(codes) == 3
    assert "already" in shequ("community", "import", file, "--posters", out, code=2)


def test_a_missing_font_is_said_before_the_town_is_made(world, file, tmp_path, monkeypatch):
    monkeypatch.setenv("SHEQU_FONT", str(tmp_path / "none.ttc"))
    said = shequ("community", "import", file, "--posters", tmp_path / "p.zip", code=1)
    assert "fonts-noto-cjk" in said
    assert world.rows("SELECT 1 FROM imports") == []


# -- export and off-boarding ----------------------------------------------------------------------


def member(world):
    world.register("孙桂芳", "402", birth_year=1949)
    who = world.person("13812345678")
    assert world.join(who).status == "active"
    return who


def test_an_export_without_personal_data_is_open_and_names_nobody(world, tmp_path):
    member(world)
    shequ("community", "export", C_HOME, tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        everything = b"".join(archive.read(n) for n in archive.namelist()).decode()
    assert C_HOME in everything
    assert "孙桂芳" not in everything
    assert [r.kind for r in world.rows("SELECT kind FROM imports")] == ["export"]


def test_an_export_with_personal_data_needs_purpose_and_password_and_is_encrypted(world, tmp_path):
    member(world)
    out = tmp_path / "e.zip"
    words = ("community", "export", C_HOME, out, "--with-personal-data")
    assert "--purpose" in shequ(*words, code=2)
    assert "--password-file" in shequ(*words, "--purpose", "迁移", code=2)
    assert not out.exists()
    assert world.rows("SELECT 1 FROM imports") == []

    said = shequ(*words, "--purpose", "迁移", "--password-file", tmp_path / "password")
    assert "孙桂芳" not in said
    assert "孙桂芳".encode() not in out.read_bytes()
    with pyzipper.AESZipFile(out) as archive:
        archive.setpassword(PASSWORD.encode())
        assert "孙桂芳" in archive.read("register.csv").decode("utf-8-sig")
    assert len(world.rows("SELECT 1 FROM access_log WHERE actor_id = 'operator'")) == 1


def test_a_community_leaves_with_its_export_in_hand(world, tmp_path):
    member(world)
    out = tmp_path / "bye.zip"
    words = ("community", "offboard", C_HOME, "--export", out, "--password-file",
             tmp_path / "password")  # fmt: skip
    said = shequ("community", "offboard", C_HOME, "--dry-run")
    assert "would end" in said
    assert world.rows("SELECT 1 FROM imports") == []
    assert "--export" in shequ("community", "offboard", C_HOME, code=2)
    assert "--yes" in shequ(*words, code=2)
    assert not out.exists()

    shequ(*words, "--yes", "--by", "程旭东")
    with pyzipper.AESZipFile(out) as archive:
        archive.setpassword(PASSWORD.encode())
        statuses = [json.loads(x)["status"] for x in archive.read("memberships.jsonl").splitlines()]
    assert statuses == ["active"]  # as it was
    assert [r.status for r in world.rows("SELECT status FROM memberships")] == ["ended"]
    kinds = {r.kind: r.report for r in world.rows("SELECT kind, report FROM imports")}
    assert set(kinds) == {"export", "offboarding"}
    assert kinds["offboarding"]["by"] == "程旭东"
    again = ("community", "offboard", C_HOME, "--export", tmp_path / "again.zip", *words[5:])
    assert "已退出平台" in shequ(*again, "--yes", code=1)
    assert not (tmp_path / "again.zip").exists()


# -- sheets of other systems ----------------------------------------------------------------------


def sheet_out(out, staff, *words, key="resident-sheet", **kwargs):
    return shequ(
        "community", "sheet", "export", C_HOME, out, "--as", key, "--staff", staff.person_id,
        *words, **kwargs,
    )  # fmt: skip


def sheet_in(file, staff, *words, key="resident-sheet", **kwargs):
    return shequ(
        "community", "sheet", "import", C_HOME, file, "--as", key, "--staff", staff.person_id,
        *words, **kwargs,
    )  # fmt: skip


def inside(out, name):
    with pyzipper.AESZipFile(out) as archive:
        archive.setpassword(PASSWORD.encode())
        return archive.read(name)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_resident_sheet_leaves_encrypted_and_comes_back_unchanged(world, tmp_path, form):
    granny, staff = member(world), world.staff()
    world.register("李明", "501", birth_year=1980)
    out, file = tmp_path / "out.zip", tmp_path / f"sheet.{form}"
    secret = ("--password-file", tmp_path / "password")
    assert "--purpose" in sheet_out(out, staff, *secret, code=2)
    assert not out.exists()
    said = sheet_out(out, staff, "--purpose", "与社区云核对", "--form", form, "--by", "程旭东",
                     *secret)  # fmt: skip
    assert "2 rows" in said
    assert "孙桂芳" not in said
    (record,) = world.rows("SELECT kind, actor_id, report FROM imports")
    assert (record.kind, record.actor_id) == ("export", staff.person_id)
    assert (record.report["by"], record.report["rows"]) == ("程旭东", 2)

    lines = world.rows("SELECT person_id, actor_id, actor_role, what, purpose FROM access_log")
    assert {line.person_id for line in lines} == {granny.person_id, None}
    assert {(line.actor_id, line.purpose) for line in lines} == {(staff.person_id, "与社区云核对")}
    assert all("社区云式居民表" in line.what for line in lines)
    assert {line.actor_role for line in lines} <= {"committee_staff", "secretary"}

    file.write_bytes(inside(out, f"resident-sheet.{form}"))
    known = (
        "SELECT id, name_sealed, birth_year, relation, ended_at FROM register_persons ORDER BY id"
    )
    before = sorted(world.rows(known))
    sheet_in(file, staff, "--replace")
    assert sorted(world.rows(known)) == before
    (report,) = (r.report for r in world.rows("SELECT report FROM imports WHERE kind = 'register'"))
    assert (report["unchanged"], report["added"], report["ended"]) == (2, 0, 0)


def test_a_resident_sheet_is_tried_then_taken_and_its_faults_are_at_its_own_rows(world, tmp_path):
    staff, file = world.staff(), tmp_path / "sheet.csv"
    head = "序号,小区名称,楼栋号,室号,人员姓名,出生年份,人员类别,房屋建筑面积,备注\n"
    sun, li = "1,样例苑,1号楼,402,孙桂芳,1949,产权人,,\n", "2,样例苑,1号楼,501,李明,80,承租人,=1,\n"
    file.write_text(f"{head}{sun}\n{li}")
    said = sheet_in(file, staff, code=1)
    assert "第 4 行 房屋建筑面积：含有公式" in said
    assert "1 of 2 rows are wrong" in said
    assert world.rows("SELECT 1 FROM register_persons") == []

    file.write_text(head + sun)
    assert "would be imported" in sheet_in(file, staff, "--dry-run")
    assert world.rows("SELECT 1 FROM register_persons") == []
    sheet_in(file, staff, "--by", "程旭东")
    (entry,) = world.rows("SELECT relation, birth_year FROM register_persons")
    assert (entry.relation, entry.birth_year) == ("owner", 1949)
    records = world.rows("SELECT kind, actor_id, report FROM imports ORDER BY id")
    assert [r.kind for r in records] == ["trial", "trial", "register"]
    assert {r.actor_id for r in records} == {staff.person_id}
    assert records[-1].report["by"] == "程旭东"
    assert records[-1].report["sheet"] == "resident-sheet"


def test_a_hotline_gets_the_buildings_and_nobody(world, tmp_path):
    member(world)
    out = tmp_path / "hotline.csv"
    said = sheet_out(out, world.staff(), "--form", "csv", key="hotline-list")
    assert "no personal data" in said
    text = out.read_bytes().decode("utf-8-sig")
    assert "样例镇,样例居民区" in text
    assert "孙桂芳" not in text
    assert "隔壁" not in text
    assert world.rows("SELECT 1 FROM access_log") == []
    assert [r.kind for r in world.rows("SELECT kind FROM imports")] == ["export"]
    assert "只能导出" in sheet_in(out, world.staff(), key="hotline-list", code=1)


def test_nobody_answers_for_a_sheet_without_the_office_there_and_now(world, tmp_path):
    granny, elsewhere = member(world), world.staff(OTHER)
    out, file = tmp_path / "out.zip", tmp_path / "sheet.csv"
    file.write_text("楼栋号,室号,人员姓名,出生年份,人员类别\n1号楼,402,王小明,1990,产权人\n")
    words = ("--purpose", "核对", "--password-file", tmp_path / "password")
    for who in (granny, elsewhere):
        sheet_out(out, who, *words, code=1)
        sheet_out(out, who, key="hotline-list", code=1)
        sheet_in(file, who, code=1)
    gone = world.staff()
    with world.units() as uow:
        uow.session.connection().exec_driver_sql("UPDATE grants SET revoked_at = now()")
        uow.commit()
    sheet_out(out, gone, *words, code=1)
    sheet_in(file, gone, code=1)
    assert not out.exists()
    assert world.rows("SELECT 1 FROM imports") == []
    assert world.rows("SELECT 1 FROM access_log") == []
    assert len(world.rows("SELECT 1 FROM register_persons")) == 1


def test_an_unknown_sheet_is_refused_with_those_there_are(world, tmp_path):
    said = sheet_out(tmp_path / "x", world.staff(), key="nothing", code=1)
    assert "resident-sheet" in said
    assert "hotline-list" in said
    assert not (tmp_path / "x").exists()


# -- keys -----------------------------------------------------------------------------------------


def test_keys_are_changed_by_identitys_own_commands(world, tmp_path):
    said = shequ("keys", "rotate-token")
    assert "signs from now on" in said
    assert len(json.loads((tmp_path / "keys" / "jwks.json").read_text())["keys"]) == 2
    member(world)
    assert "envelopes" in shequ("keys", "rekey")


def test_other_data_keys_than_the_databases_are_refused(world, file, tmp_path, monkeypatch):
    shequ("community", "list")
    (tmp_path / "keys" / "other.json").write_text(vault_file_content(random_vault()))
    monkeypatch.setenv("SHEQU_DATA_KEYS_FILE", str(tmp_path / "keys" / "other.json"))
    assert "other index keys" in shequ("community", "import", file, code=1)
    assert world.rows("SELECT 1 FROM imports") == []
