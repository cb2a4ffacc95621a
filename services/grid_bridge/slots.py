"""The 8+X catalogue as the bridge's use-cases ask it."""

from services.contracts.errors import FieldError, Invalid
from services.contracts.operations.grid_bridge import Catalogue, CatalogueEntry, StandardRef
from services.grid_bridge import catalogue
from services.grid_bridge.catalogue import Slot
from services.grid_bridge.domain import codes

VERSION = catalogue.VERSION


class UnknownSlot(Invalid):
    """The catalogue has no such slot."""

    code = "grid.unknown_slot"
    zh, en = "没有这个 8+X 类别", "The catalogue has no such slot"


def get(key: str) -> Slot:
    """The slot called ``key``; :class:`UnknownSlot` when there is none."""
    found = catalogue.SLOTS.get(key)
    if found is None:
        raise UnknownSlot(errors=[FieldError("slot", "not in the catalogue")])
    return found


def name_of(key: str | None) -> str | None:
    """The slot's name, for people; None for none."""
    found = catalogue.SLOTS.get(key) if key else None
    return found.name if found else None


def code(given: StandardRef) -> codes.Code:
    """The code that staff chose: one of the standard, or the district's own from the catalogue.

    Raises:
        codes.UnknownCode: there is no such code.
    """
    wanted = (given.standard, given.kind, given.code)
    for slot in catalogue.SLOTS.values():
        if (slot.code.standard, slot.code.kind, slot.code.code) == wanted:
            return slot.code
    return codes.look_up(*wanted)


def everything() -> Catalogue:
    """The catalogue, to choose from."""
    return Catalogue(
        version=VERSION,
        notice=catalogue.NOTICE,
        items=[
            CatalogueEntry(slot=slot.key, name=slot.name, department=slot.department.name)
            for slot in catalogue.SLOTS.values()
        ],
    )
