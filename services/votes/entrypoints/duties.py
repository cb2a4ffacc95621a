"""The clock."""

from services.kit.service import Call, timer
from services.votes.handlers import duties


class DutyCalls:
    """What is due is done."""

    @timer(every=1.0)
    def do_duties(self, call: Call) -> int:
        return duties.do_next(call.uow, call.now)
