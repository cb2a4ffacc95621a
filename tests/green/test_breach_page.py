"""The queries of docs/breach.md find whose data it was, and nobody else's. Needs: db."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from services.contracts.actor import Role
from services.contracts.operations.identity import ListMembershipRequests
from services.identity.handlers import desk
from services.identity.handlers.community_export import export_community
from tests.support.identity_world import C_HOME, ESTATE, HOME, QR, made_up_id

pytestmark = pytest.mark.db
PAGE = Path(__file__).resolve().parents[2] / "docs" / "breach.md"
VARIABLE = re.compile(r":'(\w+)'")
ACTOR, EXPORT, CODE, COMMUNITY, PEOPLE = range(5)


@pytest.fixture(scope="module")
def queries() -> list[str]:
    """The page's statements, in its order, with psql's variables as bound values."""
    found = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [VARIABLE.sub(r":\1", query).rstrip().rstrip(";") for query in found]


@pytest.fixture
def ask(world, queries):
    def run(which: int, **values: object) -> list:
        with world.units.engine.connect() as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            return list(connection.execute(text(queries[which]), values))

    return run


@pytest.fixture
def waiting(world) -> str:
    """Somebody who has asked to join and is not on the register; her id."""
    somebody = world.person("13900000001")
    world.join(somebody)
    return somebody.person_id


def test_each_query_of_the_page_is_tried_here(queries):
    assert len(queries) == 5


def test_what_an_account_saw_is_found_within_the_time_alone(world, ask, waiting):
    staff, colleague = world.staff(), world.staff()
    for who in (staff, staff, colleague):
        cmd = ListMembershipRequests(cid=C_HOME)
        world.do(desk.list_membership_requests, world.vault, cmd, who, world.now)
    span = {"since": world.now - timedelta(hours=1), "until": world.now + timedelta(hours=1)}
    (row,) = ask(ACTOR, actor=staff.person_id, **span)
    assert (row.person_id, row.register_id) == (waiting, None)
    assert "姓名" in row.what
    earlier = {name: at - timedelta(days=1) for name, at in span.items()}
    assert ask(ACTOR, actor=staff.person_id, **earlier) == []


def test_everybody_in_an_export_is_found_with_the_reason_and_nobody_of_another(world, ask, waiting):
    entry = world.register("陆建国", "101")
    world.person("", (Role.RESIDENT, HOME))

    def export(purpose: str):
        return world.do(
            export_community, world.vault, C_HOME, "op", world.now, personal=True, purpose=purpose
        )

    first = export("移交")
    world.later(minutes=1)
    second = export("备份")
    rows = ask(EXPORT, export=first.export_id)
    assert {(row.person_id, row.register_id) for row in rows} >= {(waiting, None), (None, entry)}
    assert {row.purpose for row in rows} == {"移交"}
    assert {row.purpose for row in ask(EXPORT, export=second.export_id)} == {"备份"}


def test_who_came_in_by_a_code_is_found_since_then(world, ask, waiting):
    (row,) = ask(CODE, qr=QR[ESTATE], since=world.now)
    assert (row.person_id, row.status) == (waiting, "pending")
    assert ask(CODE, qr=QR[ESTATE], since=world.now + timedelta(seconds=1)) == []
    assert ask(CODE, qr="another", since=world.now) == []


def test_everybody_of_a_community_is_found_once_with_and_without_an_account(world, ask, waiting):
    paper, tied = world.register("陆建国", "101"), world.register("孙桂芳", "402")
    member = world.person("13900000002")
    state = world.join(member, id_number=made_up_id(sequence=4))
    assert (state.status, world.membership(state.id).register_id) == ("active", tied)
    world.register("周伟", "102", ended_at=world.now)
    found = sorted((tuple(row) for row in ask(COMMUNITY, community=C_HOME)), key=str)
    wanted = [(waiting, None), (member.person_id, None), (None, paper)]
    assert found == sorted(wanted, key=str)


def test_the_communities_of_people_are_counted(world, ask, waiting):
    other = world.person("13900000003")
    (row,) = ask(PEOPLE, people=f"{waiting},{other.person_id}")
    assert (row.id, row.people) == (C_HOME, 1)
