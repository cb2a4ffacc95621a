"""What goes by time."""

from services.identity.entrypoints.parts import clock, settings, vault
from services.identity.handlers import (
    assistance,
    contacts,
    deletion,
    drafts,
    leaving,
    login,
    messages,
    offboarding,
    recoveries,
    retention,
    roles,
)
from services.kit.service import Call, timer


class Timers:
    """What goes by time."""

    @timer(every=1.0)
    def send_message(self, call: Call) -> int:
        return messages.send_message(call.uow, vault(call), settings(call).sms_sink(), clock())

    @timer(every=1.0)
    def read_registers(self, call: Call) -> int:
        return drafts.work(call.uow, vault(call), call.now)

    @timer(every=5.0)
    def finish_recoveries(self, call: Call) -> int:
        return recoveries.finish_recoveries(call.uow, vault(call), clock(), call.now)

    @timer(every=15.0)
    def expire_assistances(self, call: Call) -> int:
        return assistance.expire_assistances(call.uow, call.now)

    @timer(every=15.0)
    def expire_grants(self, call: Call) -> int:
        return roles.expire_grants(call.uow, call.now)

    @timer(every=15.0)
    def expire_memberships(self, call: Call) -> int:
        return leaving.expire_memberships(call.uow, call.now)

    @timer(every=600.0)
    def sweep(self, call: Call) -> int:
        return (
            login.sweep(call.uow, clock())
            + contacts.sweep(call.uow, clock())
            + drafts.sweep(call.uow, call.now)
        )

    @timer(every=3600.0)
    def forget_registers(self, call: Call) -> int:
        return offboarding.forget_registers(call.uow, vault(call), call.now)

    @timer(every=3600.0)
    def delete_unreachable(self, call: Call) -> int:
        return deletion.delete_unreachable(call.uow, clock(), call.now)

    @timer(every=3600.0)
    def retain(self, call: Call) -> int:
        return retention.retain(call.uow, call.now)
