"""The demo district's plan: always the same, as the contract's page says, and made up."""

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from services.contracts import demo
from services.contracts.actor import Role
from services.identity.domain import id_number, names
from services.identity.domain.roles import GRANTED_BY
from services.identity.seed import plan as planned

pytestmark = pytest.mark.unit
TODAY = date(2026, 9, 1)


@pytest.fixture(scope="module")
def plan() -> planned.Plan:
    return planned.build()


def test_it_is_the_same_every_time(plan):
    planned.build.cache_clear()
    assert planned.build() == plan


def test_the_register_of_shangyuan_has_1560_adults_and_two_estates(plan):
    counts = Counter(p.flat.community.id for p in plan.register)
    assert counts[demo.SHANGYUAN] == 1560
    assert counts[demo.JUYUAN] > 0 and counts[demo.HAIXING] > 0
    estates = Counter(n.parent_id for n in plan.estates)
    assert estates[demo.SHANGYUAN] == 2 and min(estates.values()) >= 1
    assert all(TODAY.year - p.birth.year >= 18 for p in plan.register)


def test_the_tree_is_whole(plan):
    by_id = {n.id: n for n in plan.nodes}
    assert len(by_id) == len({n.path for n in plan.nodes}) == len(plan.nodes)
    for node in plan.nodes:
        if node.parent_id is None:
            assert node.path == demo.PATH_DISTRICT
        else:
            assert node.path.rpartition(".")[0] == by_id[node.parent_id].path
        assert all(c.islower() or c.isdigit() or c in "._" for c in node.path)


def test_everybody_of_the_contracts_page_is_there(plan):
    assert [a.phone for a in plan.accounts] == list(demo.PERSON_BY_PHONE)
    named = {a.number: a for a in plan.accounts}
    assert [named[n].display_name for n in (1, 2, 3, 4, 5)] == [
        "孙奶奶",
        "老陆",
        "石书记",
        "居委小王",
        "镇干部",
    ]
    held = {(a.number, role, path) for a in plan.accounts for role, path in a.roles}
    assert held >= {
        (2, Role.PARTY_MEMBER, demo.PATH_SHANGYUAN),
        (3, Role.SECRETARY, demo.PATH_SHANGYUAN),
        (3, Role.COMMITTEE_STAFF, demo.PATH_SHANGYUAN),
        (4, Role.COMMITTEE_STAFF, demo.PATH_SHANGYUAN),
        (5, Role.OBSERVER, demo.PATH_YUEPU),
        (6, Role.DISTRICT_ANALYST, demo.PATH_DISTRICT),
        (7, Role.OWNERS_COMMITTEE, demo.PATH_SHANGYUAN),
        (8, Role.DISTRICT_ADMIN, demo.PATH_DISTRICT),
        (9, Role.GRID_OPERATOR, demo.PATH_DISTRICT),
        (11, Role.DEPARTMENT_STAFF, demo.PATH_DISTRICT),
        (26, Role.PARTY_MEMBER, demo.PATH_SHANGYUAN),
        (41, Role.COMMITTEE_STAFF, demo.PATH_HAIXING),
        (42, Role.SUPERVISOR, demo.PATH_HAIXING),
    }
    assert all(role in GRANTED_BY for _, role, _ in held)
    assert named[10].relation == "away" and named[10].home.community == demo.HAIXING
    assert all(named[n].home.community == demo.SHANGYUAN for n in (1, 2, 7, *range(12, 41)))


def test_every_account_with_a_home_is_on_the_register(plan):
    linked = {p.account: p for p in plan.register if p.account}
    assert set(linked) == {a.number for a in plan.accounts if a.home}
    for account in plan.accounts:
        if account.home:
            person = linked[account.number]
            assert (person.name, person.flat.home) == (account.real_name, account.home)
    assert len({a.display_name for a in plan.accounts}) == len(plan.accounts)


def test_made_up_id_numbers_are_valid_and_no_two_are_the_same(plan):
    newcomers = [*planned.newcomers_on_register(plan), *planned.newcomers_unknown(plan)]
    accounts = [p for p in plan.register if p.account]
    numbers = [p.id_number for p in (*accounts, *newcomers)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert id_number.parse(number, TODAY).text == number
        assert number.startswith(planned.DIVISION)


def test_newcomers_are_on_the_register_or_not_as_they_say(plan):
    register = {(p.flat.room.id, p.name): p for p in plan.register}
    for person in islice(planned.newcomers_on_register(plan), 50):
        known = register[person.flat.room.id, person.name]
        assert known.account is None and f"{known.birth:%Y%m%d}" == person.id_number[6:14]
    unknown = list(planned.newcomers_unknown(plan))
    assert len(unknown) > 100
    assert all((p.flat.room.id, p.name) not in register for p in unknown)
    assert all(names.real_name(p.name) == p.name for p in unknown)
