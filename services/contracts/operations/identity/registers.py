"""A register's file brought to the desk: what it would change is shown first, then it is imported.

``importRegister`` does the same in one call, for whoever waits for the answer; here a file is read
and imported aside, and its state is asked for until it has come.
"""

from datetime import datetime
from typing import Literal

from pydantic import Field

from services.contracts.operations.base import (
    Command,
    Empty,
    Id,
    Line,
    ListCommand,
    Operation,
    Page,
    Text,
    View,
)
from services.contracts.operations.feed.common import AsSheet, Sheet
from services.contracts.operations.identity.common import COMMITTEE_ONLY, SERVICE, Person
from services.contracts.operations.identity.territory import ImportReport, RegisterEntryView

DraftState = Literal["brought", "ready", "faulty", "refused", "confirmed", "done", "dropped"]
DraftAct = Literal["confirm", "drop", "faults"]


class BringRegister(Command):
    """Bring a file: it is read aside, nothing changes. An earlier one of mine is dropped.

    ``replace`` also ends the entries that the file does not name any more.
    """

    cid: Id
    mode: Literal["add", "replace"] = "add"


class BringFile(BringRegister):
    """What the gateway hands on of an upload: the file itself, base64."""

    filename: Line
    content: Text = Field(repr=False, max_length=14_000_000)


class HeadingFault(View):
    """What is wrong with the column of this heading (``field``)."""

    field: str
    message: str


class DraftFault(View):
    """Why a file is no register at all, and which columns are at fault."""

    code: str
    zh: str
    en: str
    fields: list[HeadingFault] = []


class RegisterDraftHead(View):
    """A file that was brought; ``due_at`` is when it is forgotten unless it is confirmed."""

    id: str
    state: DraftState
    filename: str
    mode: Literal["add", "replace"]
    brought_by: Person
    brought_at: datetime
    due_at: datetime
    changed_at: datetime


class RegisterDraft(RegisterDraftHead):
    """What would come of it (``ready``, ``faulty``) or did (``done``).

    ``ended`` are entries that would end, masked, at most fifty of them, each look written down;
    ``actions`` is what the caller may do now.
    """

    report: ImportReport | None
    fault: DraftFault | None
    ended: list[RegisterEntryView] = []
    actions: list[DraftAct] = []


class ListRegisterDrafts(ListCommand):
    """The community's files, the newest first."""

    cid: Id


class DraftOf(Command):
    """One of them."""

    id: Id


class DraftFaults(AsSheet):
    """Its lines at fault with what is wrong, to mend and bring again; for whoever brought it."""

    id: Id


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "bringRegister", "POST /communities/{cid}/register-drafts", SERVICE, COMMITTEE_ONLY,
        BringRegister, RegisterDraftHead, "Bring a register's file to look at first", status=202,
        multipart=True,
    ),
    Operation(
        "listRegisterDrafts", "GET /communities/{cid}/register-drafts", SERVICE, COMMITTEE_ONLY,
        ListRegisterDrafts, Page[RegisterDraftHead], "Register files that were brought",
    ),
    Operation(
        "getRegisterDraft", "GET /register-drafts/{id}", SERVICE, COMMITTEE_ONLY, DraftOf,
        RegisterDraft, "What a register's file would change", audited=True,
    ),
    Operation(
        "confirmRegisterDraft", "POST /register-drafts/{id}/confirmation", SERVICE,
        COMMITTEE_ONLY, DraftOf, RegisterDraftHead, "Import the file that was looked at",
        status=202,
    ),
    Operation(
        "dropRegisterDraft", "DELETE /register-drafts/{id}", SERVICE, COMMITTEE_ONLY, DraftOf,
        Empty, "Forget a register's file",
    ),
    Operation(
        "getRegisterDraftFaults", "POST /register-drafts/{id}/faults", SERVICE, COMMITTEE_ONLY,
        DraftFaults, Sheet, "The lines of a file at fault",
    ),
    # Between the gateway and identity.
    Operation(
        "bringRegisterFile", "INTERNAL", SERVICE, COMMITTEE_ONLY, BringFile, RegisterDraftHead,
        "Bring an uploaded register", audited=True,
    ),
)  # fmt: skip
