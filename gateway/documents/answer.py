"""The answer to whoever asks for a document: a file, named after its title."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from gateway.documents import page, word
from gateway.downloads import attached
from gateway.operations import Call
from gateway.posters.fonts import Fonts
from services.contracts.operations.documents import Document, DocumentForm

MEDIA_TYPES: Final[Mapping[DocumentForm, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]+')
_LONGEST: Final = 80


async def give(call: Call) -> Response:
    """The document as the file that ``format`` names.

    Raises:
        ShequError: whatever the service has to say.
        FontMissing: there is no Chinese font here to set a PDF with.
    """
    form: DocumentForm = "pdf" if call.values["format"] == "pdf" else "docx"
    reply = await call.ask()
    document = Document.model_validate(reply.data)
    data = await call.gate.workshop.run(_MAKERS[form], document, call.gate.settings.font)
    stem = _NOT_IN_NAMES.sub(" ", document.title)[:_LONGEST].strip(" .") or "document"
    return attached(data, MEDIA_TYPES[form], stem=stem, plain="document", form=form)


def _pdf(document: Document, font: str) -> bytes:
    return page.made(document, Fonts.find(font))


def _docx(document: Document, _font: str) -> bytes:
    return word.made(document)


_MAKERS: Final[Mapping[DocumentForm, Callable[[Document, str], bytes]]] = {
    "docx": _docx,
    "pdf": _pdf,
}
