"""Catalogues for tests: the built-in list as a district would send it in."""

from typing import Any

from services.grid_bridge import catalogue
from services.grid_bridge.domain.catalogues import Slot


def wanted(slot: Slot, /, **changes: Any) -> dict[str, Any]:
    """A slot of the built-in list as a district writes it."""
    return {
        "key": slot.key,
        "name": slot.name,
        "meaning": slot.meaning,
        "not_here": slot.not_here,
        "law": slot.law,
        "law_sure": slot.law_sure,
        "department": {"code": slot.department.code, "name": slot.department.name},
        "code": {"code": slot.code.code, "name": slot.code.name if slot.is_local else ""},
        "limits": {
            "on_site": slot.limits.on_site,
            "disposed": slot.limits.disposed,
            "removal": slot.limits.removal,
        },
        **changes,
    }


def built_in_list() -> list[dict[str, Any]]:
    """The built-in list as a whole."""
    return [wanted(slot) for slot in catalogue.SLOTS.values()]


def without(key: str) -> list[dict[str, Any]]:
    """The built-in list without one of its slots."""
    return [slot for slot in built_in_list() if slot["key"] != key]


def changed(which: str, /, **changes: Any) -> list[dict[str, Any]]:
    """The built-in list with one slot that says something else."""
    return [{**slot, **changes} if slot["key"] == which else slot for slot in built_in_list()]
