"""The districts' own 8+X catalogues: written, published by somebody else, kept. Needs: db."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event as sqlalchemy_event

from services import directory
from services.contracts.actor import Role
from services.contracts.errors import BadRequest, Forbidden, NotFound, ShequError
from services.contracts.events import (
    IssueClassified,
    IssueSuggested,
    MemberCardChanged,
    PostOffered,
    WorkOrderOpened,
)
from services.contracts.operations import grid_bridge as ops
from services.contracts.operations.grid_bridge import catalogue as lists
from services.grid_bridge import catalogue as built_in
from services.grid_bridge import copies
from services.grid_bridge.domain.catalogue_lists import BadCatalogue
from services.grid_bridge.domain.catalogues import (
    DraftChangedMeanwhile,
    NoDraft,
    NoSuchVersion,
    OwnDraft,
    UnknownSlot,
)
from services.grid_bridge.handlers import catalogue, offered
from services.grid_bridge.repository_districts import DistrictNotFound
from tests.support.bridge import LU, OBSERVER, SHANGYUAN, SHI, STRANGER, SUN, Bridge, actor
from tests.support.catalogues import built_in_list, changed, wanted, without

pytestmark = pytest.mark.db

DID = "demo"
WU = actor("p-wu", (Role.DISTRICT_ADMIN, "demo"))
ZHENG = actor("p-zheng", (Role.DISTRICT_ADMIN, "demo"))
ELSEWHERE = actor("p-qian", (Role.DISTRICT_ADMIN, "other"))
TOWN = actor("p-town", (Role.TOWN_ADMIN, "demo.yuepu"))
OTHERS = built_in_list()[:16]  # without X9


@pytest.fixture
def bridge(db, tmp_path) -> Bridge:
    return Bridge(db("grid_bridge"), tmp_path)


def draft(bridge, slots, by=WU, revision=None, note=""):
    cmd = lists.DraftCatalogue(did=DID, slots=slots, revision=revision, note=note)
    return bridge._write(catalogue.draft, cmd, by)


def publish(bridge, revision, by=ZHENG):
    cmd = lists.PublishCatalogue(did=DID, revision=revision)
    return bridge._write(catalogue.publish, cmd, by)


def published(bridge, slots):
    return publish(bridge, draft(bridge, slots).revision)


def get(bridge, who=SUN, version=None, did=DID):
    with bridge.units(read_only=True) as uow:
        return catalogue.get_catalogue(uow, lists.GetCatalogue(did=did, version=version), who)


def versions(bridge, who=SUN, **page):
    with bridge.units(read_only=True) as uow:
        return catalogue.list_versions(uow, lists.ListCatalogueVersions(did=DID, **page), who)


def choices(bridge, who=SHI, **where):
    with bridge.units(read_only=True) as uow:
        return catalogue.list_catalogue(uow, lists.ListCatalogue(**where), who)


def read_draft(bridge, who=ZHENG):
    with bridge.units(read_only=True) as uow:
        return catalogue.get_draft(uow, lists.OfDistrict(did=DID), who)


def statements(bridge, use) -> list[str]:
    seen: list[str] = []

    def note(_c, _cur, statement, *_rest):
        seen.append(statement)

    sqlalchemy_event.listen(bridge.engine, "before_cursor_execute", note)
    try:
        use()
    finally:
        sqlalchemy_event.remove(bridge.engine, "before_cursor_execute", note)
    return [one for one in seen if "catalogue_versions" in one]


# -- reading -----------------------------------------------------------------------------------


def test_a_district_without_a_list_of_its_own_shows_ours_and_says_so(bridge):
    found = get(bridge)
    assert (found.version, found.built_in, found.current) == (built_in.VERSION, True, True)
    assert "默认" in found.notice and "并非" in found.notice
    assert [slot.key for slot in found.items] == list(built_in.SLOTS)
    assert [slot.core for slot in found.items] == [True] * 8 + [False] * 9
    assert all(slot.note and slot.law for slot in found.items)
    assert (found.items[1].limits.urgent.disposed, found.items[1].limits.critical.disposed) == (
        4,
        2,
    )
    (only,) = versions(bridge).items
    assert (only.version, only.current, only.built_in) == (built_in.VERSION, True, True)


def test_everybody_of_the_district_reads_it_and_nobody_else(bridge):
    child = actor("p-child")
    with bridge.units() as uow:
        card = MemberCardChanged(
            person_id="p-child",
            community_id=SHANGYUAN,
            path="demo.yuepu.shangyuan",
            standing="child",
            display_name="小明",
        )
        directory.project(uow, card)
        uow.commit()
    for who in (SUN, SHI, OBSERVER, TOWN, WU, child):
        assert get(bridge, who).built_in
    gone = actor("p-gone")
    for who in (STRANGER, ELSEWHERE, gone):
        with pytest.raises(DistrictNotFound):
            get(bridge, who)
        with pytest.raises(DistrictNotFound):
            versions(bridge, who)
    with pytest.raises(NotFound):
        get(bridge, SUN, did="nowhere")


# -- writing and publishing --------------------------------------------------------------------


def test_a_list_becomes_the_catalogue_when_somebody_else_publishes_it(bridge):
    begun = draft(bridge, changed("X1", name="居改非"), note="按区城管委意见")
    assert (begun.mine, begun.drafted_by) == (True, "p-wu")
    seen = read_draft(bridge)
    assert (seen.mine, seen.revision, seen.note) == (False, begun.revision, "按区城管委意见")
    assert get(bridge).built_in  # nothing counts before it is published
    with pytest.raises(OwnDraft) as caught:
        publish(bridge, begun.revision, WU)
    assert (caught.value.status, caught.value.code) == (403, "grid.own_catalogue_draft")
    new = publish(bridge, begun.revision)
    assert (new.version, new.current, new.built_in) == ("demo-v1", True, False)
    assert "并非" in new.notice and "默认" not in new.notice
    assert get(bridge) == new
    with pytest.raises(NoDraft):
        read_draft(bridge)
    assert not get(bridge, version=built_in.VERSION).current


def test_versions_are_kept_in_their_words_and_listed_newest_first(bridge):
    for number in range(1, 4):
        published(bridge, changed("X1", name=f"第{number}版的说法"))
    first = versions(bridge, WU, limit=2)
    rest = versions(bridge, WU, limit=2, cursor=first.next_cursor)
    assert [one.version for page in (first, rest) for one in page.items] == [
        "demo-v3",
        "demo-v2",
        "demo-v1",
        built_in.VERSION,
    ]
    assert [one.current for one in first.items] == [True, False]
    assert (first.items[0].drafted_by, first.items[0].published_by) == ("p-wu", "p-zheng")
    assert {one.published_by for one in versions(bridge, SUN).items} == {None}
    said = {one.key: one.name for one in get(bridge, version="demo-v2").items}
    assert said["X1"] == "第2版的说法"
    for wrong in ("demo-v9", "other-v1", "'"):
        with pytest.raises(NoSuchVersion):
            get(bridge, version=wrong)
    with pytest.raises(BadRequest):
        versions(bridge, cursor="WyJhIl0")


def test_a_draft_is_written_anew_from_what_was_read(bridge):
    begun = draft(bridge, built_in_list())
    with pytest.raises(DraftChangedMeanwhile):
        draft(bridge, without("X9"), ZHENG)
    again = draft(bridge, without("X9"), ZHENG, begun.revision)
    with pytest.raises(DraftChangedMeanwhile):
        publish(bridge, begun.revision, WU)  # not what she has read
    with pytest.raises(OwnDraft):
        publish(bridge, again.revision, ZHENG)
    assert len(publish(bridge, again.revision, WU).items) == 16


def test_a_wrong_list_is_refused_with_all_that_is_wrong_and_nothing_is_stored(bridge):
    begun = draft(bridge, built_in_list())
    wrong = without("S1")
    wrong[0]["code"] = {"code": "06079"}
    wrong[3]["limits"] = {"on_site": 9, "disposed": 1}
    with pytest.raises(BadCatalogue) as caught:
        draft(bridge, wrong, revision=begun.revision)
    assert {error.field for error in caught.value.errors} == {
        "slots",
        "slots.0.code.code",
        "slots.3.limits.on_site",
    }
    assert read_draft(bridge).revision == begun.revision


@pytest.mark.parametrize("who", [ELSEWHERE, TOWN, SHI, SUN], ids=lambda who: who.person_id)
def test_only_the_districts_administrators_write(bridge, who):
    revision = draft(bridge, built_in_list()).revision
    for act in (
        lambda: draft(bridge, built_in_list(), who, revision),
        lambda: publish(bridge, revision, who),
        lambda: read_draft(bridge, who),
    ):
        with pytest.raises(Forbidden):
            act()
    assert get(bridge).built_in


def test_two_who_publish_at_once_publish_once(bridge):
    third = actor("p-feng", (Role.DISTRICT_ADMIN, "demo"))
    revision = draft(bridge, changed("X1", name="居改非")).revision

    def attempt(who):
        try:
            return publish(bridge, revision, who).version
        except ShequError as refused:
            return refused.code

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(attempt, [ZHENG, third] * 3))
    assert outcomes == ["demo-v1"] + ["grid.no_catalogue_draft"] * 5
    assert [row.number for row in bridge.rows("SELECT number FROM catalogue_versions")] == [1]


def test_two_who_write_the_first_draft_at_once_do_not_overwrite_each_other(bridge):
    def attempt(who):
        try:
            return draft(bridge, built_in_list(), who).drafted_by
        except ShequError as refused:
            return refused.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(attempt, [WU, ZHENG, WU, ZHENG]))
    assert outcomes[:3] == ["grid.catalogue_draft_changed"] * 3
    assert outcomes[3] == read_draft(bridge).drafted_by


# -- what is sorted by it ----------------------------------------------------------------------


def test_staff_choose_from_their_districts_list(bridge):
    assert choices(bridge).version == built_in.VERSION
    published(bridge, [*OTHERS, wanted(built_in.SLOTS["X9"], key="X10", name="偷倒渣土")])
    for where in ({}, {"cid": SHANGYUAN}):
        found = choices(bridge, **where)
        assert (found.version, [one.slot for one in found.items][-1]) == ("demo-v1", "X10")
    issue = bridge.report().id
    with pytest.raises(UnknownSlot):
        bridge.triage(issue, slot="X9")
    sorted_ = bridge.triage(issue, slot="X10")
    assert (sorted_.slot_name, sorted_.catalogue_version) == ("偷倒渣土", "demo-v1")


def test_a_local_code_of_the_district_can_be_chosen(bridge):
    published(bridge, changed("X2", code={"code": "10080", "name": "群租"}))
    issue = bridge.report().id
    assert bridge.triage(issue, standard_code="10080").standard_code.name == "群租(自定义)"
    with pytest.raises(ShequError) as caught:
        bridge.triage(issue, standard_code="06994")  # of the built-in list, no more of theirs
    assert caught.value.code == "grid.unknown_code"


def test_what_was_sorted_keeps_its_version_and_its_words(bridge):
    older = bridge.report().id
    bridge.triage(older)
    before = bridge.escalate(bridge_issue(bridge), urgent=True)
    own = changed("X3", name="占绿", limits={"on_site": 3, "disposed": 30, "removal": None})
    published(bridge, own)
    kept = bridge.issue(older, SHI)
    assert (kept.slot_name, kept.catalogue_version) == ("毁绿占绿", built_in.VERSION)
    order = bridge.escalate(older, urgent=True)
    assert (order.catalogue.version, order.catalogue.name) == (built_in.VERSION, "毁绿占绿")
    assert order.deadline == before.deadline
    newer = bridge.report().id
    assert bridge.triage(newer).slot_name == "占绿"
    fresh = bridge.escalate(newer, urgent=True)
    assert (fresh.catalogue.version, fresh.catalogue.name) == ("demo-v1", "占绿")
    assert fresh.deadline > order.deadline
    assert bridge.order(order.no).catalogue.name == "毁绿占绿"
    told = bridge.told(WorkOrderOpened)[-1].catalogue
    assert (told.version, told.slot, told.name) == ("demo-v1", "X3", "占绿")


def bridge_issue(bridge) -> str:
    issue = bridge.report().id
    bridge.triage(issue)
    return issue


def test_a_slot_that_is_gone_still_takes_the_issue_that_was_sorted_into_it(bridge):
    issue = bridge_issue(bridge)
    published(bridge, without("X3"))
    assert bridge.escalate(issue, urgent=True).catalogue.slot == "X3"


def test_a_districts_own_limits_for_urgent_orders_count(bridge):
    limits = {"on_site": 2, "disposed": 10, "urgent": {"on_site": 1, "disposed": 1}}
    slow = bridge.escalate(bridge_issue(bridge), urgent=True)
    published(bridge, changed("X3", limits=limits))
    fast = bridge.escalate(bridge_issue(bridge), urgent=True)
    assert fast.deadline < slow.deadline
    shown = {slot.key: slot for slot in get(bridge).items}["X3"].limits
    assert (shown.urgent.disposed, shown.critical.disposed) == (1, 2)


def test_a_reopened_order_has_the_limits_of_its_own_version(bridge):
    published(bridge, changed("X3", limits={"on_site": 2, "disposed": 40}))
    order = bridge.escalate(bridge_issue(bridge), urgent=True)
    published(bridge, changed("X3", limits={"on_site": 1, "disposed": 2}))
    walk = ("accepted", "verifying", "registered", "dispatched", "disposing", "disposed")
    bridge.walk(order.no, (*walk, "checking", "closed"))
    bridge.reopen(order.issue_id)
    bridge.pass_days(60)
    bridge.update(order.no, 9, "reopened")
    again = bridge.order(order.no).deadline - bridge.now
    assert again.days >= (order.deadline - order.opened_at).days - 3


# -- the classifier's advice -------------------------------------------------------------------


def advice(slot, *others):
    return ops.Suggestion(
        category="8x",
        slot=slot,
        confidence=0.8,
        candidates=[
            ops.Candidate(category="8x", slot=key, confidence=0.4) for key in (slot, *others)
        ],
        code="内置",
        department="内置",
    )


def test_advice_names_no_slot_that_the_district_does_not_have(bridge):
    department = {"code": "lv", "name": "本区绿化所"}
    other = {"redefined": True, "name": "另有所指"}
    slots = [slot for slot in changed("X3", department=department) if slot["key"] != "X5"]
    published(bridge, [{**slot, **(other if slot["key"] == "X4" else {})} for slot in slots])
    issue = bridge.report().id
    bridge.classify(issue, advice("X3", "X5", "X4", "S1"))
    said = bridge.issue(issue, SHI).suggestion
    assert (said.slot, said.department) == ("X3", "本区绿化所")
    assert [one.slot for one in said.candidates] == ["X3", None, None, "S1"]
    gone = bridge.report().id
    bridge.classify(gone, advice("X5"))
    said = bridge.issue(gone, SHI).suggestion
    assert (said.category, said.slot, said.code, said.department) == ("8x", None, None, None)
    assert [event.slot for event in bridge.told(IssueClassified)] == ["X3", None]
    assert "X5" not in bridge.issue(gone, SHI).timeline[-1].text


def test_advice_on_an_ordinary_post_is_in_the_districts_list_too(bridge):
    published(bridge, without("X5"))
    event = PostOffered(
        post_id="p-1",
        community_id=SHANGYUAN,
        path="demo.yuepu.shangyuan",
        module="nearby",
        post_version=1,
        title="车",
        body="堵",
    )
    with bridge.units() as uow:
        offered.suggest(uow, event, lambda _t, _b: 0.9, lambda _t, _b: advice("X5"))
        uow.commit()
    (said,) = bridge.told(IssueSuggested)
    assert (said.category, said.slot) == ("8x", None)


def test_the_catalogue_is_asked_for_once_whatever_the_page_holds(bridge):
    published(bridge, without("X5"))

    def more(count):
        for _ in range(count):
            bridge.classify(bridge.report().id, advice("X3", "X5"))

    more(1)
    few = statements(bridge, lambda: bridge.issues(SHI))
    more(8)
    assert len(statements(bridge, lambda: bridge.issues(SHI))) == len(few) == 1
    assert not statements(bridge, lambda: bridge.issues(LU))  # residents see no advice
    issue = bridge.report().id
    assert len(statements(bridge, lambda: bridge.triage(issue))) == 1
    assert len(statements(bridge, lambda: bridge.escalate(issue, urgent=True))) == 1


def test_who_drafted_and_published_finds_it_in_her_copy(bridge):
    published(bridge, built_in_list())
    draft(bridge, built_in_list())
    with bridge.units(read_only=True) as uow:
        wus, zhengs = (copies.held_about(uow, who.person_id) for who in (WU, ZHENG))
    assert [(one["drafted"], one["published"]) for one in wus["catalogues"]["items"]] == [
        (True, False)
    ]
    assert [one["published"] for one in zhengs["catalogues"]["items"]] == [True]
    assert [one["district_id"] for one in wus["catalogue_drafts"]["items"]] == [DID]
