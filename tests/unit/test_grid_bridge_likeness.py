"""How much alike two reports read. Needs: nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grid_bridge.likeness import THRESHOLD, Report, by_characters, most_alike

pytestmark = pytest.mark.unit

REPORTS = [
    Report("grill", "烧烤店油烟太大", "3号楼下面的烧烤店晚上油烟直排，味道很刺鼻，居民不敢开窗"),
    Report("bike", "电动车楼道充电", "有人把电瓶车推进楼道充电，太危险了"),
    Report("bins", "垃圾桶满溢", "东门垃圾桶满了两天没人清运"),
    Report("cars", "小区门口乱停车", "门口停车太乱，车子堵住出口"),
    Report("stairs", "楼道堆物", "楼道里堆满纸箱"),
    Report("card", "医保怎么办", "请问医保卡丢了怎么补办"),
]


@pytest.mark.parametrize(
    ("title", "body", "same"),
    [
        ("楼下饭店油烟扰民", "楼下烧烤店每天晚上油烟直排，味道刺鼻，窗户都不敢开", "grill"),
        ("电瓶车进楼道", "天天在楼道充电", "bike"),
        ("垃圾没人清", "垃圾桶满了没人清运", "bins"),
        ("停车难", "小区门口停车难，晚上没车位", "cars"),
    ],
)
def test_another_telling_of_the_same_problem_comes_first(title, body, same):
    found = most_alike(Report("", title, body), REPORTS)
    assert found[0][0] == same
    assert [key for key, _ in found] == [same]


def test_another_problem_in_the_same_place_is_not_the_same_problem():
    assert most_alike(Report("", "楼道灯坏了", "三楼的灯不亮"), REPORTS) == []


def test_another_measure_can_take_its_place():
    by_vectors = lambda _asked, others: [float(one.key == "card") for one in others]  # noqa: E731
    assert most_alike(Report("", "补卡", ""), REPORTS, by_vectors) == [("card", 1.0)]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_share_is_a_share_whatever_was_written(title, body):
    mine = Report("mine", title, body)
    shares = by_characters(mine, [*REPORTS, mine])
    assert all(0 <= share <= 1 + 1e-9 for share in shares)
    assert shares[-1] == pytest.approx(1) or shares[-1] == 0  # nothing but marks says nothing
    assert THRESHOLD < 1
