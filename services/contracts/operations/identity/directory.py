"""What the copies of the territory are made anew from: everything, page by page, with versions.

For our own processes alone. A page is of one moment: each row comes with the version that its
events had reached, so that whoever keeps a copy can tell which of the two is newer.
"""

from pydantic import Field

from services.contracts.actor import Role
from services.contracts.operations.base import Command, Id, Operation, View, holders
from services.contracts.operations.identity.common import SERVICE
from services.contracts.operations.identity.territory import CommunityRecord, MemberCard

MOST = 500  # rows of one page
OURSELVES = holders(Role.SERVICE)


class ListCommunityRecords(Command):
    """All communities, by id."""

    after: Id | None = None
    limit: int = Field(default=MOST, ge=1, le=MOST)


class ListMemberCards(Command):
    """The cards of a community, by person: of all who belong or belonged there, or of ``people``.

    Who belongs nowhere near has a card with standing ``ended``; who does not exist has none.
    """

    community_id: Id
    after: Id | None = None
    limit: int = Field(default=MOST, ge=1, le=MOST)
    people: list[Id] | None = Field(default=None, max_length=MOST)


class VersionedRecord(View):
    """A community as it was at ``version`` of its subject (0: never told)."""

    version: int
    record: CommunityRecord


class VersionedCard(View):
    """A card as it was at ``version`` of its subject (0: never told)."""

    version: int
    card: MemberCard


class CommunityRecords(View):
    """A page; ``epoch`` is that of the versions, ``more`` whether another page follows."""

    epoch: int
    items: list[VersionedRecord]
    more: bool


class MemberCards(View):
    """A page; ``after`` is where the next one begins, null on the last."""

    epoch: int
    items: list[VersionedCard]
    after: str | None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listCommunityRecords", "INTERNAL", SERVICE, OURSELVES, ListCommunityRecords,
        CommunityRecords, "All communities, for a copy that is made anew",
    ),
    Operation(
        "listMemberCards", "INTERNAL", SERVICE, OURSELVES, ListMemberCards, MemberCards,
        "A community's member cards, for a copy that is made anew",
    ),
)  # fmt: skip
