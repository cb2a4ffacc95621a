"""Photos and a voice note in forms: a neighbour may rather speak than type.

::

    with a script     the phone records, POST /voice takes it in; a piece of page with a player and
                      a hidden field comes back
    without           a sound file comes with the form as a photo does; what it is its bytes say

One voice note goes with a post or comment, beside its photos.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from starlette.responses import Response

from gateway.web import photos
from gateway.web.routing import Page
from gateway.web.texts import N_
from gateway.web.visit import Visit
from services.contracts.errors import FieldError, Invalid, ShequError, UnsupportedMedia
from services.contracts.ids import is_id

FIELD: Final = "voice"
SECONDS: Final = 60


@dataclass(slots=True)
class Files:
    """What goes with a post or comment: ids of uploads.

    Attributes:
        photos: at most nine, with the voice note.
        voice: empty when there is none.
    """

    photos: list[str] = field(default_factory=list)
    voice: str = ""

    @property
    def ids(self) -> list[str]:
        """All of them, as the contract takes them."""
        return [*self.photos, *([self.voice] if self.voice else [])]

    @classmethod
    def of(cls, attachments: list[dict[str, Any]]) -> "Files":
        """Those that a post has already; what is neither stays with the photos."""
        sounds = [one["id"] for one in attachments if one["content_type"].startswith("audio/")]
        voice = sounds[0] if sounds else ""
        return cls([one["id"] for one in attachments if one["id"] != voice], voice)


def named(visit: Visit) -> Files:
    """Those that the form names by their ids."""
    ids = [one for one in visit.form.many(f"{photos.FIELD}[]") if is_id(one)]
    voice = visit.form.text(FIELD)
    return Files(ids, voice if is_id(voice) else "")


async def take(visit: Visit) -> Files:
    """Those of the form, with the one that came along as a file.

    Raises:
        ShequError: it is neither photo nor sound, too large, or one too many.
    """
    files = named(visit)
    if await photos.chosen(visit) is not None:
        kept = await photos.keep(visit)
        if kept["content_type"].startswith("audio/"):
            files.voice = kept["id"]
        else:
            files.photos.append(kept["id"])
    if len(files.ids) > photos.MOST:
        said = visit.say(N_("照片和语音一共最多九个"))
        raise Invalid(errors=[FieldError(photos.FIELD, said)])
    return files


async def add(visit: Visit) -> Response:
    """A voice note by itself, for the script: a piece of the form comes back."""
    try:
        if await photos.chosen(visit) is None:
            raise photos.NoFile()
        kept = await photos.keep(visit)
        if not kept["content_type"].startswith("audio/"):
            raise UnsupportedMedia()
    except ShequError as error:
        said = visit.told(error)
        return await visit.page("piece_voice_refused.html", status=error.status, said=said)
    return await visit.page("piece_voice.html", id=kept["id"])


PAGES = (Page("POST /voice", add),)
