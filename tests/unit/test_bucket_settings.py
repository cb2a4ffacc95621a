"""How a bucket is named and who we are there: understood whole, or refused at the start."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.kit.bucket import bucket_of
from services.kit.settings import KitSettings
from tests.support.s3 import credentials

SECRET = "wJalrXUtnFEMI/K7MDENG+bPx%Rfi"
FAR = {"amqp_url": "amqp://a:long-and-random@broker/", "public_url": "https://shequ.example"}


@pytest.fixture(autouse=True)
def _no_credentials_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """Settings that say all of it."""
    return {
        "storage_url": "s3://photos/shequ/a/",
        "storage_endpoint": "https://s3.example:9000/",
        "storage_credentials_file": credentials(tmp_path / "credentials", "AKIA1", SECRET),
    }


def test_what_is_said_of_a_bucket(told: dict[str, Any]) -> None:
    bucket = bucket_of(KitSettings(**told, storage_region="cn-north-1"))

    assert bucket is not None
    assert (bucket.name, bucket.prefix, bucket.region) == ("photos", "shequ/a", "cn-north-1")
    assert (bucket.endpoint, bucket.style) == ("https://s3.example:9000", "path")
    assert (bucket.key_id, bucket.secret, bucket.token) == ("AKIA1", SECRET, "")
    assert SECRET not in repr(bucket)


def test_bucket_in_the_name_of_the_server(told: dict[str, Any]) -> None:
    bucket = bucket_of(KitSettings(**told, storage_style="virtual"))

    assert bucket is not None
    assert bucket.endpoint == "https://photos.s3.example:9000"


def test_folder_needs_none_of_it() -> None:
    assert bucket_of(KitSettings(storage_credentials_file=Path("/nowhere"))) is None


def test_credentials_of_the_environment_count_where_no_file_has_any(
    told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA2")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "for an hour")
    of_file = bucket_of(KitSettings(**told))
    told["storage_credentials_file"].write_text("\n")  # as make_secrets leaves it
    of_environment = bucket_of(KitSettings(**told))

    assert of_file is not None
    assert (of_file.key_id, of_file.token) == ("AKIA1", "")
    assert of_environment is not None
    assert (of_environment.key_id, of_environment.secret) == ("AKIA2", "another")
    assert of_environment.token == "for an hour"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"storage_url": "s3:///uploads"}, "SHEQU_STORAGE_URL"),
        ({"storage_endpoint": "s3.example"}, "SHEQU_STORAGE_ENDPOINT"),
        ({"storage_endpoint": "https://me:secret@s3.example"}, "SHEQU_STORAGE_ENDPOINT"),
        ({"storage_style": "other"}, "storage_style"),
        ({"storage_credentials_file": None}, "AWS_ACCESS_KEY_ID"),
        ({"storage_credentials_file": Path("/nowhere")}, "cannot be read"),
    ],
)
def test_what_is_refused_everywhere(
    change: dict[str, Any], word: str, told: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError, match=word):
        KitSettings(**{**told, **change})


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"[other]\naws_access_key_id=a\naws_secret_access_key={SECRET}",
        f"[default]\naws_secret_access_key={SECRET}",
        f"[default]\naws_access_key_id=a\naws_access_key_id=b\naws_secret_access_key={SECRET}",
    ],
)
def test_file_that_gives_no_credentials_is_refused_and_not_quoted(
    text: str, told: dict[str, Any]
) -> None:
    told["storage_credentials_file"].write_text(text)

    with pytest.raises(ValidationError) as refused:
        KitSettings(**told)
    said = refused.value.errors(include_input=False, include_url=False)[0]["msg"]
    assert "must give the bucket's credentials" in said
    assert SECRET not in said


def test_what_production_refuses_of_a_bucket(told: dict[str, Any], tmp_path: Path) -> None:
    production = {**told, **FAR, "env": "production"}
    assert KitSettings(**production).storage_url == "s3://photos/shequ/a/"

    with pytest.raises(ValidationError, match="https in production"):
        KitSettings(**{**production, "storage_endpoint": "http://s3.example"})
    delivered = credentials(tmp_path / "delivered", "minioadmin", "minioadmin")
    with pytest.raises(ValidationError, match="a server comes with"):
        KitSettings(**{**production, "storage_credentials_file": delivered})
