"""Who stops answering while it lives is told of once, and once when it is back."""

from types import SimpleNamespace

import pytest

from deploy.local.readiness import Readiness


class House:
    """Processes that answer as told, a clock that stands still, and what was said."""

    def __init__(self) -> None:
        self.answers = {"feed": "ready", "votes": "ready"}
        self.ready_once = {"feed": True, "votes": True}
        self.time = 100.0
        self.said: list[tuple[str, str]] = []
        self.readiness = Readiness(
            lambda: [self._watched(name) for name in self.answers],
            lambda name, text: self.said.append((name, text)),
            ask=lambda url: self.answers[url],
            clock=lambda: self.time,
        )

    def _watched(self, name: str) -> SimpleNamespace:
        instance = SimpleNamespace(name=name, health_url=name)
        return SimpleNamespace(instance=instance, was_ready=self.ready_once[name])

    def look(self, after: float = 0.0) -> None:
        self.time += after
        self.readiness.look()


@pytest.fixture
def house() -> House:
    return House()


def test_what_lasts_is_told_once_and_its_end_too(house: House) -> None:
    house.answers["feed"] = "not ready (database)"
    house.look()
    house.look(after=5)
    assert house.said == []
    house.look(after=5)
    house.look(after=5)
    assert house.said == [("feed", "[red]not ready (database)[/red] for 10 s")]
    house.answers["feed"] = "ready"
    house.look(after=5)
    house.look(after=5)
    assert house.said[1:] == [("feed", "[green]ready again[/green] after 20 s")]


def test_a_moment_is_not_worth_a_word(house: House) -> None:
    house.answers["votes"] = "no answer"
    house.look()
    house.answers["votes"] = "ready"
    house.look(after=5)
    house.answers["votes"] = "no answer"
    house.look(after=6)
    house.look(after=5)
    assert house.said == []


def test_who_has_never_been_ready_is_still_starting(house: House) -> None:
    house.ready_once["feed"] = False
    house.answers["feed"] = "no answer"
    house.look()
    house.look(after=60)
    assert house.said == []


def test_after_the_end_nothing_is_said(house: House) -> None:
    house.answers["feed"] = "no answer"
    house.look()
    house.readiness.stop()
    house.look(after=60)
    assert house.said == []
