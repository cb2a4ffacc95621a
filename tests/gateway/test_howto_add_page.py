"""docs/how-to/add-a-page.md does what it says."""

from pathlib import Path

import pytest

from tests.support import howto

pytestmark = pytest.mark.gateway


def test_the_page_about_pages_works_as_it_stands(tmp_path: Path) -> None:
    *_, tested = howto.follow("add-a-page", tmp_path)

    assert "passed" in tested
    assert "failed" not in tested
