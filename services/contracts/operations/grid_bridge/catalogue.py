"""The 8+X catalogue: each district's own, in versions.

A district that has published none has this product's default list, which is ours and no city's
official one: ``notice`` says so and is shown wherever the catalogue is.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from services.contracts.operations.base import (
    PERSON,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
    Text,
    View,
)
from services.contracts.operations.grid_bridge.common import (
    OPERATORS,
    STAFF,
    FiveDigits,
    SlotKey,
    StandardCodeView,
    StandardRef,
    standard_ref,
)
from services.contracts.operations.grid_bridge.orders import DepartmentView

Name = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Words = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=300)]
Days = Annotated[int, Field(ge=1, le=365, strict=True)]
VersionName = Annotated[Text, StringConstraints(min_length=1, max_length=100)]

# -- what the caller asks for ---------------------------------------------------------------


class ListCatalogue(Command):
    """The 8+X catalogue as it stands, to choose a slot from.

    Of the district of the community ``cid``, or of the one that the caller serves in.
    """

    cid: Id | None = None


class OfDistrict(Command):
    """Concerning a district."""

    did: Id


class GetCatalogue(OfDistrict):
    """A district's catalogue: in this version, or as it stands."""

    version: VersionName | None = None


class ListCatalogueVersions(ListCommand):
    """The versions of a district's catalogue, the newest first; the built-in list comes last."""

    did: Id


class DepartmentRef(Command):
    """A department by the district's own code and name."""

    code: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    name: Name


class CodeDraft(StandardRef):
    """The nearest code of the standard; a bare text is a matter of GB/T 47678.5-2026.

    Minors 080 to 999 are the district's own: such a code needs a ``name``; others have one.
    """

    name: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=60)] = ""


class PaceDraft(Command):
    """Working days until somebody has looked at it, and until it is dealt with."""

    on_site: Days
    disposed: Days


class LimitsDraft(PaceDraft):
    """A slot's limits in working days from opening.

    ``removal`` is the longest that a demolition or restoration may take, where the law foresees
    one. Urgent and critical orders have a half and a fifth of the usual limits, unless the
    district says otherwise.
    """

    removal: Days | None = None
    urgent: PaceDraft | None = None
    critical: PaceDraft | None = None


class SlotDraft(Command):
    """A slot as a district wants it: ``S`` and a number is a core slot, ``X`` and a number another.

    ``law_sure`` says whether somebody has read the text of the law, ``note`` how sure the rest is.
    A key of the built-in list keeps its meaning, and the classifier suggests it; ``redefined``
    says that it means something else here.
    """

    key: SlotKey
    name: Name
    meaning: Words = ""
    not_here: Words = ""
    law: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    law_sure: bool = False
    department: DepartmentRef
    code: Annotated[
        CodeDraft, BeforeValidator(standard_ref, json_schema_input_type=CodeDraft | FiveDigits)
    ]
    limits: LimitsDraft
    note: Words = ""
    redefined: bool = False


class DraftCatalogue(OfDistrict):
    """The next version as a whole list: exactly eight core slots and any number of others.

    ``revision`` is that of the draft that was read, null where there was none.
    """

    revision: Id | None = None
    slots: Annotated[list[SlotDraft], Field(min_length=1, max_length=300)]
    note: Words = ""


class PublishCatalogue(OfDistrict):
    """Make the draft the district's catalogue; ``revision`` is that of the draft that was read."""

    revision: Id


# -- what the caller gets -------------------------------------------------------------------


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


class PaceView(View):
    """Working days until somebody has looked at it, and until it is dealt with."""

    on_site: int
    disposed: int


class SlotLimits(PaceView):
    """Limits in working days from opening, as they apply to orders of each urgency."""

    removal: int | None = None
    urgent: PaceView
    critical: PaceView


class SlotView(View):
    """A slot with all that it says; ``core`` is one of the eight, ``local`` a code of their own.

    ``law_sure`` says whether the law's text was read or is only known of, ``note`` how sure the
    rest is.
    """

    key: str
    core: bool
    name: str
    meaning: str
    not_here: str
    law: str
    law_sure: bool
    department: DepartmentView
    code: StandardCodeView
    local: bool
    limits: SlotLimits
    note: str
    redefined: bool


class DistrictCatalogue(View):
    """One version of a district's catalogue; ``notice`` says whose list it is, show it.

    ``built_in`` is this product's default, which no city has published.
    """

    did: str
    version: str
    current: bool
    built_in: bool
    notice: str
    note: str = ""
    published_at: datetime | None = None
    items: list[SlotView]


class CatalogueVersion(View):
    """A version in the list of them; who made it is told to the district's administrators."""

    version: str
    current: bool
    built_in: bool
    slots: int
    note: str = ""
    published_at: datetime | None = None
    drafted_by: str | None = None
    published_by: str | None = None


class CatalogueDraft(View):
    """The next version as it is being written; ``mine``: somebody else has to publish it."""

    did: str
    revision: str
    note: str
    drafted_at: datetime
    drafted_by: str
    mine: bool
    items: list[SlotView]


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listCatalogue", "INTERNAL", service="grid_bridge", who=STAFF, command=ListCatalogue,
        result=Catalogue, summary="The 8+X catalogue",
    ),
    Operation(
        "getCatalogue", "GET /districts/{did}/catalogue", service="grid_bridge", who=PERSON,
        command=GetCatalogue, result=DistrictCatalogue, summary="A district's 8+X catalogue",
    ),
    Operation(
        "listCatalogueVersions", "GET /districts/{did}/catalogue/versions",
        service="grid_bridge", who=PERSON, command=ListCatalogueVersions,
        result=Page[CatalogueVersion], summary="The versions of a district's catalogue",
    ),
    Operation(
        "getCatalogueDraft", "GET /districts/{did}/catalogue/draft", service="grid_bridge",
        who=OPERATORS, command=OfDistrict, result=CatalogueDraft,
        summary="The catalogue's next version as it is being written",
    ),
    Operation(
        "draftCatalogue", "PUT /districts/{did}/catalogue/draft", service="grid_bridge",
        who=OPERATORS, command=DraftCatalogue, result=CatalogueDraft,
        summary="Write the catalogue's next version",
    ),
    Operation(
        "publishCatalogue", "POST /districts/{did}/catalogue/publication",
        service="grid_bridge", who=OPERATORS, command=PublishCatalogue,
        result=DistrictCatalogue, status=201,
        summary="Publish the catalogue that somebody else has written",
    ),
)  # fmt: skip
