"""The clock."""

from services.kit.service import Call, timer
from services.notify.handlers import clock, retention


class ClockCalls:
    """What is due is done."""

    @timer(every=1.0)
    def do_duties(self, call: Call) -> int:
        return clock.do_next(call.uow, call.now)

    @timer(every=60.0)
    def stand(self, call: Call) -> int:
        return clock.stand(call.uow, call.now)

    @timer(every=3600.0)
    def retain(self, call: Call) -> int:
        return retention.retain(call.uow, call.now)
