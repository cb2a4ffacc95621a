"""The party garden: reporting and study; no membership shows that is not shown. Needs: db."""

import eventlet
import pytest
from sqlalchemy import text

from services.contracts import events as e
from services.contracts.actor import Role
from services.contracts.errors import ObserverReadOnly
from services.directory import NotAMember
from services.feed import copies
from services.feed.domain import party as rules
from services.feed.domain.lexicon import WordsRefused
from services.feed.domain.posts import PostNotFound
from services.feed.domain.silences import Silenced
from services.feed.handlers import party
from services.kit.pages import BadCursor
from tests.support.feed_garden import DAILY, TEN, Garden
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import (
    CID,
    LU,
    OBSERVER,
    PATH,
    SHI,
    SUN,
    VILLAGE,
    WANG,
    ZHAO,
    actor,
)

pytestmark = pytest.mark.db


@pytest.fixture
def street(db):
    street = WatchedStreet(db("feed"))
    street.card("ten", display_name="小田")
    return street


@pytest.fixture
def garden(street):
    return Garden(street)


# -- reporting -----------------------------------------------------------------------------------


def test_neighbours_see_those_who_show_the_badge_members_and_committee_see_all(street, garden):
    garden.report(LU, offers="夜巡")
    street.later(minutes=1)
    garden.report(TEN, kind="in_service", offers="周六教数学")
    assert garden.names(SUN) == garden.names(OBSERVER) == ["老陆"]
    for who in (LU, TEN, WANG, SHI):
        assert garden.names(who) == ["小田", "老陆"]
        assert garden.listed(who).number == 2
    assert garden.listed(SUN).number is None
    page = garden.listed(TEN)
    assert (page.mine.kind, page.mine.offers) == ("in_service", "周六教数学")
    assert [item.mine for item in page.items] == [True, False]


def test_neighbours_learn_nothing_of_hidden_members_from_numbers_or_pages(street, garden):
    for number in range(12):
        person = actor(f"m{number}", (Role.PARTY_MEMBER, PATH))
        street.card(person.person_id)
        garden.report(person)
    garden.report(LU)
    first = garden.listed(SUN, limit=1)
    assert [item.person.display_name for item in first.items] == ["老陆"]
    assert (first.next_cursor, first.number) == (None, 10)
    assert first.mine is None
    assert garden.asked == [], "no question about anybody for a neighbour"


def test_whoever_withdraws_the_badge_or_loses_the_role_is_out_of_the_lists_at_once(street, garden):
    garden.report(LU)
    street.card("lu", display_name="老陆", badge_shown=False)
    assert garden.names(SUN) == []
    assert garden.names(WANG) == ["老陆"], "she told the committee, and still is a member"
    garden.confirmed.remove("lu")
    assert garden.names(WANG) == garden.names(TEN) == []
    assert garden.listed(LU).mine is not None, "her own word is hers to take back"


def test_while_identity_is_away_only_badges_are_believed(street, garden):
    garden.report(LU)
    garden.report(TEN)
    garden.identity_is_away = True
    assert garden.names(WANG) == ["老陆"]


def test_only_a_confirmed_member_reports_and_only_where_she_lives(street, garden):
    with pytest.raises(rules.NotAPartyMember):
        garden.report(SUN)
    elsewhere = actor("sun", (Role.PARTY_MEMBER, "demo.luodian"))
    with pytest.raises(rules.NotAPartyMember):
        garden.report(elsewhere)
    works_here = actor("wang", (Role.COMMITTEE_STAFF, PATH), (Role.PARTY_MEMBER, PATH))
    with pytest.raises(rules.NotLivingHere):
        garden.report(works_here)
    away = actor("zhao", (Role.PARTY_MEMBER, "demo"))
    with pytest.raises(NotAMember):
        garden.report(away)
    with pytest.raises(ObserverReadOnly):
        garden.report(OBSERVER)
    street.community(CID, PATH, "urban", modules=["announcements"])
    with pytest.raises(rules.PartyGardenOff):
        garden.report(LU)


def test_reporting_again_changes_the_words_and_leaving_always_works(street, garden):
    first = garden.report(LU, offers="夜巡")
    street.later(hours=1)
    again = garden.report(LU, kind="in_service", offers="修电脑")
    assert again == {**first, "kind": "in_service", "offers": "修电脑"}
    garden.leave(actor("lu"))  # the role is gone, her right to leave is not
    garden.leave(actor("lu"))
    assert garden.names(WANG) == []


def test_two_reports_at_once_are_one(garden):
    list(eventlet.GreenPool(4).imap(lambda n: garden.report(offers=str(n)), range(4)))
    assert garden.listed(WANG).number == 1


def test_who_moves_away_or_is_deleted_leaves_no_trace_of_membership(street, garden):
    item, pledge = garden.post("study", SHI), garden.post("pledge")
    garden.name(pledge, "ten")
    for who in (LU, TEN):
        garden.report(who)
        garden.study(item, who)
    moved = e.MemberCardChanged(
        person_id="lu", community_id=CID, path=PATH, standing="ended", display_name="老陆"
    )
    for event in (moved, e.PersonDeleted(person_id="ten")):
        street.told(event)
        street.run(party.follow, event)
        street.run(party.follow, event)
    assert garden.names(WANG) == []
    assert garden.progress(item, WANG).items == []
    with street.units() as uow:
        for table in ("feed_party_check_ins", "feed_study_completions", "feed_pledge_keepers"):
            left = uow.session.scalars(text(f"SELECT person_id FROM {table}")).all()
            assert "ten" not in left
    assert garden.listed(WANG).number == 0


def test_no_event_tells_who_is_a_member(street, garden):
    item = garden.post("study", SHI)
    before = len(street.types())
    garden.report(LU)
    garden.study(item, LU)
    garden.leave(LU)
    assert len(street.types()) == before


def test_pages_of_members_go_on_where_they_ended(street, garden):
    for number in range(5):
        person = actor(f"m{number}", (Role.PARTY_MEMBER, PATH))
        street.card(person.person_id)
        garden.confirmed.add(person.person_id)
        garden.report(person)
        street.later(minutes=1)
    garden.confirmed.remove("m3")
    first = garden.listed(WANG, limit=3)
    rest = garden.listed(WANG, limit=3, cursor=first.next_cursor)
    ids = [item.person.id for item in (*first.items, *rest.items)]
    assert ids == ["m4", "m2", "m1", "m0"]
    assert rest.next_cursor is None
    with pytest.raises(BadCursor):
        garden.listed(WANG, cursor="e30")


# -- study ---------------------------------------------------------------------------------------


def test_the_committee_sees_who_has_studied_others_a_number_and_their_own(street, garden):
    item = garden.post("study", SHI)
    garden.study(item, LU, "读完了")
    street.later(minutes=1)
    garden.study(item, TEN)
    found = garden.progress(item, WANG)
    assert [row.person.display_name for row in found.items] == ["小田", "老陆"]
    assert found.items[1].note == "读完了"
    hers = garden.progress(item, LU)
    assert (hers.items, hers.number, hers.mine.note) == ([], 2, "读完了")
    neighbours = garden.progress(item, SUN)
    assert (neighbours.items, neighbours.number, neighbours.mine) == ([], None, None)
    garden.unstudy(item, LU)
    garden.unstudy(item, LU)
    assert garden.progress(item, WANG).number == 1


def test_what_there_is_to_study_is_listed_with_how_far_it_was_studied(street, garden):
    first = garden.post("study", SHI)
    street.later(minutes=1)
    second = garden.post("study", SHI, until="2026-04-01T00:00:00+08:00")
    garden.post("pledge")
    garden.study(first, LU, "读完了")
    page = garden.studies(LU, limit=1)
    (item,) = page["items"]
    assert (item["post_id"], item["number"], item["mine"]) == (second, 0, None)
    assert item["until"] is not None
    (item,) = garden.studies(LU, cursor=page["next_cursor"])["items"]
    assert (item["post_id"], item["number"], item["mine"]["note"]) == (first, 1, "读完了")
    assert [i["number"] for i in garden.studies(SUN)["items"]] == [None, None], "one would be known"
    assert [i["number"] for i in garden.studies(WANG)["items"]] == [0, 1]
    few = len(street.statements(lambda: garden.studies(SUN, limit=1)))
    assert len(street.statements(lambda: garden.studies(SUN))) == few
    with pytest.raises(BadCursor):
        garden.studies(cursor="bm90IG91cnM")


def test_study_is_for_members_and_for_study_items(street, garden):
    item = garden.post("study", SHI)
    with pytest.raises(rules.NotAPartyMember):
        garden.study(item, SUN)
    for other in (garden.post("pledge"), street.post(who=LU)["id"]):
        with pytest.raises(rules.StudyNotFound):
            garden.study(other, LU)
        with pytest.raises(rules.StudyNotFound):
            garden.progress(other, WANG)
    with pytest.raises(PostNotFound):
        garden.study(item, actor("zhao", (Role.PARTY_MEMBER, "demo.luodian.haixing")))


def test_words_are_looked_at_and_silence_holds_here_too(street, garden):
    pledge, item = garden.post("pledge"), garden.post("study", SHI)
    deed = garden.record(pledge)
    for refused in (
        lambda: garden.report(LU, offers="兼职刷单"),
        lambda: garden.study(item, LU, "兼职刷单"),
        lambda: garden.record(pledge, note="兼职刷单"),
        lambda: garden.witness(deed, SUN, note="兼职刷单"),
    ):
        with pytest.raises(WordsRefused):
            refused()
    street.silence("sun")
    with pytest.raises(Silenced):
        garden.witness(deed, SUN, seen=False, note="没看到")
    assert garden.witness(deed, SUN, seen=False)["not_seen"] == 1


def test_lists_are_one_statement_however_many_rows(street, garden):
    pledge, item = garden.post("pledge", slots=DAILY), garden.post("study", SHI)
    deed = garden.record(pledge)
    for number in range(4):
        person = actor(f"v{number}", (Role.PARTY_MEMBER, PATH))
        street.card(person.person_id)
        garden.confirmed.add(person.person_id)
        garden.report(person)
        garden.study(item, person)
        garden.witness(deed, person)
        garden.record(pledge)
    for ask in (
        lambda limit: garden.listed(WANG, limit=limit).items,
        lambda limit: garden.progress(item, WANG, limit=limit).items,
        lambda limit: garden.deeds(pledge, limit=limit).items,
        lambda limit: garden.witnesses(deed, limit=limit)["items"],
    ):
        few = len(street.statements(lambda ask=ask: ask(1)))
        assert len(street.statements(lambda ask=ask: ask(9))) == few
        assert len(ask(9)) >= 4


def test_her_copy_holds_what_she_said_of_herself(street, garden):
    pledge, item = garden.post("pledge"), garden.post("study", SHI)
    garden.report(LU)
    garden.study(item, LU)
    garden.name(pledge, "sun")
    garden.witness(garden.record(pledge), WANG)
    hers = street.run(copies.held_about, "lu", read_only=True)
    for section in ("party_check_ins", "studied", "deeds"):
        assert len(hers[section]["items"]) == 1, section
    assert street.run(copies.held_about, "sun", read_only=True)["pledges_kept_with"]["items"]
    assert street.run(copies.held_about, "wang", read_only=True)["witnessed"]["items"]


def test_another_community_keeps_its_own_garden(garden):
    garden.report(LU)
    assert garden.names(ZHAO, cid=VILLAGE) == []
