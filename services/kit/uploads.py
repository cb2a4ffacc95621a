"""Uploaded files as a service looks at them: beside its greenlets, and known to be reachable."""

import eventlet

from services.kit import logs
from services.kit.aside import outside
from services.kit.blobs import BlobMeta, BlobSettings, BlobStore, StorageAway

log = logs.get(__name__)
LONGEST_PAUSE = 5.0


class Uploads(BlobStore):
    """The store for greenlets: looking a file up holds none of the others up."""

    def meta(self, upload_id: str) -> BlobMeta | None:
        try:
            return outside(super().meta, upload_id)
        except StorageAway as away:
            log.warning("storage cannot be used", reason=away.reason)
            raise


class Reach:
    """Whether the storage was ever reached by this process.

    One that never was has a wrong address or credentials: the process says so and is not ready.
    One that goes away later is told to whoever needs a file; all else goes on.
    """

    def __init__(self, settings: BlobSettings) -> None:
        self._store = BlobStore(settings)
        self.reached = False

    def run(self) -> None:
        """Try until it is reached; each new reason is logged once."""
        said, pause = "", 0.5
        while not self.reached:
            try:
                outside(self._store.reach)
            except StorageAway as away:
                if away.reason != said:
                    log.error("storage cannot be used", reason=away.reason)
                said = away.reason
                eventlet.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.reached = True
                log.info("storage reached")
