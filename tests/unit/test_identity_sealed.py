"""What is sealed for what: columns, purposes, and the code that says them, held together."""

import ast
from pathlib import Path

import pytest

from services.identity.models.sealed import SEALED, Purpose, index_columns, sealed_columns

pytestmark = pytest.mark.unit

IDENTITY = Path(__file__).resolve().parents[2] / "services" / "identity"


def test_every_sealed_column_says_what_its_envelopes_are_for():
    assert {each.name for each in sealed_columns()} == set(SEALED)


def test_no_purpose_serves_two_columns():
    assert sorted(SEALED.values()) == sorted(Purpose)


def purposes_in_code() -> dict[str, str]:
    """Every purpose that code seals or opens with as a text, and where."""
    found = {}
    for file in IDENTITY.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                for keyword in node.keywords if node.func.attr in ("seal", "open") else []:
                    if keyword.arg == "purpose" and isinstance(keyword.value, ast.Constant):
                        found[str(keyword.value.value)] = f"{file.name}:{node.lineno}"
    return found


def test_code_seals_for_known_purposes_alone():
    said = purposes_in_code()
    assert len(said) >= 3
    assert {p: where for p, where in said.items() if p not in set(Purpose)} == {}


def test_blind_indexes_are_found_by_their_names():
    assert {str(c) for c in index_columns()} >= {
        "persons.phone_index",
        "real_names.id_index",
        "real_names.pseudonym_index",
        "register_persons.match_index",
        "wechat_bindings.openid_index",
    }
