"""Who somebody really is: verified elsewhere, tried too often, claimed once. Needs: db."""

from dataclasses import dataclass, field, replace
from datetime import date

import pytest
from structlog.testing import capture_logs

from services.contracts.errors import Invalid
from services.contracts.operations import identity as op
from services.identity.domain.attempts import Locked
from services.identity.domain.id_number import IdNumberInvalid
from services.identity.domain.membership import GuardianNeeded
from services.identity.domain.names import RealNameInvalid
from services.identity.handlers import desk, joining
from services.identity.handlers.claims import LIMIT, IdentityDiffers, IdTaken
from services.identity.handlers.joining import AlreadyMember, BuildingUnknown
from services.identity.verifier import CredentialRefused, VerifierAway, VerifierOff
from tests.support.identity_world import C_HOME, World, made_up_id

pytestmark = pytest.mark.db


@dataclass
class FakeVerifier:
    """Knows some credentials; may be away."""

    known: dict[str, str] = field(default_factory=lambda: {"granny": "bid-1", "lu": "bid-2"})
    away: bool = False
    name: str = "network_identity"

    def verify(self, credential: str) -> str:
        if self.away:
            raise VerifierAway()
        if credential not in self.known:
            raise CredentialRefused()
        return self.known[credential]


def ask(world: World, who, verifier=None, credential="granny", **over) -> op.MembershipState:
    """Ask to join with a network credential, and without name and number unless given."""
    cmd = world.request(
        **{"real_name": None, "id_number": None, "network_credential": credential, **over}
    )
    with world.units() as uow:
        state = joining.request_membership(
            uow, world.vault, cmd, who, world.now, verifier or FakeVerifier()
        )
        uow.commit()
        return state


def nothing_is_stored(world: World) -> bool:
    tables = ("real_names", "memberships", "consents", "kit_outbox")
    return not [t for t in tables if world.rows(f"SELECT 1 FROM {t}")]


# -- verified elsewhere ------------------------------------------------------------------------


def test_whom_a_verifier_vouches_for_waits_without_name_and_number(world):
    granny, staff = world.person(), world.staff()
    state = ask(world, granny)
    assert state.status == "pending"
    (kept,) = world.rows("SELECT * FROM real_names")
    assert (kept.name_sealed, kept.id_number_sealed, kept.id_index, kept.birth_year) == (None,) * 4
    assert (kept.verified_by, kept.verified_at) == ("network_identity", world.now)
    assert "bid-1" not in str(tuple(kept)) and kept.pseudonym_index
    cmd = op.ListMembershipRequests(cid=C_HOME)
    (item,) = world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now).items
    assert (item.finding, item.verified_by) == ("verified_elsewhere", "network_identity")
    assert (item.real_name, item.id_number) == ("—", "—")
    assert "网络身份" in item.finding_text


def test_a_name_that_she_gives_freely_finds_her_in_the_register_and_is_not_kept(world):
    entry = world.register("孙桂芳", "402")
    state = ask(world, world.person(), real_name="孙桂芳")
    assert state.status == "active"
    assert world.membership(state.id).register_id == entry
    (kept,) = world.rows("SELECT name_sealed FROM real_names")
    assert kept.name_sealed is None


@pytest.mark.parametrize("known", [{"birth_year": 1949}, {"id_index": "x"}])
def test_what_the_register_knows_and_she_need_not_tell_lets_nobody_in_by_the_name_alone(
    world, known
):
    world.register("孙桂芳", "402", **known)
    state = ask(world, world.person(), real_name="孙桂芳")
    assert (state.status, world.membership(state.id).finding) == ("pending", "verified_elsewhere")


def test_that_somebody_else_holds_the_entry_is_told_to_the_committee(world):
    world.register("孙桂芳", "402")
    world.join(world.person())
    state = ask(world, world.person(), real_name="孙桂芳")
    assert (state.status, world.membership(state.id).finding) == ("pending", "linked_to_another")


def test_a_number_is_not_taken_where_none_may_be_demanded(world):
    with pytest.raises(Invalid) as refused:
        ask(world, world.person(), id_number=made_up_id())
    assert [e.field for e in refused.value.errors] == ["id_number"]
    assert nothing_is_stored(world)


def test_a_pseudonym_belongs_to_one_account(world):
    granny = world.person()
    ask(world, granny)
    with pytest.raises(IdTaken):
        ask(world, world.person())
    assert ask(world, granny, room="101").status == "pending"
    assert len(world.rows("SELECT 1 FROM real_names")) == 1


def test_an_account_stays_with_the_person_and_the_way_she_was_verified(world):
    granny, lu = world.person(), world.person()
    ask(world, granny)
    with pytest.raises(IdentityDiffers):
        ask(world, granny, credential="lu", room="101")
    with pytest.raises(IdentityDiffers):
        world.join(granny, room="101")
    world.join(lu)
    with pytest.raises(IdentityDiffers):
        ask(world, lu, credential="lu", room="101")


def test_a_verifier_that_is_away_is_503_and_leaves_nothing_and_counts_no_failure(world):
    granny = world.person()
    for _ in range(LIMIT.failures + 1):
        with pytest.raises(VerifierAway) as away:
            ask(world, granny, FakeVerifier(away=True))
        assert away.value.status == 503
    assert nothing_is_stored(world)
    assert ask(world, granny).status == "pending"


def test_where_there_is_no_verifier_the_person_is_told_what_to_do(world):
    cmd = world.request(real_name=None, id_number=None, network_credential="granny")
    with pytest.raises(VerifierOff):
        world.do(joining.request_membership, world.vault, cmd, world.person(), world.now)
    assert nothing_is_stored(world)


@pytest.mark.parametrize("missing", ["real_name", "id_number"])
def test_without_a_credential_name_and_number_are_needed(world, missing):
    with pytest.raises(Invalid):
        world.join(world.person(), **{missing: None})
    assert nothing_is_stored(world)


# -- tried too often ---------------------------------------------------------------------------


def wrong(number: str) -> str:
    """The number with another check digit."""
    return number[:17] + next(c for c in "0123456789X" if c != number[17])


def fail(world: World, who, times: int, error=IdNumberInvalid, **over) -> None:
    usual = {"id_number": wrong(made_up_id())}
    for _ in range(times):
        with pytest.raises(error):
            world.join(who, **(over or usual))


def test_five_wrong_numbers_lock_for_an_hour_and_say_how_long(world):
    granny = world.person()
    fail(world, granny, LIMIT.failures - 1)
    fail(world, granny, 1, Locked)
    world.later(minutes=20)
    with pytest.raises(Locked) as locked:
        world.join(granny)
    assert "40 分钟" in locked.value.to_wire()["zh"]
    assert (locked.value.status, locked.value.retry_after) == (429, 40 * 60)
    assert nothing_is_stored(world)
    world.later(minutes=40)
    assert world.join(granny).status == "pending"


def test_numbers_of_others_and_other_numbers_of_one_s_own_count_too(world):
    world.join(world.person())
    thief = world.person()
    fail(world, thief, LIMIT.failures - 1, IdTaken, room="101")
    fail(world, thief, 1, Locked, room="101")
    granny = world.person()
    world.join(granny, id_number=made_up_id(sequence=4))
    other = {"id_number": made_up_id(sequence=6), "room": "101"}
    fail(world, granny, LIMIT.failures - 1, IdentityDiffers, **other)
    fail(world, granny, 1, Locked, **other)


def test_credentials_that_the_verifier_refuses_count_too(world):
    granny = world.person()
    for _ in range(LIMIT.failures - 1):
        with pytest.raises(CredentialRefused):
            ask(world, granny, credential="made up")
    with pytest.raises(Locked):
        ask(world, granny, credential="made up")


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"real_name": "7"}, RealNameInvalid),
        ({"building": "9号楼"}, BuildingUnknown),
        ({"room": "402"}, AlreadyMember),
    ],
)
def test_what_finds_nothing_out_is_no_failure(world, over, error):
    granny = world.person()
    world.join(granny)
    fail(world, granny, LIMIT.failures + 1, error, **over)
    assert world.join(granny, room="101").status == "pending"


def test_the_right_number_forgets_the_wrong_ones(world):
    granny = world.person()
    fail(world, granny, LIMIT.failures - 1)
    world.join(granny)
    fail(world, granny, LIMIT.failures - 1)
    assert world.join(granny, room="101").status == "pending"


def test_one_person_s_failures_lock_nobody_else(world):
    fail(world, world.person(), LIMIT.failures - 1)
    assert world.join(world.person()).status == "pending"


def test_a_failure_leaves_a_count_and_no_number(world):
    granny = world.person()
    with capture_logs() as logs:
        fail(world, granny, 1)
    (kept,) = world.rows("SELECT * FROM attempt_locks")
    assert (kept.subject, kept.failures) == (f"real_name:{granny.person_id}", 1)
    assert made_up_id()[:17] not in str(tuple(kept)) + str(logs)


# -- on somebody's behalf ------------------------------------------------------------------------


def test_who_asked_on_the_person_s_behalf_is_shown_to_the_committee(world):
    granny, helper, staff = world.person(), world.person(), world.staff()
    state = world.join(replace(granny, acted_by=helper.person_id))
    row = world.membership(state.id)
    assert (row.person_id, row.requested_by) == (granny.person_id, helper.person_id)
    cmd = op.ListMembershipRequests(cid=C_HOME)
    (item,) = world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now).items
    assert (item.person.id, item.requested_by.id) == (granny.person_id, helper.person_id)


def test_who_asks_herself_has_nobody_beside_her(world):
    state = world.join(world.person())
    assert world.membership(state.id).requested_by is None


def test_a_child_is_told_to_come_with_a_guardian_however_often(world):
    young = {"id_number": made_up_id(date(2013, 1, 1))}
    fail(world, world.person(), LIMIT.failures + 1, GuardianNeeded, **young)
