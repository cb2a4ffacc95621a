"""The door for a community's register of persons: the file goes to identity, none is kept."""

import base64
from pathlib import PurePosixPath
from typing import Final

from starlette.responses import Response

from gateway.operations import Call, respond
from gateway.uploads import file_of
from services.contracts.errors import FieldError, Invalid, TooLarge, UnsupportedMedia

MAX_BYTES: Final = 10 * 1024 * 1024
_ZIP, _OLE2 = b"PK", b"\xd0\xcf\x11\xe0"  # a password makes a workbook the latter: identity says so
_SUFFIXES: Final = {
    ".csv": (),
    ".txt": (),
    ".zip": (_ZIP,),
    ".xlsx": (_ZIP, _OLE2),
    ".xlsm": (_ZIP, _OLE2),
    ".xls": (_ZIP, _OLE2),
}
_LONGEST_NAME: Final = 200


async def import_register(call: Call) -> Response:
    """Hand the one file of a multipart body to identity, which says what came of each row.

    Raises:
        TooLarge, UnsupportedMedia, Invalid: see :func:`as_fields`.
    """
    return await _handed_on(call, "importRegisterFile")


async def bring_register(call: Call) -> Response:
    """The same for a file that is only read at first, to be looked at.

    Raises:
        TooLarge, UnsupportedMedia, Invalid: see :func:`as_fields`.
    """
    return await _handed_on(call, "bringRegisterFile")


async def _handed_on(call: Call, operation: str) -> Response:
    fields = as_fields(*await file_of(call.request))
    reply = await call.gate.backend.ask(
        operation, {**call.values, **fields}, context=call.context, actor=call.actor
    )
    return respond(call.operation, reply)


def as_fields(name: str, data: bytes) -> dict[str, str]:
    """A file that was sent, as fields of the operations between gateway and identity.

    Raises:
        TooLarge: more than 10 MB.
        UnsupportedMedia: by its name or its first bytes neither CSV nor XLSX.
        Invalid: an empty one.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge()
    if not data:
        raise Invalid(errors=[FieldError("file", "is empty")])
    _require_table(name, data)
    return {"filename": name[-_LONGEST_NAME:], "content": base64.b64encode(data).decode()}


def _require_table(name: str, data: bytes) -> None:
    heads = _SUFFIXES.get(PurePosixPath(name).suffix.lower())
    if heads is None:
        raise UnsupportedMedia()
    if heads and not data.startswith(heads):
        raise UnsupportedMedia()
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # UTF-16 is full of zeros
    if not heads and not wide and b"\0" in data[:4096]:
        raise UnsupportedMedia()
