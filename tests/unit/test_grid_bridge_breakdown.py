"""Which buildings are told of when few of their people reported something."""

from itertools import product

import pytest

from services.grid_bridge.domain.breakdown import buildings
from services.grid_bridge.domain.withholding import FEWEST


def test_buildings_of_ten_are_told_the_most_first():
    found = buildings({"1号楼": 10, "2号楼": 31, "3号楼": 10})
    assert found.told == [("2号楼", 31), ("1号楼", 10), ("3号楼", 10)]
    assert (found.others, found.few) == (0, 0)


def test_few_are_told_together_and_with_so_many_others_that_they_are_ten():
    found = buildings({"1号楼": 12, "2号楼": 15, "3号楼": 4})
    assert found.told == [("2号楼", 15)] and (found.others, found.few) == (16, 2)


def test_where_all_are_few_nothing_is_told():
    found = buildings({"1号楼": 4, "2号楼": 3})
    assert found.told == [] and found.others is None and found.few == 2
    assert buildings({}).told == [] and buildings({}).others == 0


@pytest.mark.parametrize("counts", list(product((0, 1, 9, 10, 11), repeat=3)))
def test_no_number_is_of_fewer_than_ten(counts):
    found = buildings(dict(zip("ABC", counts, strict=True)))
    assert all(count == 0 or count >= FEWEST for _, count in found.told)
    assert found.others is None or found.others == 0 or found.others >= FEWEST
    assert len(found.told) + found.few == 3
