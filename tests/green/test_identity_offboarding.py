"""A community's export, and how it leaves the platform. Needs: db."""

import hashlib
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.operations import identity as op
from services.identity import tables
from services.identity.handlers import (
    access,
    badge,
    corrections,
    desk,
    leaving,
    offboarding,
    places,
    qr,
    roles,
)
from services.identity.handlers.community_export import SECTIONS, export_community
from services.identity.handlers.offboarding import REGISTER_KEPT, AlreadyClosed
from services.identity.handlers.roles import CommunityHasLeft
from services.identity.qr_tokens import QrRevoked
from services.identity.repository import CommunityNotFound
from tests.support.identity_world import (
    C_HOME,
    C_OTHER,
    HOME,
    OTHER,
    OTHER_ESTATE,
    made_up_id,
)

pytestmark = pytest.mark.db

PHONE, NAME = "13812345678", "孙桂芳"


def export(world, *, personal=True, cid=C_HOME):
    return world.do(
        export_community, world.vault, cid, "程旭东", world.now, personal=personal, purpose="迁移"
    )


def offboard(world, cid=C_HOME):
    with world.units(now=world.now) as uow:
        package = export_community(
            uow, world.vault, cid, "程旭东", world.now, personal=True, purpose="退出平台"
        )
        ended = offboarding.offboard(uow, cid, package, "程旭东", world.now)
        uow.commit()
    return ended


def lived_in(world):
    """A member by the register, one who waits, an office, a neighbour elsewhere."""
    world.register(NAME, "402", birth_year=1949)
    world.register("无账号", "501", birth_year=1960)
    member, waiting, elsewhere = world.person(PHONE), world.person(), world.person()
    assert world.join(member).status == "active"
    assert world.join(waiting, room="601", id_number=made_up_id(sequence=4)).status == "pending"
    village = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    world.join(elsewhere, **village, relation="villager", id_number=made_up_id(sequence=6))
    staff = world.staff()
    return member, waiting, elsewhere, staff


def lines(package, name):
    return [json.loads(line) for line in package.files[f"{name}.jsonl"].splitlines()]


# -- export ---------------------------------------------------------------------------------------


def test_the_whole_export_holds_everything_of_the_community_and_nothing_of_another(world):
    member, waiting, elsewhere, staff = lived_in(world)
    package = export(world)

    people = {p["id"]: p for p in lines(package, "people")}
    assert set(people) == {member.person_id, waiting.person_id, staff.person_id}
    assert people[member.person_id]["real_name"] == NAME
    assert people[member.person_id]["phone"] == f"+86{PHONE}"
    assert people[member.person_id]["id_number"] == made_up_id()
    assert {m["status"] for m in lines(package, "memberships")} == {"active", "pending"}
    assert {r["name"] for r in lines(package, "register")} == {NAME, "无账号"}
    assert [r["role"] for r in lines(package, "roles")] == ["committee_staff"]
    assert len(lines(package, "qr")) == 1
    assert elsewhere.person_id.encode() not in b"".join(package.files.values())


def test_the_manifest_vouches_for_every_file(world):
    lived_in(world)
    package = export(world)
    manifest = json.loads(package.files["manifest.json"])
    others = {n: d for n, d in package.files.items() if n != "manifest.json"}
    assert manifest["sha256"] == {n: hashlib.sha256(d).hexdigest() for n, d in others.items()}
    assert manifest["rows"]["memberships"] == 2
    assert (manifest["exported_by"], manifest["purpose"]) == ("程旭东", "迁移")
    (record,) = world.rows("SELECT * FROM imports WHERE kind = 'export'")
    assert record.file_sha256 == hashlib.sha256(package.files["manifest.json"]).hexdigest()
    assert record.community_id == C_HOME


def test_the_register_of_the_export_can_be_imported_again(world):
    lived_in(world)
    (table,) = tables.read("register.csv", export(world).files["register.csv"])
    assert len(table.rows) == 2
    assert NAME in table.rows[0].cells.values()


def test_without_personal_data_people_are_ids_alone(world):
    member, *_ = lived_in(world)
    package = export(world, personal=False)
    everything = b"".join(package.files.values()).decode()
    assert member.person_id in everything
    (shown,) = world.rows("SELECT display_name FROM persons WHERE id = :p", p=member.person_id)
    for private in (NAME, "无账号", PHONE, made_up_id(), "402", "1949", shown.display_name):
        # as a word: ids and hashes may hold any three digits
        assert not re.search(rf"(?<!\w){re.escape(private)}(?!\w)", everything), private
    assert "register.csv" not in package.files
    assert world.rows("SELECT 1 FROM access_log") == []
    assert [r.kind for r in world.rows("SELECT kind FROM imports")] == ["export"]


def test_without_personal_data_nothing_tells_who_is_a_party_member(world):
    member, _, _, staff = lived_in(world)
    secretary = world.person("", (Role.SECRETARY, HOME))
    from_outside = world.person()
    for who in (member, from_outside):
        cmd = op.GrantRole(person_id=who.person_id, role=Role.PARTY_MEMBER, scope=HOME)
        world.do(roles.grant_role, cmd, secretary, world.now)
    world.do(badge.set_party_badge, op.SetPartyBadge(shown=True), member, world.now)
    world.do(roles.list_roles, op.ListRoles(scope=HOME), secretary, world.now)

    package = export(world, personal=False)
    everything = b"".join(package.files.values()).decode()
    assert not re.search("party|党员", everything)
    assert from_outside.person_id not in everything, "nothing else ties her to the community"
    assert member.person_id in everything
    assert {r["role"] for r in lines(package, "roles")} == {"committee_staff", "secretary"}
    assert [e["person_id"] for e in lines(package, "access-log")] == [staff.person_id]

    whole = export(world)
    party = [r for r in lines(whole, "roles") if r["role"] == "party_member"]
    assert {r["person_id"] for r in party} == {member.person_id, from_outside.person_id}
    assert "party_badge" in {c["purpose"] for c in lines(whole, "consents")}
    assert from_outside.person_id in {e["person_id"] for e in lines(whole, "access-log")}


def end(world, who):
    (home,) = world.rows("SELECT id FROM memberships WHERE person_id = :p", p=who.person_id)
    world.do(leaving.end_membership, op.EndMembership(id=home.id), who, world.now)


def test_who_left_or_was_refused_is_an_id_whatever_she_is_elsewhere(world):
    member, waiting, _, staff = lived_in(world)
    phones = {"left": "13800000001", "refused": "13800000002", "served": "13800000003"}
    end(world, member)
    (asked,) = world.rows("SELECT id FROM memberships WHERE person_id = :p", p=waiting.person_id)
    no = op.DecideMembership(id=asked.id, decision="refuse", reason="查无此人")
    world.do(desk.decide_membership, no, staff, world.now)
    served = world.person(phones["served"], (Role.VOLUNTEER, HOME))
    (grant,) = world.rows("SELECT id FROM grants WHERE person_id = :p", p=served.person_id)
    world.do(roles.revoke_role, op.RevokeRole(id=grant.id), served, world.now)
    village = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    village |= {"relation": "villager", "consents": ["real_name", "address"]}
    gone = [member, waiting, served]
    for n, who in enumerate(gone):
        world.join(who, **village, id_number=made_up_id(sequence=20 + 2 * n))
    package = export(world)

    people = {p.pop("id"): p for p in lines(package, "people")}
    for who in gone:
        assert set(people[who.person_id].values()) == {None}
    assert people[staff.person_id]["phone"]
    theirs = {c["id"] for c in lines(package, "consents")}
    elsewhere = world.rows(
        "SELECT c.id FROM consents c JOIN memberships m ON m.id = c.membership_id "
        "WHERE m.community_id = :c",
        c=C_OTHER,
    )
    assert elsewhere
    assert theirs.isdisjoint(row.id for row in elsewhere)
    assert any(c["person_id"] == member.person_id for c in lines(package, "consents"))


def test_who_only_works_there_leaves_with_a_phone_and_without_a_real_name(world):
    lived_in(world)
    staff = world.staff()
    village = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    world.join(staff, **village, relation="villager", id_number=made_up_id(sequence=20))
    people = {p["id"]: p for p in lines(export(world), "people")}
    assert people[staff.person_id]["phone"]
    assert people[staff.person_id]["id_number"] is people[staff.person_id]["real_name"] is None


# Columns that tell nothing in free words: ids, times, and words from lists of ours. What is in
# neither list, nor named by its section, is new, and somebody has to say which it is.
NO_FREE_TEXT = {
    "path", "name", "kind", "position", "floor_area", "file_sha256", "finding", "relation",
    "residence", "status", "role", "purpose", "notice", "field", "consent_means", "actor_role",
    "what", "verified_by", "made_by", "given_by", "requested_by", "decided_by", "ended_by",
    "created_by", "revoked_by", "granted_by", "recorded_by",
}  # fmt: skip
NAMES_OF_PLACES = {"places": "name"}
WORDS_OF_OURS = {"consents": "purpose"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.name)
def test_every_column_with_free_text_is_named_as_private_or_sealed(world, section):
    values = {"community": C_HOME, "path": HOME, "below": f"{HOME}.%", "personal": True}
    with world.units.engine.connect() as connection:
        columns = set(connection.execute(text(section.query), values).keys())
    hidden = {*section.private, *section.sealed}
    open_ones = {c for c in columns - hidden - {"id", "at"} if not c.endswith(("_id", "_at"))}
    assert open_ones <= NO_FREE_TEXT
    for column, allowed in (("name", NAMES_OF_PLACES), ("purpose", WORDS_OF_OURS)):
        assert column not in open_ones or allowed.get(section.name) == column
    assert hidden <= columns


def test_why_somebody_looked_is_free_text_and_stays_out_without_personal_data(world):
    member, _, _, staff = lived_in(world)
    with world.units() as uow:
        subject, why = access.Subject(person_id=member.person_id), "查找孙老师的电话"
        access.write_down(
            uow, staff, world.now, subjects=[subject], community=None, what="姓名", purpose=why
        )
        uow.session.execute(text("UPDATE access_log SET community_id = :c"), {"c": C_HOME})
        uow.commit()
    assert why not in b"".join(export(world, personal=False).files.values()).decode()
    assert why in export(world).files["access-log.jsonl"].decode()


def test_everybody_whose_data_left_can_read_that_it_did_and_why(world):
    member, *_ = lived_in(world)
    export(world)
    mine = world.do(access.list_my_access_log, op.ListMyAccessLog(), member, read=True).items
    (entry,) = [e for e in mine if e.actor.id == "operator"]
    assert (entry.actor.display_name, entry.purpose) == ("平台运维人员", "迁移")
    assert "导出" in entry.what
    entries = world.rows("SELECT register_id FROM access_log WHERE register_id IS NOT NULL")
    assert len(entries) == 1  # the one without an account


def test_no_such_community(world):
    with pytest.raises(CommunityNotFound):
        export(world, cid="nowhere")


# -- leaving --------------------------------------------------------------------------------------


def test_everything_ends_at_once_and_the_others_are_told(world):
    member, waiting, _, staff = lived_in(world)
    token = world.qr()
    ended = offboard(world)

    assert (ended.memberships, ended.requests, ended.roles, ended.codes) == (1, 1, 1, 1)
    assert ended.register_persons == 2
    why = world.events("membership.ended.v1")
    assert {(e["person_id"], e["why"]) for e in why} == {
        (member.person_id, "offboarded"),
        (waiting.person_id, "offboarded"),
    }
    assert [e["person_id"] for e in world.events("role.revoked.v1")] == [staff.person_id]
    assert len(world.events("qr.revoked.v1")) == 1
    assert world.events("community.closed.v1") == [
        {"community_id": C_HOME, "path": HOME, "why": "offboarded"}
    ]
    last = {}
    for card in world.events("member.card_changed.v1"):
        last[card["person_id"], card["community_id"]] = card["standing"]
    assert last[member.person_id, C_HOME] == last[staff.person_id, C_HOME] == "ended"
    with pytest.raises(QrRevoked):
        world.do(qr.resolve_qr, world.vault, op.ResolveQr(token=token), world.now)


def test_who_somebody_is_is_forgotten_unless_she_lives_elsewhere_too(world):
    _, _, elsewhere, _ = lived_in(world)
    offboard(world)
    known = {r.person_id for r in world.rows("SELECT person_id FROM real_names")}
    assert known == {elsewhere.person_id}


def test_corrections_end_and_hold_no_number_also_of_who_lives_elsewhere_too(world):
    member, *_ = lived_in(world)
    village = {"qr_token": world.qr(OTHER_ESTATE), "building": "9号楼", "unit": None}
    world.join(member, **village, relation="villager")
    cmd = op.RequestCorrection(field="id_number", value=made_up_id(sequence=8), reason="有误")
    world.do(corrections.request_correction, world.vault, cmd, member, world.now)
    assert offboard(world).corrections == 1
    (row,) = world.rows("SELECT * FROM corrections")
    assert (row.status, row.new_sealed, row.decided_by) == ("refused", None, "operator")
    assert "新的居委会" in row.answer


def test_another_community_goes_on_as_before(world):
    lived_in(world)
    neighbour = world.staff(OTHER)
    offboard(world)
    assert len(world.rows("SELECT 1 FROM memberships WHERE status = 'pending'")) == 1
    seen = world.do(places.list_communities, op.ListCommunities(), neighbour, read=True)
    assert [c.id for c in seen.items] == [C_OTHER]


def test_a_community_that_left_is_listed_no_more_and_takes_nobody_into_office(world):
    lived_in(world)
    admin, other = world.person("", (Role.DISTRICT_ADMIN, "d")), world.person()
    offboard(world)
    seen = world.do(places.list_communities, op.ListCommunities(), admin, read=True)
    assert C_HOME not in [c.id for c in seen.items]
    grant = op.GrantRole(person_id=other.person_id, role=Role.SECRETARY, scope=HOME)
    with pytest.raises(CommunityHasLeft):
        world.do(roles.grant_role, grant, admin, world.now)
    with pytest.raises(AlreadyClosed):
        offboard(world)


def test_the_roles_of_town_and_district_stay(world):
    above = world.person("", (Role.OBSERVER, "d.t"))
    lived_in(world)
    offboard(world)
    (held,) = world.rows("SELECT revoked_at FROM grants WHERE person_id = :p", p=above.person_id)
    assert held.revoked_at is None


def test_when_it_fails_half_way_nothing_has_happened(world):
    lived_in(world)
    with world.units() as uow:
        uow.session.execute(
            text("ALTER TABLE qr_tokens ADD CONSTRAINT never CHECK (revoked_by <> 'operator')")
        )
        uow.commit()
    try:
        with pytest.raises(Exception, match="never"):
            offboard(world)
    finally:
        with world.units() as uow:
            uow.session.execute(text("ALTER TABLE qr_tokens DROP CONSTRAINT never"))
            uow.commit()
    assert world.events("membership.ended.v1") == []
    assert world.rows("SELECT 1 FROM imports") == []
    assert len(world.rows("SELECT 1 FROM memberships WHERE status = 'active'")) == 1


# -- later ----------------------------------------------------------------------------------------


def forget(world):
    return world.do(offboarding.forget_registers, world.vault, world.now)


def test_after_half_a_year_the_register_is_only_a_number(world):
    lived_in(world)
    kept_elsewhere = world.rows("SELECT count(*) AS n FROM register_persons")[0].n
    offboard(world)
    assert forget(world) == 0
    world.later(days=REGISTER_KEPT / timedelta(days=1))
    assert forget(world) == 2
    assert forget(world) == 0
    rows = world.rows("SELECT * FROM register_persons")
    assert len(rows) == kept_elsewhere == 2
    for row in rows:
        assert row.relation == "anonymised"
        assert (row.birth_year, row.id_index, row.room_id, row.room_key) == (None, None, None, "")
        assert world.vault.open(row.name_sealed, purpose="register.name", owner=row.id) == "—"
