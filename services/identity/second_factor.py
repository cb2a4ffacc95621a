"""``python -m services.identity.second_factor remove``: the operator takes somebody's factor away.

For people who belong to no community, so that no committee can recover their phone, and who have
lost authenticator and recovery codes. It refuses while an office is held (take it back first, give
it again afterwards), ends every session of the person, tells the phone, and leaves a line in the
person's access log. The number is asked for and not an argument: it must not stay in a shell's
history.
"""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import insert, select

from services.contracts.actor import Role
from services.contracts.errors import ShequError
from services.contracts.ids import new_id
from services.identity import repository
from services.identity.crypto import Vault, index_guard, vault
from services.identity.domain import names, recovery, roles
from services.identity.domain.messages import Kind, Message
from services.identity.domain.totp import TotpNotEnrolled
from services.identity.handlers import access, messages, sessions, totp
from services.identity.models import AccessLogRow, PersonRow
from services.identity.settings import Settings
from services.kit import db
from services.kit.uow import UnitOfWork, UnitOfWorkFactory

WHAT = "两步验证已被平台运维人员关闭"

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Second factors of accounts")


@app.callback()
def commands() -> None:
    """Second factors of accounts."""


def take_away(uow: UnitOfWork, vault: Vault, phone: str, reason: str, clock: datetime) -> str:
    """Remove the factor of whoever has ``phone``; the person's id.

    Raises:
        PersonNotFound, TotpNotEnrolled: there is nobody, or nothing to remove.
        HoldsOffice: the person holds an office.
    """
    session = uow.session
    number = names.phone(phone)
    index = vault.index("phone", number)
    # held before the factor, in the order of a log-in
    held_by = select(PersonRow).where(PersonRow.phone_index == index).with_for_update()
    person = session.scalars(held_by).first()
    if person is None:
        raise repository.PersonNotFound()
    if not repository.has_factor(session, person.id):
        raise TotpNotEnrolled()
    held = repository.held_roles(repository.live_grants(session, person.id))
    if roles.holds_office(held, clock):
        raise recovery.HoldsOffice()
    totp.forget(uow, person.id)
    sessions.end_all(uow, person.id, "totp_removed", clock)
    notice = Message(Kind.TOTP_REMOVED)
    messages.queue(uow, vault, number, notice, clock, useful=recovery.OBJECTION)
    session.execute(
        insert(AccessLogRow).values(
            id=new_id(),
            person_id=person.id,
            actor_id=access.OPERATOR,
            actor_role=Role.SERVICE.value,
            community_id=None,
            what=WHAT,
            purpose=reason,
            at=clock,
        )
    )
    return person.id


@app.command()
def remove(
    phone: Annotated[str, typer.Option(prompt="Phone number", hide_input=True)],
    reason: Annotated[str, typer.Option(prompt="Reason, which the person reads")],
) -> None:
    """Take somebody's second factor away."""
    settings = Settings()
    keys = vault(settings.data_keys_file)
    engine = db.make_engine(settings.database_url, pool=1)
    index_guard.attach(engine, keys)
    try:
        with UnitOfWorkFactory(engine, "identity")() as uow:
            person_id = take_away(uow, keys, phone, reason, datetime.now(UTC))
            uow.commit()
    except ShequError as error:
        typer.echo(error.zh, err=True)
        raise typer.Exit(1) from None
    finally:
        engine.dispose()
    typer.echo(f"{person_id} has no second factor any more; every session has ended")


if __name__ == "__main__":
    app()
