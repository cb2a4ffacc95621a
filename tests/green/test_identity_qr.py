"""QR tokens: where they lead, who makes, rotates and revokes them, what is refused. Needs: db."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from services.contracts.errors import Forbidden, Invalid, NotFound
from services.contracts.operations import identity as op
from services.identity.handlers import qr
from services.identity.handlers.joining import BuildingUnknown
from services.identity.qr_tokens import QrExpired, QrRevoked, QrUnknown, token_for
from services.kit import metrics
from tests.support.identity_world import (
    C_HOME,
    ESTATE,
    OTHER,
    OTHER_ESTATE,
    QR,
    World,
    made_up_id,
)

pytestmark = pytest.mark.db


def resolve(world: World, token: str) -> op.QrTarget:
    return world.do(qr.resolve_qr, world.vault, op.ResolveQr(token=token), world.now, read=True)


def create(world: World, who, **over) -> op.QrView:
    cmd = op.CreateQr.model_validate({"cid": C_HOME, "estate": ESTATE, **over})
    return world.do(qr.create_qr, world.vault, cmd, who, world.now, "https://x.example/")


def revoke(world: World, who, token: str):
    return world.do(qr.revoke_qr, world.vault, op.RevokeQr(token=token), who, world.now)


def test_a_code_tells_where_it_leads(world):
    target = resolve(world, world.qr())
    assert (target.community.id, target.community.kind) == (C_HOME, "urban")
    assert target.estate.name == "样例苑"
    assert [(b.name, [u.name for u in b.units]) for b in target.buildings] == [
        ("1号楼", ["1单元", "2单元"]),
        ("2号楼", []),
    ]
    assert "owner" in target.relations
    assert "villager" in resolve(world, world.qr(OTHER_ESTATE)).relations


def test_a_code_for_one_building_leads_to_that_alone(world):
    made = create(world, world.staff(), building="b-2")
    assert made.url == f"https://x.example/j/{made.token}"
    assert [b.name for b in resolve(world, made.token).buildings] == ["2号楼"]
    with pytest.raises(BuildingUnknown):
        world.join(world.person(), qr_token=made.token)


def test_a_revoked_code_lets_nobody_in_and_says_so(world):
    staff = world.staff()
    token = world.qr()
    for _ in range(2):
        revoke(world, staff, token)
    assert world.events("qr.revoked.v1") == [{"qr_id": QR[ESTATE], "community_id": C_HOME}]
    with pytest.raises(QrRevoked):
        resolve(world, token)
    with pytest.raises(QrRevoked):
        world.join(world.person())


def test_a_code_expires(world):
    made = create(world, world.staff(), expires_at=world.now + timedelta(days=1))
    resolve(world, made.token)
    world.later(days=1)
    with pytest.raises(QrExpired):
        resolve(world, made.token)


def rotate(world: World, who, token: str, **over) -> op.QrView:
    cmd = op.RotateQr.model_validate({"token": token, **over})
    return world.do(qr.rotate_qr, world.vault, cmd, who, world.now, "https://x.example")


def test_a_code_in_place_of_another_ends_the_old_one_at_once(world):
    made = rotate(world, world.staff(), world.qr())
    assert resolve(world, made.token).estate.name == "样例苑"
    assert world.events("qr.revoked.v1") == [{"qr_id": QR[ESTATE], "community_id": C_HOME}]
    with pytest.raises(QrRevoked):
        resolve(world, world.qr())
    with pytest.raises(QrRevoked):
        rotate(world, world.staff(), world.qr())


def test_the_old_code_may_stay_for_a_while_and_never_longer_than_before(world):
    staff = world.staff()
    soon, later = (world.now + timedelta(days=days) for days in (1, 7))
    brief = create(world, staff, building="b-2", expires_at=soon)
    fresh = rotate(world, staff, brief.token, revoke_old_at=later)
    newest = rotate(world, staff, world.qr(), revoke_old_at=later, expires_at=later)
    assert fresh.building.name == "2号楼" and newest.expires_at == later
    for token in (brief.token, world.qr()):
        assert resolve(world, token)
    world.later(days=1)
    with pytest.raises(QrExpired):
        resolve(world, brief.token)
    world.later(days=6)
    for token in (world.qr(), newest.token):
        with pytest.raises(QrExpired):
            resolve(world, token)
    assert resolve(world, fresh.token)


@pytest.mark.parametrize("field", ["revoke_old_at", "expires_at"])
def test_a_code_is_rotated_towards_the_future_alone(world, field):
    with pytest.raises(Invalid) as refused:
        rotate(world, world.staff(), world.qr(), **{field: world.now})
    assert [e.field for e in refused.value.errors] == [field]
    assert resolve(world, world.qr())


def test_a_code_of_another_committee_is_not_rotated(world):
    with pytest.raises(QrUnknown):
        rotate(world, world.staff(OTHER), world.qr())
    assert resolve(world, world.qr())


def test_a_refused_code_is_logged_with_its_kind_and_without_itself(world):
    granny, staff = world.person(), world.staff()
    gone = create(world, staff, expires_at=world.now + timedelta(days=1))
    world.later(days=1)
    revoke(world, staff, world.qr())
    unknown = token_for(world.vault, "01234567-89ab-7def-8123-456789abcdef")
    tokens = ["A" * 38, unknown, world.qr(), gone.token]
    before = {kind: refusals(kind) for kind in ("forged", "unknown", "revoked", "expired")}
    with capture_logs() as logs:
        for token in tokens:
            with pytest.raises(NotFound):
                world.join(granny, qr_token=token)
        with pytest.raises(QrUnknown):
            resolve(world, "A" * 38)
    told = [(line["kind"], line["qr_id"], line["actor"]) for line in logs]
    assert told == [
        ("forged", None, granny.person_id),
        ("unknown", "01234567-89ab-7def-8123-456789abcdef", granny.person_id),
        ("revoked", QR[ESTATE], granny.person_id),
        ("expired", gone.id, granny.person_id),
        ("forged", None, None),
    ]
    assert not [token for token in tokens if token in str(logs)]
    grown = {kind: refusals(kind) - count for kind, count in before.items()}
    assert grown == {"forged": 2, "unknown": 1, "revoked": 1, "expired": 1}


def refusals(kind: str) -> float:
    return metrics.QR_REFUSED.labels(kind)._value.get()


def test_a_signed_token_without_a_row_is_unknown(world):
    with pytest.raises(QrUnknown):
        resolve(world, token_for(world.vault, "01234567-89ab-7def-8123-456789abcdef"))


def test_codes_belong_to_their_own_committee(world):
    stranger = world.staff(OTHER)
    with pytest.raises(Forbidden):
        create(world, stranger)
    with pytest.raises(QrUnknown):
        revoke(world, stranger, world.qr())
    with pytest.raises(Forbidden):
        world.do(qr.list_qr, world.vault, op.ListQr(cid=C_HOME), stranger, "https://x", read=True)
    assert resolve(world, world.qr())


@pytest.mark.parametrize(
    "over",
    [{"estate": OTHER_ESTATE}, {"estate": "nowhere"}, {"building": "b-9"}, {"estate": "b-1"}],
)
def test_a_code_is_made_for_places_of_the_community_alone(world, over):
    with pytest.raises(qr.PlaceNotFound):
        create(world, world.staff(), **over)


def test_the_list_of_codes_goes_on_page_by_page(world):
    staff = world.staff()
    made = [create(world, staff).token for _ in range(4)]
    seen, cursor = [], None
    while True:
        cmd = op.ListQr(cid=C_HOME, limit=2, cursor=cursor)
        page = world.do(qr.list_qr, world.vault, cmd, staff, "https://x", read=True)
        seen += [item.token for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted([*made, world.qr()])
    assert seen[-1] == world.qr()


def test_a_list_says_how_many_came_by_each_code(world):
    staff = world.staff()
    made = create(world, staff)
    world.register("孙桂芳", "402")
    world.join(world.person(), qr_token=made.token)
    world.join(world.person(), qr_token=made.token, room="501", id_number=made_up_id(sequence=4))
    cmd = op.ListQr(cid=C_HOME)
    page = world.do(qr.list_qr, world.vault, cmd, staff, "https://x", read=True)
    came = {one.id: (one.asked, one.joined) for one in page.items}
    assert came == {made.id: (2, 1), QR[ESTATE]: (0, 0)}
