"""The table of operations: one row says who may do what, how it looks on HTTP, who answers.

The gateway makes its routes and its OpenAPI document from these rows, each service checks its
RPC calls against the same rows, and the permission matrix of the tests is generated from them::

    Operation(
        "createPost", "POST /communities/{cid}/posts", service="feed", who=NEIGHBOUR,
        command=CreatePost, result=Post, status=201, summary="Publish a post",
    )

The RPC method is the snake_case of the operation's id, its keyword arguments are the fields of
``command``: path, query and body together.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from services.contracts.actor import Actor, Role
from services.contracts.errors import (
    Forbidden,
    NotOnBehalf,
    ObserverReadOnly,
    Unauthenticated,
)

T = TypeVar("T")


def check_storable(text: str) -> str:
    """A text that the database keeps and JSON carries.

    Raises:
        ValueError: there is a NUL character in it, or half of a surrogate pair.
    """
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode") from None
    return text


_YEARS: Final = range(1900, 2201)
_FARTHEST: Final = timedelta(hours=14)  # from UTC, of all places that there are


def check_moment(moment: datetime) -> datetime:
    """A moment that every zone can show and the database keeps.

    Raises:
        ValueError: it names no zone, its year is not within 1900 to 2200, or its offset is more
            than 14 hours or no whole minutes.
    """
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("must name its offset from UTC")
    if moment.year not in _YEARS:
        raise ValueError("must be within the years 1900 to 2200")
    if abs(offset) > _FARTHEST or offset % timedelta(minutes=1):
        raise ValueError("must have an offset in whole minutes, at most 14 hours")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(check_moment)]
Day = Annotated[date, Field(ge=date(_YEARS.start, 1, 1), le=date(_YEARS[-1], 12, 31))]
Text = Annotated[str, AfterValidator(check_storable)]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(check_storable),
]
Body = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(check_storable),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(check_storable),
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class Command(BaseModel):
    """What the caller asks for; unknown fields are passed over."""

    model_config = ConfigDict(extra="ignore")


class ListCommand(Command):
    """A list is asked for page by page; ``cursor`` is what the last page gave."""

    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=500)


class View(BaseModel):
    """What the caller gets, its fields by the names of the contract (``from``, not ``from_``)."""

    model_config = ConfigDict(extra="ignore", serialize_by_alias=True)


class Page(View, Generic[T]):
    """One page of a list; ``next_cursor`` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


class Empty(View):
    """Nothing but the fact that it was done."""


class AnyObject(View):
    """An answer whose shape is settled when the operation is built."""

    model_config = ConfigDict(extra="allow")


@dataclass(frozen=True, slots=True)
class Who:
    """Who may call: nobody in particular, anybody logged in, or holders of one of ``roles``.

    ``member`` operations ask for standing in the community concerned. That is not in the table's
    power to decide, as it is not in the token of somebody approved a minute ago: the service
    looks at its member table.
    """

    login: bool = True
    roles: frozenset[Role] = field(default_factory=frozenset)
    member: bool = False


PUBLIC = Who(login=False)
PERSON = Who()
NEIGHBOUR = Who(member=True)


def holders(*roles: Role) -> Who:
    """Only holders of one of ``roles`` (in any scope; the service checks the scope)."""
    return Who(roles=frozenset(roles))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract.

    Args:
        id: the OpenAPI operationId.
        http: method and path below /api/v1; path parameters as in the contract's page.
        service: who answers.
        who: who may call.
        command: path, query and body in one model.
        result: the shape of the answer.
        status: the HTTP status of success.
        own: it touches nothing but the caller's own account, so observers may do it too.
        built: False answers 501.
        timeout: seconds the gateway waits.
        multipart: the body is an upload, the gateway has a route of its own for it.
        audited: reading it is itself written down, so its transaction may write; of a question
            between services, that it writes.
        cacheable: the gateway may keep the answer, so it comes with the snapshot it shows.
        assisted: a helper may do it for somebody else (assisted mode); voting never is.
        guarded: of helpers only a guardian may, for a child below 14.
        secret: the answer must not be kept for repeats of the same request, because it holds a
            secret or personal data; a repeat is then a request like any other.
    """

    id: str
    http: str
    service: str
    who: Who
    command: type[Command]
    result: Any
    summary: str
    status: int = 200
    own: bool = False
    built: bool = True
    timeout: float = 5.0
    multipart: bool = False
    cacheable: bool = False
    audited: bool = False
    assisted: bool = False
    guarded: bool = False
    secret: bool = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.http.split(" ", 1)[0]

    @property
    def path(self) -> str:
        """The path below /api/v1."""
        return self.http.split(" ", 1)[1]

    @property
    def write(self) -> bool:
        """Whether it changes anything (a GET never does, nor a question between services)."""
        return self.method not in ("GET", "INTERNAL")

    @property
    def rpc_method(self) -> str:
        """The RPC method's name: the operation's id in snake_case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.id).lower()

    def permit(self, actor: Actor | None) -> None:
        """Raise 401 or 403 unless ``actor`` may call this at all (scope is the service's matter).

        The same check runs in the gateway and again in the service.
        """
        if not self.who.login:
            return
        if actor is None:
            raise Unauthenticated()
        if actor.acted_by and not (self.assisted or (self.guarded and actor.guards)):
            raise NotOnBehalf()
        if self.write and not self.own and actor.is_observer:
            raise ObserverReadOnly()
        if self.who.roles and not (self.who.roles & actor.roles):
            raise Forbidden()
