"""From HTTP to a command and its keyword arguments: path, query and body of one operation.

Path parameters are fields of the command under their own name, or under the longer one of
:data:`LONG_NAMES`. The others come from the query (GET, and uploads whose body is the file) or
from a JSON body (everything else). A path that cannot name anything (an id of another form) is
404, told only when nothing else is wrong.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import to_json
from starlette.requests import Request

from gateway import bodies, context, messages
from gateway.context import Language
from services.contracts.errors import FieldError, Invalid, NotFound, ShequError
from services.contracts.operations.base import Operation
from services.kit.pages import BadCursor

LONG_NAMES = {"cid": "community_id", "did": "district_id", "no": "work_order_no"}
_PARAMETER = re.compile(r"{(\w+)}")
_CURSOR = re.compile(r"[A-Za-z0-9_-]+")
_WHOLE = re.compile(r"0|[1-9]\d{0,17}")
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class Input:
    """One input of an operation: its name outside, its attribute and field of the command."""

    name: str
    attribute: str
    field: FieldInfo

    @property
    def many(self) -> bool:
        """Whether it may come several times in a query."""
        return getattr(self.field.annotation, "__origin__", None) in (list, tuple, set)

    def in_path(self, text: str) -> str | int:
        """What a piece of a path means: where a whole number is wanted its digits are one.

        Bodies are taken strictly, and the path goes with them; whatever else stands there names
        nothing.
        """
        return int(text) if self.field.annotation is int and _WHOLE.fullmatch(text) else text


class Shape:
    """How an operation's command is read from a request.

    Attributes:
        path: what stands in the path, by the path's own names.
        query: what stands in the query.
        body: what stands in the JSON body.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        fields = {
            field.alias or name: Input(field.alias or name, name, field)
            for name, field in operation.command.model_fields.items()
        }
        self.path = {
            name: fields.pop(name if name in fields else LONG_NAMES.get(name, name))
            for name in _PARAMETER.findall(operation.path)
        }
        in_query = operation.method == "GET" or operation.multipart
        self.query = fields if in_query else {}
        self.body = {} if in_query else fields
        self._path_names = {entry.name for entry in self.path.values()}

    async def read(self, request: Request) -> dict[str, Any]:
        """The keyword arguments for the service, in JSON types; absent fields stay absent.

        Raises:
            BadRequest, TooLarge, UnsupportedMedia, Invalid: the body or query is not right.
            NotFound: the path cannot name anything.
        """
        values = self._of_query(request) if self.query else {}
        if self.body:
            sent = await bodies.read_object(request)
            values = {name: sent[name] for name in self.body if name in sent}
        for name, entry in self.path.items():
            values[entry.name] = entry.in_path(request.path_params[name])
        return self.check(values, context.of(request).language)

    def check(self, values: dict[str, Any], language: Language = "zh-CN") -> dict[str, Any]:
        """``values`` as the command allows them. Bodies are taken strictly, queries are text."""
        model = self.operation.command
        try:
            if self.query:
                command = model.model_validate(values)
            else:
                command = model.model_validate_json(to_json(values), strict=True)
        except ValidationError as error:
            raise self._refusal(error, language) from None
        _check_times(command)
        return command.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def fingerprint(self, values: dict[str, Any]) -> str:
        """SHA-256 of what is asked for, the same however it was spelt."""
        canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(f"{self.operation.id}\n{canonical}".encode()).hexdigest()

    def _of_query(self, request: Request) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, entry in self.query.items():
            texts = [t for t in request.query_params.getlist(name) if t]
            for text in texts:
                bodies.storable(text, name)
            if texts:
                values[name] = texts if entry.many else texts[-1]
        if "cursor" in values and not _CURSOR.fullmatch(values["cursor"]):
            raise BadCursor()
        return values

    def _refusal(self, error: ValidationError, language: Language) -> ShequError:
        found = error.errors(include_url=False, include_input=False)
        fields = [
            FieldError(
                ".".join(str(part) for part in e["loc"]) or "body", messages.message(e, language)
            )
            for e in found
            if not e["loc"] or e["loc"][0] not in self._path_names
        ]
        return Invalid(errors=fields) if fields else NotFound()


def _check_times(command: BaseModel) -> None:
    """Refuse moments that no calendar of ours reaches: time zones cannot be counted there."""
    for name, value in command:
        if isinstance(value, datetime) and value.year not in _YEARS:
            raise Invalid(errors=[FieldError(name, "is not a time of this age")])
