"""A child below 14 joins with its guardian, who alone speaks for it. Needs: db."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import Invalid, NotOnBehalf
from services.contracts.operations import BY_ID
from services.contracts.operations import identity as op
from services.directory.queries import Card
from services.identity.domain.attempts import Locked
from services.identity.domain.guardians import (
    GuardianStays,
    GuardianUnknown,
    NotAChild,
    TooManyChildren,
)
from services.identity.domain.id_number import IdNumberInvalid
from services.identity.domain.membership import GuardianNeeded
from services.identity.handlers import (
    access,
    assistance,
    children,
    corrections,
    deletion,
    desk,
    export,
    leaving,
    registration,
)
from services.identity.handlers.claims import LIMIT, IdTaken
from services.identity.handlers.leaving import MembershipNotFound, OwnRequest
from services.kit.tokens import TokenVerifier
from tests.support.identity_world import C_HOME, HOME, made_up_id

pytestmark = pytest.mark.db

BORN = date(2017, 6, 1)  # nine years old
TURNS_14_AND_A_MONTH = datetime(2031, 6, 30, 16, tzinfo=UTC)  # 1 July 2031 in China
PHONE, CODE = "13812341234", "246810"
NEEDED = ["real_name", "address", "rules"]


@pytest.fixture
def mother(world) -> Actor:
    return joined(world, "王芳", "402", date(1988, 5, 5), PHONE)


def joined(world, name, room, born, phone="", sequence=2) -> Actor:
    """A member, let in by the register."""
    world.register(name, room, birth_year=born.year)
    who = world.person(phone)
    number = made_up_id(born, sequence)
    state = world.join(who, real_name=name, room=room, id_number=number, consents=NEEDED)
    assert state.status == "active"
    return who


def home_of(world, who: Actor) -> str:
    query = "SELECT id FROM memberships WHERE person_id = :p AND status = 'active'"
    return world.rows(query, p=who.person_id)[0].id


def child(world, guardian: Actor, *, by: Actor | None = None, born=BORN, sequence=4, **over):
    usual = {
        "membership_id": home_of(world, guardian),
        "display_name": "小明",
        "real_name": "李小明",
        "id_number": made_up_id(born, sequence),
        "kinship": "parent",
        "consents": NEEDED,
    }
    cmd = op.RegisterChild.model_validate({**usual, **over})
    return world.do(children.register_child, world.vault, cmd, by or guardian, world.now)


def at_desk(world, staff: Actor, guardian_id: str | None, **over) -> op.Assisted:
    usual = {
        "cid": C_HOME,
        "display_name": "小明",
        "real_name": "李小明",
        "id_number": made_up_id(BORN, 4),
        "estate": "样例苑",
        "building": "1号楼",
        "room": "402",
        "relation": "family",
        "consent_means": "written",
        "consent_note": "监护人当面签署同意书",
        "guardian_id": guardian_id,
    }
    cmd = op.AssistRegistration.model_validate({**usual, **over})
    args = (world.vault, cmd, staff, world.clock, world.now)
    return world.do(registration.assist_registration, *args, demo=True)


def card_of(world, person_id) -> dict:
    return [c for c in world.events("member.card_changed.v1") if c["person_id"] == person_id][-1]


@pytest.fixture
def acting(world, mother, tmp_path):
    """The mother's token for the child, as services read it."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(world.issuer._keys.as_dict(private=False)))

    def act(made: op.Assisted, who: Actor = mother) -> Actor:
        logged_in = world.log_in(PHONE, CODE, demo=True)
        verifier = TokenVerifier(jwks)
        real = verifier.verify(logged_in.access_token)
        assert real.person_id == who.person_id
        cmd = op.CreateAssistedToken(assistance_id=made.assistance_id)
        token = world.do(assistance.create_assisted_token, cmd, world.desk, real).access_token
        return verifier.verify(token)

    return act


# -- registered by a guardian ----------------------------------------------------------------------


def test_the_child_is_let_in_by_the_register_as_family_of_the_room(world, mother):
    world.register("李小明", "402", birth_year=2017)
    made = child(world, mother)
    assert made.status == "active"
    row = world.membership(made.membership_id)
    assert (row.relation, row.room, row.requested_by) == ("family", "402", mother.person_id)
    assert row.expires_at == TURNS_14_AND_A_MONTH
    (account,) = world.rows("SELECT * FROM persons WHERE id = :id", id=made.person.id)
    assert (account.guardian_id, account.phone_index) == (mother.person_id, None)
    assert card_of(world, made.person.id)["standing"] == "child"
    given = world.rows("SELECT * FROM consents WHERE person_id = :p", p=made.person.id)
    assert {c.given_by for c in given} == {mother.person_id}
    assert {c.purpose for c in given} == {*NEEDED, "assistance"}
    (help_made,) = world.rows("SELECT * FROM assistances WHERE subject_id = :p", p=made.person.id)
    assert (help_made.kind, help_made.helper_id) == ("guardian", mother.person_id)
    assert (help_made.relationship, help_made.due_at) == ("父母", TURNS_14_AND_A_MONTH)


def test_a_child_that_is_not_on_the_register_waits_for_the_committee(world, mother):
    made = child(world, mother)
    assert made.status == "pending"
    staff = world.staff()
    cmd = op.ListMembershipRequests(cid=C_HOME)
    listed = world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now)
    assert [(r.person.display_name, r.requested_by.id) for r in listed.items] == [
        ("小明", mother.person_id)
    ]
    cmd = op.DecideMembership(id=made.membership_id, decision="approve")
    assert world.do(desk.decide_membership, cmd, staff, world.now).status == "active"
    assert card_of(world, made.person.id)["standing"] == "child"


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"born": date(2012, 11, 23)}, NotAChild),  # 14 today
        ({"id_number": made_up_id(BORN, 4)[:-1] + "?"}, IdNumberInvalid),
        ({"consents": ["rules"]}, Invalid),
        ({"membership_id": "nothing"}, MembershipNotFound),
        ({"id_number": made_up_id(date(1988, 5, 5))}, NotAChild),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(world, mother, over, error):
    before = world.rows("SELECT count(*) FROM persons")
    with pytest.raises(error):
        child(world, mother, **over)
    assert world.rows("SELECT count(*) FROM persons") == before


def test_the_day_before_the_14th_birthday_is_still_a_childs(world, mother):
    assert child(world, mother, born=date(2012, 11, 24)).status == "pending"


def test_only_a_grown_up_member_of_the_room_can_be_the_guardian(world, mother):
    brother = joined(world, "李大", "402", date(2008, 1, 1), sequence=6)
    stranger = world.person()
    with pytest.raises(GuardianNeeded):
        child(world, brother)
    with pytest.raises(MembershipNotFound):
        child(world, mother, by=stranger)
    with pytest.raises(MembershipNotFound):
        child(world, mother, by=brother)  # a room of the same family, but not his membership


def test_a_child_has_one_account_and_trying_out_numbers_locks(world, mother):
    child(world, mother)
    for _ in range(LIMIT.failures - 1):
        with pytest.raises(IdTaken):
            child(world, mother)
    for sequence in (4, 8):  # the last failure, and a number that nobody has
        with pytest.raises(Locked):
            child(world, mother, sequence=sequence)


def test_ten_children_are_enough(world, mother):
    for number in range(10):
        child(world, mother, sequence=10 + number)
    with pytest.raises(TooManyChildren):
        child(world, mother, sequence=99)


# -- registered at the desk ------------------------------------------------------------------------


def test_the_committee_registers_with_the_guardians_recorded_consent(world, mother):
    staff = world.staff()
    with pytest.raises(GuardianNeeded):
        at_desk(world, staff, None)
    made = at_desk(world, staff, mother.person_id, room="501")
    assert made.status == "active"
    assert world.membership(made.membership_id).expires_at == TURNS_14_AND_A_MONTH
    assert card_of(world, made.person.id)["standing"] == "child"
    (help_made,) = world.rows("SELECT * FROM assistances WHERE subject_id = :p", p=made.person.id)
    assert (help_made.kind, help_made.helper_id) == ("guardian", mother.person_id)
    assert (help_made.recorded_by, help_made.consent_means) == (staff.person_id, "written")


def test_at_the_desk_the_guardian_is_a_grown_up_member_and_the_child_a_child(world, mother):
    staff = world.staff()
    brother = joined(world, "李大", "402", date(2010, 1, 1), sequence=6)
    for who in (brother.person_id, world.person().person_id, "nobody"):
        with pytest.raises(GuardianUnknown):
            at_desk(world, staff, who)
    for over in ({"phone": "13911112222", "phone_code": CODE}, {"relation": "owner"}):
        with pytest.raises(Invalid):
            at_desk(world, staff, mother.person_id, **over)
    with pytest.raises(NotAChild):
        at_desk(world, staff, mother.person_id, id_number=made_up_id(date(1999, 1, 1), 8))
    in_office = replace(mother, grants=(Grant(Role.COMMITTEE_STAFF, HOME),))
    with pytest.raises(OwnRequest):
        at_desk(world, in_office, mother.person_id)
    assert world.rows("SELECT 1 FROM persons WHERE guardian_id IS NOT NULL") == []


# -- no voice of its own ---------------------------------------------------------------------------


def test_the_guardians_token_reports_and_signs_up_and_neither_posts_nor_votes(
    world, mother, acting
):
    token = acting(at_desk(world, world.staff(), mother.person_id))
    assert (token.acted_by, token.guards) == (mother.person_id, True)
    assert [(g.role, g.path) for g in token.grants] == [(Role.RESIDENT, HOME)]
    for allowed in ("reportIssue", "signUp", "exportMyData", "deleteMe", "listMyAccessLog"):
        BY_ID[allowed].permit(token)
    for refused in ("createPost", "createComment", "castBallot", "secondTopic", "updateMe"):
        with pytest.raises(NotOnBehalf):
            BY_ID[refused].permit(token)


def test_a_child_belongs_to_its_community_and_is_on_no_roll(world, mother):
    made = at_desk(world, world.staff(), mother.person_id)
    told = card_of(world, made.person.id)
    names = ("person_id", "community_id", "path", "standing", "display_name")
    assert Card(**{name: told[name] for name in names}).present
    assert told["standing"] != "active"  # rolls are of the active


def test_nobody_but_the_guardian_is_named_for_a_child_and_the_guardian_stays(world, mother):
    staff = world.staff()
    made = at_desk(world, staff, mother.person_id)
    naming = op.NameHelper(
        phone="13911112222",
        person_id=made.person.id,
        relationship="邻居",
        consent_means="spoken",
        consent_note="口头",
    )
    with pytest.raises(GuardianNeeded):
        world.do(assistance.name_helper, world.vault, naming, staff, world.now)
    for who in (mother, staff):
        with pytest.raises(GuardianStays):
            ending = op.EndAssistance(id=made.assistance_id)
            world.do(assistance.end_assistance, ending, who, world.now)


# -- copy, deletion, end ---------------------------------------------------------------------------


def test_the_guardian_takes_a_copy_and_reads_who_looked(world, mother, acting):
    staff = world.staff()
    made = child(world, mother)
    cmd = op.ListMembershipRequests(cid=C_HOME)
    world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now)
    token = acting(made)
    (line,) = world.do(access.list_my_access_log, op.ListMyAccessLog(), token, read=True).items
    assert line.actor.id == staff.person_id
    copy = world.do(export.export_my_data, world.vault, token, world.now)
    assert copy.person_id == made.person.id
    assert copy.identity["real_name"]["items"][0]["name"] == "李小明"
    assert copy.identity["account"]["items"][0]["guardian_id"] == mother.person_id


def test_the_guardian_deletes_it_with_a_code_of_her_own_phone(world, mother, acting):
    made = at_desk(world, world.staff(), mother.person_id)
    token = acting(made)
    delete(world, token)
    assert [e["person_id"] for e in world.events("person.deleted.v1")] == [made.person.id]
    (account,) = world.rows("SELECT * FROM persons WHERE id = :id", id=made.person.id)
    assert account.deleted_at is not None
    assert world.rows("SELECT 1 FROM real_names WHERE person_id = :p", p=made.person.id) == []
    assert home_of(world, mother), "her own account stays"


def test_the_guardian_has_the_number_corrected_and_with_it_the_end(world, mother, acting):
    staff = world.staff()
    made = at_desk(world, staff, mother.person_id)
    token = acting(made)

    def ask(value):
        cmd = op.RequestCorrection(field="id_number", value=value, reason="抄错了出生日期")
        return world.do(corrections.request_correction, world.vault, cmd, token, world.now)

    with pytest.raises(NotAChild):
        ask(made_up_id(date(1999, 1, 1), 8))
    asked = ask(made_up_id(date(2018, 12, 9), 4))
    cmd = op.DecideCorrection(id=asked.id, decision="approve")
    guardian_in_office = replace(mother, grants=(Grant(Role.COMMITTEE_STAFF, HOME),))
    with pytest.raises(OwnRequest):
        world.do(corrections.decide_correction, world.vault, cmd, guardian_in_office, world.now)
    world.do(corrections.decide_correction, world.vault, cmd, staff, world.now)
    end = datetime(2032, 12, 31, 16, tzinfo=UTC)  # 1 January 2033 in China
    assert world.membership(made.membership_id).expires_at == end
    (help_made,) = world.rows("SELECT * FROM assistances WHERE subject_id = :p", p=made.person.id)
    assert (help_made.expires_at, help_made.due_at) == (end, end)


def test_a_helper_who_is_not_the_guardian_deletes_nothing(world, mother):
    made = at_desk(world, world.staff(), mother.person_id)
    forged = Actor(made.person.id, "s", (), 2**31, acted_by=world.person().person_id, guards=True)
    with pytest.raises(NotOnBehalf):
        delete(world, forged)
    assert world.events("person.deleted.v1") == []


def test_with_the_guardians_account_go_the_childrens(world, mother):
    made = at_desk(world, world.staff(), mother.person_id)
    delete(world, mother)
    gone = [e["person_id"] for e in world.events("person.deleted.v1")]
    assert gone == [made.person.id, mother.person_id]
    assert world.rows("SELECT 1 FROM memberships WHERE status = 'active'") == []


def test_a_child_moves_out_with_its_guardian(world, mother):
    made = at_desk(world, world.staff(), mother.person_id)
    cmd = op.EndMembership(id=home_of(world, mother))
    world.do(leaving.end_membership, cmd, mother, world.now)
    assert world.membership(made.membership_id).status == "ended"
    assert card_of(world, made.person.id)["standing"] == "ended"


def test_from_14_on_the_account_ends_and_the_number_is_free_for_ones_own(world, mother):
    made = at_desk(world, world.staff(), mother.person_id)
    world.now = TURNS_14_AND_A_MONTH
    world.do(leaving.expire_memberships, world.now)
    world.do(assistance.expire_assistances, world.now)
    assert world.membership(made.membership_id).status == "ended"
    grown = world.join(world.person(), real_name="李小明", id_number=made_up_id(BORN, 4))
    assert grown.status == "pending"


def delete(world, who: Actor) -> None:
    cmd = op.DeleteMe(code=CODE)
    world.do(deletion.delete_me, world.vault, cmd, who, world.clock, world.now, demo=True)
