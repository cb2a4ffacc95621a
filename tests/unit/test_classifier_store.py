"""Training, storing and finding models again. Needs: nothing; trains on a part of the corpus."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from services.grid_bridge.classifier import examples, store, train
from services.grid_bridge.classifier.store import ModelUnavailable

pytestmark = pytest.mark.unit

FEW = [case for at, case in enumerate(examples.training()) if at % 5 == 0]


@pytest.fixture(scope="module")
def small():
    return train.train(FEW, "small-1")


@pytest.fixture(scope="module")
def detector():
    return train.train_detector("small-1")


@pytest.fixture
def stored(small, detector, tmp_path):
    return store.save(small, detector, tmp_path / "model" / "small-1")


def test_training_twice_gives_the_same_model(small):
    again = train.train(FEW, "small-1")
    assert np.array_equal(again.joint.weights, small.joint.weights)
    assert np.array_equal(again.slots.weights, small.slots.weights)
    assert again.joint.temperature == small.joint.temperature
    assert again.space.vocabularies == small.space.vocabularies


def test_a_stored_model_says_the_same_after_reading(small, stored):
    read = store.load(stored)
    for case in examples.held_out():
        assert read.classify(case.title, case.body) == small.classify(case.title, case.body)
    assert read.facts["examples"] == len(FEW)


def test_a_stored_detector_says_the_same_after_reading(detector, stored):
    read = store.load_detector(stored)
    for title, body in examples.posts("ordinary_held_out"):
        assert read.problem(title, body) == detector.problem(title, body)


def test_nothing_stored_is_a_pickle(stored):
    assert sorted(path.name for path in stored.iterdir()) == [
        "model.json",
        "problem.json",
        "problem.npz",
        "weights.npz",
    ]
    for about in ("model.json", "problem.json"):
        json.loads((stored / about).read_text(encoding="utf-8"))
    for weights in ("weights.npz", "problem.npz"):
        with np.load(stored / weights, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype == np.float32 for name in arrays.files)


def test_a_pickle_smuggled_in_is_refused(stored):
    np.savez(stored / "weights.npz", idf=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelUnavailable):
        store.load(stored)


@pytest.mark.parametrize("name", ["model.json", "weights.npz", "problem.json", "problem.npz"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff half a file"])
def test_damaged_files_are_refused(stored, name, content):
    (stored / name).write_bytes(content)
    with pytest.raises(ModelUnavailable):
        (store.load_detector if name.startswith("problem") else store.load)(stored)


def test_saving_again_replaces_a_damaged_folder(small, detector, stored):
    (stored / "weights.npz").write_bytes(b"")
    assert store.save(small, detector, stored) == stored
    assert store.load(stored).version == small.version
    assert [path.name for path in stored.parent.iterdir()] == [stored.name]


def test_arrays_that_do_not_fit_the_vocabulary_are_refused(stored):
    about = json.loads((stored / "model.json").read_text(encoding="utf-8"))
    about["vocabularies"]["body"].pop()
    (stored / "model.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="fit"):
        store.load(stored)


def test_a_model_of_other_code_is_refused(stored):
    about = json.loads((stored / "model.json").read_text(encoding="utf-8"))
    about["dense_names"] = about["dense_names"][1:]
    (stored / "model.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="another version"):
        store.load(stored)


def test_a_missing_model_is_built_once_and_a_damaged_one_anew(
    small, detector, tmp_path, monkeypatch
):
    built = []

    def build(place):
        built.append(place)
        store.save(small, detector, place / store.current_version())

    monkeypatch.setattr(store, "_build", build)
    place = tmp_path / "model"
    store.ensure(place)
    store.ensure(place)
    assert len(built) == 1
    weights = place / store.current_version() / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:1_000])
    assert not zipfile.is_zipfile(weights)
    assert store.ensure(place)[0].version == small.version
    assert len(built) == 2
    assert [path for path in place.iterdir() if path.name.startswith(".damaged-")]


def test_a_failed_build_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(store.sys, "executable", "/bin/false")
    with pytest.raises(ModelUnavailable, match="training failed"):
        store.ensure(tmp_path)


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SHEQU_VAR", str(tmp_path))
    assert store.folder() == tmp_path / "model"


def test_another_corpus_is_another_version(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text("one", encoding="utf-8")
    before = examples.digest([file])
    file.write_text("two", encoding="utf-8")
    assert examples.digest([file]) != before


def test_learning_changes_the_mind(small, monkeypatch):
    monkeypatch.setattr(train.examples, "training", lambda: FEW)
    title, body = "咕噜咕噜桥的事", "咕噜咕噜桥又唱歌了，咕噜咕噜。"
    assert small.classify(title, body).category != "advise"
    lessons = [
        examples.Example(
            n, "咕噜咕噜桥", f"咕噜咕噜桥第{n}次唱歌，咕噜咕噜", "advise", None, weight=2
        )
        for n in range(20)
    ]
    learned = train.refit(lessons)
    assert learned.classify(title, body).category == "advise"
    assert learned.version.endswith("+20")


def test_a_category_without_examples_cannot_be_learned():
    with pytest.raises(ValueError, match="consult"):
        train.train([case for case in FEW if case.label != "consult"], "none")


def test_folds_spread_every_label_evenly():
    labels = ["a"] * 50 + ["b"] * 10
    fold = train.folds(labels, 5, seed=1)
    assert np.bincount(fold[:50]).tolist() == [10] * 5
    assert np.bincount(fold[50:]).tolist() == [2] * 5
    assert np.array_equal(fold, train.folds(labels, 5, seed=1))


def test_weights_count_an_example_several_times():
    odd = replace(FEW[0], label="consult", slot=None)
    heavy = train.train([*FEW, replace(odd, weight=200.0)], "h", calibrate=False)
    light = train.train([*FEW, replace(odd, weight=0.01)], "l", calibrate=False)
    of_consult = [model.probabilities(odd.title, odd.body)[0][0] for model in (heavy, light)]
    assert of_consult[0] > of_consult[1]
