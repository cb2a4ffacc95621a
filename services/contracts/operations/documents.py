"""A text for people to keep: a service says what stands in it, the gateway makes the file."""

from typing import Literal

from pydantic import Field

from services.contracts.operations.base import View

DocumentForm = Literal["docx", "pdf"]


class DocumentBlock(View):
    """One piece of a document: a heading, a paragraph, a quiet remark, a table, or a QR code.

    ``level`` is that of a heading, 1 or 2. ``text`` is what a code says to a phone. ``shares`` say how wide a table's columns are beside
    each other; each row is as long as ``columns``.
    """

    kind: Literal["heading", "text", "remark", "table", "code"]
    text: str = ""
    level: int = Field(default=1, ge=1, le=2)
    columns: list[str] = []
    shares: list[int] = []
    rows: list[list[str]] = []


class Document(View):
    """A document in its order; the file is named after ``title``.

    ``lines`` stand beneath the title: whose it is, and as of when.
    """

    title: str
    lines: list[str]
    blocks: list[DocumentBlock]
