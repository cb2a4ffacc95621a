"""The words of notifications, in both languages."""

import re
from string import Formatter
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain import (
    RULES,
    WORDINGS,
    Kind,
    Language,
    Why,
    language_of,
    short,
    why_text,
    words,
)
from services.notify.domain.emergency_words import EMERGENCY_WORDS
from services.notify.domain.own_words import OWN_WORDS
from services.notify.domain.wording import SHORT_CHARACTERS, TITLE_CHARACTERS

pytestmark = pytest.mark.unit

FACTS = {
    "actor_role": "committee_staff",
    "department": "城管",
    "office": "居委会",
    "count": "3",
    "place": "P2",
    "week": "2026-W09",
    "headline": "H1",
    "text": "X1",
    "plan_title": "P1",
    "due_at": "2026-03-02T04:00:00+00:00",
    "score": "5",
    "until": "2026-03-09T04:00:00+00:00",
    "closes_at": "2026-03-09T04:00:00+00:00",
    "opens_at": "2026-03-02T04:00:00+00:00",
    "deadline_at": "2026-03-09T04:00:00+00:00",
    "convener": "owners_committee",
    "into_title": "P2",
    "work_order_no": "BS1",
}
LANGUAGES: tuple[Language, ...] = get_args(Language)
HAN = re.compile(r"[\u4e00-\u9fff]")
KEYS = sorted(WORDINGS)


def full(kind: Kind, variant: str, language: Language, **more: Any) -> tuple[str, str]:
    names: dict[str, Any] = {"title": "T1", "actor": "A1", "community": "C1", **more}
    said = words(kind, variant, FACTS, language=language, **names)
    return said.title, said.body


def test_each_rule_has_its_words_and_no_words_are_idle() -> None:
    needed = {(rule.kind, variant) for rule in RULES for variant in rule.variants}
    assert needed | set(OWN_WORDS) | set(EMERGENCY_WORDS) == set(WORDINGS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "variant"), KEYS)
def test_it_can_be_said(kind: Kind, variant: str, language: Language) -> None:
    title, body = full(kind, variant, language)
    assert title and not re.search(r"[{}]", title + body)
    chinese_words = HAN.search((title + body).replace("居委会", "").replace("城管", ""))
    assert bool(chinese_words) == (language == "zh")


@pytest.mark.parametrize("why", list(Why))
def test_each_reason_is_said_in_both_languages(why: Why) -> None:
    assert HAN.search(why_text(why, "zh"))
    assert why_text(why, "en").startswith("because ")


def test_a_body_is_left_out_when_a_fact_is_missing() -> None:
    said = words(Kind.ISSUE_TRIAGED, "consult", {}, title="停车")
    assert (said.title, said.body) == ("「停车」已受理：咨询", "")


def test_times_are_chinas() -> None:
    said = words(Kind.PROMISE_AT_RISK, "", {"due_at": "2026-03-01T20:30:00+00:00"}, title="停车")
    assert said.body == "请在 3月2日04:30 前办理。"


def test_without_a_title_there_is_a_stand_in() -> None:
    assert words(Kind.COMMENT, "", {}).title == "邻居评论了「一件社区事务」"


def test_a_removed_title_is_not_shown_any_more() -> None:
    said = words(Kind.COMMENT, "", {}, title="诽谤某人", removed=True, actor="老陆")
    assert said.title == "老陆评论了「已删除的内容」"


@pytest.mark.parametrize(
    ("role", "office"), [("secretary", "社区书记"), ("supervisor", "工作人员")]
)
def test_an_office_is_named_by_its_role(role: str, office: str) -> None:
    said = words(Kind.ISSUE_ANSWERED, "answered", {"actor_role": role}, title="停车")
    assert said.title == f"{office}答复了「停车」"


@pytest.mark.parametrize(
    "kind",
    [Kind.QUESTION_ASKED, Kind.QUESTION_OVERDUE, Kind.CONTENT_REPORTED, Kind.CONTENT_DECIDED],
)
def test_who_asks_or_reports_is_named_by_no_words(kind: Kind) -> None:
    said = [full(*key, language) for key in KEYS if key[0] is kind for language in LANGUAGES]
    assert said and not any("A1" in title + body for title, body in said)


def test_a_silence_says_until_when() -> None:
    said = words(Kind.SILENCE, "set", {"until": "2026-03-09T04:00:00+00:00"}, community="尚园")
    assert (said.title, said.body) == ("您在尚园暂时不能发言", "到 3月9日12:00 为止。")


def test_a_title_with_braces_stays_text() -> None:
    assert words(Kind.COMMENT, "", {}, title="{actor} {0.x}").title == (
        "邻居评论了「{actor} {0.x}」"
    )


@given(title=st.text(min_size=1, max_size=300), actor=st.text(min_size=1, max_size=40))
def test_any_title_fits_on_one_short_line(title: str, actor: str) -> None:
    said = words(Kind.COMMENT, "", {}, title=title, actor=actor).title
    assert said.startswith(f"{actor}评论了「") and said.endswith("」")
    quoted = said.removeprefix(f"{actor}评论了「").removesuffix("」")
    assert len(quoted) <= TITLE_CHARACTERS
    assert "\n" not in quoted


LONG = {"title": "长" * 300, "actor": "名" * 20, "community": "社" * 30}


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_forms_fit_and_cut_what_is_quoted_before_our_own_words(language: Language) -> None:
    facts = {**FACTS, "plan_title": "案" * 200, "department": "部" * 60}
    for key in KEYS:
        said = short(*key, facts, language=language, **LONG)
        assert 0 < len(said) <= SHORT_CHARACTERS
        template = WORDINGS[key].zh if language == "zh" else WORDINGS[key].en
        ours = [text for text, *_ in Formatter().parse(template.title) if text]
        assert all(text in said for text in ours), key
        assert len(short(*key, facts, language=language, most=30, **LONG)) <= 30


def test_a_short_form_says_the_body_when_there_is_room() -> None:
    facts = {"due_at": "2026-03-02T04:00:00+00:00"}
    said = short(Kind.PROMISE_AT_RISK, "", facts, title="停车")
    title, body = full(Kind.PROMISE_AT_RISK, "", "zh", title="停车")
    assert said == f"{title}。{body}"
    assert short(Kind.PROMISE_AT_RISK, "", facts, title="停车", most=len(said) - 1) == title


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-CN", "zh"), ("en", "en"), ("en-GB", "en"), ("EN", "en"), ("", "zh"), ("fr", "zh")],
)
def test_the_language_of_a_tag(tag: str, language: str) -> None:
    assert language_of(tag) == language
