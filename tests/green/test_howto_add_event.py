"""docs/how-to/add-an-event-and-reaction.md does what it says. Needs: db, broker."""

import pytest

from tests.support import howto

pytestmark = [pytest.mark.db, pytest.mark.broker]


def test_the_page_about_events_works_as_it_stands(tmp_path):
    *_, tested = howto.follow("add-an-event-and-reaction", tmp_path)
    assert "2 passed" in tested
    assert (tmp_path / "tests/contracts/golden/post.pinned.v1/votes.candidates.json").exists()
    assert (tmp_path / "deploy/contracts/events/post.pinned.v1.json").exists()
    for generated in ("docs.tables --check", "deploy.lint --exports"):
        howto.Command(f".venv/bin/python -m {generated}").run(tmp_path, [])
