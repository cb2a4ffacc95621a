"""Who runs a district sees how often observers read what. Needs: db."""

from datetime import date

import pytest

from services.contracts.actor import Role
from services.contracts.errors import BadRequest, Forbidden
from services.contracts.events import AccessCounted, ReadCount
from services.contracts.operations import identity as op
from services.identity.domain.deletion import DELETED_NAME
from services.identity.handlers import watching
from services.identity.repository import CommunityNotFound
from services.kit.pages import encode_cursor
from tests.support import identity_world
from tests.support.identity_world import HOME, World

pytestmark = pytest.mark.db

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def hear(world: World, person_id: str, day: date, *reads: tuple[str, str, int], **facts) -> None:
    said = {"service": "feed", "paths": [HOME], **facts}
    counts = [ReadCount(operation=o, place=p, count=c) for o, p, c in reads]
    event = AccessCounted(person_id=person_id, day=day, reads=counts, **said)
    world.do(watching.heard, event, world.now)


def listed(world: World, who, **more):
    cmd = op.ListObserverReads(**{"did": "d", **more})
    return world.do(watching.list_observer_reads, cmd, who, read=True)


def lines(page):
    return [(r.day, r.observer.display_name, r.operation, r.place, r.reads) for r in page.items]


def test_counts_add_up_by_day_and_are_read_page_by_page(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    auditor = world.person("", (Role.AUDITOR, "d"))
    lin = world.person("", (Role.OBSERVER, HOME))
    hear(world, lin.person_id, MONDAY, ("listPosts", "c-home", 2), ("getPost", "", 1))
    hear(world, lin.person_id, MONDAY, ("listPosts", "c-home", 3))
    hear(world, lin.person_id, TUESDAY, ("kpis", "d", 1), service="grid_bridge", paths=["d"])
    hear(world, "gone", MONDAY, ("getPost", "", 4))
    hear(world, "elsewhere", MONDAY, ("getPost", "", 4), paths=["e", "dd.town"])

    name = listed(world, admin, person_id=lin.person_id).items[0].observer.display_name
    everything = lines(listed(world, admin))
    assert everything == [
        (TUESDAY, name, "kpis", "d", 1),
        (MONDAY, DELETED_NAME, "getPost", None, 4),
        (MONDAY, name, "listPosts", "c-home", 5),
        (MONDAY, name, "getPost", None, 1),
    ]
    pages, cursor = [], None
    while cursor or not pages:
        page = listed(world, auditor, limit=3, cursor=cursor)
        pages += lines(page)
        cursor = page.next_cursor
    assert pages == everything
    assert len(listed(world, admin, day=TUESDAY).items) == 1
    assert listed(world, admin, person_id="nobody").items == []
    for wrong in (encode_cursor("2026-13-01", "1"), encode_cursor("2026-03-02"), "a"):
        with pytest.raises(BadRequest):
            listed(world, admin, cursor=wrong)


def test_what_a_gateway_tells_counts_once_however_often_it_arrives(world):
    admin = world.person("", (Role.DISTRICT_ADMIN, "d"))
    told = [
        AccessCounted(
            service="gateway",
            person_id=who,
            paths=paths,
            day=MONDAY,
            reads=[ReadCount(operation="getUpload", count=count)],
        )
        for who, count, paths in (("lin", 2, [HOME]), ("gu", 5, [HOME]), ("lin", 1, ["d"]))
    ]
    for telling in ("t-1", "t-1", "t-2"):
        world.do(watching.count_reads, op.CountReads(telling=telling, reads=told), world.now)
    world.do(watching.count_reads, op.CountReads(telling="t-3", reads=[]), world.now)

    reads = {row.observer.id: row.reads for row in listed(world, admin).items}
    assert reads == {"lin": 6, "gu": 10}


def test_nobody_else_reads_them(world):
    hear(world, "p", MONDAY, ("getPost", "", 4), paths=["d"])
    elsewhere = identity_world.actor("x", (Role.DISTRICT_ADMIN, "e"))
    town = world.person("", (Role.DISTRICT_ADMIN, HOME))
    for who, did in ((elsewhere, "d"), (town, "d"), (town, "c-home"), (elsewhere, "nowhere")):
        with pytest.raises(Forbidden):
            listed(world, who, did=did)


def test_an_observer_sees_what_of_her_own_looking_is_written_down(world):
    lin = world.person("", (Role.OBSERVER, HOME))
    other = world.person("", (Role.OBSERVER, HOME))
    hear(world, lin.person_id, MONDAY, ("listPosts", "c-home", 2), ("getPost", "", 1))
    hear(world, lin.person_id, TUESDAY, ("kpis", "d", 1), service="grid_bridge")
    hear(world, other.person_id, MONDAY, ("listIssues", "c-home", 7))

    def mine(who, **more):
        return world.do(watching.list_my_reads, op.ListMyReads(**more), who, read=True)

    assert [(r.day, r.operation, r.reads) for r in mine(lin).items] == [
        (TUESDAY, "kpis", 1), (MONDAY, "listPosts", 2), (MONDAY, "getPost", 1),
    ]  # fmt: skip
    first = mine(lin, limit=1)
    assert [r.operation for r in mine(lin, cursor=first.next_cursor).items] == [
        "listPosts", "getPost",
    ]  # fmt: skip
    assert [r.reads for r in mine(other).items] == [7]


def test_a_committee_sees_who_looked_at_its_community(world):
    staff = world.staff()
    lin = world.person("", (Role.OBSERVER, "d"))
    hear(world, lin.person_id, MONDAY, ("listPosts", "c-home", 2), ("listPosts", "c-other", 9))
    hear(world, "gone", TUESDAY, ("listIssues", "c-home", 1), ("kpis", "d", 3), paths=["d"])

    def seen(who=staff, **more):
        cmd = op.ListCommunityReads(**{"cid": "c-home", **more})
        return world.do(watching.list_community_reads, cmd, who, read=True)

    assert [(r.day, r.observer.id, r.operation, r.reads) for r in seen().items] == [
        (TUESDAY, "gone", "listIssues", 1), (MONDAY, lin.person_id, "listPosts", 2),
    ]  # fmt: skip
    first = seen(limit=1)
    assert [r.day for r in seen(cursor=first.next_cursor).items] == [MONDAY]
    assert [r.reads for r in seen(person_id=lin.person_id).items] == [2]
    assert [r.reads for r in seen(day=TUESDAY).items] == [1]
    for who, cid in ((staff, "c-other"), (lin, "c-home")):
        with pytest.raises(Forbidden):
            seen(who, cid=cid)
    with pytest.raises(CommunityNotFound):
        seen(cid="e-1")
