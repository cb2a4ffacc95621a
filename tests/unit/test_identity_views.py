"""Personal data in the answers of identity: every field with some is known, and how it shows it."""

import inspect
import re

import pytest
from pydantic import BaseModel

from services.contracts.operations import identity as op
from services.contracts.operations.base import Command, View

pytestmark = pytest.mark.unit

PERSONAL = re.compile(r"phone|real_name|id_number|^room$|credential|^(old|new)$")
NAMES_OF_PEOPLE = {"RegisterEntryView", "RegisterName", "GridReporter"}

# Every field of an answer that tells who somebody is, and how. `masked`: as in domain.names.
# `own`: to the person herself. `address`: to the committee of the place. `revealed`: in full, for
# a stated purpose, which the person reads.
SHOWN = {
    ("Assistance", "phone"): "masked",
    ("Correction", "old"): "masked",
    ("Correction", "new"): "masked",
    ("GridReporter", "name"): "masked",
    ("GridReporter", "phone"): "masked",
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
