"""Texts for people to keep: what a service answers as a ``Document``, as DOCX or PDF.

::

    service ── Document (JSON) ──┬── word ──▶ DOCX  python-docx: headings and tables that edit well
                                 └── page ──▶ PDF   fpdf2: A4, the posters' font inside

What stands in the file is the service's; here it is only set. Up to a second of one core for ten
pages, so never on the event loop.
"""

from gateway.documents.answer import give

__all__ = ["give"]
