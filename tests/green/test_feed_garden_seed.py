"""The demo's projects and party garden keep the rules that everybody's keep. Needs: db."""

import pytest

from services.contracts import demo
from services.contracts.actor import Role
from services.contracts.demo import demo_id
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import party as party_ops
from services.contracts.operations.feed import projects as ops
from services.feed import seed_party, seed_projects
from services.feed.domain import fields, modules
from services.feed.domain import project as rules
from services.feed.handlers import party, pledges, project_hours, projects
from tests.support.feed_street import Street, actor
from tests.support.folder_store import store_in

pytestmark = pytest.mark.db

GRANNY = actor(demo.GRANNY_SUN)
STAFF = actor(demo.STAFF_WANG, (Role.COMMITTEE_STAFF, demo.PATH_SHANGYUAN))
BICYCLES, PATROL = demo_id(61, 1), demo_id(71, 2)


@pytest.fixture
def store(tmp_path):
    return store_in(tmp_path)


@pytest.fixture
def street(db, store):
    street = Street(db("feed"))
    street.community("shangyuan", "demo.elsewhere", "urban")
    street.community(demo.SHANGYUAN, demo.PATH_SHANGYUAN, "urban")
    for number in (1, 2, *range(12, 41)):
        person = demo.PERSON_BY_PHONE[f"138{number:08d}"]
        badge = person == demo.OLD_LU
        street.card(
            person, demo.SHANGYUAN, demo.PATH_SHANGYUAN, display_name=person, badge_shown=badge
        )
    street.card(demo.STAFF_WANG, demo.SHANGYUAN, demo.PATH_SHANGYUAN, standing="staff")
    with street.units() as uow:
        assert seed_projects.seed(uow, street.now, store) is True
        assert seed_party.seed(uow, street.now) is True
        assert seed_projects.seed(uow, street.now, store) is False
        assert seed_party.seed(uow, street.now) is False
        uow.commit()
    return street


def test_the_bicycles_went_all_the_way_with_hours_money_and_a_picture(street, store):
    found = street.run(projects.get_project, OfPost(id=BICYCLES), GRANNY, read_only=True)
    found = ops.Project.model_validate(found)
    state = "applied"
    for number, step in enumerate(found.steps):
        who = rules.Standing(
            lead=step.by.id == demo.OLD_LU, committee=step.actor_role == "committee_staff"
        )
        if number:
            state = rules.check_step(state, step.step, who)
        if step.step in rules.EXPLAINED:
            assert step.note
    assert (state, found.state) == ("done", "done")
    (photo,) = found.steps[-1].attachments
    assert store.meta(photo.id).content_type == "image/jpeg"
    assert (found.money.income, found.money.spending) == ("600.00", "600.00")
    assert (found.hours.confirmed, found.hours.waiting) == ("45.00", "0.00")
    assert found.volunteers <= found.wanted
    volunteers = ops.ListOfProject(id=BICYCLES, limit=100)
    page = street.run(projects.list_volunteers, volunteers, GRANNY, read_only=True)
    assert len(page["items"]) == found.volunteers
    assert sum(float(item["hours"]) for item in page["items"]) == 45
    lines = street.run(project_hours.list_money, volunteers, GRANNY, read_only=True)["items"]
    assert len(lines) == len(seed_projects.MONEY)


def test_another_waits_for_the_committee(street):
    cmd = ops.ListProjects(cid=demo.SHANGYUAN, state="applied")
    page = street.run(projects.list_projects, cmd, GRANNY, read_only=True)
    assert [item["title"] for item in page["items"]] == [seed_projects.NEXT.title]
    shown = street.run(
        projects.get_project, OfPost(id=page["items"][0]["post_id"]), STAFF, read_only=True
    )
    assert {a["action"]: a["may"] for a in shown["actions"]}["approve"] is True


def test_the_patrol_stands_under_everybodys_eyes_with_one_evening_missing(street):
    cmd = party_ops.ListOfItem(id=PATROL)
    found = street.run(pledges.list_deeds, cmd, GRANNY, street.now, read_only=True)
    found = party_ops.Deeds.model_validate(found)
    assert (found.promise.due, found.promise.kept) == (8, 7)
    assert len(found.promise.missed) == 1
    assert len(found.keepers) == 2
    assert any(deed.seen for deed in found.items)
    for *_, extra in seed_party.ITEMS.values():
        assert fields.read_extra(modules.BY_KEY["party"], extra) == extra


def test_neighbours_see_old_lu_alone_who_shows_the_badge(street):
    cmd = party_ops.ListOfGarden(cid=demo.SHANGYUAN)
    page = street.run(party.list_party_check_ins, cmd, GRANNY, read_only=True)
    assert [item["person"]["id"] for item in page["items"]] == [demo.OLD_LU]
