"""A text for people to keep: a service says what stands in it, the gateway makes the file."""

from typing import Literal

from pydantic import Field

from services.contracts.operations.base import View

DocumentForm = Literal["docx", "pdf"]


class DocumentBlock(View):
    """One piece of a document.

    ``heading`` of ``level`` 1 or 2, ``text`` a paragraph, ``remark`` a quiet one · ``table`` with
    ``columns``, whose ``shares`` say how wide they are beside each other, each row as long; at
    ``level`` 2 it is to be written in · ``code`` a QR code that says ``text`` to a phone, with
    ``lines`` beside it for people, the first of them bold; at ``level`` 2 for a board · ``ticks`` a
    box to tick for each of ``columns`` · ``blanks`` a line to write on after each of ``columns``,
    filled with what the first of ``rows`` says · ``cut`` where the sheet is cut in two · ``break``
    a new page.
    """

    kind: Literal["heading", "text", "remark", "table", "code", "ticks", "blanks", "cut", "break"]
    text: str = ""
    level: int = Field(default=1, ge=1, le=2)
    lines: list[str] = []
    columns: list[str] = []
    shares: list[int] = []
    rows: list[list[str]] = []


class Document(View):
    """A document in its order; the file is named after ``title``.

    ``lines`` stand beneath the title: whose it is, and as of when. ``paged`` pages bear the title
    and their number at the foot; where a number would say whose page it is, they do not.
    """

    title: str
    lines: list[str]
    blocks: list[DocumentBlock]
    paged: bool = True
