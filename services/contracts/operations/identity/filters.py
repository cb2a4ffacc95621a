"""Filters of lists that somebody keeps under names of her own."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.contracts.operations.base import (
    PERSON,
    Command,
    Empty,
    Id,
    Operation,
    Text,
    View,
)
from services.contracts.operations.identity.common import SERVICE, DisplayName

FilterOf = Literal["watched_issues", "desk_issues"]
"""The lists that can be asked so many things that it is worth keeping what one asked."""

FilterKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,29}$")]
FilterValue = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=100)]


class ListKeptFilters(Command):
    """The filters that I keep, of one list or of all."""

    of: FilterOf | None = None


class KeepFilter(Command):
    """Keep what I ask a list for under a name; the same name again takes its place."""

    of: FilterOf
    name: DisplayName
    asked: dict[FilterKey, FilterValue] = Field(max_length=20)


class DropFilter(Command):
    """Keep it no longer."""

    id: Id


class KeptFilter(View):
    """What is asked of a list, field by field, under its name."""

    id: str
    of: FilterOf
    name: str
    asked: dict[str, str]


class KeptFilters(View):
    """The filters in the order of their names; ``most`` of one list can be kept."""

    items: list[KeptFilter]
    most: int


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "listKeptFilters", "GET /me/filters", SERVICE, PERSON, ListKeptFilters, KeptFilters,
        "The filters that I keep", own=True,
    ),
    Operation(
        "keepFilter", "POST /me/filters", SERVICE, PERSON, KeepFilter, KeptFilter,
        "Keep a filter", status=201, own=True,
    ),
    Operation(
        "dropFilter", "DELETE /me/filters/{id}", SERVICE, PERSON, DropFilter, Empty,
        "Keep a filter no longer", own=True,
    ),
)  # fmt: skip
