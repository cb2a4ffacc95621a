"""The reference district: the same for one seed, unique over the whole, and believable."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from random import Random

import pytest

from deploy.seed.copying import text_of
from services.contracts.actor import Role
from services.contracts.ids import is_id
from services.identity.crypto import Vault
from services.identity.domain import id_number, names
from services.identity.domain.roles import GRANTED_BY
from services.identity.seed import placenames, reference, reference_rows
from services.identity.seed.households import another_child, household
from services.identity.seed.neighbourhood import FIRST_STAFF, Member, _Builder, neighbourhood
from services.identity.seed.reference import BadSize, Size
from tests.support.identity_world import random_vault

pytestmark = pytest.mark.unit
SIZE = Size(6, 900, seed=7)
TODAY = date(2026, 9, 1)


def hoods(size):
    frame = reference.frame(size)
    return [neighbourhood(frame, n + 1) for n in range(size.communities)]


@pytest.fixture(scope="module")
def district():
    return hoods(SIZE)


def digest(size):
    reference.frame.cache_clear()
    return hashlib.sha256(repr([reference.frame(size), *hoods(size)]).encode()).hexdigest()


def test_one_seed_gives_one_district_and_another_seed_another():
    assert digest(SIZE) == digest(SIZE)
    assert digest(replace(SIZE, seed=8)) != digest(SIZE)


def test_a_community_does_not_depend_on_who_was_made_before(district):
    again = neighbourhood(reference.frame(SIZE), 4)
    assert again == district[3]


def test_there_are_as_many_residents_and_households_as_asked_for(district):
    active = sum(m.status == "active" for hood in district for m in hood.members)
    assert active == 900
    assert sum(hood.figures["households"] for hood in district) == 675
    assert sum(hood.plan.village for hood in district) == 1
    waiting = [m for hood in district for m in hood.members if m.status == "pending"]
    assert len(waiting) >= 6 and all(m.register_id is None for m in waiting)


def test_full_size_has_565_communities_in_12_towns():
    frame = reference.frame(Size())
    assert (len(frame.communities), len(frame.towns)) == (565, 12)
    assert sum(c.members for c in frame.communities) == 640_000
    assert sum(c.households for c in frame.communities) == 480_000
    assert sum(c.village for c in frame.communities) == 102  # 18 %
    assert len({c.place.code12 for c in frame.communities}) == 565
    assert len({(c.town.id, c.place.name) for c in frame.communities}) == 565
    # 4 digits of the phone number are there for residents and those who wait
    assert max(c.members + c.households // 250 for c in frame.communities) < FIRST_STAFF


def test_ids_phones_and_id_numbers_are_unique_and_valid(district):
    ids = [reference.DISTRICT_ID, *(t.id for t in reference.frame(SIZE).towns)]
    phones, numbers = [], []
    for hood in district:
        ids += [p.id for p in hood.places]
        ids += [code.id for code in hood.qr] + [grant.id for grant in hood.grants]
        ids += [adult.id for adult in hood.register]
        ids += [i for m in hood.members for i in (m.person_id, m.membership_id)]
        ids += [officer.person_id for officer in hood.officers]
        phones += [m.phone for m in hood.members] + [o.phone for o in hood.officers]
        numbers += [m.id_number for m in hood.members]
    for values in (ids, phones, numbers):
        assert len(set(values)) == len(values)
    assert all(is_id(i) for i in ids[1:])
    assert all(names.phone(phone.removeprefix("+86")) == phone for phone in phones)
    assert all(number[:4] == "3103" for number in numbers)  # a division never given out
    for hood in district:
        for member in hood.members:
            parsed = id_number.parse(member.id_number, TODAY)
            assert (parsed.text, parsed.birth) == (member.id_number, member.birth)


def test_a_thousand_people_born_on_one_day_have_different_numbers():
    frame = reference.frame(SIZE)
    builder = _Builder(frame, frame.communities[0])
    born = date(1970, 1, 1)
    numbers = [builder._id_number(born, sex) for sex in ("male", "female") for _ in range(500)]
    assert len({id_number.parse(n, TODAY).text for n in numbers}) == 1000


def test_the_tree_is_whole_and_siblings_differ(district):
    frame = reference.frame(SIZE)
    nodes = [frame.district, *frame.towns, *(p for hood in district for p in hood.places)]
    by_id = {n.id: n for n in nodes}
    assert len({n.path for n in nodes}) == len(nodes)
    assert len({(n.parent_id, n.name) for n in nodes}) == len(nodes)
    for node in nodes[1:]:
        assert node.path.rpartition(".")[0] == by_id[node.parent_id].path
    kinds = Counter(n.kind for n in nodes)
    assert kinds["room"] > 675 and kinds["estate"] >= 6 and kinds["unit"] > 0


def test_everybody_lives_in_a_room_of_her_community(district):
    for hood in district:
        rooms = {p.id for p in hood.places if p.kind == "room"}
        assert {a.home.room_id for a in hood.register} <= rooms
        lived_in = {a.home.room_id for a in hood.register}
        assert len(lived_in) == hood.figures["households"]
        linked = {a.person_id: a for a in hood.register if a.person_id}
        for member in hood.members:
            if member.status == "active":
                entry = linked[member.person_id]
                assert (entry.id, entry.name) == (member.register_id, member.name)
                assert entry.birth_year == member.birth.year


def test_most_households_have_an_account_and_not_all(district):
    bound = sum(
        len({m.home.room_id for m in hood.members if m.status == "active"}) for hood in district
    )
    assert 0.8 < bound / 675 < 0.95


def test_families_are_as_old_and_related_as_families_are():
    dice = Random(3)
    shapes = Counter()
    for village in (False, True):
        for _ in range(3000):
            home = household(dice, village=village)
            home.append(another_child(dice, home))
            by_kin = defaultdict(list)
            for one in home:
                by_kin[one.kin].append(one)
                assert 19 <= 2026 - one.birth.year <= 97
                assert names.real_name(one.name) == one.name
            shapes[len(home)] += 1
            head = home[0]
            partners = by_kin["partner"]
            assert all(p.sex != head.sex for p in partners)
            assert all(abs(p.birth.year - head.birth.year) <= 8 for p in partners)
            for child in by_kin["child"]:
                parents = [head, *partners]
                assert all(child.birth.year - p.birth.year >= 20 for p in parents)
                fathers = [p for p in parents if p.sex == "male"]
                assert child.name[0] == (fathers or parents)[0].name[0]
            assert all(head.birth.year - p.birth.year >= 21 for p in by_kin["parent"])
            relations = {one.relation for one in home}
            assert ("villager" in relations) == village
    assert set(shapes) == {2, 3, 4, 5}


def test_offices_are_what_each_community_needs(district):
    for hood in district:
        held = Counter(grant.role for grant in hood.grants)
        assert held[Role.SECRETARY] == 1 and held[Role.COMMITTEE_STAFF] == len(hood.officers) >= 4
        assert set(held) <= set(GRANTED_BY)
        party = {g.person_id for g in hood.grants if g.role is Role.PARTY_MEMBER}
        assert {person_id for person_id, _ in hood.badges} <= party
    assert any(shown for hood in district for _, shown in hood.badges)


def test_rows_are_sealed_for_their_own_row_and_hold_nothing_in_the_open(district):
    vault = random_vault()
    hood = district[0]
    tables = {t.name: t for t in reference_rows.identity_tables(hood, vault)}
    assert all(len(row) == len(t.columns) for t in tables.values() for row in t.rows)
    member = hood.members[0]
    person = dict(zip(tables["persons"].columns, tables["persons"].rows[0], strict=True))
    assert opened(vault, person["phone_sealed"], "person.phone", member) == member.phone
    claim = dict(zip(tables["real_names"].columns, tables["real_names"].rows[0], strict=True))
    assert opened(vault, claim["id_number_sealed"], "real_name.id_number", member) == (
        member.id_number
    )
    assert claim["id_index"] == vault.index("id_number", member.id_number)
    said = repr([t.rows for t in tables.values()])
    assert member.phone not in said and member.id_number not in said


def opened(vault: Vault, envelope: str, purpose: str, member: Member) -> str:
    return vault.open(envelope, purpose=purpose, owner=member.person_id)


@pytest.mark.parametrize(
    "numbers", [(0, 100, 1), (2001, 100_000, 1), (3, 59, 1), (3, 9001, 1), (3, 300, -1)]
)
def test_a_size_that_cannot_be_is_refused(numbers):
    with pytest.raises(BadSize):
        Size(*numbers)


def test_shares_add_up_and_follow_the_weights():
    assert reference.apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert reference.apportion(7, [5.0, 0.0, 2.0]) == [5, 0, 2]


def test_ordinals_are_chinese():
    said = [placenames.ordinal(n) for n in (1, 9, 10, 12, 20, 45, 99)]
    assert said == ["一", "九", "十", "十二", "二十", "四十五", "九十九"]


def test_stems_never_repeat():
    stems = placenames.stems(Random(1), 2_000)
    assert len(set(stems)) == 2_000


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "\\N"),
        (True, "t"),
        (7, "7"),
        ("a\tb\\c\nd", "a\\tb\\\\c\\nd"),
        ([], "{}"),
        (["secretary", 'a"b'], '{"secretary","a\\\\"b"}'),
    ],
)
def test_values_are_written_as_copy_reads_them(value, said):
    assert text_of(value) == said
