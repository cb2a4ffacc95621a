"""Settings: read from the environment, refused when they would be unsafe."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.settings import Settings


@pytest.fixture
def production(tmp_path: Path) -> dict[str, Any]:
    """Settings that a production gateway accepts."""
    (tmp_path / "upload.secret").write_bytes(b"s" * 32)
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    return {
        "env": "production",
        "amqp_url": "amqp://gateway:long-and-random@broker/shequ",
        "public_url": "https://shequ.example",
        "upload_secret_file": tmp_path / "upload.secret",
        "jwks_file": tmp_path / "jwks.json",
    }


def test_production_settings_are_accepted(production: dict[str, Any]) -> None:
    assert Settings(**production).rate_limits == "auto"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"demo": True}, "SHEQU_DEMO"),
        ({"amqp_url": "amqp://guest:guest@127.0.0.1/"}, "SHEQU_AMQP_URL"),
        ({"public_url": "http://shequ.example"}, "SHEQU_PUBLIC_URL"),
        ({"cors_origins": "*"}, "SHEQU_CORS_ORIGINS"),
        ({"trusted_proxies": "*"}, "SHEQU_TRUSTED_PROXIES"),
        ({"rate_limits": "off"}, "SHEQU_RATE_LIMITS"),
        ({"redis_url": "rediss://shequ:changeme@redis/0"}, "SHEQU_REDIS_URL"),
        ({"upload_secret_file": Path("/nowhere")}, "SHEQU_UPLOAD_SECRET_FILE"),
        ({"jwks_file": Path("/nowhere")}, "SHEQU_JWKS_FILE"),
        ({"grid_key_file": Path("/nowhere")}, "SHEQU_GRID_KEY_FILE"),
    ],
)
def test_what_production_refuses(
    change: dict[str, Any], word: str, production: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match=word):
        Settings(**{**production, **change})


def test_short_secret_is_refused(production: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "upload.secret").write_bytes(b"short")

    with pytest.raises(ValidationError, match="SHEQU_UPLOAD_SECRET_FILE"):
        Settings(**production)


@pytest.mark.parametrize("key", ["changeme", "x" * 64, "demo" * 16, ""])
def test_a_grid_key_that_can_be_guessed_is_refused(
    key: str, production: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "grid.key").write_text(key)

    with pytest.raises(ValidationError, match="SHEQU_GRID_KEY_FILE"):
        Settings(**production, grid_key_file=tmp_path / "grid.key")


@pytest.mark.parametrize("url", ["redis", "http://redis:6379", "redis://", "memcached://m"])
def test_counting_together_wants_a_redis(url: str) -> None:
    with pytest.raises(ValidationError, match="redis_url"):
        Settings(redis_url=url)


def test_names_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEQU_PORT", "8123")
    monkeypatch.setenv("SHEQU_CORS_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("SHEQU_RATE_LIMITS", "on")
    monkeypatch.setenv("SHEQU_DEMO", "1")

    settings = Settings()

    assert (settings.port, settings.rate_limits, settings.demo) == (8123, "on", True)
    assert settings.cors_origins == ("https://a.example", "https://b.example")
