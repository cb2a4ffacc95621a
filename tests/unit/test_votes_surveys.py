"""What may be answered, and what the answers come to: by hand, question by question."""

import pytest

from services.contracts.operations.votes.surveys import CreateSurvey, Question
from services.votes.domain import surveys as rules
from services.votes.domain.surveys import BadAnswers

pytestmark = pytest.mark.unit


def asked(kind, **facts):
    return Question(kind=kind, text="问题", **facts).model_dump(mode="json")


CHOICES = {"choices": ["甲", "乙", "丙"]}
SURVEY = [
    asked("single", required=True, **CHOICES),
    asked("multiple", least=1, most=2, **CHOICES),
    asked("scale", lowest=1, highest=5),
    asked("number", lowest=0),
    asked("text", longest=5),
]
WHOLE = [0, [2, 1], 5, 3, " 很好 "]


def test_answers_are_kept_as_they_are_counted():
    assert rules.checked(SURVEY, WHOLE) == [0, [1, 2], 5, 3, "很好"]
    assert rules.checked(SURVEY, [2, [0], None, None, ""]) == [2, [0], None, None, None]


@pytest.mark.parametrize(
    ("place", "given"),
    [
        (0, None), (0, 3), (0, -1), (0, True), (0, "0"), (0, 0.0), (0, [0]),
        (1, []), (1, None), (1, [0, 1, 2]), (1, [0, 0]), (1, [3]), (1, 0), (1, [[0]]),
        (1, {"0": 1}),
        (2, 0), (2, 6), (2, 2.5), (2, False),
        (3, -1), (3, 10**10), (3, "3"),
        (4, "六个字的回答"), (4, 5), (4, "\x00"), (4, "\ud800"), (4, ["好"]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_by_its_place(place, given):
    answers = [*WHOLE]
    answers[place] = given
    with pytest.raises(BadAnswers) as caught:
        rules.checked(SURVEY, answers)
    assert [one.field for one in caught.value.errors] == [f"answers.{place}"]


@pytest.mark.parametrize("answers", [WHOLE[:4], [*WHOLE, 1]])
def test_each_question_has_one_answer(answers):
    with pytest.raises(BadAnswers) as caught:
        rules.checked(SURVEY, answers)
    assert [one.field for one in caught.value.errors] == ["answers"]


def test_results_are_sums_and_exact_fractions():
    single, multiple, scale, number, text = SURVEY
    assert rules.result(single, [0, 0, 2]).counts == [("甲", 2), ("乙", 0), ("丙", 1)]
    found = rules.result(multiple, [[0, 1], [1], None])
    assert (found.answered, found.counts) == (2, [("甲", 1), ("乙", 2), ("丙", 0)])
    found = rules.result(scale, [1, 2, 2, 5])
    assert found.counts == [("1", 1), ("2", 2), ("3", 0), ("4", 0), ("5", 1)]
    assert (found.mean, found.median, found.lowest, found.highest) == ("5/2", "2/1", 1, 5)
    found = rules.result(number, [1, 2, 4])
    assert (found.counts, found.mean, found.median) == ([], "7/3", "2/1")
    assert rules.result(number, [None]) == rules.Result(0, [])
    assert rules.result(scale, []).counts == [(str(step), 0) for step in range(1, 6)]
    assert rules.result(text, ["好", None]).answered == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "single"},
        {"kind": "single", "choices": ["甲", "甲"]},
        {"kind": "multiple", "choices": ["甲"]},
        {"kind": "multiple", "least": 3, "most": 2, **CHOICES},
        {"kind": "multiple", "least": 4, **CHOICES},
        {"kind": "multiple", "most": 4, **CHOICES},
        {"kind": "scale"},
        {"kind": "scale", "lowest": 1, "highest": 1},
        {"kind": "scale", "lowest": 0, "highest": 11},
        {"kind": "number", "lowest": 2, "highest": 1},
        {"kind": "number", "lowest": 1.5},
        {"kind": "free"},
    ],
)
def test_a_question_that_nobody_could_answer_is_not_asked(facts):
    with pytest.raises(ValueError, match="validation error"):
        Question(text="问题", **facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"anonymous": True, "results": "live"},
        {"questions": [{"kind": "text", "text": "问", "longest": 2_000}] * 10},
        {"questions": []},
    ],
)
def test_a_survey_that_would_tell_or_hold_too_much_is_not_made(facts):
    usual = {"cid": "c", "title": "问卷", "questions": [{"kind": "text", "text": "问"}]}
    with pytest.raises(ValueError, match="validation error"):
        CreateSurvey(**{**usual, **facts})
