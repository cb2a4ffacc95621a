"""A second factor that the operator takes away. Needs: db."""

import pytest
from typer.testing import CliRunner

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity import second_factor
from services.identity.domain.messages import Kind
from services.identity.domain.recovery import HoldsOffice
from services.identity.domain.totp import TotpNotEnrolled
from services.identity.handlers import access
from services.identity.repository import PersonNotFound
from tests.support.identity_world import World, vault_file_content
from tests.support.phones import NEW, OLD, factor, told

pytestmark = pytest.mark.db


def take_away(world: World, phone: str = OLD) -> str:
    return world.do(second_factor.take_away, world.vault, phone, "手机和恢复码都丢了", world.now)


def test_the_operator_takes_a_factor_away_and_the_person_learns_of_it(world):
    who = world.person(OLD)
    with pytest.raises(TotpNotEnrolled):
        take_away(world)
    world.log_in(OLD, "246810", demo=True)
    factor(world, who)
    assert take_away(world) == who.person_id
    assert not world.rows("SELECT person_id FROM totp_factors")
    assert [e["person_id"] for e in world.events("session.revoked.v1")] == [who.person_id]
    assert told(world, Kind.TOTP_REMOVED) == [(f"+86{OLD}", ())]
    (look,) = world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items
    assert (look.what, look.purpose) == (second_factor.WHAT, "手机和恢复码都丢了")


def test_the_operator_takes_none_from_an_office_and_none_from_nobody(world):
    who = world.person(OLD, (Role.TOWN_ADMIN, "d.t"))
    factor(world, who)
    with pytest.raises(HoldsOffice):
        take_away(world)
    with pytest.raises(PersonNotFound):
        take_away(world, NEW)
    assert world.rows("SELECT person_id FROM totp_factors")


def test_the_operators_command_asks_for_the_number_and_says_what_it_did(
    world, tmp_path, monkeypatch
):
    who = world.person(OLD)
    factor(world, who)
    (tmp_path / "keys.json").write_text(vault_file_content(world.vault))
    url = world.units.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SHEQU_IDENTITY_DATABASE_URL", url)
    monkeypatch.setenv("SHEQU_DATA_KEYS_FILE", str(tmp_path / "keys.json"))
    said = CliRunner().invoke(second_factor.app, ["remove"], input=f"{OLD}\n两样都丢了\n")
    assert said.exit_code == 0, said.output
    assert who.person_id in said.output and OLD not in said.output
    assert not world.rows("SELECT person_id FROM totp_factors")
    again = CliRunner().invoke(second_factor.app, ["remove"], input=f"{OLD}\n两样都丢了\n")
    assert again.exit_code == 1 and "尚未开启两步验证" in again.output
