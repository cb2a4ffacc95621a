"""``getPoster``: identity says what stands on the sheet, the gateway draws it."""

from typing import cast
from urllib.parse import quote

from starlette.responses import Response

from gateway.operations import Call
from gateway.posters.fonts import Fonts
from gateway.posters.paint import MEDIA_TYPES, Format, Size, draw
from gateway.posters.sheet import Words
from services.contracts.operations.identity import PosterContent


async def get_poster(call: Call) -> Response:
    """The poster as a file with a name that says whose it is.

    Raises:
        ShequError: what identity has to say: not the caller's, revoked, expired, forged.
        FontMissing: there is no Chinese font here to draw with.
    """
    form = cast(Format, call.values["format"])
    size = cast(Size, call.values.get("size", "a4"))
    reply = await call.gate.backend.ask(
        "posterOf", {"token": call.values["token"]}, context=call.context, actor=call.actor
    )
    words = Words.of(PosterContent.model_validate(reply.data))
    data = await call.gate.workshop.run(_drawn, words, form, size, call.gate.settings.font)
    name = f"{words.stem}.{form}"
    return Response(
        data,
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'inline; filename="poster.{form}"; '
            f"filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, max-age=300",  # it may be revoked at any time
            "X-Content-Type-Options": "nosniff",
        },
    )


def _drawn(words: Words, form: Format, size: Size, font: str) -> bytes:
    return draw(words, form, Fonts.find(font), size)
