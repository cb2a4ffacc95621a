"""The modules of a community as it has them itself. Needs: db."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.contracts.actor import Role
from services.contracts.errors import Forbidden, Invalid, NotFound, ObserverReadOnly
from services.contracts.operations.feed import OfCommunity
from services.contracts.operations.feed import modules as ops
from services.feed.domain import own_modules, speaking
from services.feed.handlers import modules
from tests.support.feed_moderators import WatchedStreet
from tests.support.feed_street import (
    CID,
    LU,
    OBSERVER,
    PATH,
    SHI,
    SUN,
    VILLAGE,
    VILLAGE_PATH,
    WANG,
    actor,
)

pytestmark = pytest.mark.db

TOWN = actor("town", (Role.TOWN_ADMIN, "demo.yuepu"))
OTHER_TOWN = actor("town2", (Role.TOWN_ADMIN, "demo.luodian"))
VILLAGER = actor("cunshuji", (Role.SECRETARY, VILLAGE_PATH))
GARDEN = {"name": "小花园", "name_en": "Garden"}


@pytest.fixture
def street(db) -> WatchedStreet:
    return WatchedStreet(db("feed"))


def put(street, key, who=SHI, cid=CID, version=0, **settings):
    cmd = ops.PutModule(cid=cid, key=key, version=version, **settings)
    return street.run(modules.put_module, cmd, who, street.now)


def get(street, key, who=SHI, cid=CID):
    return street.run(modules.get_module, ops.OfModule(cid=cid, key=key), who, read_only=True)


def drop(street, key, version, who=SHI, cid=CID):
    cmd = ops.DeleteModule(cid=cid, key=key, version=version)
    return street.run(modules.delete_module, cmd, who)


def test_a_community_adds_a_module_and_posts_in_it_at_once(street):
    said = put(
        street,
        "garden",
        **GARDEN,
        order="title",
        works=["sign_up"],
        fields=[{"key": "plot", "kind": "line", "name": "地块", "name_en": "Plot"}],
    )
    assert (said.own, said.switched_on, said.version) == (True, True, 1)
    assert said.changed == ["fields", "name", "name_en", "order", "works"]
    listed = street.modules()
    assert list(listed)[-1] == "garden"
    garden = listed["garden"]
    assert (garden.own, garden.order, garden.moderation) == (True, "title", "post")
    assert (garden.works, garden.may_post, garden.may_moderate) == (["sign_up"], True, False)
    post = street.post(module="garden", extra={"plot": "3号"})
    assert post["extra"] == {"plot": "3号"}
    assert [p["id"] for p in street.posts(module="garden")["items"]] == [post["id"]]
    assert ("module.changed.v1", {"community_id": CID, "path": PATH, "key": "garden"}) in (
        street.emitted()
    )


def test_another_community_knows_nothing_of_it(street):
    put(street, "garden", **GARDEN)
    assert "garden" not in street.modules(actor("zhao"), VILLAGE)
    with pytest.raises(Invalid):
        street.post(actor("zhao"), cid=VILLAGE, module="garden")
    with pytest.raises(NotFound):
        put(street, "garden", cid=VILLAGE, **GARDEN)


def test_a_built_in_module_is_changed_and_put_back(street):
    changed = put(street, "idle", name="跳蚤市场", post={"roles": ["volunteer"]})
    assert (changed.own, changed.changed, changed.name_en) == (
        False,
        ["name", "post"],
        "Idle things",
    )
    assert street.modules()["idle"].name == "跳蚤市场"
    with pytest.raises(speaking.MayNotPost):
        street.post(module="idle")
    back = put(street, "idle", version=1)
    assert (back.changed, back.name, back.version) == ([], "闲置物品", 2)
    assert street.post(module="idle")["module"] == "idle"


def test_who_may_no_longer_write_can_still_read(street):
    post = street.post(module="idle")
    street.comment(post["id"])
    put(street, "idle", post={"roles": ["volunteer"]}, comment={"roles": ["volunteer"]})
    assert street.get(post["id"])["id"] == post["id"]
    assert len(street.posts(module="idle")["items"]) == 1
    assert len(street.comments(post["id"])["items"]) == 1
    assert street.modules()["idle"].may_comment is False
    with pytest.raises(speaking.MayNotComment):
        street.comment(post["id"])
    helper = actor("lu", (Role.VOLUNTEER, PATH))
    assert street.comment(post["id"], helper)["body"] == "嗯"


@pytest.mark.parametrize("works", [[], ["ledger"], ["question", "sign_up"]])
def test_what_a_built_in_module_discloses_is_not_taken_away(street, works):
    with pytest.raises(Invalid) as refused:
        put(street, "village_affairs", cid=VILLAGE, who=VILLAGER, works=works)
    assert [error.field for error in refused.value.errors] == ["works"]
    more = ["ledger", "question", "sign_up"]
    said = put(street, "village_affairs", cid=VILLAGE, who=VILLAGER, works=more)
    assert (said.works, said.changed) == (more, ["works"])


def test_who_keeps_a_module_moderates_it(street):
    put(street, "garden", **GARDEN, moderate=["property_manager"])
    keeper = actor("lu", (Role.PROPERTY_MANAGER, PATH))
    post = street.post(module="garden")
    assert street.update(post["id"], keeper, pinned=True)["pinned"] is True
    street.take_down(post["id"], keeper)
    assert street.posts(module="garden")["items"] == []


def test_what_is_given_up_stays_readable_and_is_closed(street):
    version = put(street, "garden", **GARDEN).version
    post = street.post(module="garden")
    drop(street, "garden", version)
    assert "garden" not in street.modules()
    assert street.get(post["id"], LU)["module"] == "garden"
    assert street.posts()["items"] == []
    with pytest.raises(Invalid):
        street.post(module="garden")
    with pytest.raises(speaking.MayNotComment):
        street.comment(post["id"])
    with pytest.raises(own_modules.ModuleNotFound):
        get(street, "garden")
    street.take_down(post["id"], WANG)


def test_an_own_module_is_switched_off_here_and_a_built_in_one_is_not(street):
    put(street, "garden", **GARDEN)
    assert put(street, "garden", version=1, **GARDEN, switched_on=False).switched_on is False
    assert "garden" not in street.modules()
    with pytest.raises(speaking.ModuleOff):
        street.post(module="garden")
    with pytest.raises(Invalid) as refused:
        put(street, "idle", switched_on=False)
    assert refused.value.errors[0].field == "switched_on"
    assert get(street, "homesick").switched_on is False
    assert put(street, "homesick", name="乡愁", switched_on=False).switched_on is False


def test_a_stale_version_is_refused(street):
    put(street, "idle", name="跳蚤市场")
    for version in (0, 2):
        with pytest.raises(own_modules.ModuleChangedMeanwhile):
            put(street, "idle", version=version, name="别的")
    put(street, "garden", **GARDEN)
    with pytest.raises(own_modules.ModuleChangedMeanwhile):
        drop(street, "garden", 2)
    assert get(street, "idle").name == "跳蚤市场"


def test_of_two_who_change_a_module_at_once_one_is_told(street):
    def change(name):
        try:
            return put(street, "garden", name=name, name_en="G").version
        except own_modules.ModuleChangedMeanwhile:
            return "told"

    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = list(pool.map(change, [f"园{n}" for n in range(6)]))
    assert sorted(map(str, answers)) == ["1", *["told"] * 5]


def test_a_community_adds_twenty_at_most_also_at_once(street):
    def add(number):
        try:
            put(street, f"m{number}", **GARDEN)
        except own_modules.TooManyModules:
            return 0
        return 1

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(add, range(own_modules.MOST_OWN + 4))) == own_modules.MOST_OWN
    assert put(street, "idle", name="跳蚤市场").version == 1, "changing a built-in one adds none"


@pytest.mark.parametrize(
    ("who", "refusal"),
    [(SUN, Forbidden), (LU, Forbidden), (OBSERVER, ObserverReadOnly), (OTHER_TOWN, NotFound)],
)
def test_who_may_not_change_modules(street, who, refusal):
    with pytest.raises(refusal):
        put(street, "garden", who, **GARDEN)
    assert "garden" not in street.modules()


def test_the_town_changes_the_modules_of_its_communities(street):
    assert put(street, "garden", TOWN, **GARDEN).version == 1
    assert get(street, "garden", TOWN).name == "小花园"
    drop(street, "garden", 1, TOWN)


def test_a_definition_with_faults_leaves_nothing(street):
    with pytest.raises(Invalid) as refused:
        put(street, "garden", name="小花园", moderate=["owner"])
    assert [e.field for e in refused.value.errors] == ["name_en", "moderate.0"]
    with pytest.raises(own_modules.ModuleNotFound):
        get(street, "garden")
    with pytest.raises(own_modules.BuiltIn):
        drop(street, "idle", 0)
    with pytest.raises(own_modules.ModuleNotFound):
        drop(street, "garden", 1)
    assert street.emitted() == []


def test_a_field_that_posts_hold_already_stays_what_it_is(street):
    plot = {"key": "plot", "kind": "line", "name": "地块", "name_en": "Plot"}
    put(street, "garden", **GARDEN, fields=[plot])
    with pytest.raises(Invalid) as refused:
        put(street, "garden", version=1, **GARDEN, fields=[{**plot, "kind": "slots"}])
    assert [error.field for error in refused.value.errors] == ["fields.0.kind"]


def test_a_list_shows_the_beginning_of_long_fields_and_the_post_all_of_them(street):
    long, place = "字" * 4_000, "3号楼" + "旁" * 197
    post = street.post(WANG, module="guides", extra={"who": long, "where": place, "when": "周一"})
    assert (post["extra"]["who"], post["extra_cut"]) == (long, False)
    (listed,) = street.posts(module="guides")["items"]
    assert listed["extra"] == {"who": "字" * 200, "where": place, "when": "周一"}
    assert listed["extra_cut"] is True
    street.post(SUN)
    (plain,) = street.posts(module="neighbours")["items"]
    assert (plain["extra"], plain["extra_cut"]) == ({}, False)


def test_modules_are_asked_for_once_in_a_request(street):
    put(street, "garden", **GARDEN, order="active")
    street.post(module="garden")
    for use in (lambda: street.posts(module="garden"), lambda: street.post(module="garden")):
        asked = [s for s in street.statements(use) if "feed_modules" in s]
        assert len(asked) == 1


def test_a_module_says_where_a_post_shows_that_its_author_is_a_party_member(street):
    put(street, "branch", **GARDEN, post={"roles": ["party_member", "volunteer"]})

    def shows(who):
        return [key for key, module in street.modules(who).items() if module.shows_membership]

    member, clerk = (Role.PARTY_MEMBER, PATH), (Role.COMMITTEE_STAFF, PATH)
    assert shows(actor("lu", member)) == ["party", "branch"]
    assert shows(actor("lu", member, (Role.VOLUNTEER, PATH))) == ["party"]
    assert shows(actor("wang", member, clerk)) == ["branch"], "an office posts in the other"
    for who in (SUN, WANG, OBSERVER, actor("lu", member, acted_by="sun")):
        assert shows(who) == []
    assert street.modules(SUN)["party"].may_post is False
    put(street, "party", post={"members": True})
    assert shows(actor("lu", member)) == ["branch"]


def test_a_listed_module_carries_all_that_a_form_needs(street):
    guides = street.modules()["guides"]
    ops.Module.model_validate(guides.model_dump())
    assert guides.order == "title"
    assert [field.lines for field in guides.fields if field.key in ("materials", "how")] == [
        True,
        True,
    ]
    assert street.modules()["nearby"].works == ["offer"]


def test_an_editor_sees_all_modules_those_that_are_off_too(street):
    put(street, "garden", **GARDEN)
    put(street, "attic", **GARDEN, switched_on=False)
    street.post(module="garden")
    street.post(module="neighbours")

    def all_of(who=SHI, cid=CID):
        cmd = OfCommunity(cid=cid)
        return street.run(modules.list_module_definitions, cmd, who, read_only=True)

    found = all_of()
    by_key = {one.key: one for one in found.items}
    assert {"garden", "attic", "doctor", "idle"} <= by_key.keys()
    on = [one.key for one in found.items if one.switched_on]
    assert on == list(street.modules(SHI))
    assert [one.key for one in found.items][: len(on)] == on
    assert (by_key["attic"].own, by_key["attic"].switched_on) == (True, False)
    assert (by_key["garden"].posts, by_key["neighbours"].posts) == (1, 1)
    assert get(street, "garden").model_dump() == by_key["garden"].model_dump()
    assert "resident" not in found.writers and "property_manager" in found.moderators
    assert found.most_own == own_modules.MOST_OWN
    with pytest.raises(Forbidden):
        all_of(SUN)
    with pytest.raises(NotFound):
        all_of(VILLAGER)
    said = street.statements(all_of)
    assert len([s for s in said if "feed_posts" in s or "feed_modules" in s]) <= 3
