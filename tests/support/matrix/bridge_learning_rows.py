"""Operations of the bridge about what its classifier learns."""

from services.contracts.actor import Actor
from services.grid_bridge.classifier import store
from services.grid_bridge.models import BlobRow, ModelRow
from tests.support.bridge_school import told
from tests.support.matrix.house import House
from tests.support.matrix.neighbour_rows import _triaged
from tests.support.matrix.rows import Command, Row, place, self_


def _decided(h: House, _who: Actor) -> Command:
    """Something to learn from."""
    _triaged(h, "8x")
    return {}


def _candidate(h: House, _who: Actor) -> Command:
    """A version that could be used."""
    version = f"{store.current_version()}-r{h.number()}"
    with h.units["grid_bridge"]() as uow:
        uow.session.add(
            ModelRow(
                version=version,
                base=store.current_version(),
                parent=store.current_version(),
                made_at=h.now,
                labels=1,
                figures={"held_out": told(0.99)},
                faults=[],
                state="candidate",
                bytes=0,
            )
        )
        uow.session.flush()
        uow.session.add(BlobRow(version=version, content=b"a model"))
        uow.commit()
    return {"version": version, "reason": "比现用的准"}


# The classifier is one for all districts: who keeps it anywhere keeps it everywhere.
LEARNING: dict[str, Row] = {
    "listClassifierModels": self_(),
    "requestRefit": self_(_decided),
    "useClassifierModel": self_(_candidate),
    "classifierDrift": place(
        lambda _h, _who: {"did": "d", "cid": "c-home", "from": "2026-01-01", "to": "2026-12-31"}
    ),
}
