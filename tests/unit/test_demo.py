"""The demo's own parts: who is made up, what is drawn, what is told once."""

import io
from datetime import UTC, date, datetime

import pytest
from PIL import Image
from rich.console import Console

from deploy.demo import newcomer, pictures
from deploy.demo.narrator import Narrator, StoryBroken
from services.contracts.operations.grid_bridge import Issue, TimelineEntry
from services.identity.domain import id_number, names

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_newcomer_would_be_let_in_as_a_person() -> None:
    for _ in range(200):
        person = newcomer.make()
        parsed = id_number.parse(person.id_number, NOW.date())
        assert parsed.text == person.id_number
        assert parsed.birth.year <= 2002
        assert names.real_name(person.real_name) == person.real_name
        assert names.phone(person.phone)


def test_check_digit_may_be_an_x() -> None:
    found = {newcomer.id_number(date(1990, 5, 1), sequence)[-1] for sequence in range(100)}
    assert found == set("0123456789X")


@pytest.mark.parametrize("draw", [pictures.occupied, pictures.restored])
def test_pictures_are_photos_of_ordinary_size(draw: object) -> None:
    data = draw()  # type: ignore[operator]
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.size) == ("JPEG", pictures.SIZE)
    assert 10_000 < len(data) < 500_000


def test_before_and_after_differ() -> None:
    before, after = (
        Image.open(io.BytesIO(data)).resize((40, 30)).tobytes()
        for data in (pictures.occupied(), pictures.restored())
    )
    far = sum(abs(a - b) > 25 for a, b in zip(before, after, strict=True))
    assert far > len(before) // 20


def told(*texts: str) -> Issue:
    lines = [
        TimelineEntry(at=NOW, kind="talk", actor_role="secretary", text=text) for text in texts
    ]
    blank = dict.fromkeys(Issue.model_fields)
    return Issue.model_construct(**{**blank, "id": "i1", "timeline": lines})


def test_timeline_tells_each_step_once() -> None:
    out = io.StringIO()
    narrator = Narrator(Console(file=out, width=100))
    narrator.timeline(told("一"))
    narrator.timeline(told("一", "二 [b]"))
    narrator.timeline(told("一", "二 [b]"))
    assert out.getvalue().count("一") == 1
    assert out.getvalue().count("二 [b]") == 1
    assert "08:00:00" in out.getvalue(), "in the time of the neighbourhood"


def test_waiting_has_an_end() -> None:
    narrator = Narrator(Console(file=io.StringIO()))
    assert narrator.wait("x", lambda: 3, limit=1)[0] == 3
    with pytest.raises(StoryBroken, match="rain"):
        narrator.wait("rain", lambda: None, limit=0)
    with pytest.raises(StoryBroken):
        narrator.expect(False, "sun")
