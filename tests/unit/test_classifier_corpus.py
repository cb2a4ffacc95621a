"""The corpus that this project wrote, and how measures are taken from it. Needs: nothing."""

import json
from collections import Counter

import pytest

from services.grid_bridge import catalogue
from services.grid_bridge.classifier import evaluate, examples
from services.grid_bridge.classifier.evaluate import Verdict, macro_f1, report
from services.grid_bridge.classifier.examples import BadExample
from services.grid_bridge.classifier.features import ngrams, prepare

pytestmark = pytest.mark.unit

TRAINING = examples.training()
HELD_OUT = examples.held_out()


def test_it_is_large_and_no_category_is_neglected():
    labels = Counter(case.label for case in TRAINING)
    assert len(TRAINING) >= 2_800
    assert min(labels.values()) >= 0.15 * len(TRAINING)


def test_every_slot_has_examples_to_learn_from_and_to_test_on():
    assert min(Counter(case.slot for case in TRAINING if case.slot).values()) >= 45
    assert {case.slot for case in TRAINING if case.slot} == set(catalogue.SLOTS)
    assert {case.slot for case in HELD_OUT if case.slot} == set(catalogue.SLOTS)
    assert all(case.slot for case in TRAINING if case.label == "8x")


def test_every_category_has_letters_as_long_as_residents_write_to_a_city():
    letters = Counter(case.label for case in TRAINING if len(case.body) >= 80)
    assert set(letters) == set(examples.LABELS)
    assert min(letters.values()) >= 150
    assert sum(len(case.body) >= 80 for case in HELD_OUT) >= 60


def test_no_message_stands_twice():
    texts = [(case.title, case.body) for case in [*TRAINING, *HELD_OUT]]
    assert [text for text, times in Counter(texts).items() if times > 1] == []
    ids = [case.id for case in [*TRAINING, *HELD_OUT]]
    assert len(set(ids)) == len(ids)


def test_messages_are_written_one_by_one_not_filled_into_templates():
    def grams(case):
        message = prepare(case.title, case.body)
        return {gram for gram in ngrams(message.title + message.body, 4) if len(gram) == 4}

    rows = [(case.id, grams(case)) for case in [*TRAINING, *HELD_OUT]]
    holders: dict[str, list[int]] = {}
    for at, (_, found) in enumerate(rows):
        for gram in found:
            holders.setdefault(gram, []).append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for members in holders.values():
        if len(members) < 60:  # commoner ones prove nothing
            shared.update((a, b) for a in members for b in members if a < b)
    alike = [
        (rows[a][0], rows[b][0])
        for (a, b), both in shared.items()
        if both >= 8 and both / min(len(rows[a][1]), len(rows[b][1])) > 0.5
    ]
    assert alike == []


def test_nobody_real_is_in_it():
    for case in [*TRAINING, *HELD_OUT]:
        digits = "".join(char if char.isdigit() else " " for char in case.title + case.body)
        assert all(len(number) < 7 for number in digits.split()), case.id


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ([], "object"),
        ({"title": 1, "body": "", "label": "8x"}, "text"),
        ({"title": "", "body": "", "label": "complaint"}, "label"),
        ({"title": "", "body": "", "label": "8x", "slot": "S9"}, "slot"),
        ({"title": "", "body": "", "label": "consult", "slot": "S8"}, "slot"),
        ({"title": "", "body": "", "label": ["8x"]}, "label"),
    ],
)
def test_a_bad_example_is_refused_with_its_line(tmp_path, row, why):
    file = tmp_path / "labelled.jsonl"
    good = {"id": 1, "title": "t", "body": "b", "label": "advise", "slot": None}
    file.write_text(json.dumps(good) + "\n\n" + json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(BadExample, match=rf"labelled\.jsonl:3: .*{why}"):
        list(examples.read(file))


def verdict(truth, said, slot=None, slots_said=("S8",), confidence=0.75, sure=True):
    return Verdict(truth, said, confidence, slot, slots_said, sure)


def test_figures_from_a_worked_example():
    figures = report(
        [
            verdict("consult", "consult", sure=False),
            verdict("consult", "dispose"),
            verdict("advise", "advise"),
            verdict("dispose", "dispose"),
            verdict("8x", "8x", "S8", ("S8", "S7")),
            verdict("8x", "8x", "S7", ("S8", "S7")),
            verdict("8x", "dispose", "X1", ("S8", "S7")),
        ]
    )
    # F1: consult 2/3, advise 1, dispose 2*1/(1+3), 8x 2*2/(2+3)
    assert figures.macro_f1 == round((2 / 3 + 1 + 1 / 2 + 4 / 5) / 4, 3)
    assert figures.confusion == [[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 2]]
    assert figures.accuracy == round(5 / 7, 3)
    assert (figures.classes["dispose"].precision, figures.classes["dispose"].recall) == (0.333, 1)
    assert (figures.slot_n, figures.slot_accuracy, figures.slot_top3) == (3, 0.333, 0.667)
    assert figures.calibration_error == round(abs(7 * 0.75 - 5) / 7, 3)
    assert figures.sure_n == 6
    low, high = figures.interval
    assert 0 <= low <= figures.macro_f1 <= high <= 1
    assert "macro-F1 0.742" in evaluate.as_text("cold", figures)


def test_an_absent_category_does_not_count_as_failed():
    figures = report([verdict("consult", "consult")] * 3)
    assert figures.macro_f1 == 1.0
    assert figures.slot_accuracy is None
    assert macro_f1(evaluate._confusion(*[evaluate.np.array([0, 1])] * 2)) == 1.0


def test_measuring_a_file(tmp_path, capsys):
    file = tmp_path / "labelled.jsonl"
    rows = [
        {"id": n, "title": case.title, "body": case.body, "label": case.label, "slot": case.slot}
        for n, case in enumerate(HELD_OUT)
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert evaluate.main([str(file), "--no-learning", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["cold"]["n"] == len(HELD_OUT)
    assert "learning" not in figures
    file.write_text('{"label": "advise"\n', encoding="utf-8")
    assert evaluate.main([str(file)]) == 2
    assert evaluate.main([str(tmp_path / "none.jsonl")]) == 2
    assert "labelled.jsonl:1" in capsys.readouterr().err
