"""A copy of everything about me, and deleting the account. Needs: db."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Actor, Role
from services.contracts.errors import Unavailable
from services.contracts.operations import identity as op
from services.identity.domain.deletion import DELETED_NAME
from services.identity.domain.login import CodeNotRight, SessionEnded
from services.identity.domain.roles import LastAdmin
from services.identity.handlers import access, badge, deletion, desk, export, me, roles, sessions
from services.identity.models import Assistance, PhoneRecovery, TotpFactor, WechatBinding
from services.identity.repository import PersonNotFound
from tests.support.identity_world import C_HOME, HOME, World, first_and_second, made_up_id

pytestmark = pytest.mark.db

PHONE = "13812341234"
NUMBER = made_up_id()


@pytest.fixture
def granny(world) -> Actor:
    """A resident of whom everything is held that can be."""
    world.register("孙桂芳", "402")
    granny, helper, staff = world.person(PHONE), world.person(), world.staff()
    world.join(granny, consents=["real_name", "address", "rules", "grid_platform"])
    world.join(granny, room="101")
    cmd = op.ListMembershipRequests(cid=C_HOME)
    world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now)
    secretary = world.person("", (Role.SECRETARY, HOME))
    for role in (Role.PARTY_MEMBER, Role.VOLUNTEER):
        grant = op.GrantRole(person_id=granny.person_id, role=role, scope=HOME)
        world.do(roles.grant_role, grant, secretary, world.now)
    with world.units() as uow:
        badge.show(uow, granny.person_id, world.now)
        seal = world.vault.seal
        uow.session.add_all(
            [
                TotpFactor(
                    person_id=granny.person_id,
                    secret_sealed=seal("S", purpose="totp.secret", owner=granny.person_id),
                    created_at=world.now,
                    recovery_hashes=["hash-of-a-recovery-code"],
                ),
                WechatBinding(
                    openid_index="index-of-an-openid",
                    person_id=granny.person_id,
                    bound_at=world.now,
                ),
                PhoneRecovery(
                    id="r-1",
                    state="cancelled",
                    person_id=granny.person_id,
                    community_id=C_HOME,
                    new_phone_sealed=seal("+8613900001111", purpose="recovery.phone", owner="r-1"),
                    new_phone_index="index-of-a-phone",
                    reason="手机丢失",
                    opened_by=staff.person_id,
                    opened_at=world.now,
                    effective_at=world.now,
                ),
                *(
                    Assistance(
                        id=f"a-{n}",
                        kind="relative",
                        helper_id=who.person_id,
                        subject_id=whom.person_id,
                        relationship="邻居",
                        consent_means="spoken",
                        consent_note="",
                        consent_at=world.now,
                        recorded_by=whom.person_id,
                    )
                    for n, (who, whom) in enumerate(((helper, granny), (granny, helper)))
                ),
            ]
        )
        uow.commit()
    return granny


# -- a copy of everything --------------------------------------------------------------------------


def copy(world: World, who: Actor, ask=None) -> op.PersonalData:
    with world.units(read_only=True, ask=ask or (lambda service, _method: {"of": service})) as uow:
        return export.export_my_data(uow, world.vault, who, world.now)


def items(found: op.PersonalData, section: str) -> list[dict]:
    assert found.identity[section]["left_out"] == 0
    return found.identity[section]["items"]


def test_the_copy_has_everything_with_what_is_mine_in_clear(world, granny):
    found = copy(world, granny)
    assert (found.person_id, found.made_at) == (granny.person_id, world.now)
    (account,) = items(found, "account")
    assert account["phone"] == "+8613812341234"
    (known,) = items(found, "real_name")
    assert (known["name"], known["id_number"]) == ("孙桂芳", NUMBER)
    assert {(m["room"], m["status"]) for m in items(found, "memberships")} == {
        ("402", "active"),
        ("101", "pending"),
    }
    (entry,) = items(found, "register")
    assert (entry["name"], entry["building"]) == ("孙桂芳", "1号楼")
    assert {role["role"] for role in items(found, "roles")} == {"party_member", "volunteer"}
    assert items(found, "party_badge")[0]["shown"] is True
    assert {c["purpose"] for c in items(found, "consents")} >= {"grid_platform", "party_badge"}
    assert items(found, "access_log")[0]["actor_role"] == "committee_staff"
    assert len(items(found, "assistances")) == 2
    assert items(found, "recoveries")[0]["new_phone"] == "139****1111"
    assert items(found, "second_factor")
    assert items(found, "wechat")


def test_a_look_at_my_entry_while_it_was_anothers_is_not_mine_to_read(world, granny):
    (entry,) = world.rows("SELECT id FROM register_persons WHERE person_id IS NOT NULL")
    other, staff = world.person(), world.staff()
    for subject, why in (
        (access.Subject(other.person_id, entry.id), "别人的"),
        (access.Subject(None, entry.id), "名册上的"),
    ):
        world.do(
            access.write_down, staff, world.now, subjects=[subject], community=None, what="姓名",
            purpose=why,
        )  # fmt: skip
    mine = world.do(access.list_my_access_log, op.ListMyAccessLog(), granny, read=True).items
    for seen in (
        {look.purpose for look in mine},
        {look["purpose"] for look in items(copy(world, granny), "access_log")},
    ):
        assert "名册上的" in seen
        assert "别人的" not in seen


def test_what_staff_noted_of_the_person_helped_is_in_her_copy_alone(world, granny):
    with world.units() as uow:
        uow.session.execute(text("UPDATE assistances SET consent_note = '听力不好'"))
        uow.commit()
    notes = {a["id"]: a["consent_note"] for a in items(copy(world, granny), "assistances")}
    assert notes == {"a-0": "听力不好", "a-1": None}


def test_what_guards_data_stays_out_of_the_copy(world, granny):
    world.log_in(PHONE, "246810", demo=True)
    said = json.dumps(copy(world, granny).model_dump(mode="json"))
    for secret in ("A256GCM.", "hash-of-", "index-of-", "_sealed", "_index"):
        assert secret not in said
    assert items(copy(world, granny), "sessions")


def test_it_joins_what_the_others_hold_and_names_who_is_away(world, granny):
    def ask(service: str, method: str) -> dict:
        assert method == "export_person"
        if service == "votes":
            raise Unavailable()
        return {"posts": service}

    found = copy(world, granny, ask)
    assert found.missing == ["votes"]
    assert found.services == {s: {"posts": s} for s in ("feed", "grid_bridge", "notify")}


def test_the_copy_is_about_the_caller_alone(world, granny):
    stranger = copy(world, world.person())
    assert items(stranger, "memberships") == items(stranger, "consents") == []
    assert "孙桂芳" not in stranger.model_dump_json()


# -- deleting the account --------------------------------------------------------------------------


def delete_by(world: World, who: Actor, code: str, *, demo: bool = False):
    cmd = op.DeleteMe(code=code)
    return world.do(deletion.delete_me, world.vault, cmd, who, world.clock, world.now, demo=demo)


def tables_about(world: World, person_id: str) -> set[str]:
    """The tables with a row of the person's own."""
    columns = world.rows(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name IN ('person_id', 'subject_id')"
    )
    return {
        table
        for table, column in columns
        if world.rows(f"SELECT 1 FROM {table} WHERE {column} = :person", person=person_id)
    }


@pytest.mark.parametrize("code", ["000000", "246810", "x"])
def test_it_needs_a_fresh_code(world, granny, code):
    world.sent_code(PHONE)
    with pytest.raises(CodeNotRight) as refused:
        delete_by(world, granny, code)
    assert refused.value.status == 422
    assert copy(world, granny).person_id == granny.person_id


def test_a_code_that_was_used_to_log_in_is_not_fresh(world, granny):
    code = world.sent_code(PHONE)
    world.log_in(PHONE, code)
    with pytest.raises(CodeNotRight):
        delete_by(world, granny, code)
    world.later(minutes=2)
    code = world.sent_code(PHONE)
    world.later(minutes=6)
    with pytest.raises(CodeNotRight):
        delete_by(world, granny, code)


def test_nothing_is_left_but_an_id_that_means_nobody_and_the_proof(world, granny):
    world.log_in(PHONE, "246810", demo=True)
    assert len(tables_about(world, granny.person_id)) > 10
    delete_by(world, granny, world.sent_code(PHONE))
    assert tables_about(world, granny.person_id) == {
        "consents",
        "access_log",
        "sessions",
        "phone_recoveries",
    }
    (log,) = world.rows("SELECT * FROM phone_recoveries")
    assert (log.new_phone_sealed, log.new_phone_index) == (None, None)
    assert log.opened_by and log.reason, "whoever takes an account over cannot delete the trace"
    (row,) = world.rows("SELECT * FROM persons WHERE id = :p", p=granny.person_id)
    assert (row.phone_sealed, row.phone_index) == (None, None)
    assert (row.display_name, row.deleted_at) == (DELETED_NAME, world.now)
    assert all(r.withdrawn_at and not r.membership_id for r in world.rows("SELECT * FROM consents"))
    assert not world.rows("SELECT 1 FROM login_codes")


def test_the_register_keeps_its_entry_without_the_account(world, granny):
    delete_by(world, granny, "246810", demo=True)
    (entry,) = world.rows("SELECT person_id, ended_at FROM register_persons")
    assert (entry.person_id, entry.ended_at) == (None, None)


def test_everybody_hears_of_it(world, granny):
    world.log_in(PHONE, "246810", demo=True)
    delete_by(world, granny, "246810", demo=True)
    assert world.events("person.deleted.v1") == [{"person_id": granny.person_id}]
    ended = world.events("membership.ended.v1")
    assert [e["why"] for e in ended] == ["deleted", "deleted"]
    assert [e["role"] for e in world.events("role.revoked.v1")] == ["volunteer"]
    assert world.events("rights.narrowed.v1") == [{"person_id": granny.person_id}], "of the Party"
    assert [e["person_id"] for e in world.events("session.revoked.v1")] == [granny.person_id]
    assert {e["assistance_id"] for e in world.events("assistance.ended.v1")} == {"a-0", "a-1"}
    assert {e["purpose"] for e in world.events("consent.changed.v1") if not e["given"]} == {
        "real_name",
        "address",
        "rules",
        "grid_platform",
        "party_badge",
    }
    last = world.events("member.card_changed.v1")[-1]
    assert (last["standing"], last["badge_shown"]) == ("ended", False)


def test_whom_she_helped_keeps_the_record_of_it_ended(world, granny):
    delete_by(world, granny, "246810", demo=True)
    (kept,) = world.rows("SELECT id, ended_at FROM assistances")
    assert (kept.id, kept.ended_at) == ("a-1", world.now)


def test_her_sessions_are_over_and_she_is_nobody(world, granny):
    tokens = world.log_in(PHONE, "246810", demo=True)
    delete_by(world, granny, "246810", demo=True)
    with pytest.raises(SessionEnded):
        cmd = op.RefreshToken(refresh_token=tokens.refresh_token)
        world.do(sessions.refresh_token, cmd, world.desk)
    with pytest.raises(PersonNotFound):
        copy(world, granny)
    with pytest.raises(PersonNotFound):
        world.do(me.get_me, granny, world.now, read=True)
    with pytest.raises(PersonNotFound):
        delete_by(world, granny, "246810", demo=True)


def test_she_can_come_back_as_somebody_new_with_the_same_phone_and_number(world, granny):
    delete_by(world, granny, "246810", demo=True)
    again = world.log_in(PHONE, "246810", demo=True).person
    assert again.id != granny.person_id
    back = Actor(again.id, "s", (), 2**31)
    assert world.join(back, consents=["real_name"]).status == "active", "the register knows her"
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), back, read=True)
    assert log.items == [], "what was seen of the old account is the old account's"


def test_a_secretary_leaves_like_everybody(world):
    secretary = world.person(PHONE, (Role.SECRETARY, HOME))
    delete_by(world, secretary, "246810", demo=True)
    assert [e["role"] for e in world.events("role.revoked.v1")] == ["secretary"]


def test_the_last_administrator_of_a_district_appoints_a_successor_first(world):
    admin = world.person(PHONE, (Role.DISTRICT_ADMIN, "d"))
    with pytest.raises(LastAdmin):
        delete_by(world, admin, "246810", demo=True)
    world.person("", (Role.DISTRICT_ADMIN, "d"))
    delete_by(world, admin, "246810", demo=True)
    assert world.events("person.deleted.v1")


def test_of_the_last_two_who_leave_at_once_one_stays(world):
    one = world.person(PHONE, (Role.DISTRICT_ADMIN, "d"))
    two = world.person("13912341234", (Role.DISTRICT_ADMIN, "d"))
    cmd = op.DeleteMe(code="246810")
    _, other = first_and_second(
        world,
        lambda uow: deletion.delete_me(
            uow, world.vault, cmd, one, world.clock, world.now, demo=True
        ),
        lambda: delete_by(world, two, "246810", demo=True),
    )
    assert isinstance(other.exception(5), LastAdmin)


def test_an_account_without_a_phone_cannot_be_deleted_by_code(world):
    nobody = world.person(PHONE)
    with world.units() as uow:
        uow.session.connection().exec_driver_sql(
            "UPDATE persons SET phone_index = NULL, phone_sealed = NULL"
        )
        uow.commit()
    with pytest.raises(CodeNotRight):
        delete_by(world, nobody, "246810", demo=True)


def test_a_deleted_name_stands_where_she_looked_at_others(world):
    staff = world.person(PHONE, (Role.COMMITTEE_STAFF, HOME))
    waiting = world.person()
    world.join(waiting)
    cmd = op.ListMembershipRequests(cid=C_HOME)
    world.do(desk.list_membership_requests, world.vault, cmd, staff, world.now)
    world.now += timedelta(days=1)
    delete_by(world, staff, "246810", demo=True)
    log = world.do(access.list_my_access_log, op.ListMyAccessLog(), waiting, read=True)
    assert [(look.actor.display_name, look.actor_role) for look in log.items] == [
        (DELETED_NAME, "committee_staff")
    ]
