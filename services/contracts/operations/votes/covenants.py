"""Covenants (公约)."""

from typing import Annotated

from pydantic import Field

from services.contracts.operations.base import (
    NEIGHBOUR,
    PERSON,
    AnyObject,
    Body,
    Command,
    Id,
    ListCommand,
    Operation,
    Page,
)


class ListCovenants(ListCommand):
    """The covenants of a community."""

    cid: Id


class OfCovenant(Command):
    """Names a covenant and nothing more."""

    id: Id


class ReportBreach(Command):
    """Somebody does not keep the covenant: it opens a conversation first."""

    id: Id
    article: Annotated[int, Field(ge=1, le=200)] | None = None
    body: Body


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listCovenants", "GET /communities/{cid}/covenants", "votes", PERSON, ListCovenants,
        Page[AnyObject], "The community's covenants", built=False,
    ),
    Operation(
        "getCovenant", "GET /covenants/{id}", "votes", PERSON, OfCovenant, AnyObject, "A covenant",
        built=False,
    ),
    Operation(
        "reportBreach", "POST /covenants/{id}/breaches", "votes", NEIGHBOUR, ReportBreach,
        AnyObject, "Report that a covenant is not kept", status=201, built=False,
    ),
)  # fmt: skip
