"""Identity's operations of the desk for people: a register's file, looked at before it counts."""

import base64
from datetime import timedelta

from services.contracts.actor import Actor
from services.contracts.ids import new_id
from services.identity.domain import drafts
from services.identity.handlers.drafts import SEALED_FOR
from services.identity.models import RegisterDraftRow
from tests.support.matrix.house import House
from tests.support.matrix.rows import Build, Command, Row, place

HERE: Command = {"cid": "c-home"}
FILE = "楼栋,室号,姓名,出生年份,身份\n1号楼,402,孙桂芳,1949,业主\n1号楼,403,,1949,业主\n"
CONTENT = base64.b64encode(FILE.encode()).decode()


def _bring(_h: House, _who: Actor) -> Command:
    return {**HERE, "filename": "名册.csv", "content": CONTENT}


def _draft(state: drafts.State) -> Build:
    """A file at some step, brought by whoever asks; the timers of other tests leave it alone."""

    def build(h: House, who: Actor) -> Command:
        draft_id = new_id()
        report = {
            "import_id": None, "imported": False, "dry_run": True, "total": 2, "added": 1,
            "changed": 0, "unchanged": 0, "ended": 0, "errors": 1, "places_added": 0, "linked": 0,
            "admitted": 0,
            "rows": [{"row": 3, "outcome": "error", "field": "姓名", "message": "请填写姓名"}],
        }  # fmt: skip
        with h.units["identity"]() as uow:
            uow.session.add(
                RegisterDraftRow(
                    id=draft_id,
                    community_id="c-home",
                    state=state.value,
                    filename="名册.csv",
                    replace=False,
                    content_sealed=h.vault.seal(CONTENT, purpose=SEALED_FOR, owner=draft_id),
                    report=report,
                    brought_by=who.person_id,
                    brought_at=h.now,
                    changed_at=h.now,
                    due_at=h.now + timedelta(days=1),
                )
            )
            uow.commit()
        return {"id": draft_id}

    return build


ROWS: dict[str, Row] = {
    "listMembers": place(lambda _h, _who: HERE),
    "getMember": place(lambda h, _who: {**HERE, "person_id": h.resident.person_id}),
    "bringRegisterFile": place(_bring),
    "listRegisterDrafts": place(lambda _h, _who: HERE),
    "getRegisterDraft": place(_draft(drafts.State.READY)),
    "confirmRegisterDraft": place(_draft(drafts.State.READY)),
    "dropRegisterDraft": place(_draft(drafts.State.READY)),
    "getRegisterDraftFaults": place(_draft(drafts.State.FAULTY)),
}
