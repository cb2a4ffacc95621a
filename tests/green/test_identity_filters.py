"""Filters that somebody keeps under names of her own. Needs: db."""

import pytest

from services.contracts.actor import Actor, Role
from services.contracts.operations import identity as op
from services.identity.domain.filters import MOST, FilterNotFound, TooManyFilters
from services.identity.handlers import export, filters
from tests.support.identity_world import HOME, World, first_and_second

pytestmark = pytest.mark.db


def kept(world: World, who: Actor, **query) -> list[tuple[str, str, dict[str, str]]]:
    cmd = op.ListKeptFilters(**query)
    found = world.do(filters.list_kept_filters, cmd, who, read=True)
    assert found.most == MOST
    return [(one.of, one.name, one.asked) for one in found.items]


def keep(world: World, who: Actor, name: str, of: str = "desk_issues", **asked: str):
    cmd = op.KeepFilter.model_validate({"of": of, "name": name, "asked": asked})
    return world.do(filters.keep_filter, cmd, who, world.now)


def drop(world: World, who: Actor, filter_id: str):
    return world.do(filters.drop_filter, op.DropFilter(id=filter_id), who)


def test_what_somebody_keeps_is_hers_alone_list_by_list(world, staff):
    lin = world.person("", (Role.OBSERVER, HOME))
    keep(world, staff, "超时的", clock="overdue", q="")
    keep(world, staff, "南门", q="南门")
    keep(world, lin, "超时的", of="watched_issues", overdue="1")
    assert kept(world, staff) == [
        ("desk_issues", "南门", {"q": "南门"}),
        ("desk_issues", "超时的", {"clock": "overdue"}),
    ]
    assert kept(world, lin, of="watched_issues") == [("watched_issues", "超时的", {"overdue": "1"})]
    assert kept(world, lin, of="desk_issues") == []


def test_the_same_name_again_takes_its_place(world, staff):
    first = keep(world, staff, "南门", q="南门")
    again = keep(world, staff, "南门", q="南门", category="8x")
    assert again.id == first.id
    assert kept(world, staff) == [("desk_issues", "南门", {"q": "南门", "category": "8x"})]


def test_there_is_room_for_twenty_of_a_list(world, staff):
    for n in range(MOST):
        keep(world, staff, f"筛选{n}", q=str(n))
    with pytest.raises(TooManyFilters):
        keep(world, staff, "再一个", q="x")
    keep(world, staff, "筛选3", q="three")
    keep(world, staff, "别处的", of="watched_issues", q="x")
    assert len(kept(world, staff)) == MOST + 1


def test_two_devices_at_once_do_not_keep_one_too_many(world, staff):
    for n in range(MOST - 1):
        keep(world, staff, f"筛选{n}")
    cmd = op.KeepFilter(of="desk_issues", name="甲", asked={})
    _, second = first_and_second(
        world,
        lambda uow: filters.keep_filter(uow, cmd, staff, world.now),
        lambda: keep(world, staff, "乙"),
    )
    assert isinstance(second.exception(5), TooManyFilters)
    assert len(kept(world, staff)) == MOST


def test_only_her_own_is_dropped(world, staff):
    mine = keep(world, staff, "南门", q="南门")
    with pytest.raises(FilterNotFound):
        drop(world, world.staff(), mine.id)
    drop(world, staff, mine.id)
    assert kept(world, staff) == []
    with pytest.raises(FilterNotFound):
        drop(world, staff, mine.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "名" * 21},
        {"of": "elsewhere"},
        {"asked": {"Q": "x"}},
        {"asked": {"q": "x" * 101}},
        {"asked": {"q": "\x00"}},
        {"asked": {f"q{'_' * n}": "x" for n in range(21)}},
    ],
)
def test_what_is_no_filter_is_refused(wrong):
    with pytest.raises(ValueError, match="validation error"):
        op.KeepFilter.model_validate({"of": "desk_issues", "name": "南门", "asked": {}, **wrong})


def test_they_are_in_the_copy_of_ones_data(world, staff):
    keep(world, staff, "南门", q="南门")
    with world.units(read_only=True) as uow:
        part = export.held_about(uow, world.vault, staff.person_id)["kept_filters"]
    assert [(row["of"], row["name"], row["asked"]) for row in part["items"]] == [
        ("desk_issues", "南门", {"q": "南门"})
    ]
