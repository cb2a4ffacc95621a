"""Who may vote, for votes; who lives behind which door, for notify."""

from services.contracts.operations import identity as op
from services.identity.entrypoints.parts import clock, vault
from services.identity.handlers import doors, electorates, households
from services.kit.service import Call, rpc, timer


class ElectorateCalls:
    """Who may vote, for votes; who lives behind which door, for notify."""

    @rpc
    def draw_electorate(self, call: Call, cmd: op.DrawElectorate) -> op.DrawnElectorate:
        return electorates.draw_electorate(call.uow, cmd, call.caller, clock(), call.now)

    @rpc
    def page_electorate(self, call: Call, cmd: op.PageElectorate) -> op.ElectoratePage:
        return electorates.page_electorate(call.uow, cmd, clock())

    @rpc
    def drop_electorate(self, call: Call, cmd: op.DropElectorate) -> op.DroppedElectorate:
        return electorates.drop_electorate(call.uow, cmd)

    @rpc
    def my_subjects(self, call: Call, cmd: op.MySubjects) -> op.SubjectRefs:
        return electorates.my_subjects(call.uow, cmd, call.caller, call.now)

    @rpc
    def show_subjects(self, call: Call, cmd: op.ShowSubjects) -> op.ShownSubjects:
        return electorates.show_subjects(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def household_of(self, call: Call, cmd: op.HouseholdOf) -> op.HouseholdKey:
        return households.household_of(call.uow, vault(call), cmd, call.caller)

    @rpc
    def open_doors(self, call: Call, cmd: op.OpenDoors) -> op.OpenedDoors:
        return doors.open_doors(call.uow, vault(call), cmd, call.caller, clock())

    @rpc
    def page_doors(self, call: Call, cmd: op.PageDoors) -> op.DoorPage:
        return doors.page_doors(call.uow, vault(call), cmd, clock(), call.now)

    @timer(every=1.0)
    def take_electorate(self, call: Call) -> int:
        return electorates.take_electorate(call.uow, clock(), call.now)

    @timer(every=600.0)
    def forget_electorates(self, call: Call) -> int:
        return electorates.forget_electorates(call.uow, clock())
