"""Issues as they are reported, advised on, or made of a post, on a real database. Needs: db."""

import eventlet
import pytest

from services.contracts.errors import ShequError
from services.contracts.events import IssueClassified, IssueReported
from services.contracts.operations.grid_bridge import IssueFromPost
from services.grid_bridge.handlers import classifying, reporting
from tests.support import bridge as people
from tests.support.bridge import LU, OBSERVER, SHANGYUAN, SHI, STRANGER, SUN, WANG, Bridge, kinds

pytestmark = pytest.mark.db


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def test_a_report_makes_an_issue_and_announces_its_thread(bridge):
    photo = bridge.photo(SUN)
    receipt = bridge.report(attachments=[photo], location="3号楼南侧绿化带")
    (event,) = bridge.told(IssueReported)
    assert (event.issue_id, event.post_id) == (receipt.id, receipt.post_id)
    assert receipt.id != receipt.post_id
    assert [one.id for one in event.attachments] == [photo]
    assert event.from_post is False
    issue = bridge.issue(receipt.id)
    assert (issue.status, issue.category, issue.mine) == ("reported", None, True)
    assert issue.location.address == "3号楼南侧绿化带"
    assert issue.reporter.display_name == "sun"
    assert kinds(issue) == ["reported"]
    assert [one.id for one in issue.timeline[0].attachments] == [photo]


def test_only_members_report(bridge):
    with pytest.raises(ShequError) as caught:
        bridge.report(OBSERVER)
    assert caught.value.code == "auth.observer_read_only"
    with pytest.raises(ShequError):
        bridge.report(STRANGER)
    assert not bridge.told(IssueReported)


@pytest.mark.parametrize("whose", ["nobody's", "a neighbour's"])
def test_only_ones_own_uploads_can_be_attached(bridge, whose):
    wrong = "0198c0de-0000-7000-8000-000000000000" if whose == "nobody's" else bridge.photo(LU)
    with pytest.raises(ShequError) as caught:
        bridge.report(attachments=[bridge.photo(SUN), wrong])
    assert (caught.value.status, caught.value.errors[0].field) == (422, "attachments.1")
    assert not bridge.rows("SELECT 1 FROM issues")


def test_the_classifier_advises_staff_and_nobody_else(bridge):
    receipt = bridge.report()
    bridge.classify(receipt.id)
    for_staff, for_resident = bridge.issue(receipt.id, SHI), bridge.issue(receipt.id, SUN)
    assert for_staff.suggestion.slot == "X3"
    assert for_staff.suggestion.reasons == ["占用绿化"]
    assert for_resident.suggestion is None
    assert kinds(for_staff) == ["reported", "classified"]
    assert kinds(for_resident) == ["reported"]
    assert for_staff.category is None
    (event,) = bridge.told(IssueClassified)
    assert (event.category, event.slot) == ("8x", "X3")
    listed = bridge.issues(SUN).items + bridge.issues(SHI).items
    assert [one.suggestion is None for one in listed] == [True, False]


def test_nobody_waits_for_the_classifier(bridge):
    """The advice may take its time; the issue is not locked meanwhile."""
    receipt = bridge.report()
    (event,) = bridge.told(IssueReported)

    def slow(_title: str, _body: str):
        bridge.triage(receipt.id, "consult", None)  # would wait for the lock for ever
        return people.SUGGESTION

    with bridge.units() as uow:
        classifying.classify(uow, event, slow, bridge.now)
        uow.commit()
    issue = bridge.issue(receipt.id, SHI)
    assert (issue.category, issue.suggestion.slot) == ("consult", "X3")


def test_a_hidden_name_is_seen_by_staff_and_by_oneself_only(bridge):
    receipt = bridge.report(hide_name=True)
    seen = {
        who.person_id: bridge.issue(receipt.id, who).reporter for who in (SUN, LU, SHI, OBSERVER)
    }
    assert {who for who, reporter in seen.items() if reporter} == {"p-sun", "p-shi"}
    assert bridge.issues(LU).items[0].reporter is None


def post(**facts):
    return {
        "id": "0198c0de-0000-7000-8000-000000000001",
        "community_id": SHANGYUAN,
        "path": "demo.yuepu.shangyuan",
        "module": "nearby",
        "title": "电瓶车进楼道",
        "body": "天天在楼道充电",
        "author_id": LU.person_id,
        "hide_name": False,
        "attachments": [],
        "issue_id": None,
        **facts,
    }


def turn_into_issue(bridge, who, told):
    def ask(service, method, **kwargs):
        assert (service, method) == ("feed", "get_thread_source")
        assert kwargs == {"id": told["id"]}
        return told

    with bridge.units(ask=ask) as uow:
        receipt = reporting.from_post(uow, IssueFromPost(id=told["id"]), who, bridge.now)
        uow.commit()
    return receipt


def test_staff_turn_a_post_into_an_issue_once(bridge):
    receipt = turn_into_issue(bridge, SHI, post())
    assert receipt.post_id == post()["id"]
    assert bridge.issue(receipt.id, LU).mine
    (event,) = bridge.told(IssueReported)
    assert (event.from_post, event.reporter_id) == (True, LU.person_id)
    with pytest.raises(reporting.AlreadyAnIssue):
        turn_into_issue(bridge, SHI, post())
    with pytest.raises(reporting.AlreadyAnIssue):
        turn_into_issue(bridge, SHI, post(id="p2", issue_id="i"))
    with pytest.raises(reporting.NoReporter):
        turn_into_issue(bridge, SHI, post(id="p3", author_id=None))


def test_two_colleagues_turn_the_same_post_into_one_issue(bridge):
    both_asked = eventlet.Event()
    asking: list[str] = []

    def ask(service, method, **_kwargs):
        asking.append(method)
        if len(asking) == 2:
            both_asked.send()
        both_asked.wait(timeout=5)
        return post()

    def turn(who):
        with bridge.units(ask=ask) as uow:
            try:
                reporting.from_post(uow, IssueFromPost(id=post()["id"]), who, bridge.now)
                uow.commit()
            except reporting.AlreadyAnIssue:
                return "already"
        return "made"

    assert sorted(eventlet.GreenPool(2).imap(turn, (SHI, WANG))) == ["already", "made"]
    assert len(bridge.told(IssueReported)) == 1
