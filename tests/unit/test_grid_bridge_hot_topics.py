"""The rules of the hot ten: figures, what is told outside, groups, labels. Pure."""

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.grid_bridge.classifier import background as made
from services.grid_bridge.classifier import embedding
from services.grid_bridge.domain import hot_topics as rules
from services.grid_bridge.domain import labels
from services.grid_bridge.domain.clustering import Space, find_groups
from services.grid_bridge.domain.hot_topics import Month
from services.grid_bridge.domain.labels import Said
from tests.support.hot_topics import CONCERNS, vector


def test_months_are_chinas():
    assert Month.of(datetime(2026, 2, 28, 16, 0, tzinfo=UTC)) == Month(2026, 3)
    assert str(Month.parse("2026-01").plus(-1)) == "2025-12"
    assert Month(2025, 12).ends == Month(2026, 1).begins
    with pytest.raises(rules.MonthNotOver):
        rules.check_over(Month(2026, 2), Month(2026, 2).ends - timedelta(seconds=1))
    rules.check_over(Month(2026, 2), Month(2026, 2).ends)


def test_a_trend_is_held_against_the_last_months():
    assert rules.trend(12, (4, 0, 0)) == rules.Trend(4, 1.33, 6.98, "rising")
    assert rules.trend(3, (12, 9, 6)).direction == "falling"
    assert rules.trend(9, (9, 8, 10)).direction == "steady"
    assert rules.trend(3, (0, 0, 0)).direction == "new"
    outside = rules.trend_outside(20, (10, None, None))
    assert outside == rules.Trend(10, None, None, "rising")


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ({"a": 12}, 10),
        ({"a": 12, "b": 1}, 10),
        ({"a": 19, "b": 10, "c": 1}, 20),  # two who know a and b do not learn of c
        ({"a": 9, "b": 9}, None),
        ({"a": 5, "b": 5, "c": 5}, 10),
        ({"a": 9, "b": 5, "c": 4}, None),  # without a there are nine
        ({"a": 9}, None),
        ({}, None),
    ],
)
def test_what_is_told_outside_leaves_ten_or_nobody_without_any_part(people, told):
    assert rules.outside(people) == told


def test_no_sum_over_communities_and_towns_can_be_undone():
    """Whatever the figures: without any community, or any town, nobody is left or ten are."""
    draw = random.Random(7)
    for _ in range(3_000):
        communities = {f"c{at}": draw.choice((0, 1, 2, 5, 9, 10, 11, 30)) for at in range(7)}
        towns = {name: f"t{draw.randrange(3)}" for name in communities}
        left = rules._safe(communities)
        by_town: dict[str, int] = {}
        for name, count in left.items():
            by_town[towns[name]] = by_town.get(towns[name], 0) + count
        for parts in (left, rules._safe(by_town)):
            rest = [sum(parts.values()) - count for count in parts.values()]
            assert all(one == 0 or one >= rules.K for one in rest)
        told = rules.outside(communities, towns)
        assert told is None or (told % 10 == 0 and told <= sum(communities.values()))


def test_nobody_is_counted_twice():
    said = [("c1", "p1"), ("c1", "p1"), ("c2", "p1"), ("c2", "p2")]
    assert rules.once(said) == {"c1": 1, "c2": 1}


def test_an_effect_is_told_per_thirty_days_and_not_before_the_fourteenth():
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert rules.days_after(start, start + timedelta(days=13, hours=23)) == 13
    assert rules.effect(12, 0, 13) is None
    assert rules.days_after(start, start + timedelta(days=90)) == 30
    told = rules.effect(12, 4, 15)
    assert told == rules.Effect(12, 8.0, 15)
    assert told.change == -0.333
    assert rules.effect(0, 4, 30).change is None


def telling(counts: dict[str, int]) -> tuple[list[str], Space]:
    """Messages of concerns, and the space that they lie in."""
    names = [name for name, count in counts.items() for _ in range(count)]
    vectors = np.stack([vector(name, at) for at, name in enumerate(names)])
    words = [made.words(*CONCERNS[name]) for name in names]
    return names, Space(words, vectors, made.background())


def test_messages_of_one_concern_make_one_group():
    names, space = telling({"noise": 30, "lift": 12, "water": 7, "dogs": 1})
    found = find_groups(space)
    assert [{names[at] for at in group.members} for group in found] == [
        {"noise"}, {"lift"}, {"water"},
    ]  # fmt: skip
    assert [len(group.members) for group in found] == [30, 12, 7]


def test_a_place_where_everybody_says_the_same_has_one_group():
    _, space = telling({"noise": 5})
    assert [len(group.members) for group in find_groups(space)] == [5]


def test_meaning_alone_brings_together_what_shares_no_characters():
    """Five ways to say it: no two share a pair of characters that counts."""
    ways = ("深夜打桩", "机器轰鸣到天亮", "吵得没法睡", "凌晨还在倒混凝土", "工地噪声大")
    words = [made.words(way, "") for way in ways]
    vectors = np.stack([vector("noise", at) for at in range(5)])
    found = find_groups(Space(words, vectors, made.background()))
    assert [len(group.members) for group in found] == [5]
    bare = find_groups(Space(words, np.zeros_like(vectors), made.background()))
    assert bare == []


def test_groups_are_the_same_in_any_run_and_nobody_is_in_two():
    _, space = telling({"noise": 20, "lift": 20, "parking": 20})
    first, second = find_groups(space), find_groups(space)
    assert first == second
    members = [at for group in first for at in group.members]
    assert len(members) == len(set(members)) == 60


def test_letters_of_the_corpus_are_grouped_by_their_words_alone():
    """Our own letters are each about something else; those that are put twice find each other."""
    texts = [(one.title, one.body) for one in made.said()[:300]]
    words = [made.words(title, body) for title, body in [*texts, *texts[::3]]]
    space = Space(words, np.zeros((len(words), embedding.WIDTH), np.float32), made.background())
    together = {
        frozenset(group.members[at : at + 2])
        for group in find_groups(space)
        for at in range(len(group.members) - 1)
    }
    group_of = {at: n for n, group in enumerate(find_groups(space)) for at in group.members}
    pairs = [(at * 3, 300 + at) for at in range(100)]
    joined = sum(one in group_of and group_of[one] == group_of.get(two) for one, two in pairs)
    assert together
    assert joined >= 95


def test_a_label_is_made_of_what_is_said_here_and_not_elsewhere():
    letters = (
        ("投诉丽景新城附近搅拌站", "搅拌站日夜施工，灰尘很大"),
        ("丽景新城旁边的搅拌站何时搬走", "灰尘飞扬，窗户不敢开"),
        ("请求关停搅拌站！丽景新城业主受不了了", "满屋子灰尘"),
        ("搅拌站的车又把路压坏了", "丽景新城门口全是灰尘和泥"),
        ("咨询：丽景新城边上建搅拌站合法吗", "没有人公示过"),
    )
    group = [Said(title, body, f"p{at}") for at, (title, body) in enumerate(letters)]
    name = labels.label(group, [*group, *made.said()])
    assert name is not None
    assert set(name.text.split()) == {"丽景新城", "搅拌站", "灰尘"}


def test_runs_are_told_from_enough_people_alone():
    """Forty messages of one person are one person's words."""
    group = [Said("夜间施工噪音扰民", "", f"p{at}") for at in range(10)]
    group += [Said("夜间施工噪音扰民，老王家的狗也叫", "", "p1") for _ in range(40)]
    told = [run.text for run in labels.runs(group, messages=10, people=10)]
    assert told == ["夜间施工噪音扰民"]
    assert labels.label(group[10:], group, people=10) is None


def test_numbers_of_people_are_masked_and_never_part_of_a_label():
    text = "电话13912345678，身份证31011319900101123X，座机021-56781234，3号楼201室"
    assert labels.masked(text) == "电话＊，身份证＊，座机＊，3号楼201室"
    group = [Said("请拨打13912345678投诉噪音", "", f"p{at}") for at in range(12)]
    assert all("139" not in run.text for run in labels.runs(group))


def test_the_background_is_of_the_model_in_use():
    found = made.background()
    assert found.mean.shape == (embedding.WIDTH,)
    assert 0.7 < float(np.linalg.norm(found.mean)) < 1.0
    assert found.count == len(made.said())
