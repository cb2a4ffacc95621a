"""How long what is kept: the table, its carrying out, and the page that prints it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from docs import tables
from services.contracts.operations.identity import RecordAssessment
from services.identity.domain import retention
from services.identity.domain.retention import RULES
from services.identity.handlers import retention as carried_out

NOW = datetime(2026, 11, 25, tzinfo=UTC)
PAGE = Path(__file__).parents[2] / "docs/threats-and-privacy.md"


def test_every_rule_with_an_end_is_carried_out_and_no_other():
    timed = {key for key, rule in RULES.items() if rule.after is not None}
    assert timed == {*carried_out.OLD, "import_reports"}


def test_what_law_wants_kept_is_kept_that_long():
    assert RULES["impact_assessments"].after >= timedelta(days=3 * 365)
    for log in ("access_log", "phone_recoveries"):
        assert RULES[log].after >= timedelta(days=182)


def test_a_rule_says_since_when_something_has_had_its_time():
    assert RULES["refused_memberships"].until(NOW) == NOW - retention.HALF_A_YEAR
    with pytest.raises(ValueError, match="deleted_accounts"):
        RULES["deleted_accounts"].until(NOW)


def test_the_page_prints_the_table():
    assert tables.retention() in PAGE.read_text()


def test_the_platforms_own_assessment_has_the_form_of_the_operation():
    text = (PAGE.parent / "impact-assessment.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n\n(.+?)(?=\n## |\Z)", text, re.M | re.S))
    assert set(sections) == set(RecordAssessment.model_fields) - {"did"}
    kinds = [line.removeprefix("- ") for line in sections["data_kinds"].strip().splitlines()]
    facts = {
        **sections,
        "title": sections["title"].strip(),
        "data_kinds": kinds,
        "conclusion": sections["conclusion"].strip().strip("`"),
        "review_at": NOW + timedelta(days=365),
    }
    assert RecordAssessment.model_validate(facts).conclusion == "acceptable_with_measures"
