"""Who serves where, lives where and keeps away from whom: kept from the events of others."""

from services import directory
from services.contracts.events import (
    DistancesChanged,
    Event,
    PersonDeleted,
    RoleGranted,
    RoleRevoked,
)
from services.kit.uow import UnitOfWork
from services.notify.repository import emergency_people, people


def keep_duties(uow: UnitOfWork, event: Event) -> None:
    """Keep the copy of territory and cards, who serves where, and forget who left for good."""
    match event:
        case RoleGranted() | RoleRevoked():
            people.put_duty(uow.session, event)
        case PersonDeleted(person_id=person_id):
            people.forget_person(uow.session, person_id)
            emergency_people.forget_person(uow.session, person_id)
            directory.project(uow, event)
        case DistancesChanged():
            people.put_distances(uow.session, event)
        case _:
            directory.project(uow, event)
