"""The privacy desk: consents, the Party badge, the grid platform, who looked. Needs: db."""

from dataclasses import replace

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.operations import identity as op
from services.identity.domain.consents import ConsentByDeed, ConsentNeeded, ConsentNotFound
from services.identity.handlers import (
    access,
    badge,
    consents,
    desk,
    roles,
)
from tests.support.identity_world import C_HOME, HOME, NOW, OTHER, World, made_up_id

pytestmark = pytest.mark.db

PHONE = "13812341234"


@pytest.fixture
def granny(world) -> Actor:
    world.register("孙桂芳", "402")
    granny = world.person(PHONE)
    assert world.join(granny, consents=["real_name", "address", "rules"]).status == "active"
    return granny


def mine(world: World, who: Actor, language: str = "zh-CN", **page) -> list[op.ConsentView]:
    cmd = op.ListMyConsents(**page)
    return world.do(consents.list_my_consents, cmd, who, language, read=True).items


def give(world: World, who: Actor, purpose: str) -> op.ConsentView:
    cmd = op.GiveConsent.model_validate({"purpose": purpose})
    return world.do(consents.give_consent, cmd, who, world.now, "zh-CN")


def withdraw(world: World, who: Actor, consent_id: str):
    return world.do(consents.withdraw_consent, op.WithdrawConsent(id=consent_id), who, world.now)


def changes(world: World, purpose: str) -> list[bool]:
    """What was told about a purpose."""
    told = world.events("consent.changed.v1")
    return [e["given"] for e in told if e["purpose"] == purpose]


def standing(world: World, who: Actor) -> list[str]:
    return [c.purpose for c in mine(world, who) if c.withdrawn_at is None]


def looks(world: World, who: Actor) -> list[op.AccessLogEntry]:
    return world.do(access.list_my_access_log, op.ListMyAccessLog(), who, read=True).items


# -- the ledger ------------------------------------------------------------------------------------


def test_what_was_agreed_to_at_joining_can_be_read_with_its_words(world, granny):
    found = mine(world, granny)
    assert [c.purpose for c in found] == ["rules", "address", "real_name"], "the newest first"
    assert all(c.needed and c.notice and c.given_at == NOW for c in found)
    assert {c.given_by.id for c in found} == {granny.person_id}
    assert found[2].text.startswith("同意用姓名和身份证号")
    assert mine(world, granny, "en")[2].text.startswith("I agree that my name")
    assert changes(world, "rules") == [True]


def test_the_ledger_goes_on_page_by_page(world, granny):
    first = world.do(
        consents.list_my_consents, op.ListMyConsents(limit=2), granny, "zh-CN", read=True
    )
    rest = mine(world, granny, limit=2, cursor=first.next_cursor)
    assert [c.purpose for c in [*first.items, *rest]] == ["rules", "address", "real_name"]


def test_consent_is_given_once_withdrawn_at_once_and_given_again(world, granny):
    first = give(world, granny, "grid_platform")
    assert give(world, granny, "grid_platform").id == first.id
    for _ in range(2):
        withdraw(world, granny, first.id)
    assert "grid_platform" not in standing(world, granny)
    world.later(hours=1)
    second = give(world, granny, "grid_platform")
    assert second.id != first.id
    assert changes(world, "grid_platform") == [True, False, True]
    assert [c.withdrawn_at for c in mine(world, granny) if c.purpose == "grid_platform"] == [
        None,
        NOW,
    ], "the withdrawn one stays as proof"


def test_in_new_words_consent_is_asked_for_again(world, granny):
    give(world, granny, "grid_platform")
    with world.units() as uow:
        uow.session.connection().exec_driver_sql("UPDATE consents SET notice = '2020-01'")
        uow.commit()
    again = give(world, granny, "grid_platform")
    assert again.notice != "2020-01"
    withdraw(world, granny, again.id)
    assert "grid_platform" not in standing(world, granny), "who takes it back takes all back"


def test_a_needed_one_stands_as_long_as_the_membership(world, granny):
    needed = mine(world, granny)[0]
    with pytest.raises(ConsentNeeded):
        withdraw(world, granny, needed.id)
    with world.units() as uow:
        uow.session.connection().exec_driver_sql("UPDATE memberships SET status = 'ended'")
        uow.commit()
    withdraw(world, granny, needed.id)
    assert needed.purpose not in standing(world, granny)


def test_a_consent_is_its_givers_alone(world, granny, staff):
    with pytest.raises(ConsentNotFound):
        withdraw(world, staff, mine(world, granny)[0].id)
    with pytest.raises(ConsentNotFound):
        withdraw(world, granny, "nothing")
    assert mine(world, staff) == []


def test_letting_somebody_help_is_said_by_naming_them(world, granny):
    with pytest.raises(ConsentByDeed):
        give(world, granny, "assistance")


def test_a_helper_who_asks_to_join_stands_in_the_ledger(world):
    grandson, granny = world.person(), world.person()
    helper = replace(granny, acted_by=grandson.person_id)
    world.join(helper, consents=["real_name", "grid_platform"])
    (only,) = mine(world, granny)
    assert (only.purpose, only.given_by.id) == ("real_name", grandson.person_id)


# -- the Party badge -------------------------------------------------------------------------------


@pytest.fixture
def comrade(world, granny) -> Actor:
    secretary = world.person("", (Role.SECRETARY, HOME))
    cmd = op.GrantRole(person_id=granny.person_id, role=Role.PARTY_MEMBER, scope=HOME)
    world.do(roles.grant_role, cmd, secretary, world.now)
    return granny


def show(world: World, who: Actor, shown: bool):
    return world.do(badge.set_party_badge, op.SetPartyBadge(shown=shown), who, world.now)


def last_badge(world: World) -> bool:
    return world.events("member.card_changed.v1")[-1]["badge_shown"]


def test_showing_the_badge_is_a_consent_and_hiding_it_ends_that(world, comrade):
    show(world, comrade, True)
    show(world, comrade, True)
    assert standing(world, comrade)[0] == "party_badge"
    show(world, comrade, False)
    assert "party_badge" not in standing(world, comrade)
    assert changes(world, "party_badge") == [True, False]


def test_withdrawing_the_consent_hides_the_badge_at_once(world, comrade):
    show(world, comrade, True)
    assert last_badge(world) is True
    withdraw(world, comrade, mine(world, comrade)[0].id)
    assert last_badge(world) is False
    assert [e["shown"] for e in world.events("badge.changed.v1")] == [True, False]


def test_giving_the_consent_shows_it_if_the_branch_has_confirmed(world, comrade, staff):
    with pytest.raises(badge.BadgeNotConfirmed):
        give(world, staff, "party_badge")
    assert mine(world, staff) == []
    give(world, comrade, "party_badge")
    assert last_badge(world) is True


# -- the grid platform -----------------------------------------------------------------------------


def reporter(world: World, who: Actor, asks: Actor) -> op.GridReporter:
    cmd = op.ReporterForGrid(person_id=who.person_id)
    return world.do(consents.reporter_for_grid, world.vault, cmd, asks, world.now)


def test_the_grid_platform_gets_nothing_without_a_separate_consent(world, granny, staff):
    assert reporter(world, granny, staff) == op.GridReporter(consented=False)
    assert looks(world, granny) == []


def test_with_consent_it_gets_masked_name_and_phone_and_that_is_written_down(world, granny, staff):
    given = give(world, granny, "grid_platform")
    assert reporter(world, granny, staff) == op.GridReporter(
        consented=True, name="孙**", phone="138****1234"
    )
    (look,) = looks(world, granny)
    assert (look.actor.id, look.actor_role) == (staff.person_id, "committee_staff")
    assert "网格化管理平台" in look.what
    withdraw(world, granny, given.id)
    assert reporter(world, granny, staff).consented is False


def test_only_staff_of_her_community_can_hand_her_over(world, granny):
    give(world, granny, "grid_platform")
    for stranger in (world.staff(OTHER), world.person(), granny):
        assert reporter(world, granny, stranger).consented is False


# -- who looked ------------------------------------------------------------------------------------


def test_a_look_names_the_office_and_own_data_are_ones_own(world):
    secretary = world.person("", (Role.SECRETARY, HOME), (Role.COMMITTEE_STAFF, HOME))
    waiting = world.person()
    world.join(waiting)
    world.join(secretary, id_number=made_up_id(sequence=6), room="101")
    cmd = op.ListMembershipRequests(cid=C_HOME)
    world.do(desk.list_membership_requests, world.vault, cmd, secretary, world.now)
    (look,) = looks(world, waiting)
    assert look.actor_role == "secretary"
    assert looks(world, secretary) == []


def test_a_look_at_the_register_is_seen_once_the_entry_has_an_account(world, staff):
    entry = world.register("孙桂芳", "402")
    with world.units() as uow:
        community = uow.session.get(access.Territory, C_HOME)
        access.write_down(
            uow,
            staff,
            world.now,
            subjects=[access.Subject(register_id=entry)] * 2,
            community=community,
            what="名册",
            purpose="核对",
        )
        uow.commit()
    granny = world.person()
    assert looks(world, granny) == []
    world.join(granny)
    assert [look.what for look in looks(world, granny)] == ["名册"]
