"""The text of a proposal: which article is which, its hash, its times, and what was changed."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.errors import ShequError
from services.contracts.operations.votes import Entitled, RuleSet
from services.contracts.operations.votes.proposals import ArticleDraft
from services.differences import beside, closely
from services.votes.domain import proposals as rules
from services.votes.domain.proposals import Article

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
A, B, C = (Article(f"a{n}", title, text) for n, title, text in (
    (1, "充电", "电动车不进楼。"), (2, "停车", "车辆停在划线处。"), (3, "", "夜间十点后保持安静。"),
))  # fmt: skip


def refused(call, *args):
    with pytest.raises(ShequError) as caught:
        call(*args)
    return caught.value.code, [error.field for error in caught.value.errors]


def draft(text, title="", key=None):
    return ArticleDraft(key=key, title=title, text=text)


def test_an_article_keeps_its_key_by_name_title_or_text_and_new_ones_get_fresh_keys():
    first = rules.written(["一", draft("二", "标题")], [], [])
    assert first == [Article("a1", "", "一"), Article("a2", "标题", "二")]
    written = rules.written(
        [
            draft("全新的话", key="a3"),
            "车辆停在划线处。",
            draft("电动车不上楼。", "充电"),
            "另一条",
        ],
        [A, B, C],
        ["a1", "a2", "a3", "a9"],
    )
    assert [one.key for one in written] == ["a3", "a2", "a1", "a10"]


@pytest.mark.parametrize(
    ("drafts", "fields"),
    [
        ([], ["articles"]),
        ([draft("一", key="a7")], ["articles.0.key"]),
        (["零", draft("一", key="a1"), draft("二", key="a1")], ["articles.1.key"]),
    ],
)
def test_articles_that_cannot_be_are_refused_at_their_place(drafts, fields):
    assert refused(rules.written, drafts, [A], []) == ("votes.bad_articles", fields)


def test_the_hash_is_of_the_canonical_text_and_of_nothing_else():
    said = {"articles": [{"number": 1, "text": "电动车不进楼。", "title": "充电"}]}
    canonical = '{"articles":[{"number":1,"text":"电动车不进楼。","title":"充电"}]}'
    assert json.loads(canonical) == said
    assert rules.text_hash([A]) == hashlib.sha256(canonical.encode()).hexdigest()
    assert rules.text_hash([Article("a8", A.title, A.text)]) == rules.text_hash([A])
    others = [[A, B], [B, A], [Article("a1", A.title, A.text + " ")], [Article("a1", "", A.text)]]
    assert len({rules.text_hash(one) for one in [[A], *others]}) == 5


def test_the_times_leave_the_notice_and_voting_ends():
    chosen = RuleSet(
        base="residents_assembly", electorate=Entitled(who="residents18"), notice_days=7
    )
    week = NOW + timedelta(days=7)
    rules.require_times(week, week + timedelta(seconds=1), chosen, NOW)
    for opens, closes, field in (
        (week - timedelta(seconds=1), week + timedelta(days=1), "opens_at"),
        (week, week, "closes_at"),
        (week, week + timedelta(days=366, seconds=1), "closes_at"),
    ):
        assert refused(rules.require_times, opens, closes, chosen, NOW) == (
            "votes.bad_voting_times", [field]
        )  # fmt: skip


def test_differences_are_told_article_by_article_and_word_by_word():
    fine = Article("a1", "充电", "电动车不上楼。")
    newer = [C, fine, Article("a4", "新", "新。")]
    found = {one.key: one for one in rules.between([A, B, C], newer)}
    assert {key: (one.kind, one.was, one.number) for key, one in found.items()} == {
        "a1": ("changed", 1, 2), "a4": ("added", None, 3), "a2": ("removed", 2, None),
    }  # fmt: skip
    assert found["a1"].title == [("same", "充电")]
    assert found["a1"].text == [
        ("same", "电动车不"), ("removed", "进"), ("added", "上"), ("same", "楼。")
    ]  # fmt: skip
    assert found["a2"].text == [("removed", B.text)] and found["a4"].text == [("added", "新。")]
    assert [(one.key, one.kind, one.was, one.number, one.text) for one in rules.between(
        [A, B, C], [C, A, B]
    )] == [("a3", "moved", 3, 1, [("same", C.text)])]  # fmt: skip
    assert list(rules.between([A, B, C], [B, C])) == [
        rules.Difference("a1", "removed", 1, None, [("removed", A.title)], [("removed", A.text)])
    ], "what only got another number has not moved"


def test_rules_that_differ_are_told_by_their_path():
    older = {"base": "x", "quorum": {"kind": "none"}, "channels": ["online"], "verified": True}
    newer = {"base": "x", "quorum": {"kind": "fraction", "entries": {"at": "1/2"}},
             "channels": ["online", "paper"], "verified": False}  # fmt: skip
    assert rules.rule_differences(older, newer) == [
        ("quorum.kind", "none", "fraction"),
        ("quorum.entries.at", None, "1/2"),
        ("channels", "online", "online, paper"),
        ("verified", "true", "false"),
    ]


TEXTS = st.text(alphabet="甲乙丙，。1a ", max_size=30)


@pytest.mark.parametrize("compare", [beside, closely])
@given(before=TEXTS, after=TEXTS)
def test_pieces_make_up_both_texts_and_nothing_else(compare, before, after):
    pieces = compare(before, after)
    assert "".join(text for kind, text in pieces if kind != "added") == before
    assert "".join(text for kind, text in pieces if kind != "removed") == after
    assert all(text for _, text in pieces)
    assert before != after or all(kind == "same" for kind, _ in pieces)


KEYS = st.permutations(range(8)).flatmap(
    lambda order: st.integers(0, 8).map(lambda size: list(order)[:size])
)


@given(before=KEYS, after=KEYS)
def test_any_two_versions_are_told_completely(before, after):
    """From the older version and the differences the newer one can be made."""
    older, newer = ([Article(f"a{n}", "", f"第{n}") for n in keys] for keys in (before, after))
    found = list(rules.between(older, newer))
    gone = {one.key for one in found if one.kind == "removed"}
    placed = {one.number: one.key for one in found if one.kind in ("added", "moved")}
    rest = iter(one.key for one in older if one.key not in gone and one.key not in placed.values())
    made = [placed.get(number) or next(rest) for number in range(1, len(newer) + 1)]
    assert made == [one.key for one in newer]


def test_long_texts_that_are_nothing_alike_are_compared_quickly():
    """Beyond a limit no pairs are tried: a page never waits for a comparison."""
    before, after = "，".join("ab" * 4_000), "。".join("cd" * 4_000)
    assert closely(before, after) == [("removed", before), ("added", after)]
