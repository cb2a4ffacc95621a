"""A problem reported on somebody's behalf: by X for Y, and nothing else. Needs: db."""

from dataclasses import replace

import pytest

from services import directory
from services.contracts.actor import Grant, Role
from services.contracts.events import IssueReported
from services.directory import NotAMember
from services.directory.queries import CommunityNotFound
from services.grid_bridge.repository import IssueNotFound
from tests.support import bridge as people
from tests.support.bridge import JUYUAN, LU, NEXT_DOOR, SHANGYUAN, SHI, SUN, WANG, Bridge, actor

pytestmark = pytest.mark.db

HOME = (Role.RESIDENT, people.PATHS[SHANGYUAN])
LU_FOR_SUN = actor("p-sun", HOME, acted_by="p-lu")
WANG_FOR_SUN = actor("p-sun", HOME, acted_by="p-wang")
STRANGER_FOR_SUN = actor("p-sun", HOME, acted_by="p-daughter")


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def test_the_issue_is_hers_and_says_who_reported_it(bridge):
    receipt = bridge.report(LU_FOR_SUN)
    for reader in (SUN, LU, SHI):
        issue = bridge.issue(receipt.id, reader)
        assert (issue.reporter.display_name, issue.assisted_by.display_name) == ("sun", "lu")
        assert issue.assisted_by.person_id == "p-lu"
        assert bridge.issues(reader).items[0].assisted_by == issue.assisted_by
    assert bridge.issue(receipt.id, SUN).mine and not bridge.issue(receipt.id, LU).mine
    assert bridge.issue(receipt.id).timeline[0].text == "已由代办人上报，等待居委会受理"
    (told,) = bridge.told(IssueReported)
    assert (told.reporter_id, told.assisted_by) == ("p-sun", "p-lu")


def test_what_one_reports_oneself_names_no_helper(bridge):
    receipt = bridge.report(SUN)
    assert bridge.issue(receipt.id).assisted_by is None
    assert bridge.told(IssueReported)[0].assisted_by is None


def test_a_helper_from_elsewhere_has_no_name_here_until_it_is_told(bridge):
    receipt = bridge.report(STRANGER_FOR_SUN)
    assert bridge.issue(receipt.id).assisted_by.display_name == "代办人"
    with bridge.units() as uow:
        card = people.card_told("p-daughter", SHANGYUAN, "ended")
        directory.project(uow, card.model_copy(update={"display_name": "小孙"}))
        uow.commit()
    assert bridge.issue(receipt.id).assisted_by.display_name == "小孙"


def test_a_hidden_name_hides_the_helper_too_except_from_staff(bridge):
    receipt = bridge.report(LU_FOR_SUN, hide_name=True)
    for neighbour in (LU, WANG_FOR_SUN):
        seen = bridge.issue(receipt.id, neighbour)
        assert (seen.reporter, seen.assisted_by, seen.mine) == (None, None, False)
        assert "p-lu" not in seen.model_dump_json() and "p-sun" not in seen.model_dump_json()
    for knows in (SHI, SUN, LU_FOR_SUN):
        seen = bridge.issue(receipt.id, knows)
        assert (seen.reporter.person_id, seen.assisted_by.person_id) == ("p-sun", "p-lu")


def test_what_she_hid_herself_stays_hidden_from_her_helper(bridge):
    receipt = bridge.report(SUN, hide_name=True)
    seen = bridge.issue(receipt.id, LU_FOR_SUN)
    assert (seen.reporter, seen.mine) == (None, False)


def test_files_belong_to_her_in_whose_name_they_were_uploaded(bridge):
    photo = bridge.photo(SUN)
    receipt = bridge.report(LU_FOR_SUN, attachments=[photo])
    assert [a.id for a in bridge.issue(receipt.id).attachments] == [photo]


def test_a_helper_acts_only_where_her_token_says(bridge):
    """Staff help within their own community, though the person lives in two."""
    at_home = bridge.report(SUN).id
    with bridge.units() as uow:
        directory.project(uow, people.card_told("p-sun", JUYUAN, "active"))
        uow.commit()
    assert bridge.report(SUN, cid=JUYUAN).id
    next_door = replace(
        NEXT_DOOR,
        person_id="p-sun",
        acted_by=NEXT_DOOR.person_id,
        grants=(Grant(Role.RESIDENT, people.PATHS[JUYUAN]),),
    )
    assert bridge.report(next_door, cid=JUYUAN).id
    with pytest.raises(NotAMember):
        bridge.report(next_door)
    with pytest.raises(CommunityNotFound):
        bridge.issues(next_door)
    with pytest.raises(IssueNotFound):
        bridge.issue(at_home, next_door)
    homeless = replace(WANG_FOR_SUN, grants=())
    with pytest.raises(NotAMember):
        bridge.report(homeless)


def test_the_committees_own_helper_is_told_from_the_committee(bridge):
    """Acting for a resident, a staff member has no office."""
    receipt = bridge.report(WANG_FOR_SUN)
    bridge.classify(receipt.id)
    assert bridge.issue(receipt.id, WANG_FOR_SUN).suggestion is None
    assert bridge.issue(receipt.id, WANG).suggestion is not None
