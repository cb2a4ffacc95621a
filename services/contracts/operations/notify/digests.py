"""The digest: what somebody has not read, told together once a day or once a week."""

from datetime import datetime
from typing import Literal

from services.contracts.operations.base import PERSON, Id, ListCommand, Operation, Page, View
from services.contracts.operations.notify.inbox import Notification


class ListDigests(ListCommand):
    """My digests, the newest first."""


class GetDigest(ListCommand):
    """One of my digests, page by page."""

    id: Id


class DigestSummary(View):
    """A digest: of how many pieces of news, made when and how often."""

    id: str
    rhythm: Literal["daily", "weekly"]
    count: int
    made_at: datetime


class DigestKind(View):
    """A kind of news in a digest, in the reader's language, and how much of it there is."""

    kind: str
    title: str
    count: int


class DigestPage(DigestSummary):
    """A page of a digest.

    ``items`` are grouped as ``kinds`` stand, and within a kind the newest comes first. An item is
    told in no other digest. ``read`` says whether it was read since; what was removed since is not
    quoted.
    """

    kinds: list[DigestKind]
    items: list[Notification]
    next_cursor: str | None = None


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listDigests", "GET /me/digests", service="notify", who=PERSON, command=ListDigests,
        result=Page[DigestSummary], summary="My digests", own=True,
    ),
    Operation(
        "getDigest", "GET /me/digests/{id}", service="notify", who=PERSON, command=GetDigest,
        result=DigestPage, summary="What a digest tells", own=True,
    ),
)  # fmt: skip
