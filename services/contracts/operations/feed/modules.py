"""Modules (栏目): what a community has, and what it says of them itself."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.actor import COMMITTEE, Role
from services.contracts.operations.base import PERSON, Empty, Operation, Text, View, holders
from services.contracts.operations.feed.common import ExtraKey, ModuleKey, OfCommunity

FieldKind = Literal["line", "text", "time", "money", "choice", "slots"]
ModuleOrder = Literal["newest", "active", "title"]
Moderation = Literal["pre", "post"]
Work = Literal["sign_up", "aid", "idle", "project", "party", "ledger", "question", "offer"]
Name = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Roles = Annotated[list[Role], Field(max_length=20)]

# -- what the caller asks for ---------------------------------------------------------------


class Choice(View):
    """One value that a field of a module may take."""

    key: ExtraKey
    name: Name
    name_en: Name


class ExtraField(View):
    """A field that posts of a module have besides title and body.

    A ``text`` with ``lines`` holds one thing a line (materials, steps).
    """

    key: ExtraKey
    kind: FieldKind
    name: Name
    name_en: Name
    choices: list[Choice] = Field(default_factory=list, max_length=20)
    lines: bool = False


class ModuleRule(View):
    """Who may: every member of the community, or holders of one of ``roles`` there."""

    members: bool = False
    roles: Roles = Field(default_factory=list)


class OfModule(OfCommunity):
    """Concerning one module of a community."""

    key: ModuleKey


class PutModule(OfModule):
    """Say how a module works here: a built-in one otherwise, or one of the community's own.

    What is absent or null is as built in, in a module of its own as usual: members write, newest
    first, shown at once. ``name`` and ``name_en`` are needed there. ``moderate`` names who does so
    besides the committee. ``fields`` of a built-in module are added to and renamed, never taken
    away. ``switched_on`` concerns own modules; the built-in ones are switched by updateCommunity.
    ``version`` is the one that was read, 0 where nothing was said before.
    """

    version: int = Field(ge=0, le=2**31 - 1)
    name: Name | None = None
    name_en: Name | None = None
    post: ModuleRule | None = None
    comment: ModuleRule | None = None
    moderate: Roles | None = None
    official: bool | None = None
    order: ModuleOrder | None = None
    moderation: Moderation | None = None
    works: Annotated[list[Work], Field(max_length=20)] | None = None
    fields: Annotated[list[ExtraField], Field(max_length=12)] | None = None
    switched_on: bool | None = None


class DeleteModule(OfModule):
    """Give up a module of the community's own, in the ``version`` that was read."""

    version: int = Field(ge=0, le=2**31 - 1)


# -- what the caller gets -------------------------------------------------------------------


class Module(View):
    """A module (栏目) of a community, and what the caller may do in it.

    ``official`` marks the modules where only offices speak; ``order`` says how lists are sorted,
    ``moderation`` whether a moderator sees a post before the others (``pre``) or afterwards.
    ``works`` are the things that posts may carry besides words. ``own`` ones are the community's.
    ``shows_membership`` says that the caller may post there as a Party member alone: whatever she
    posts with her name tells the neighbours of it, also when she shows no badge.
    """

    key: str
    name: str
    name_en: str
    official: bool
    order: ModuleOrder
    moderation: Moderation = "post"
    works: list[Work] = Field(default_factory=list)
    fields: list[ExtraField]
    own: bool = False
    may_post: bool
    may_comment: bool
    may_moderate: bool
    shows_membership: bool = False


class Modules(View):
    """The modules that a community has switched on."""

    items: list[Module]


class ModuleDefinition(View):
    """How a module works in a community, for those who may change it.

    ``changed`` names the settings that are not as built in. ``version`` is 0 and ``changed_at``
    null where the community said nothing of it. ``posts`` are those that everybody reads in it.
    """

    key: str
    own: bool
    switched_on: bool
    version: int
    changed_at: datetime | None
    changed: list[str]
    name: str
    name_en: str
    post: ModuleRule
    comment: ModuleRule
    moderate: list[Role]
    official: bool
    order: ModuleOrder
    moderation: Moderation
    works: list[Work]
    fields: list[ExtraField]
    posts: int = 0


class ModuleDefinitions(View):
    """All modules that a community has or could have: as it shows them, then what is off.

    ``writers`` and ``moderators`` are the roles that a module may name; the committee moderates in
    any case. ``most_own`` is how many of its own a community adds.
    """

    items: list[ModuleDefinition]
    writers: list[Role]
    moderators: list[Role]
    most_own: int


EDITORS = COMMITTEE | {Role.TOWN_ADMIN, Role.DISTRICT_ADMIN}
"""Who says how the modules of a community work."""
_EDITORS = holders(*EDITORS)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listModules",
        "GET /communities/{cid}/modules",
        service="feed",
        who=PERSON,
        command=OfCommunity,
        result=Modules,
        summary="The modules of a community",
        cacheable=True,
        assisted=True,
    ),
    Operation(
        "listModuleDefinitions",
        "GET /communities/{cid}/module-definitions",
        service="feed",
        who=_EDITORS,
        command=OfCommunity,
        result=ModuleDefinitions,
        summary="How all modules work in a community, those that are off, too",
    ),
    Operation(
        "getModule",
        "GET /communities/{cid}/modules/{key}",
        service="feed",
        who=_EDITORS,
        command=OfModule,
        result=ModuleDefinition,
        summary="How a module works in a community",
    ),
    Operation(
        "putModule",
        "PUT /communities/{cid}/modules/{key}",
        service="feed",
        who=_EDITORS,
        command=PutModule,
        result=ModuleDefinition,
        summary="Change a module, or add one",
    ),
    Operation(
        "deleteModule",
        "DELETE /communities/{cid}/modules/{key}",
        service="feed",
        who=_EDITORS,
        command=DeleteModule,
        result=Empty,
        summary="Give up a module of the community's own",
    ),
)
