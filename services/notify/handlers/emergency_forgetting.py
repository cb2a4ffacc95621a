"""What is personal of an emergency goes some weeks after its end; its counts stay."""

from datetime import datetime

from services.kit.uow import UnitOfWork
from services.notify.handlers import emergency_report
from services.notify.repository import emergencies as repository
from services.notify.repository import emergency_people


def forget(uow: UnitOfWork, emergency_id: str, _due_at: datetime, now: datetime) -> None:
    """The duty ``emergency.forget``: the report is made for the last time, and the rest goes.

    Whoever is answering at this moment is waited for, and counted; whoever comes later is told that
    it is over.
    """
    row = repository.hold(uow.session, emergency_id, to_forget=True)
    if row.report is not None:
        return
    report = emergency_report.made(uow, row, now, final=True)
    repository.change(uow.session, row.id, report=report.model_dump(mode="json"), ticket=None)
    emergency_people.forget(uow.session, row.id)
