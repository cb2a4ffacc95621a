"""Addresses for messages, and the tickets that open them."""

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty
from services.identity.domain.contacts import MAIL, WECHAT
from services.identity.entrypoints.parts import clock, settings, vault
from services.identity.handlers import contacts
from services.kit.service import Call, rpc


class ContactCalls:
    """Addresses for messages, and the tickets that open them."""

    @rpc
    def confirm_mail_address(self, call: Call, cmd: op.ConfirmMailAddress) -> op.ContactShown:
        return contacts.confirm_mail(call.uow, cmd, vault(call), call.caller, clock())

    @rpc
    def remove_mail_address(self, call: Call, cmd: op.RemoveMailAddress) -> Empty:  # noqa: ARG002
        return contacts.remove(call.uow, call.caller, MAIL)

    @rpc
    def put_wechat_contact(self, call: Call, cmd: op.PutWechatContact) -> op.ContactShown:
        app = settings(call).wechat()
        return contacts.put_wechat(call.uow, cmd, vault(call), app, call.caller, clock())

    @rpc
    def remove_wechat_contact(
        self,
        call: Call,
        cmd: op.RemoveWechatContact,  # noqa: ARG002
    ) -> Empty:
        return contacts.remove(call.uow, call.caller, WECHAT)

    # -- between services ------------------------------------------------------------------------

    @rpc
    def give_contact_ticket(self, call: Call, cmd: op.GiveContactTicket) -> op.ContactTicket:
        return contacts.give_ticket(call.uow, cmd, vault(call), call.caller, clock())

    @rpc
    def begin_mail_address(self, call: Call, cmd: op.BeginMailAddress) -> op.ContactTicket:
        return contacts.begin_mail(call.uow, cmd, vault(call), call.caller, clock())

    @rpc
    def keep_robot(self, call: Call, cmd: op.KeepRobot) -> op.ContactTicket:
        return contacts.keep_robot(call.uow, cmd, vault(call), call.caller, clock())

    @rpc
    def contact_of(self, call: Call, cmd: op.OfContactTicket) -> op.Contact:
        return contacts.contact_of(call.uow, cmd, vault(call), clock())

    @rpc
    def drop_contact_ticket(self, call: Call, cmd: op.OfContactTicket) -> Empty:
        return contacts.drop_ticket(call.uow, cmd)
