"""The operator's command line as far as it needs no database: words, files, passwords."""

import io
import os
import zipfile
from contextlib import nullcontext
from unittest.mock import patch

import pytest
import pyzipper
import typer
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from deploy.local.layout import Layout
from deploy.shequ import archive, secrecy, where
from deploy.shequ.__main__ import app
from services.contracts.errors import FieldError, Invalid
from services.identity.settings import Settings

pytestmark = pytest.mark.unit

run = CliRunner(env={"COLUMNS": "200"}).invoke


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """Neither an address in the environment nor a checkout that ever ran."""
    monkeypatch.delenv(where.DATABASE, raising=False)
    layout = Layout.of_this_checkout({})
    monkeypatch.setattr(
        Layout, "of_this_checkout", classmethod(lambda cls, *_: cls(tmp_path, layout.ports))
    )


@pytest.mark.parametrize("words", [[], ["community"], ["keys"]])
def test_without_a_command_it_says_what_there_is(words):
    said = run(app, [*words, "--help"])
    assert said.exit_code == 0
    assert "--help" in said.output


def test_every_command_explains_itself():
    for group, commands in {
        "community": ("import", "undo", "imports", "posters", "list", "export", "offboard"),
        "community sheet": ("export", "import"),
        "keys": ("rotate-token", "rekey"),
    }.items():
        for command in commands:
            said = run(app, [*group.split(), command, "--help"])
            assert said.exit_code == 0, said.output
            assert "Usage" in said.output


def test_where_nothing_ran_it_says_what_to_do(nowhere):
    said = run(app, ["community", "list"])
    assert said.exit_code == 1
    assert where.DATABASE in said.output
    assert "make up" in said.output


def test_in_a_checkout_it_finds_what_identity_is_told(nowhere, monkeypatch, tmp_path):
    (tmp_path / "var" / "keys").mkdir(parents=True)
    monkeypatch.setattr(where, "databases", lambda _: nullcontext())
    with patch.dict(os.environ), where.settled():
        told = Settings()
        assert "shequ_identity" in told.database_url
        assert told.data_keys_file == tmp_path / "var" / "keys" / "data.keys.json"
        assert "SHEQU_FEED_DATABASE_URL" not in os.environ


def test_a_database_that_is_away_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv(where.DATABASE, "postgresql+psycopg2://nobody:x@127.0.0.1:1/none")
    monkeypatch.setenv("SHEQU_DATA_KEYS_FILE", str(tmp_path / "missing.json"))
    said = run(app, ["community", "list"])
    assert said.exit_code == 2
    assert "refused" in said.output
    assert "Traceback" not in said.output


def refused_with(error, monkeypatch, capsys):
    monkeypatch.setenv(where.DATABASE, "postgresql://somewhere")
    with pytest.raises(typer.Exit) as exit_, where.settled():
        raise error
    assert exit_.value.exit_code == 1
    return capsys.readouterr().out


def test_a_refusal_is_said_in_both_languages_with_its_fields(monkeypatch, capsys):
    class Bad(Invalid):
        code = "identity.bad"
        zh, en = "不行", "No"

    said = refused_with(Bad(errors=[FieldError("镇", "缺")]), monkeypatch, capsys)
    assert "不行  (No)" in said
    assert "镇: 缺" in said


def test_a_statement_that_fails_quotes_no_row(monkeypatch, capsys):
    error = OperationalError("SELECT", {}, Exception("it broke\nDETAIL: Key (phone)=(138) exists"))
    said = refused_with(error, monkeypatch, capsys)
    assert "it broke" in said
    assert "138" not in said


# -- files ----------------------------------------------------------------------------------------


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(tmp_path):
    there = tmp_path / "a.zip"
    there.write_bytes(b"mine")
    with pytest.raises(archive.InTheWay), archive.fresh(there) as file:
        file.write(b"other")
    assert there.read_bytes() == b"mine"
    with pytest.raises(archive.InTheWay):
        archive.free(tmp_path / "no" / "b.zip")
    with pytest.raises(RuntimeError), archive.fresh(tmp_path / "c.zip") as file:
        file.write(b"half")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_a_file_that_appeared_meanwhile_is_kept_and_so_is_what_was_written(tmp_path):
    target = tmp_path / "a.zip"
    with pytest.raises(archive.InTheWay, match=r"a\.zip"), archive.fresh(target) as file:
        file.write(b"export")
        target.write_bytes(b"somebody else's")
    assert target.read_bytes() == b"somebody else's"
    (draft,) = (p for p in tmp_path.iterdir() if p != target)
    assert draft.read_bytes() == b"export"


def test_only_the_owner_can_read_what_was_written(tmp_path):
    with archive.fresh(tmp_path / "a.zip") as file:
        file.write(b"x")
    assert (tmp_path / "a.zip").stat().st_mode & 0o777 == 0o600


def test_with_a_password_nothing_is_readable_without_it():
    out = io.BytesIO()
    archive.write_zip(out, {"people.jsonl": "孙桂芳".encode() * 50}, "correct horse battery")
    assert "孙桂芳".encode() not in out.getvalue()
    with zipfile.ZipFile(out) as plain, pytest.raises((RuntimeError, NotImplementedError)):
        plain.read("people.jsonl")
    with pyzipper.AESZipFile(out) as locked:
        locked.setpassword(b"wrong")
        with pytest.raises(RuntimeError):
            locked.read("people.jsonl")
        locked.setpassword(b"correct horse battery")
        assert locked.read("people.jsonl").decode() == "孙桂芳" * 50
        assert locked.getinfo("people.jsonl").wz_aes_strength == 3  # 256 bits


def test_a_made_up_password_is_long_and_new():
    made = {archive.new_password() for _ in range(20)}
    assert len(made) == 20
    assert all(len(one) >= 25 for one in made)


def test_a_password_comes_from_a_file_and_a_short_one_is_refused(tmp_path):
    file = tmp_path / "password"
    file.write_text("long enough for this\n")
    assert secrecy.password(file, make_up=False) == "long enough for this"
    file.write_text("short")
    with pytest.raises(secrecy.NotSure):
        secrecy.password(file, make_up=False)
    with pytest.raises(secrecy.NotSure):  # nobody at the keyboard
        secrecy.password(None, make_up=False)


@pytest.mark.parametrize("purpose", ["", " ", "x" * 201])
def test_personal_data_needs_a_purpose(purpose):
    with pytest.raises(secrecy.NotSure):
        secrecy.require_purpose(purpose)
