"""What feed's commands and answers share."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StringConstraints

from services.contracts.operations.base import Command, Id, View, check_storable

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(check_storable),
]
CommentBody = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(check_storable),
]
ModuleKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Query = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=100), AfterValidator(check_storable)
]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(check_storable)
]
Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20),
    AfterValidator(check_storable),
]
Tags = Annotated[list[Tag], Field(max_length=5)]
Photos = Annotated[list[Id], Field(max_length=9)]
ExtraKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_EXTRA_DEPTH: Final = 4  # a field, its slots, one of them, what it says
_EXTRA_BYTES: Final = 64 * 1024


def _keepable(extra: Any) -> Any:
    """Look at all that is in it, before anything goes down into it."""
    size, within = 0, [(extra, 0)]
    while within:
        value, depth = within.pop()
        if depth > _EXTRA_DEPTH:
            raise ValueError("must not be nested so deeply")
        if isinstance(value, dict):
            within += ((each, depth + 1) for pair in value.items() for each in pair)
        elif isinstance(value, list):
            within += ((each, depth + 1) for each in value)
        elif isinstance(value, str):
            size += len(check_storable(value).encode())
        size += 1
        if size > _EXTRA_BYTES:
            raise ValueError("must not be larger than 64 KB")
    return extra


Extra = Annotated[dict[ExtraKey, JsonValue], Field(max_length=20), BeforeValidator(_keepable)]


SheetForm = Literal["json", "csv", "xlsx"]


class OfCommunity(Command):
    """Concerning one community."""

    cid: Id


class OfPost(Command):
    """Concerning one post."""

    id: Id


class AsSheet(Command):
    """Concerning what can be had as a file, too; the gateway makes it, services answer a Sheet."""

    format: SheetForm = "json"


class Likes(View):
    """The likes of a post or comment after the call."""

    like_count: int
    liked_by_me: bool


class Author(View):
    """How an author appears to the neighbours; ``id`` is null when the name is hidden."""

    id: str | None
    display_name: str
    building_label: str
    badge_shown: bool
    role_badges: list[str]
    anonymous: bool


class HelperView(View):
    """Who reported a problem on the author's behalf (代办): "by X for Y"."""

    id: str
    display_name: str


class WhyNot(View):
    """Why the caller may not: the error that she would get."""

    code: str
    zh: str
    en: str


class AttachmentView(View):
    """A file of a post."""

    id: str
    url: str
    content_type: str
    bytes: int
    sha256: str
    thumbnail_url: str | None


class Sheet(View):
    """A table for people to keep: text in every cell, each row as long as ``columns``.

    With ``format=csv`` or ``format=xlsx`` it comes as a file that is named after ``title``.
    """

    title: str
    columns: list[str]
    rows: list[list[str]]
