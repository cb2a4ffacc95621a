"""docs/how-to/add-an-operation.md does what it says. Needs: db, broker."""

import pytest

from tests.support import howto

pytestmark = [pytest.mark.db, pytest.mark.broker]


def test_the_page_about_operations_works_as_it_stands(tmp_path):
    *_, tested = howto.follow("add-an-operation", tmp_path)
    assert "2 passed" in tested
    assert '"listLikers"' in (tmp_path / "tests/contracts/openapi.json").read_text()
