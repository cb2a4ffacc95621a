"""What others rely on in our events does not change under their hands."""

import json
import re
import subprocess
from pathlib import Path
from typing import Literal, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError, create_model

from services.contracts import export
from services.contracts.events import REGISTRY, IssueReported
from services.contracts.topology import QUEUES
from tests.contracts.make_golden import COMMAND, GOLDEN, consumers, misfits, path_of

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]
EVENTS = sorted(REGISTRY.values(), key=lambda event: event.TYPE)
OURS = [event for event in EVENTS if event.SOURCE != "probe"]
FORBIDDEN = re.compile(r"(id_number|phone|mobile|^room$|real_name|password|token)")


def samples(event):
    found = sorted((GOLDEN / event.TYPE).glob("*.json"))
    assert found, f"{event.TYPE} has no golden sample: run {COMMAND}"
    return [json.loads(path.read_text()) for path in found]


@pytest.mark.parametrize(
    ("event", "consumer"), consumers(), ids=lambda v: v if isinstance(v, str) else v.TYPE
)
def test_a_golden_sample_is_still_produced_and_still_read(event, consumer):
    path = path_of(event, consumer)
    assert path.exists(), f"{event.TYPE} has no golden sample for {consumer}: run {COMMAND}"
    golden = json.loads(path.read_text())
    told = event.model_validate(golden)  # the strict writer can still say exactly this
    said_again = json.loads(told.model_dump_json())
    for field, value in golden.items():
        assert field in said_again, f"{field} is promised to {consumer}"
        assert type(said_again[field]) is type(value)
    assert event.read({**golden, "added_later": 1}) == told


def test_every_golden_sample_belongs_to_a_consumer():
    wrong = list(misfits(consumers()))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("event", OURS, ids=lambda e: e.TYPE)
def test_the_strict_writer_refuses_an_unknown_field(event):
    golden = samples(event)[0]
    with pytest.raises(ValidationError):
        event.model_validate({**golden, "surprise": 1})


@pytest.mark.parametrize("event", OURS, ids=lambda e: e.TYPE)
def test_no_event_has_room_for_personal_data(event):
    def names(schema):
        for name, inner in schema.get("properties", {}).items():
            yield name
            yield from names(inner)
        for inner in schema.get("$defs", {}).values():
            yield from names(inner)

    assert not [name for name in names(event.model_json_schema()) if FORBIDDEN.search(name)]


@pytest.mark.parametrize("name", sorted(export.files()))
def test_the_exported_contract_is_what_the_code_says(name):
    committed = ROOT / export.FOLDER / name
    renew = f"{name}: run .venv/bin/python -m services.contracts.export"
    assert committed.exists() and committed.read_text() == export.files()[name], renew


def test_nothing_is_exported_that_the_code_does_not_know():
    folder = ROOT / export.FOLDER
    assert {str(p.relative_to(folder)) for p in folder.rglob("*.json")} == set(export.files())


@pytest.mark.parametrize("event", OURS, ids=lambda e: e.TYPE)
def test_the_schema_accepts_the_golden_samples(event):
    validator = Draft202012Validator(export.schema_of(event))
    for golden in samples(event):
        validator.validate(golden)


def test_no_reader_is_broken_since_the_last_commit():
    """Compares with what git has at HEAD; a checkout without history has nothing to break."""
    broken = []
    for event in OURS:
        name = export.FOLDER / "events" / f"{event.TYPE}.json"
        shown = subprocess.run(
            ["git", "show", f"HEAD:{name}"], capture_output=True, text=True, cwd=ROOT, check=False
        )
        if shown.returncode == 0:
            changes = export.breaking_changes(json.loads(shown.stdout), export.schema_of(event))
            broken += [f"{event.TYPE}: {change}" for change in changes]
    assert broken == []


def test_the_check_for_breaking_changes_can_fail():
    old = export.schema_of(REGISTRY["issue.triaged.v1"])
    without = json.loads(json.dumps(old))
    del without["properties"]["slot"]
    optional = json.loads(json.dumps(old))
    optional["required"].remove("issue_id")
    retyped = json.loads(json.dumps(old))
    retyped["properties"]["issue_id"]["type"] = "integer"
    added = json.loads(json.dumps(old))
    added["properties"]["new"] = {"type": "string"}
    widened = json.loads(json.dumps(old))
    widened["properties"]["category"]["enum"].append("9x")
    assert export.breaking_changes(old, without) == ["slot: went away"]
    assert export.breaking_changes(old, optional) == ["issue_id: is no longer always there"]
    assert export.breaking_changes(old, retyped) == ["issue_id: type 'string' became 'integer'"]
    assert export.breaking_changes(old, added) == []
    assert export.breaking_changes(old, widened) == ["category: new values ['9x']"]


def test_a_report_from_outside_is_read_by_version_n_1():
    """Which knew five sources; a sixth would have gone to its dead letters."""
    told = IssueReported(
        **{**samples(IssueReported)[0], "source": "app", "channel": "open311", "hide_name": True}
    )
    former = ("app", "post", "phone", "visit", "letter")
    reader = create_model(
        "Former", source=(Literal[*former], "app"), hide_name=(bool, False), reporter_id=(str, ...)
    )
    read = reader.model_validate_json(told.model_dump_json(), extra="ignore")
    assert (read.source, read.hide_name) == ("app", True)
    assert get_args(IssueReported.model_fields["source"].annotation) == former


def test_every_queue_is_named_after_its_service_and_listed_once():
    names = [queue.name for queue in QUEUES]
    assert len(names) == len(set(names))
    for queue in QUEUES:
        assert queue.external or queue.name.startswith(f"{queue.service}.")
