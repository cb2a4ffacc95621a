"""The 8+X catalogue as the bridge's use-cases ask it: a district's, in the version that counts.

What is sorted now is sorted by the district's current version, which is asked for once in a
transaction; what was sorted earlier keeps its own (:func:`kept`).
"""

from services import directory
from services.contracts.operations.grid_bridge import Candidate, Suggestion
from services.grid_bridge import catalogue
from services.grid_bridge import repository_catalogue as repository
from services.grid_bridge.domain.catalogues import Slot, UnknownSlot, Version
from services.kit.uow import UnitOfWork

__all__ = ["Slot", "UnknownSlot", "Version", "as_here", "current", "current_in", "kept", "name_of"]

_KEPT = "grid_catalogues"


def current(uow: UnitOfWork, community_id: str) -> Version:
    """The catalogue of the community's district as it stands; the built-in one if it has none."""
    asked: dict[str, Version] = uow.session.info.setdefault(_KEPT, {})
    if community_id not in asked:
        known, found = repository.of_community(uow.session, community_id)
        if not known:  # its copy has not arrived yet: identity knows
            found = _newest(uow, directory.community(uow, community_id).district_id)
        asked[community_id] = found or catalogue.BUILT_IN
    return asked[community_id]


def current_in(uow: UnitOfWork, district_id: str) -> Version:
    """A district's catalogue as it stands; the built-in one if it has none."""
    return _newest(uow, district_id) or catalogue.BUILT_IN


def kept(uow: UnitOfWork, version: str | None) -> Version:
    """The catalogue that something was sorted by; what names none was sorted by the built-in."""
    if version in (None, catalogue.VERSION):
        return catalogue.BUILT_IN
    asked: dict[str, Version] = uow.session.info.setdefault(_KEPT, {})
    if version not in asked:
        row = repository.version(uow.session, version)
        asked[version] = repository.as_version(row) if row else catalogue.BUILT_IN
    return asked[version]


def name_of(key: str | None) -> str | None:
    """The name of a slot of the built-in list, for people; None for none."""
    found = catalogue.SLOTS.get(key) if key else None
    return found.name if found else None


def as_here(said: Suggestion, here: Version) -> Suggestion:
    """The classifier's advice in the district's catalogue.

    The classifier knows the built-in list. A slot that the district does not have, or uses for
    something else, is left out; what it has is shown with its own code and department.
    """
    slot = here.of_classifier(said.slot)
    return said.model_copy(
        update={
            "slot": slot.key if slot else None,
            "candidates": [
                one if one.slot is None or here.of_classifier(one.slot) else _without_slot(one)
                for one in said.candidates
            ],
            "code": catalogue.describe(slot.code) if slot else None,
            "department": slot.department.name if slot else None,
        }
    )


def _without_slot(one: Candidate) -> Candidate:
    return one.model_copy(update={"slot": None})


def _newest(uow: UnitOfWork, district_id: str) -> Version | None:
    row = repository.newest(uow.session, district_id)
    return repository.as_version(row) if row else None
