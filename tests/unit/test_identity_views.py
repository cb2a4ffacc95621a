"""Personal data in the answers of identity: every field with some is known, and how it shows it."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from services.contracts.operations import identity as op
from services.contracts.operations.base import Command, Operation, View

pytestmark = pytest.mark.unit

PERSONAL = re.compile(r"(?<!has_)phone|real_name|id_number|^room$|credential|^(old|new)$")
NAMES_OF_PEOPLE = {"RegisterEntryView", "RegisterName", "GridReporter"}

# Every field of an answer that tells who somebody is, and how. `masked`: as in domain.names.
# `own`: to the person herself. `address`: to the committee of the place. `revealed`: in full, for
# a stated purpose, which the person reads.
SHOWN = {
    ("Assistance", "phone"): "masked",
    ("Correction", "old"): "masked",
    ("Correction", "new"): "masked",
    ("Door", "room"): "address",
    ("GridReporter", "name"): "masked",
    ("GridReporter", "phone"): "masked",
    ("Member", "real_name"): "masked",
    ("MemberHome", "room"): "address",
    ("MemberSheet", "phone"): "masked",
    ("MemberSheet", "real_name"): "masked",
    ("MembershipRequest", "real_name"): "masked",
    ("MembershipRequest", "id_number"): "masked",
    ("MembershipRequest", "phone"): "masked",
    ("MembershipRequest", "room"): "address",
    ("MyMembership", "room"): "own",
    ("Recovery", "old_phone"): "masked",
    ("Recovery", "new_phone"): "masked",
    ("RegisterEntryView", "name"): "masked",
    ("RegisterEntryView", "room"): "address",
    ("RegisterName", "name"): "revealed",
}


def models(base: type[BaseModel]) -> list[type[BaseModel]]:
    named = (getattr(op, name) for name in op.__all__)
    return [found for found in named if inspect.isclass(found) and issubclass(found, base)]


def personal(base: type[BaseModel]) -> set[tuple[str, str]]:
    return {
        (model.__name__, field)
        for model in models(base)
        for field in model.model_fields
        if PERSONAL.search(field) or (field == "name" and model.__name__ in NAMES_OF_PEOPLE)
    }


def test_every_answer_with_personal_data_says_how_it_shows_them():
    assert personal(View) == set(SHOWN)


@pytest.mark.parametrize("base", [View, Command])
def test_no_field_with_personal_data_shows_itself_in_a_log(base):
    fields = {model.__name__: model.model_fields for model in models(base)}
    open_ones = {(m, f) for m, f in personal(base) if fields[m][f].repr}
    assert personal(base) and open_ones == set()


def inside(shape: Any) -> Iterator[type[BaseModel]]:
    """The models that an answer of this shape is made of."""
    if inspect.isclass(shape) and issubclass(shape, BaseModel):
        yield shape
        for field in shape.model_fields.values():
            yield from inside(field.annotation)
    for part in get_args(shape):
        yield from inside(part)


def tells(operation: Operation) -> set[tuple[str, str]]:
    """What the answer tells that no log may show: personal data, secrets, people's own words."""
    return {
        (model.__name__, name)
        for model in inside(operation.result)
        for name, field in model.model_fields.items()
        if not field.repr or (model.__name__, name) in SHOWN
    }


def test_an_answer_with_personal_data_or_a_secret_is_not_kept_for_repeats():
    """Kept are the answers to logged-in people who change something, for a day."""
    kept = [row for row in op.OPERATIONS if row.write and row.who.login]
    assert {row.id for row in kept if row.secret} == {row.id for row in kept if tells(row)}
    assert all(row.secret for row in kept if row.result in (op.Correction, op.Recovery))
