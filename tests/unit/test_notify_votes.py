"""Who hears of a question's way to a covenant, of polls and surveys; the whole table of words."""

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from string import Formatter
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest

from services.contracts import events as e
from services.contracts.actor import COMMITTEE, Role
from services.notify.domain import (
    RULES,
    WORDINGS,
    Audience,
    Followers,
    Kind,
    Members,
    OnDuty,
    Part,
    Persons,
    Why,
    actor_of,
    news_of,
    words,
)
from services.notify.domain.wording import MOMENTS, STAND_INS
from services.votes.domain.chain import State
from tests.support.neighbourhood import NOON, SHANGYUAN, say

pytestmark = pytest.mark.unit

DESK = OnDuty(COMMITTEE, SHANGYUAN)
OWNERS = OnDuty(frozenset({Role.OWNERS_COMMITTEE}), SHANGYUAN)
PARTY = OnDuty(frozenset({Role.SECRETARY}), SHANGYUAN)
AUTHOR = Persons(("sun",), "topic")
PARTS = [Followers("topic", part) for part in Part]
BUT_SECONDERS = [one for one in PARTS if one.part is not Part.SECONDED]
ALL = [*PARTS, Members("shangyuan")]


def advanced(**facts: Any) -> e.TopicAdvanced:
    return say(e.TopicAdvanced, **facts)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (say(e.TopicRaised), [DESK]),
        (say(e.TopicRaised, convener="owners_committee"), [OWNERS]),
        (advanced(was="raised", state="screened"), PARTS),
        (advanced(step="returned", state="raised"), [Persons(("sun",))]),
        (advanced(step="amended", state="raised"), [DESK]),
        (advanced(step="seconded", state="raised"), [*PARTS, DESK]),
        (advanced(step="handed_over", state="raised"), []),
        (advanced(was="actionable", state="prior_study"), [*PARTS, PARTY]),
        (advanced(was="prior_study", state="proposal"), [*PARTS, DESK]),
        (advanced(was="prior_study", state="actionable"), PARTS),
        (advanced(was="notice", state="proposal"), []),
        (advanced(was="proposal", state="notice"), []),
        (advanced(was="notice", state="voting"), []),
        (advanced(was="voting", state="publicity"), []),
        (advanced(was="publicity", state="adopted"), []),
        (advanced(state="refused", outcome="refused"), PARTS),
        (advanced(state="closed", outcome="withdrawn"), PARTS),
        (advanced(state="closed", outcome="merged"), BUT_SECONDERS),
        (advanced(state="closed", outcome="not_passed"), []),
        (advanced(state="closed", outcome="voided"), []),
        (advanced(state="closed", outcome="annulled"), []),
        (say(e.TopicHandedOver), [*PARTS, OWNERS, DESK]),
        (say(e.SecondersAsked), [Persons(("lu",))]),
        (say(e.TopicOverdue), [AUTHOR, DESK]),
        (say(e.TopicOverdue, state="prior_study", convener="owners_committee"), [AUTHOR, PARTY]),
        (say(e.ObjectionFiled), [AUTHOR, DESK]),
        (say(e.ObjectionFiled, author_id=""), [Persons((), "topic"), DESK]),
        (say(e.ObjectionAnswered), [Persons(("lu",))]),
        (say(e.PollAnnounced), ALL),
        (say(e.PollOpened), ALL),
        (say(e.PollReminded), ALL),
        (say(e.PollExtended), ALL),
        (say(e.PollClosed, convener="owners_committee"), [OWNERS]),
        (say(e.PollVoided), ALL),
        (say(e.ResultPublished), ALL),
        (say(e.CovenantAdopted), ALL),
        (say(e.CovenantBreachReported, convener="owners_committee"), [OWNERS]),
        (say(e.CovenantReviewDue), [DESK]),
        (say(e.SurveyOpened), [Members("shangyuan")]),
        (say(e.SurveyClosed), [Members("shangyuan")]),
        (say(e.TopicPartChanged), []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_event_reaches_those_whom_it_concerns(event: e.Event, told: list[Audience]) -> None:
    assert [news.audience for news in news_of(event)] == told


def test_each_is_told_for_the_reason_that_is_hers() -> None:
    assert {news.why for news in news_of(say(e.PollOpened))} == {
        Why.MY_TOPIC, Why.I_OBJECTED, Why.I_SPOKE, Why.I_SECONDED, Why.I_FOLLOW, Why.MY_POLL,
    }  # fmt: skip
    assert news_of(say(e.PollOpened))[-1].why is Why.MY_POLL, "the personal reason comes first"


@pytest.mark.parametrize(
    ("state", "title"), [("raised", "没有按时办理"), ("prior_study", "没有按时研究")]
)
def test_a_delay_is_laid_at_the_right_door(state: str, title: str) -> None:
    news, _desk = news_of(say(e.TopicOverdue, state=state))
    said = words(news.kind, news.variant, news.facts, title="停车")
    assert said.title == f"「停车」{title}"
    assert ("居委会" in said.body) == (state != "prior_study")


def test_news_lead_to_what_they_are_about() -> None:
    links = {
        news_of(say(event))[0].link
        for event in (
            e.TopicRaised,
            e.SecondersAsked,
            e.ObjectionAnswered,
            e.PollOpened,
            e.CovenantAdopted,
            e.CovenantBreachReported,
            e.CovenantReviewDue,
            e.PollClosed,
            e.SurveyOpened,
        )
    }
    assert links == {
        "/topics/topic", "/topics/other-topic", "/objections/objection", "/polls/poll",
        "/covenants/covenant", "/surveys/survey",
        "/console/polls/poll", "/console/covenants/covenant", "/console/covenants/breaches/breach",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "actor"),
    [
        (say(e.TopicRaised), "sun"),
        (advanced(actor_id="wang"), "wang"),
        (advanced(), None),
        (say(e.ObjectionFiled), "lu"),
        (say(e.ObjectionAnswered, actor_id="wang"), "wang"),
        (say(e.PollVoided, actor_id="wang"), "wang"),
        (say(e.PollOpened), None),
        (say(e.CovenantBreachReported), None),
        (say(e.SurveyOpened, actor_id="wang"), "wang"),
        (say(e.SecondersAsked, actor_id="wang"), "wang"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whose_act_it_was(event: e.Event, actor: str | None) -> None:
    assert actor_of(event) == actor


# -- the whole table -----------------------------------------------------------------------------

# What fields that are plain text in an event may say; the others' types say it themselves.
SAID: dict[type[e.Event], dict[str, list[Any]]] = {
    e.MembershipDecided: {"status": ["active", "refused"]},
    e.PostPublished: {"module": ["announcements", "hall"], "issue_id": [None]},
    e.CommentPublished: {"issue_id": [None], "reply_to_author_id": ["li"]},
    e.IssueProgressed: {"state": ["dispatched", "suspended", "rework", "registered"]},
    e.MergeChanged: {"actor_role": ["resident", "committee_staff"]},
    e.JointConsultationChanged: {"actor_role": ["resident", "committee_staff"]},
    e.PlanChanged: {"state": ["open", "adopted", "finished", "withdrawn", "draft"]},
    e.PlanCommentAnswered: {"decision": ["answered", "shown", "hidden"]},
    e.ProjectAdvanced: {"step": ["apply", "approve", "refuse", "progress", "done", "cancel"]},
    e.TopicAdvanced: {
        "was": list(State),
        "state": list(State),
        "step": ["advanced", "returned", "amended", "seconded", "handed_over"],
        "outcome": ["withdrawn", "lapsed", "merged", "stopped", "voided", "annulled"],
    },
    e.TopicOverdue: {"state": list(State)},
    e.CovenantAdopted: {"change": ["new", "amended", "repealed"]},
}
OPEN: dict[str, list[Any]] = {
    "until": [None, NOON],
    **{
        name: [None, "lu"]
        for name in ("by", "invited_by", "merged_into", "praised_id", "work_order_no")
    },
}


def choices(event: type[e.Event], name: str) -> list[Any]:
    """What a field may be, as far as a rule may ask."""
    if name in SAID.get(event, {}):
        return SAID[event][name]
    annotation = event.model_fields[name].annotation
    if name in OPEN and annotation is not str:
        return OPEN[name]
    if get_origin(annotation) in (Union, UnionType):
        kinds = [one for one in get_args(annotation) if one is not NoneType]
        if kinds == [datetime]:
            return [NOON]
        if get_origin(kinds[0]) is Literal:
            return [None, *get_args(kinds[0])]
        return []
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if annotation is bool:
        return [False, True]
    return [[], ["lu"]] if get_origin(annotation) is list and get_args(annotation) == (str,) else []


def happenings(event: type[e.Event]) -> Iterator[e.Event]:
    """The event in every way that a rule may tell apart."""
    fields = {name: values for name in event.model_fields if (values := choices(event, name))}
    base = say(event)
    for values in product(*fields.values()):
        yield base.model_copy(update=dict(zip(fields, values, strict=True)))


def test_everything_that_the_table_tells_can_happen_and_has_all_that_its_words_name() -> None:
    told: dict[tuple[str, str], set[frozenset[str]]] = {}
    for event in {rule.event for rule in RULES}:
        for one in happenings(event):
            for news in news_of(one):
                told.setdefault((news.kind, news.variant), set()).add(frozenset(news.facts))
    moments = {fact: name for name, fact in MOMENTS.items()}
    needed = {(rule.kind, variant) for rule in RULES for variant in rule.variants}
    assert set(told) == needed, "a rule that nothing fulfils"
    for key, known in told.items():
        for wording in (WORDINGS[key].zh, WORDINGS[key].en):
            title, body = (
                {name for _, name, _, _ in Formatter().parse(text) if name}
                for text in (wording.title, wording.body)
            )
            names = [
                {moments.get(fact, fact) for fact in facts} | set(STAND_INS) for facts in known
            ]
            assert all(title <= one for one in names), f"{key}: its title names what it lacks"
            assert any(body <= one for one in names), f"{key}: its body can never be said"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_things_of_a_kind_are_told_in_the_same_words(language: str) -> None:
    """A topic that was refused must not sound like one that was stopped."""
    said = [
        (kind, getattr(wording, language))
        for (kind, _), wording in WORDINGS.items()
        if kind is not Kind.PROMISE_BROKEN  # the same is told to each level
    ]
    assert [one for one in said if said.count(one) > 1] == []


def test_votes_words_blame_nobody_and_name_nobody() -> None:
    kinds = {rule.kind for rule in RULES if rule.event.SOURCE == "votes"}
    said = [
        text
        for (kind, _), wording in WORDINGS.items()
        if kind in kinds
        for one in (wording.zh, wording.en)
        for text in (one.title, one.body)
    ]
    assert len(said) > 100 and not any("{actor}" in text for text in said)
