"""Where uploaded files lie: any storage that fsspec knows, a local folder by default.

An S3-compatible bucket (``s3://``) is reached as :mod:`services.kit.bucket` says.

::

    <root>/<last two characters of the id>/<id>         the file
                                          /<id>.thumb   its small picture (JPEG), photos only
                                          /<id>.json    what it is and whose; written last

A file exists from the moment its ``.json`` stands: a crash on the way leaves bytes that nobody
can name, never half an upload. Files are not changed afterwards.

A signed link opens one file until a moment, without an account: the HMAC-SHA256 of id and expiry
under a key derived from the secret in ``SHEQU_UPLOAD_SECRET_FILE``.

A storage that cannot be used (away, full, refusing us) is :class:`StorageAway`, never an error of
the storage's own.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol, cast

import fsspec

from services.contracts.errors import Unavailable
from services.contracts.ids import is_id, new_id
from services.kit.bucket import SCHEME, Bucket, BucketSettings, bucket_of
from services.kit.settings import InsecureSettings

SECRET_BYTES = 32
PLATFORM = "grid_platform"
"""Whose uploads are those of the grid platform: no person has such an id."""
_PURPOSE = b"shequtong signed upload link v1"
_BASE = "/api/v1/uploads"
_THUMBNAIL = ".thumb"
_MARK = "reached"
_RETRY_SECONDS = 5


class StorageAway(Unavailable):
    """Uploaded files cannot be stored or looked at just now; ``reason`` is for the log alone."""

    code = "upload.storage_away"
    zh, en = "文件暂时无法存取，请稍后再试", "Files cannot be stored or read just now"

    def __init__(self, reason: str = "") -> None:
        super().__init__(retry_after=_RETRY_SECONDS)
        self.reason = reason


class BlobSettings(BucketSettings, Protocol):
    """What the store wants to know (every process's settings have it)."""

    upload_secret_file: Path
    public_url: str


@dataclass(frozen=True, slots=True)
class BlobMeta:
    """A stored file. ``url`` is a path of the gateway; ``owner`` the person who uploaded it."""

    id: str
    url: str
    thumbnail_url: str | None
    content_type: str
    bytes: int
    sha256: str
    owner: str


class BlobStore:
    """Files by id. Blocking: under asyncio it is called in a thread."""

    def __init__(self, settings: BlobSettings) -> None:
        self._settings = settings
        fs, self._root = _filesystem(settings)
        self._fs: Any = fs
        self._local = "file" in (fs.protocol if isinstance(fs.protocol, tuple) else (fs.protocol,))

    def reach(self, *, writing: bool = False) -> None:
        """Find out whether the storage can be used, by a mark that is read, or written.

        Raises:
            StorageAway: it cannot; ``reason`` says why.
        """
        mark = f"{self._root}/{_MARK}"
        with usable():
            if writing:
                self._fs.makedirs(self._root, exist_ok=True)
                self._write(mark, b"")
            else:
                self._found(mark)

    def put(
        self, data: bytes, *, content_type: str, owner: str, thumbnail: bytes | None = None
    ) -> BlobMeta:
        """Store a file under a fresh id; StorageAway when that cannot be done."""
        upload_id = new_id()
        facts = {
            "content_type": content_type,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "owner": owner,
            "thumbnail": thumbnail is not None,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        path = self._path(upload_id)
        with usable():
            self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self._write(path, data)
            if thumbnail is not None:
                self._write(path + _THUMBNAIL, thumbnail)
            self._write(path + ".json", json.dumps(facts).encode())
        return _meta(upload_id, facts)

    def meta(self, upload_id: str) -> BlobMeta | None:
        """What is stored under this id; None when nothing is. StorageAway when nobody can say."""
        if not is_id(upload_id):
            return None
        with usable():
            words = self._found(self._path(upload_id) + ".json")
            return None if words is None else _meta(upload_id, json.loads(words))

    def open(self, upload_id: str, *, thumbnail: bool = False) -> IO[bytes]:
        """The bytes of a file that :meth:`meta` knows, to be read and sought in.

        Raises:
            FileNotFoundError: it is gone.
            StorageAway: so is the storage. Reading raises an OSError of the storage's, then.
        """
        path = self._path(upload_id) + (_THUMBNAIL if thumbnail else "")
        with usable():
            return cast(IO[bytes], self._fs.open(path, "rb"))

    def signed_url(self, upload_id: str, expires_at: datetime) -> str:
        """A link that opens this file for anybody until ``expires_at`` (aware)."""
        expires = int(expires_at.timestamp())
        signature = self._signature(upload_id, expires)
        base = self._settings.public_url.rstrip("/")
        return f"{base}{_BASE}/{upload_id}?expires={expires}&signature={signature}"

    def verify(self, upload_id: str, expires: int, signature: str, now: datetime) -> bool:
        """Whether this is a link of ours that has not run out."""
        good = hmac.compare_digest(
            self._signature(upload_id, expires).encode(), signature.encode("utf-8", "replace")
        )
        return good and now.timestamp() < expires

    def _signature(self, upload_id: str, expires: int) -> str:
        mac = hmac.new(self._key, f"{upload_id}\n{expires}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")

    @cached_property
    def _key(self) -> bytes:
        file = self._settings.upload_secret_file
        secret = file.read_bytes().strip()
        if len(secret) < SECRET_BYTES:
            raise InsecureSettings(f"{file} holds fewer than {SECRET_BYTES} bytes")
        return hmac.new(secret, _PURPOSE, hashlib.sha256).digest()

    def _path(self, upload_id: str) -> str:
        return f"{self._root}/{upload_id[-2:]}/{upload_id}"

    def _found(self, path: str) -> bytes | None:
        try:
            return cast(bytes, self._fs.cat_file(path))
        except FileNotFoundError:
            return None

    def _write(self, path: str, data: bytes) -> None:
        """All or nothing: object stores do so by themselves, a folder by renaming."""
        if not self._local:
            self._fs.pipe_file(path, data)
            return
        part = f"{path}.{secrets.token_hex(4)}.part"
        with Path(part).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)


@contextmanager
def usable() -> Iterator[None]:
    """What a storage that cannot be used raises, as StorageAway; a missing file stays one."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageAway(error.strerror or str(error)) from None
    except ValueError:  # an address that answers for the storage, and with something else
        raise StorageAway("it holds something else than was stored") from None


def _filesystem(settings: BlobSettings) -> tuple[Any, str]:
    """The filesystem, and the path in it under which files lie."""
    if not settings.storage_url.startswith(SCHEME):
        fs, root = fsspec.core.url_to_fs(settings.storage_url)
        return fs, root
    from services.kit.s3 import S3FileSystem  # 15 MB that a folder does not need

    _, _, prefix = settings.storage_url.removeprefix(SCHEME).partition("/")
    return S3FileSystem(lambda: cast(Bucket, bucket_of(settings))), prefix.strip("/")


def _meta(upload_id: str, facts: dict[str, Any]) -> BlobMeta:
    url = f"{_BASE}/{upload_id}"
    return BlobMeta(
        id=upload_id,
        url=url,
        thumbnail_url=f"{url}/thumbnail" if facts["thumbnail"] else None,
        content_type=str(facts["content_type"]),
        bytes=int(facts["bytes"]),
        sha256=str(facts["sha256"]),
        owner=str(facts["owner"]),
    )
