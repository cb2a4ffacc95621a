"""Who holds which role, until when, and what no office gives. Needs: db."""

from datetime import timedelta

import pytest

from services.contracts.actor import Actor, Grant, Role
from services.contracts.errors import BadRequest, Forbidden
from services.contracts.operations import BY_ID
from services.contracts.operations import identity as op
from services.identity.domain.recovery import RecoveryNotFound
from services.identity.handlers import access, desk, me, recoveries, register, roles, sessions
from services.identity.handlers.register import EntryNotFound
from services.kit.tokens import TokenVerifier
from tests.support.identity_world import C_HOME, HOME, OTHER, World, made_up_id

pytestmark = pytest.mark.db


@pytest.fixture
def secretary(world) -> Actor:
    return world.person("", (Role.SECRETARY, HOME))


@pytest.fixture
def town(world) -> Actor:
    return world.person("", (Role.TOWN_ADMIN, "d.t"))


def listed(world: World, who: Actor, scope: str = HOME, **query) -> list[tuple[str, str]]:
    """Role and person of each grant, over all pages."""
    found, cursor = [], None
    while True:
        cmd = op.ListRoles(scope=scope, cursor=cursor, **query)
        page = world.do(roles.list_roles, cmd, who, world.now)
        found += [(holder.role.value, holder.person.id) for holder in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def log_of(world: World, who: Actor) -> list[op.AccessLogEntry]:
    return world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items


def grant(world: World, by: Actor, whom: Actor, role: Role, scope: str = HOME, **over):
    cmd = op.GrantRole(person_id=whom.person_id, role=role, scope=scope, **over)
    return world.do(roles.grant_role, cmd, by, world.now)


# -- lists -----------------------------------------------------------------------------------------


def test_a_list_has_its_place_and_all_beneath_it_by_place_and_role(world, secretary, town):
    warden = world.person("", (Role.VOLUNTEER, f"{HOME}.e1"))
    staff, next_door = world.staff(), world.staff(OTHER)
    assert listed(world, secretary) == [
        ("committee_staff", staff.person_id),
        ("secretary", secretary.person_id),
        ("volunteer", warden.person_id),
    ]
    assert [r for r, _ in listed(world, town, "d.t")] == [
        "town_admin",
        "committee_staff",
        "secretary",
        "volunteer",
        "committee_staff",
    ]
    assert ("committee_staff", next_door.person_id) in listed(world, town, OTHER)
    assert listed(world, secretary, f"{HOME}.e1") == [("volunteer", warden.person_id)]
    assert listed(world, town, "c-home") == listed(world, secretary), "by id as well as by path"


def test_pages_hold_each_grant_once(world, secretary):
    for _ in range(5):
        world.person("", (Role.VOLUNTEER, HOME))
    whole = listed(world, secretary)
    assert len(whole) == 6
    assert listed(world, secretary, limit=2) == listed(world, secretary, limit=1) == whole


def test_a_role_can_be_asked_for_alone(world, secretary):
    staff = world.staff()
    only = listed(world, secretary, role=Role.COMMITTEE_STAFF)
    assert only == [("committee_staff", staff.person_id)]


def test_it_shows_names_and_nothing_more(world, secretary):
    person = world.person("13911112222")
    world.join(person, real_name="孙桂芳")
    grant(world, secretary, person, Role.VOLUNTEER)
    page = world.do(roles.list_roles, op.ListRoles(scope=HOME), secretary, world.now)
    (holder,) = [h for h in page.items if h.role is Role.VOLUNTEER]
    assert set(holder.person.model_dump()) == {"id", "display_name"}
    assert (holder.scope_name, holder.community.id) == ("样例居民区", C_HOME)
    assert holder.granted_at == world.now
    for secret in ("13911112222", "孙桂芳", made_up_id()):
        assert secret not in page.model_dump_json()


def test_what_is_over_is_not_listed(world, secretary):
    person = world.person()
    given = grant(world, secretary, person, Role.VOLUNTEER)
    ends = world.now + timedelta(days=1)
    grant(world, secretary, person, Role.GROUP_REPRESENTATIVE, expires_at=ends)
    world.do(roles.revoke_role, op.RevokeRole(id=given.id), secretary, world.now)
    assert [r for r, _ in listed(world, secretary)] == ["group_representative", "secretary"]
    world.later(days=1)
    assert [r for r, _ in listed(world, secretary)] == ["secretary"], "before the timer has come by"


def test_party_membership_is_the_secretarys_to_see(world, secretary):
    member = world.person("", (Role.PARTY_MEMBER, HOME))
    seen = ("party_member", member.person_id)
    assert seen in listed(world, secretary)
    assert listed(world, secretary, role=Role.PARTY_MEMBER) == [seen]
    others = {
        "staff": world.staff(),
        "district": world.person("", (Role.DISTRICT_ADMIN, "d")),
        "auditor": world.person("", (Role.AUDITOR, "d")),
        "her own, elsewhere": world.person("", (Role.SECRETARY, OTHER), (Role.AUDITOR, "d")),
    }
    for who, actor in others.items():
        assert seen not in listed(world, actor), who
        with pytest.raises(Forbidden):
            listed(world, actor, role=Role.PARTY_MEMBER)
    assert not [e for e in log_of(world, member) if e.actor.id != secretary.person_id]


def test_the_branch_above_sees_whom_it_has_confirmed_itself(world, secretary, town):
    member, other = world.person(), world.person("", (Role.TOWN_ADMIN, "d.t"))
    grant(world, secretary, member, Role.PARTY_MEMBER)
    grant(world, town, secretary, Role.PARTY_MEMBER)
    confirmed = ("party_member", secretary.person_id)
    for scope in (HOME, "d.t"):
        assert listed(world, town, scope, role=Role.PARTY_MEMBER) == [confirmed]
    assert listed(world, other, role=Role.PARTY_MEMBER) == []
    assert ("party_member", member.person_id) not in listed(world, town)
    assert len(listed(world, secretary, role=Role.PARTY_MEMBER)) == 2


def test_everybody_on_a_list_reads_who_saw_her_and_as_what(world, secretary, town):
    both = world.person("", (Role.PARTY_MEMBER, HOME), (Role.VOLUNTEER, HOME))
    staff, next_door = world.staff(), world.staff(OTHER)
    listed(world, secretary)
    seen = {(e.what, e.actor_role, e.community.id) for e in log_of(world, both)}
    assert seen == {
        ("您的显示名和党员身份", "secretary", C_HOME),
        ("您的显示名和担任的角色", "secretary", C_HOME),
    }
    assert [e.what for e in log_of(world, staff)] == ["您的显示名和担任的角色"]
    assert log_of(world, secretary) == [], "her own is hers to see"
    assert log_of(world, next_door) == []
    listed(world, town, "d.t")
    (entry,) = log_of(world, next_door)
    assert (entry.actor.id, entry.actor_role, entry.community) == (
        town.person_id,
        "town_admin",
        None,
    )
    assert BY_ID["listRoles"].audited


def test_only_the_page_that_was_shown_is_written_down(world, secretary):
    people = [world.person("", (Role.VOLUNTEER, HOME)) for _ in range(3)]
    cmd = op.ListRoles(scope=HOME, role=Role.VOLUNTEER, limit=2)
    page = world.do(roles.list_roles, cmd, secretary, world.now)
    shown = {holder.person.id for holder in page.items}
    assert {p.person_id for p in people if log_of(world, p)} == shown


@pytest.mark.parametrize(("scope", "error"), [(OTHER, Forbidden), ("d.t", Forbidden)])
def test_other_places_are_not_hers_to_look_at(world, secretary, scope, error):
    with pytest.raises(error):
        listed(world, secretary, scope)
    with pytest.raises(roles.ScopeNotFound):
        listed(world, secretary, "nowhere")
    with pytest.raises(BadRequest):
        cmd = op.ListRoles(scope=HOME, cursor="tampered")
        world.do(roles.list_roles, cmd, secretary, world.now)


# -- until when ------------------------------------------------------------------------------------


@pytest.fixture
def grants_of(world, tmp_path):
    """What a fresh token of somebody says."""
    import json

    (tmp_path / "jwks.json").write_text(json.dumps(world.issuer._keys.as_dict(private=False)))
    verifier = TokenVerifier(tmp_path / "jwks.json")

    def read(phone: str) -> tuple[Grant, ...]:
        return verifier.verify(world.log_in(phone, "246810", demo=True).access_token).grants

    return read


def test_a_role_that_has_run_out_is_in_no_token(world, secretary, grants_of):
    person = world.person("13911112222")
    ends = world.now + timedelta(days=30)
    grant(world, secretary, person, Role.VOLUNTEER, expires_at=ends)
    assert grants_of("13911112222") == (Grant(Role.VOLUNTEER, HOME),)
    world.now = ends
    assert grants_of("13911112222") == (), "before the timer has come by"
    assert world.do(me.get_me, person, world.now, read=True).roles == []


def test_a_refreshed_session_loses_what_was_revoked_meanwhile(world, secretary, tmp_path):
    person = world.person("13911112222")
    given = grant(world, secretary, person, Role.VOLUNTEER)
    logged_in = world.log_in("13911112222", "246810", demo=True)
    world.do(roles.revoke_role, op.RevokeRole(id=given.id), secretary, world.now)
    desk_ = sessions.Desk(world.issuer, world.clock, world.now)
    cmd = op.RefreshToken(refresh_token=logged_in.refresh_token)
    fresh = world.do(sessions.refresh_token, cmd, desk_)
    assert "volunteer" in _claims(logged_in.access_token)
    assert "volunteer" not in _claims(fresh.access_token)


def _claims(token: str) -> str:
    import base64

    body = token.split(".")[1]
    return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()


def test_a_role_can_be_given_again_once_it_has_run_out(world, secretary):
    person = world.person()
    ends = world.now + timedelta(days=1)
    first = grant(world, secretary, person, Role.VOLUNTEER, expires_at=ends)
    world.later(days=1)
    assert world.do(roles.expire_grants, world.now) == 1
    assert grant(world, secretary, person, Role.VOLUNTEER).id != first.id


# -- what no office gives --------------------------------------------------------------------------

ADMINS = ((Role.TOWN_ADMIN, "d.t"), (Role.DISTRICT_ADMIN, "d"), (Role.AUDITOR, "d"))


@pytest.mark.parametrize(("role", "path"), ADMINS, ids=[role.value for role, _ in ADMINS])
def test_an_administrator_reads_no_numbers(world, role, path):
    """Neither by the table nor by the use-case itself, whichever came first."""
    admin = world.person("", (role, path))
    world.join(world.person(), real_name="孙桂芳")
    entry = world.register("李四", "301")
    requests = op.ListMembershipRequests(cid=C_HOME)
    names = op.ListRegister(cid=C_HOME)
    reveal = op.RevealRegisterEntry(id=entry, purpose="看看")
    for operation in ("listMembershipRequests", "listRegister", "revealRegisterEntry"):
        with pytest.raises(Forbidden):
            BY_ID[operation].permit(admin)
    with pytest.raises(Forbidden):
        world.do(desk.list_membership_requests, world.vault, requests, admin, world.now)
    with pytest.raises(Forbidden):
        world.do(register.list_register, world.vault, names, admin, world.now)
    with pytest.raises((Forbidden, EntryNotFound)):
        world.do(register.reveal_register_entry, world.vault, reveal, admin, world.now)
    assert world.rows("SELECT 1 FROM access_log") == []


def test_not_even_the_committee_is_shown_a_whole_number(world):
    world.join(world.person("13911112222"), real_name="孙桂芳")
    cmd = op.ListMembershipRequests(cid=C_HOME)
    page = world.do(desk.list_membership_requests, world.vault, cmd, world.staff(), world.now)
    shown = page.model_dump_json()
    assert len(page.items) == 1
    assert made_up_id() not in shown and "13911112222" not in shown and "孙桂芳" not in shown


def test_who_only_watches_stops_nobody_elses_recovery(world):
    """Whatever else she holds: an observer writes nothing but what is her own."""
    lost = world.person()
    world.register("孙桂芳", "402")
    world.join(lost)
    cmd = op.OpenRecovery(
        cid=C_HOME,
        person_id=lost.person_id,
        new_phone="13911112222",
        new_code="246810",
        reason="手机丢了",
    )
    args = (cmd, world.vault, world.staff(), world.clock, world.now)
    opened = world.do(recoveries.open_recovery, *args, demo=True)
    watcher = world.person("", (Role.OBSERVER, "d.t"), (Role.COMMITTEE_STAFF, HOME))
    stop = op.CancelRecovery(id=opened.id)
    with pytest.raises(RecoveryNotFound):
        world.do(recoveries.cancel_recovery, stop, watcher, world.now)
    world.do(recoveries.cancel_recovery, stop, lost, world.now)


# -- who of those that say so is a Party member ----------------------------------------------------


def confirmed(world: World, who: Actor, *people: Actor) -> list[str]:
    cmd = op.ConfirmPartyMembers(community_id=C_HOME, person_ids=[p.person_id for p in people])
    found = world.do(roles.confirm_party_members, cmd, who, world.now, read=True)
    return found.person_ids


def test_the_branch_confirms_members_of_the_place_as_long_as_they_are(world, secretary):
    here = world.person("", (Role.PARTY_MEMBER, HOME))
    below = world.person("", (Role.PARTY_MEMBER, f"{HOME}.e1"))
    others = [
        world.person("", (Role.PARTY_MEMBER, OTHER)),
        world.person("", (Role.VOLUNTEER, HOME)),
        world.person(""),
    ]
    people = [here, below, *others]
    assert confirmed(world, secretary, *people) == sorted([here.person_id, below.person_id])
    assert confirmed(world, here, below) == [below.person_id]
    soon = world.person("")
    ends_at = world.now + timedelta(hours=1)
    grant(world, secretary, soon, Role.PARTY_MEMBER, expires_at=ends_at)
    assert confirmed(world, secretary, soon) == [soon.person_id]
    world.now = ends_at
    assert confirmed(world, secretary, soon) == []


def test_nobody_else_learns_who_is_a_member(world, secretary, town):
    member = world.person("", (Role.PARTY_MEMBER, HOME))
    elsewhere = world.person("", (Role.PARTY_MEMBER, OTHER))
    for who in (town, elsewhere, world.person("", (Role.VOLUNTEER, HOME)), world.person("")):
        with pytest.raises(Forbidden):
            confirmed(world, who, member)


# -- given, and taken ------------------------------------------------------------------------------


def page_of(world: World, who: Actor, **query) -> op.RolesPage:
    cmd = op.ListRoles(scope=HOME, **query)
    return world.do(roles.list_roles, cmd, who, world.now)


def test_a_list_says_who_gave_an_office_why_and_who_may_take_it(world, secretary):
    wang = world.person()
    until = world.now + timedelta(days=14)
    grant(world, secretary, wang, Role.COMMITTEE_STAFF, expires_at=until, reason=" 王干事休假 ")
    page = page_of(world, secretary, role=Role.COMMITTEE_STAFF)
    (one,) = page.items
    assert (one.granted_by.id, one.reason) == (secretary.person_id, "王干事休假")
    assert (one.expires_at, one.may_revoke, one.ended_at) == (until, True, None)
    assert Role.COMMITTEE_STAFF in page.may_grant and Role.SECRETARY not in page.may_grant
    clerk = page_of(world, world.staff())
    assert Role.VOLUNTEER in clerk.may_grant and Role.COMMITTEE_STAFF not in clerk.may_grant
    assert [h.may_revoke for h in clerk.items if h.person.id == wang.person_id] == [False]
    (own,) = page_of(world, secretary, role=Role.SECRETARY).items
    assert (own.granted_by, own.may_revoke) == (None, True)


def test_what_has_ended_is_a_trail_the_latest_first(world, secretary):
    wang, gu = world.person(), world.person()
    made = grant(world, secretary, wang, Role.VOLUNTEER)
    grant(world, secretary, gu, Role.VOLUNTEER, expires_at=world.now + timedelta(days=1))
    world.later(hours=1)
    world.do(roles.revoke_role, op.RevokeRole(id=made.id), secretary, world.now)
    assert listed(world, secretary, ended=True) == [("volunteer", wang.person_id)]
    world.later(days=2)  # the timer may not have come by yet
    page = page_of(world, secretary, ended=True, limit=1)
    assert [h.person.id for h in page.items] == [gu.person_id]
    assert (page.items[0].ended_by, page.items[0].may_revoke) == (None, False)
    assert listed(world, secretary, ended=True, limit=1) == [
        ("volunteer", gu.person_id), ("volunteer", wang.person_id),
    ]  # fmt: skip
    world.do(roles.expire_grants, world.now)
    last = page_of(world, secretary, ended=True).items[-1]
    assert last.ended_by.id == secretary.person_id
    with pytest.raises(BadRequest):
        page_of(world, secretary, ended=True, cursor="WyJ4IiwieSJd")


def test_a_party_membership_that_ended_is_told_no_more_widely_than_before(world, secretary):
    lu, clerk = world.person(), world.staff()
    made = grant(world, secretary, lu, Role.PARTY_MEMBER)
    world.do(roles.revoke_role, op.RevokeRole(id=made.id), secretary, world.now)
    assert listed(world, secretary, ended=True) == [("party_member", lu.person_id)]
    assert listed(world, clerk, ended=True) == []
