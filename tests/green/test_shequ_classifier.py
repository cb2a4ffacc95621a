"""``shequ classifier`` on a real database. Needs: db."""

import pytest
from typer.testing import CliRunner

from deploy.shequ.__main__ import app
from services.grid_bridge.classifier import store
from tests.support.bridge_school import School, pretend

pytestmark = pytest.mark.db


@pytest.fixture
def school(db, tmp_path, monkeypatch) -> School:
    units = db("grid_bridge")
    url = units.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SHEQU_GRID_BRIDGE_DATABASE_URL", url)
    monkeypatch.setenv("SHEQU_ENV", "test")
    return School(units, tmp_path)


def run(*words: str, code: int = 0) -> str:
    said = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["classifier", *words])
    assert said.exit_code == code, said.output
    assert "Traceback" not in said.output
    return said.output


def test_versions_are_listed_refitted_used_and_left_again(school):
    school.ship()
    shipped = store.current_version()
    assert "There are no decisions to learn from yet" in run("refit", code=1)
    school.decide("路灯不亮", "三天了")
    assert "等待" in run("refit", "--by", "李工")
    school.refit(pretend(0.80))
    said = run("list")
    for words in (f"{shipped}-r1", "未通过", "使用中", "0.800", "人工判定 1 · 未学习 0"):
        assert words in said
    wanted = (f"{shipped}-r1", "--reason", "本地信件更准")
    assert "On the held-out messages" in run("use", *wanted, code=1)
    assert f"{shipped} → {shipped}-r1" in run("use", *wanted, "--force", "--by", "李工")
    assert f"{shipped}-r1 → {shipped}" in run("use", shipped, "--reason", "退回", "--by", "李工")
    (asked,) = school.rows("SELECT asked_by FROM classifier_refits")
    uses = school.rows("SELECT actor_id, role, forced FROM classifier_uses ORDER BY id DESC")
    assert asked.asked_by == "李工"
    assert [tuple(row) for row in uses][:2] == [
        ("李工", "operator", False),
        ("李工", "operator", True),
    ]
