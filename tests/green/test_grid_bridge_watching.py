"""Many communities at once: how each stands, and whose cases they are. Needs: db."""

import pytest

from services import directory
from services.contracts.actor import Role
from services.contracts.errors import Forbidden
from services.contracts.operations import grid_bridge as ops
from services.grid_bridge.handlers import reading, watching
from services.grid_bridge.repository_districts import DistrictNotFound
from tests.support.bridge import (
    ADMIN,
    JUYUAN,
    OBSERVER,
    SHANGYUAN,
    SHI,
    SUN,
    TOWN,
    actor,
    card_told,
)
from tests.support.bridge_figures import Bureau

pytestmark = pytest.mark.db
ELSEWHERE = actor("p-far", (Role.OBSERVER, "demo.luodian"))
HERE_ALONE = actor("p-near", (Role.OBSERVER, "demo.yuepu.juyuan"))


@pytest.fixture
def bureau(db, tmp_path) -> Bureau:
    bureau = Bureau(db("grid_bridge"), tmp_path)
    with bureau.units() as uow:
        told = card_told(SUN.person_id, SHANGYUAN, "active")
        directory.project(uow, told.model_copy(update={"display_name": "孙奶奶"}))
        uow.commit()
    return bureau


def standing(bureau: Bureau, who=OBSERVER, **asked):
    cmd = ops.DistrictStanding(**{"did": "demo", **asked})
    return bureau._read(watching.district_standing, cmd, who)


def watched(bureau: Bureau, who=OBSERVER, **asked):
    return bureau._read(watching.list_watched_issues, ops.ListWatchedIssues(**asked), who)


def test_communities_stand_side_by_side_the_latest_first(bureau):
    bureau.report()
    done = bureau.report().id
    bureau.triage(done, "consult", None)
    bureau.answer(done)
    told = standing(bureau)
    assert (told.communities, told.open, told.overdue, told.more) == (2, 1, 0, False)
    bureau.pass_days(30)
    told = standing(bureau, TOWN)
    assert [(one.community_id, one.open, one.overdue) for one in told.items] == [
        (SHANGYUAN, 1, 1),
        (JUYUAN, 0, 0),
    ]
    first = standing(bureau, ADMIN, limit=1)
    assert (len(first.items), first.communities, first.overdue, first.more) == (1, 2, 1, True)
    name = told.items[1].name
    assert [one.community_id for one in standing(bureau, q=name).items] == [JUYUAN]
    assert standing(bureau, q="没有这样的").items == []


def test_everybody_is_told_of_her_own_scope(bureau):
    bureau.report()
    assert [one.community_id for one in standing(bureau, HERE_ALONE).items] == [JUYUAN]
    assert watched(bureau, HERE_ALONE).items == []
    assert watched(bureau, ELSEWHERE).items == []
    for who, more in ((ELSEWHERE, {}), (HERE_ALONE, {"town": "t-other"})):
        with pytest.raises(Forbidden):
            standing(bureau, who, **more)
    with pytest.raises(DistrictNotFound):
        standing(bureau, did="nowhere")


def test_cases_of_all_communities_name_a_building_and_a_surname(bureau):
    first = bureau.report().id
    hidden = bureau.report(hide_name=True).id
    page = watched(bureau)
    assert [(one.id, one.building, one.surname) for one in page.items] == [
        (hidden, "", ""),
        (first, "3号楼", "孙"),
    ]
    assert page.items[1].stage == "first_response" and not page.items[1].overdue
    one = bureau._read(reading.get_issue, ops.GetIssue(id=first), OBSERVER)
    assert (one.reporter.display_name, one.reporter.building_label) == ("孙", "3号楼")
    one = bureau._read(reading.get_issue, ops.GetIssue(id=first), SHI)
    assert one.reporter.display_name == "孙奶奶"


def test_cases_are_found_by_what_is_asked_and_page_by_page(bureau):
    first, second = bureau.report().id, bureau.report().id
    bureau.triage(second, "consult", None)
    bureau.answer(second)
    assert [one.id for one in watched(bureau, open=True).items] == [first]
    assert [one.id for one in watched(bureau, open=False).items] == [second]
    assert [one.id for one in watched(bureau, category="consult").items] == [second]
    assert [one.id for one in watched(bureau, status="reported").items] == [first]
    assert watched(bureau, overdue=True).items == []
    assert watched(bureau, community=JUYUAN).items == []
    title = watched(bureau, open=True).items[0].title
    assert {one.id for one in watched(bureau, q=title).items} >= {first}
    assert watched(bureau, q="100%_没有").items == []
    page = watched(bureau, limit=1)
    assert [one.id for one in watched(bureau, limit=1, cursor=page.next_cursor).items] == [first]
    bureau.pass_days(30)
    assert [one.id for one in watched(bureau, overdue=True).items] == [first]
