"""An S3-compatible bucket as an fsspec filesystem that blocks, and nothing else.

s3fs and obstore's own fsspec class run asyncio in a thread of theirs. In a process that eventlet
has patched that thread is a greenlet, and whoever waits for it from a native thread waits for
ever. obstore's calls themselves are Rust: each waits in the thread that makes it, with the
interpreter's lock released. So they are wrapped here, as far as uploads need them: whole objects
written, whole or in parts read, nothing listed.

Every call has a limit. A connection that was reset is tried once more, a limit that passed is
not: no call takes more than twice its seconds. An object is written whole or not at all (PUT).
What goes wrong is an ``OSError`` whose text is fit for a log: the library's own quotes addresses
and answers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import Any

from fsspec.spec import AbstractBufferedFile, AbstractFileSystem
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from services.kit.bucket import Bucket, StorageUnclear

LOOK_SECONDS = 2
"""For the few words about a file: a call of a service, which has 5 seconds, waits for them."""
BYTES_SECONDS = 15
"""For what a file holds, 20 MB at most."""
CONNECT_SECONDS = 1.5
BLOCK = 1024 * 1024
"""Read at a time when a file is streamed: no connection is held for a slow reader."""


class S3FileSystem(AbstractFileSystem):
    """Paths are keys of the bucket that ``where`` gives, which is asked at each call: new
    credentials count from the next one on."""

    protocol = "s3"
    cachable = False  # fsspec's cache is by thread, and a greenlet is one: there would be thousands

    def __init__(self, where: Callable[[], Bucket], **options: Any) -> None:
        super().__init__(**options)
        self._where = where

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **_: Any
    ) -> bytes:
        """A small object, within :data:`LOOK_SECONDS`; with ``start`` and ``end`` a part of any."""
        with _plain_words():
            if start is None or end is None:
                return bytes(self._client(LOOK_SECONDS).get(_key(path)).bytes())
            return bytes(self._client(BYTES_SECONDS).get_range(_key(path), start=start, end=end))

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:  # noqa: ARG002
        """Write an object, whole or not at all."""
        with _plain_words():
            self._client(BYTES_SECONDS).put(_key(path), value, use_multipart=False)

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Its size."""
        with _plain_words():
            size = self._client(LOOK_SECONDS).head(_key(path))["size"]
        return {"name": path, "size": size, "type": "file"}

    def _open(self, path: str, mode: str = "rb", **_: Any) -> "S3File":
        return S3File(self, path, mode, block_size=BLOCK)

    def _client(self, seconds: float) -> S3Store:
        return _client(self._where(), seconds)


class S3File(AbstractBufferedFile):
    """An object that is read block by block."""

    def _fetch_range(self, start: int, end: int) -> bytes:
        data: bytes = self.fs.cat_file(self.path, start, end)
        return data


@lru_cache(maxsize=8)
def _client(bucket: Bucket, seconds: float) -> S3Store:
    """Keeps its connections, and may be used by many threads at once."""
    where: dict[str, Any] = {"endpoint": bucket.endpoint} if bucket.endpoint else {}
    if bucket.token:
        where["session_token"] = bucket.token
    return S3Store(
        bucket.name,
        region=bucket.region,
        access_key_id=bucket.key_id,
        secret_access_key=bucket.secret,
        virtual_hosted_style_request=bucket.style == "virtual",
        client_options={
            "allow_http": bucket.unencrypted,
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=seconds),
        },
        retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=seconds)},
        **where,
    )


@contextmanager
def _plain_words() -> Iterator[None]:
    """What the library raises, as what a filesystem raises.

    A missing bucket is not a missing file: an answer of 404 says which in its code.
    """
    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise OSError("there is no such bucket") from None
        raise FileNotFoundError("there is no such object") from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise PermissionError("it refuses the credentials, or what they may do") from None
    except StorageUnclear as error:
        raise PermissionError(str(error)) from None
    except BaseError:
        raise ConnectionError("it does not answer as it should") from None


def _key(path: str) -> str:
    return path.lstrip("/")
