"""The 8+X catalogue of a district: what a slot says, and how one version follows another.

::

    built-in list ──draft──► draft ──publish──► version 1 ──draft──► draft ──publish──► version 2
                              │  ▲                current until the next one, kept for good
                              └──┘ written anew, the whole list
    draft    an administrator of the district, from what she has read
    publish  another one, what she has read

A version is never changed, as issues and work orders keep the one that they were sorted by. A
core slot's key is S and a number, any other's X and a number, so that the key says what it is.
Which lists can be a version is in :mod:`.catalogue_lists`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.contracts.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from services.grid_bridge.domain import codes
from services.grid_bridge.domain.sla import HASTE, Urgency

CORE_SLOTS: Final = 8
"""The "8" of 8+X: a catalogue has exactly this many core slots and any number of X."""


class UnknownSlot(Invalid):
    """The catalogue has no such slot."""

    code = "grid.unknown_slot"
    zh, en = "没有这个 8+X 类别", "The catalogue has no such slot"


class NoSuchVersion(NotFound):
    """The district's catalogue never had this version."""

    code = "grid.catalogue_version_not_found"
    zh, en = "没有这个目录版本", "The catalogue has no such version"


class NoDraft(NotFound):
    """Nobody is working on a next version, or it was published already."""

    code = "grid.no_catalogue_draft"
    zh, en = "没有待发布的目录草稿", "There is no draft of the catalogue"


class DraftChangedMeanwhile(Conflict):
    """The draft is not the one that was read."""

    code = "grid.catalogue_draft_changed"
    zh, en = "目录草稿已被他人修改，请重新查看", "Somebody else has changed the draft meanwhile"


class OwnDraft(Forbidden):
    """Who wrote a draft does not publish it: another administrator looks at it first."""

    code = "grid.own_catalogue_draft"
    zh, en = "目录须由起草人以外的区管理员发布", "Somebody else than its author publishes a draft"


@dataclass(frozen=True, slots=True)
class Department:
    """Who answers for a slot. ``code`` is a name of ours until a district enters its own."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Working days from opening until somebody has looked at it, and until it is dealt with."""

    on_site: int
    disposed: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Default limits, counted in working days from opening; a district sets its own.

    ``on_site``: somebody has looked at it; ``disposed``: it is dealt with;
    ``removal``: the longest a demolition or restoration may take, where the law foresees one.
    ``urgent`` and ``critical`` where the district has limits of their own for such orders;
    otherwise those have a share of the usual ones (:data:`.sla.HASTE`).
    """

    on_site: int
    disposed: int
    removal: int | None = None
    urgent: Pace | None = None
    critical: Pace | None = None

    def of(self, urgency: Urgency) -> tuple[Pace, Fraction]:
        """The limits of an order, and the share of them that it has."""
        own = {"urgent": self.urgent, "critical": self.critical}.get(urgency)
        return (own, Fraction(1)) if own else (Pace(self.on_site, self.disposed), HASTE[urgency])


@dataclass(frozen=True, slots=True)
class Slot:
    """One class of hard problem.

    ``law`` is the rule it breaks, ``law_sure`` whether that text was read or only known of;
    ``meaning`` tells staff what belongs here; ``not_here`` what is often confused with it;
    ``note`` how sure all this is. ``redefined`` says that the key means something of the
    district's own, so that the classifier's cases of this key don't belong here.
    """

    key: str
    name: str
    meaning: str
    not_here: str
    law: str
    law_sure: bool
    department: Department
    code: codes.Code
    limits: Limits
    note: str = ""
    redefined: bool = False

    @property
    def is_core(self) -> bool:
        """Whether it is one of the eight."""
        return self.key.startswith("S")

    @property
    def is_local(self) -> bool:
        """Whether its code is a district's own, for want of one in the standard."""
        return codes.is_local(self.code.code)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a catalogue; number 0 is the built-in list, of no district."""

    version: str
    number: int
    slots: Mapping[str, Slot]

    @property
    def built_in(self) -> bool:
        """Whether it is this product's own list."""
        return self.number == 0

    def get(self, key: str) -> Slot:
        """The slot called ``key``; :class:`UnknownSlot` when there is none."""
        found = self.slots.get(key)
        if found is None:
            raise UnknownSlot(errors=[FieldError("slot", "not in the catalogue")])
        return found

    def of_classifier(self, key: str | None) -> Slot | None:
        """The slot into which the classifier's cases of ``key`` belong; None when none is."""
        found = self.slots.get(key) if key else None
        return None if found is None or found.redefined else found

    def code(self, standard: str, kind: str, code: str) -> codes.Code:
        """The code that staff chose: one of the standard, or the district's own from here.

        Raises:
            codes.UnknownCode: there is no such code.
        """
        wanted = (standard, kind, code)
        for slot in self.slots.values():
            if (slot.code.standard, slot.code.kind, slot.code.code) == wanted:
                return slot.code
        return codes.look_up(*wanted)


def version_name(district_id: str, number: int) -> str:
    """What a district's version is called, on orders and everywhere: ``demo-v2``."""
    return f"{district_id}-v{number}"


def may_publish(drafted_by: str, publisher: str) -> None:
    """Four eyes: raise :class:`OwnDraft` when both are the same person."""
    if drafted_by == publisher:
        raise OwnDraft()
