"""Where an S3-compatible bucket is, and who we are there: read from the settings, refused half.

``SHEQU_STORAGE_URL=s3://bucket/prefix``. The rest of what is needed to get there::

    SHEQU_STORAGE_ENDPOINT   https://s3.example   default: AWS's own, of the region
    SHEQU_STORAGE_REGION     cn-north-1
    SHEQU_STORAGE_STYLE      path: endpoint/bucket/…      virtual: bucket.endpoint/…
    SHEQU_STORAGE_CREDENTIALS_FILE                AWS's shared credentials format, [default]

Without that file, or while it is empty, ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and
``AWS_SESSION_TOKEN`` count. One of the two there must be: a library that finds nothing would ask
the machine's metadata address, which outside of AWS is anybody's.
"""

import configparser
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

SCHEME = "s3://"
LOOSE_CREDENTIALS = frozenset(
    {"minioadmin", "rustfsadmin", "admin", "guest", "test", "testing", "password", "changeme"}
)
Style = Literal["path", "virtual"]


class StorageUnclear(ValueError):
    """The settings do not say how to reach the bucket; the text names the variable, no value."""


class BucketSettings(Protocol):
    """What has to be known of a bucket."""

    storage_url: str
    storage_endpoint: str
    storage_region: str
    storage_style: Style
    storage_credentials_file: Path | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, a place in it and the credentials; ``endpoint`` is empty for AWS."""

    name: str
    prefix: str
    endpoint: str
    region: str
    style: Style
    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False, default="")

    @property
    def unencrypted(self) -> bool:
        """Whether what is stored would travel in clear."""
        return self.endpoint.startswith("http://")

    @property
    def loose(self) -> bool:
        """Whether a server's credentials are those it is delivered with."""
        return not LOOSE_CREDENTIALS.isdisjoint((self.key_id, self.secret))


def bucket_of(settings: BucketSettings) -> Bucket | None:
    """The bucket of these settings; None when files lie elsewhere.

    Raises:
        StorageUnclear: name, endpoint or credentials are missing or cannot be read.
    """
    if not settings.storage_url.startswith(SCHEME):
        return None
    name, _, prefix = settings.storage_url.removeprefix(SCHEME).partition("/")
    if not name:
        raise StorageUnclear("SHEQU_STORAGE_URL names no bucket: s3://bucket/prefix")
    key_id, secret, token = _credentials(settings.storage_credentials_file)
    return Bucket(
        name=name,
        prefix=prefix.strip("/"),
        endpoint=_endpoint(settings, name),
        region=settings.storage_region,
        style=settings.storage_style,
        key_id=key_id,
        secret=secret,
        token=token,
    )


def _endpoint(settings: BucketSettings, bucket: str) -> str:
    """The address that requests go to; for the virtual style it has the bucket in it."""
    endpoint = settings.storage_endpoint.rstrip("/")
    if not endpoint:
        return ""
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise StorageUnclear("SHEQU_STORAGE_ENDPOINT must be https://host, without a user")
    if settings.storage_style == "path":
        return endpoint
    return f"{parts.scheme}://{bucket}.{parts.netloc}{parts.path}"


def _credentials(file: Path | None) -> tuple[str, str, str]:
    """Key, secret and session token: the file's, else the environment's."""
    text = _text(file) if file else ""
    if not text.strip():
        said = {name: os.environ.get(name.upper(), "") for name in _NAMES}
        where = "SHEQU_STORAGE_CREDENTIALS_FILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    else:
        said, where = _default_profile(text), "[default] of SHEQU_STORAGE_CREDENTIALS_FILE"
    key_id, secret, token = (said.get(name, "") for name in _NAMES)
    if not key_id or not secret:
        raise StorageUnclear(f"{where} must give the bucket's credentials")
    return key_id, secret, token


_NAMES = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise StorageUnclear("SHEQU_STORAGE_CREDENTIALS_FILE cannot be read") from None


def _default_profile(text: str) -> dict[str, str]:
    profiles = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        profiles.read_string(text)
        return dict(profiles["default"])
    except (configparser.Error, KeyError):  # their texts quote the line, which may be the secret
        return {}
