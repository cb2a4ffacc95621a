"""Which model this process advises with: the version put to use, or the one it was shipped with.

::

    every 2 s: which is in use? ─ the same ──▶ nothing
                                ─ another ──▶ read, unpacked beside the calls ─┬▶ advises with it
                                ─ the shipped one ───────────────▶ shipped     └▶ cannot: shipped,
                                                                                  said in /readyz

A process that cannot load a version goes on with the shipped one: advice by an older model is
better than none. It says so in the log once and in ``/readyz`` as long as it lasts, where it
decides nothing, and tries again after a minute.
"""

import time
from collections.abc import Callable
from typing import Final

from services.grid_bridge.classifier import Model, ModelUnavailable, current_model, store
from services.grid_bridge.classifier.packed import unpack
from services.kit import logs
from services.kit.aside import aside

log = logs.get(__name__)

AGAIN_SECONDS: Final = 60.0

Wanted = tuple[str, str, str | None]


class Serving:
    """The model of one process; :data:`SERVING` is this one's."""

    def __init__(self, shipped: Callable[[], Model] = current_model) -> None:
        self._shipped = shipped
        self._refitted: Model | None = None
        self._failed: tuple[str, float] | None = None

    def model(self) -> Model:
        """The model to advise with.

        Raises:
            ModelUnavailable: there is none and none can be built.
        """
        return self._refitted or self._shipped()

    @property
    def version(self) -> str:
        """The version that this process advises with."""
        return self._refitted.version if self._refitted else store.current_version()

    @property
    def failed(self) -> str | None:
        """The version that should be used and could not be loaded."""
        return self._failed[0] if self._failed else None

    def follow(self, wanted: Wanted | None, fetch: Callable[[str], bytes | None]) -> bool:
        """Advise with the version in use; whether that was a change.

        Args:
            wanted: its version, base and digest; None when nothing was put to use.
            fetch: gives its packed model.
        """
        here = store.current_version()
        version = wanted[0] if wanted else here
        if version == self.version:
            self._failed = None
            return False
        if wanted is None or version == here:
            self._refitted = self._failed = None
        else:
            if self._failed and self._failed[0] == version and time.monotonic() < self._failed[1]:
                return False
            try:
                self._refitted = self._load(wanted, fetch)
            except ModelUnavailable as error:
                self._refitted = None
                self._failed = (version, time.monotonic() + AGAIN_SECONDS)
                log.error("classifier not loaded", version=version, error=str(error), serving=here)
                return False
            self._failed = None
        log.info("classifier in use", version=version)
        return True

    @staticmethod
    def _load(wanted: Wanted, fetch: Callable[[str], bytes | None]) -> Model:
        version, base, sha256 = wanted
        if base != store.current_version():
            raise ModelUnavailable(f"it was made from {base}")
        packed = fetch(version)
        if packed is None:
            raise ModelUnavailable("its model is not stored")
        return aside(unpack, packed, sha256)


SERVING = Serving()


def told() -> dict[str, str]:
    """What ``/readyz`` says of it."""
    said = {"classifier": SERVING.version}
    return {**said, "classifier_not_loaded": SERVING.failed} if SERVING.failed else said
