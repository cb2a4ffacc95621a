"""The 8+X catalogue."""

from services.contracts.operations.base import Command, Operation, View
from services.contracts.operations.grid_bridge.common import STAFF


class ListCatalogue(Command):
    """The 8+X catalogue as it stands, to choose a slot from."""


class CatalogueEntry(View):
    """A slot that a hard problem may be put into, with the department that answers for it."""

    slot: str
    name: str
    department: str


class Catalogue(View):
    """The slots of one version of the catalogue; ``notice`` says whose list it is, show it."""

    version: str
    notice: str
    items: list[CatalogueEntry]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listCatalogue", "INTERNAL", service="grid_bridge", who=STAFF, command=ListCatalogue,
        result=Catalogue, summary="The 8+X catalogue",
    ),
)  # fmt: skip
