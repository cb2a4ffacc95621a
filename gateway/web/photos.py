"""Photos in forms, with and without a script.

::

    with a script     each photo goes to POST /photos by itself, made small first; a piece of page
                      with a hidden field comes back and is put into the form
    without           the file comes with the form; ``add_photo`` puts it in and shows the form
                      again, any other button sends the form with it

Either way the form names uploads by their ids; the services check whose they are.
"""

from typing import Any

from pydantic_core import from_json
from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway import uploads
from gateway.operations import Call
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Invalid, ShequError
from services.contracts.ids import is_id
from services.contracts.operations import BY_ID

FIELD = "attachments"
FILE = "photo"
MOST = 9
_UPLOAD = BY_ID["upload"]


class NoFile(Invalid):
    """The button was pressed before a photo was chosen."""

    code = "web.no_photo"
    zh, en = "请先选择一张照片", "Please choose a photo first"


async def take(visit: Visit) -> list[str]:
    """The ids of the form's photos, with the one that came along as a file.

    Raises:
        ShequError: the file is no photo, too large, or one too many.
    """
    ids = [one for one in visit.form.many(f"{FIELD}[]") if is_id(one)]
    if await chosen(visit) is not None:
        if len(ids) >= MOST:
            raise Invalid(errors=[FieldError(FIELD, visit.say(N_("最多九张照片")))])
        ids.append((await keep(visit))["id"])
    return ids


async def chosen(visit: Visit) -> UploadFile | None:
    """The file that came along; browsers send an empty one when none was chosen."""
    data = await visit.request.form()
    file = data.get(FILE)
    return file if isinstance(file, UploadFile) and file.size else None


async def keep(visit: Visit) -> dict[str, Any]:
    _UPLOAD.permit(visit.actor)
    await visit.gate.limiter.check(_UPLOAD, visit.actor, visit.context)
    shape = visit.house.shape("upload")
    call = Call(visit.request, visit.gate, visit.context, _UPLOAD, shape, visit.actor, {})
    answer = await uploads.upload(call)
    kept: dict[str, Any] = from_json(bytes(answer.body))
    return kept


async def add(visit: Visit) -> Response:
    """One photo by itself, for the script: a piece of the form comes back."""
    try:
        if await chosen(visit) is None:
            raise NoFile()
        kept = await keep(visit)
    except ShequError as error:
        said = visit.told(error)
        return await visit.page("piece_photo_refused.html", status=error.status, said=said)
    return await visit.page("piece_photo.html", id=kept["id"])


PAGES = (Page("POST /photos", add),)
