"""Settings of the reference grid platform."""

import pytest
from pydantic import ValidationError

from deploy.grid_platform.settings import Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHEQU_ENV", "SHEQU_GRID_STEP_SECONDS", "SHEQU_HEALTH_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_the_automatic_mode_is_on_by_default() -> None:
    assert Settings().grid_step_seconds == 1.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0.05", 0.05), ("2", 2.0), ("manual", None), ("MANUAL", None), ("", None), ("0", None)],
)
def test_a_pause_or_manual(
    monkeypatch: pytest.MonkeyPatch, value: str, seconds: float | None
) -> None:
    monkeypatch.setenv("SHEQU_GRID_STEP_SECONDS", value)
    assert Settings().grid_step_seconds == seconds


@pytest.mark.parametrize("value", ["-1", "soon", "nan", "inf", "86401"])
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SHEQU_GRID_STEP_SECONDS", value)
    with pytest.raises(ValidationError, match="grid_step_seconds"):
        Settings()


def test_in_production_no_order_walks_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEQU_ENV", "production")
    assert Settings().grid_step_seconds is None
    monkeypatch.setenv("SHEQU_GRID_STEP_SECONDS", "manual")
    assert Settings().grid_step_seconds is None
    monkeypatch.setenv("SHEQU_GRID_STEP_SECONDS", "1")
    with pytest.raises(ValidationError, match="manual"):
        Settings()


def test_a_drill_is_a_plan_and_never_in_production() -> None:
    assert Settings(grid_faults="seed=7 share=0.1").grid_faults == "seed=7 share=0.1"
    with pytest.raises(ValidationError, match="a plan needs seed"):
        Settings(grid_faults="share=0.1")
    with pytest.raises(ValidationError, match="SHEQU_GRID_FAULTS"):
        Settings(env="production", grid_step_seconds=None, grid_faults="seed=7")
