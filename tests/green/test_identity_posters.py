"""What stands on a poster, and who may have one. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity.handlers import posters, qr
from services.identity.qr_tokens import QrExpired, QrRevoked, QrUnknown
from tests.support.identity_world import C_HOME, ESTATE, HOME, OTHER, OTHER_ESTATE, World, actor

pytestmark = pytest.mark.db

PUBLIC = "https://shequ.example/"


@pytest.fixture
def world(db):
    return World(db("identity"))


def words(world, token, who):
    return world.do(
        posters.poster_of, world.vault, op.PosterOf(token=token), who, world.now, PUBLIC, read=True
    )


def new_code(world, who, **options):
    command = op.CreateQr(cid=C_HOME, estate=ESTATE, **options)
    return world.do(qr.create_qr, world.vault, command, who, world.now, PUBLIC)


def test_the_committee_gets_the_words_of_its_estate(world):
    token = world.qr()
    assert words(world, token, world.staff()) == op.PosterContent(
        district="样例区",
        town="样例镇",
        community="样例居民区",
        estate="样例苑",
        building=None,
        url=f"https://shequ.example/j/{token}",
        expires_at=None,
    )


def test_a_code_of_one_building_says_which_and_until_when(world):
    until = world.now + timedelta(days=30)
    made = new_code(world, world.staff(), building="b-2", expires_at=until)
    found = words(world, made.token, world.staff())
    assert (found.building, found.expires_at, found.url) == ("2号楼", until, made.url)


def test_another_committee_learns_nothing(world):
    with pytest.raises(QrUnknown):
        words(world, world.qr(), world.staff(OTHER))
    assert words(world, world.qr(OTHER_ESTATE), world.staff(OTHER)).community == "隔壁村"
    with pytest.raises(QrUnknown):
        words(world, world.qr(), actor("somebody", (Role.RESIDENT, HOME)))


def test_a_code_that_lets_nobody_in_gets_no_poster(world):
    staff = world.staff()
    revoked, expired = (
        new_code(world, staff),
        new_code(world, staff, expires_at=world.now + timedelta(days=1)),
    )
    world.do(qr.revoke_qr, world.vault, op.RevokeQr(token=revoked.token), staff, world.now)
    world.later(days=2)
    for token, error in ((revoked.token, QrRevoked), (expired.token, QrExpired)):
        with pytest.raises(error):
            words(world, token, staff)
    with pytest.raises(QrUnknown):
        words(world, "A" * 38, staff)
