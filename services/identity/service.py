"""Identity's entrypoints: who somebody is, where they live, what they may do."""

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Engine

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty, Page
from services.identity.crypto import Vault, index_guard, vault
from services.identity.handlers import (
    access,
    assessments,
    assistance,
    badge,
    cards,
    community,
    consents,
    corrections,
    deletion,
    desk,
    directory,
    export,
    figures,
    joining,
    leaving,
    login,
    me,
    messages,
    offboarding,
    phones,
    places,
    posters,
    qr,
    recoveries,
    register,
    register_import,
    registration,
    retention,
    roles,
    sessions,
    territory,
    totp,
    wechat,
)
from services.identity.handlers.sessions import Desk
from services.identity.settings import Settings
from services.identity.tokens import TokenIssuer, issuer
from services.kit.service import Call, Service, rpc, timer
from services.kit.settings import ServiceSettings


def _settings(call: Call) -> Settings:
    return cast(Settings, call.settings)


def _vault(call: Call) -> Vault:
    return vault(_settings(call).data_keys_file)


def _issuer(call: Call) -> TokenIssuer:
    return issuer(_settings(call).token_key_file)


def _clock() -> datetime:
    """Real time, which the demo's business clock does not move: codes and sessions run on it."""
    return datetime.now(UTC)


def _desk(call: Call) -> Desk:
    return Desk(_issuer(call), _clock(), call.now, _settings(call).staff_need_totp)


class IdentityService(Service):
    """Identity: territory, people, memberships, roles, tokens."""

    name = "identity"

    @classmethod
    def connecting(cls, engine: Engine, settings: ServiceSettings) -> None:
        index_guard.attach(engine, vault(cast(Settings, settings).data_keys_file))

    # -- logging in ---------------------------------------------------------------------------

    @rpc
    def request_code(self, call: Call, cmd: op.RequestCode) -> op.CodeSent:
        return login.request_code(call.uow, cmd, _vault(call), _clock(), demo=call.settings.demo)

    @rpc
    def create_token(self, call: Call, cmd: op.CreateToken) -> op.Tokens:
        return login.create_token(call.uow, cmd, _vault(call), _desk(call), demo=call.settings.demo)

    @rpc
    def refresh_token(self, call: Call, cmd: op.RefreshToken) -> op.Tokens:
        return sessions.refresh_token(call.uow, cmd, _desk(call))

    @rpc
    def revoke_token(self, call: Call, cmd: op.RevokeToken) -> Empty:  # noqa: ARG002
        return sessions.revoke_token(call.uow, call.caller, _clock())

    @rpc
    def enrol_totp(self, call: Call, cmd: op.EnrolTotp) -> op.TotpSecret:  # noqa: ARG002
        return totp.enrol_totp(call.uow, _vault(call), call.caller, _clock())

    @rpc
    def confirm_totp(self, call: Call, cmd: op.ConfirmTotp) -> op.RecoveryCodes:
        return totp.confirm_totp(call.uow, cmd, _vault(call), call.caller, _clock())

    @rpc
    def remove_totp(self, call: Call, cmd: op.RemoveTotp) -> Empty:
        return totp.remove_totp(call.uow, cmd, _vault(call), call.caller, _clock())

    @rpc
    def login_by_wechat(self, call: Call, cmd: op.LoginByWechat) -> op.WechatLogin:
        app = _settings(call).wechat()
        return wechat.login_by_wechat(call.uow, cmd, _vault(call), app, _desk(call))

    @rpc
    def unbind_wechat(self, call: Call, cmd: op.UnbindWechat) -> Empty:  # noqa: ARG002
        return wechat.unbind_wechat(call.uow, call.caller)

    # -- a phone changed or lost --------------------------------------------------------------

    @rpc
    def change_phone(self, call: Call, cmd: op.ChangePhone) -> Empty:
        return phones.change_phone(
            call.uow,
            cmd,
            _vault(call),
            call.caller,
            _clock(),
            call.now,
            demo=call.settings.demo,
        )

    @rpc
    def open_recovery(self, call: Call, cmd: op.OpenRecovery) -> op.Recovery:
        return recoveries.open_recovery(call.uow, cmd, _vault(call), call.caller, call.now)

    @rpc
    def list_recoveries(self, call: Call, cmd: op.ListRecoveries) -> Page[op.Recovery]:
        return recoveries.list_recoveries(call.uow, cmd, _vault(call), call.caller, call.now)

    @rpc
    def confirm_recovery(self, call: Call, cmd: op.ConfirmRecovery) -> op.Recovery:
        return recoveries.confirm_recovery(
            call.uow, cmd, _vault(call), call.caller, _clock(), call.now
        )

    @rpc
    def cancel_recovery(self, call: Call, cmd: op.CancelRecovery) -> Empty:
        return recoveries.cancel_recovery(call.uow, cmd, call.caller, call.now)

    # -- me -----------------------------------------------------------------------------------

    @rpc
    def get_me(self, call: Call, cmd: op.GetMe) -> op.Me:  # noqa: ARG002
        need = _settings(call).staff_need_totp
        return me.get_me(call.uow, call.caller, call.now, staff_totp=need)

    @rpc
    def update_me(self, call: Call, cmd: op.UpdateMe) -> op.Person:
        return me.update_me(call.uow, cmd, call.caller, call.now)

    @rpc
    def set_party_badge(self, call: Call, cmd: op.SetPartyBadge) -> op.BadgeView:
        return badge.set_party_badge(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_my_access_log(self, call: Call, cmd: op.ListMyAccessLog) -> Page[op.AccessLogEntry]:
        return access.list_my_access_log(call.uow, cmd, call.caller)

    # -- consents -----------------------------------------------------------------------------

    @rpc
    def list_my_consents(self, call: Call, cmd: op.ListMyConsents) -> Page[op.ConsentView]:
        return consents.list_my_consents(call.uow, cmd, call.caller, call.language)

    @rpc
    def give_consent(self, call: Call, cmd: op.GiveConsent) -> op.ConsentView:
        return consents.give_consent(call.uow, cmd, call.caller, call.now, call.language)

    @rpc
    def withdraw_consent(self, call: Call, cmd: op.WithdrawConsent) -> Empty:
        return consents.withdraw_consent(call.uow, cmd, call.caller, call.now)

    # -- a copy of everything, and deletion ---------------------------------------------------

    def personal_data(self, call: Call) -> dict[str, Any]:
        return export.held_about(call.uow, _vault(call), call.caller.person_id)

    @rpc
    def export_my_data(self, call: Call, cmd: op.ExportMyData) -> op.PersonalData:  # noqa: ARG002
        return export.export_my_data(call.uow, _vault(call), call.caller, call.now)

    @rpc
    def delete_me(self, call: Call, cmd: op.DeleteMe) -> Empty:
        demo = call.settings.demo
        return deletion.delete_me(
            call.uow, _vault(call), cmd, call.caller, _clock(), call.now, demo=demo
        )

    # -- corrections and assessments ----------------------------------------------------------

    @rpc
    def request_correction(self, call: Call, cmd: op.RequestCorrection) -> op.Correction:
        return corrections.request_correction(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def list_my_corrections(self, call: Call, cmd: op.ListMyCorrections) -> Page[op.Correction]:
        return corrections.list_my_corrections(call.uow, _vault(call), cmd, call.caller)

    @rpc
    def list_corrections(self, call: Call, cmd: op.ListCorrections) -> Page[op.Correction]:
        return corrections.list_corrections(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def decide_correction(self, call: Call, cmd: op.DecideCorrection) -> op.Correction:
        return corrections.decide_correction(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def record_assessment(self, call: Call, cmd: op.RecordAssessment) -> op.Assessment:
        return assessments.record_assessment(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_assessments(self, call: Call, cmd: op.ListAssessments) -> Page[op.Assessment]:
        return assessments.list_assessments(call.uow, cmd, call.caller)

    @rpc
    def reporter_for_grid(self, call: Call, cmd: op.ReporterForGrid) -> op.GridReporter:
        return consents.reporter_for_grid(call.uow, _vault(call), cmd, call.caller, call.now)

    # -- joining ------------------------------------------------------------------------------

    @rpc
    def resolve_qr(self, call: Call, cmd: op.ResolveQr) -> op.QrTarget:
        return qr.resolve_qr(call.uow, _vault(call), cmd, call.now, call.actor)

    @rpc
    def request_membership(self, call: Call, cmd: op.RequestMembership) -> op.MembershipState:
        verifier = _settings(call).verifier()
        return joining.request_membership(
            call.uow, _vault(call), cmd, call.caller, call.now, verifier
        )

    @rpc
    def list_membership_requests(
        self, call: Call, cmd: op.ListMembershipRequests
    ) -> Page[op.MembershipRequest]:
        return desk.list_membership_requests(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def count_membership_requests(
        self, call: Call, cmd: op.CountMembershipRequests
    ) -> op.WaitingRequests:
        return desk.count_membership_requests(call.uow, cmd, call.caller)

    @rpc
    def decide_membership(self, call: Call, cmd: op.DecideMembership) -> op.MembershipState:
        return desk.decide_membership(call.uow, cmd, call.caller, call.now)

    @rpc
    def end_membership(self, call: Call, cmd: op.EndMembership) -> op.MembershipState:
        return leaving.end_membership(call.uow, cmd, call.caller, call.now)

    @rpc
    def extend_membership(self, call: Call, cmd: op.ExtendMembership) -> op.MembershipState:
        return leaving.extend_membership(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_qr(self, call: Call, cmd: op.ListQr) -> Page[op.QrView]:
        return qr.list_qr(call.uow, _vault(call), cmd, call.caller, call.settings.public_url)

    @rpc
    def create_qr(self, call: Call, cmd: op.CreateQr) -> op.QrView:
        return qr.create_qr(
            call.uow, _vault(call), cmd, call.caller, call.now, call.settings.public_url
        )

    @rpc
    def rotate_qr(self, call: Call, cmd: op.RotateQr) -> op.QrView:
        return qr.rotate_qr(
            call.uow, _vault(call), cmd, call.caller, call.now, call.settings.public_url
        )

    @rpc
    def revoke_qr(self, call: Call, cmd: op.RevokeQr) -> Empty:
        return qr.revoke_qr(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def poster_of(self, call: Call, cmd: op.PosterOf) -> op.PosterContent:
        return posters.poster_of(
            call.uow, _vault(call), cmd, call.caller, call.now, call.settings.public_url
        )

    # -- roles and territory ------------------------------------------------------------------

    @rpc
    def grant_role(self, call: Call, cmd: op.GrantRole) -> op.RoleView:
        return roles.grant_role(call.uow, cmd, call.caller, call.now)

    @rpc
    def revoke_role(self, call: Call, cmd: op.RevokeRole) -> Empty:
        return roles.revoke_role(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_roles(self, call: Call, cmd: op.ListRoles) -> Page[op.RoleHolder]:
        return roles.list_roles(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_communities(self, call: Call, cmd: op.ListCommunities) -> Page[op.CommunityView]:
        return places.list_communities(call.uow, cmd, call.caller)

    @rpc
    def get_member_card(self, call: Call, cmd: op.GetMemberCard) -> op.MemberCard:
        return cards.get_member_card(call.uow, cmd, call.now)

    @rpc
    def get_community(self, call: Call, cmd: op.GetCommunity) -> op.CommunityRecord:
        return places.get_community(call.uow, cmd)

    @rpc
    def list_places(self, call: Call, cmd: op.ListPlaces) -> Page[op.PlaceView]:
        return territory.list_places(call.uow, cmd, call.caller)

    @rpc
    def create_place(self, call: Call, cmd: op.CreatePlace) -> op.PlaceView:
        return territory.create_place(call.uow, cmd, call.caller)

    @rpc
    def update_place(self, call: Call, cmd: op.UpdatePlace) -> op.PlaceView:
        return territory.update_place(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_community_profile(self, call: Call, cmd: op.GetCommunityProfile) -> op.CommunityProfile:
        return community.get_community_profile(call.uow, cmd, call.caller)

    @rpc
    def update_community(self, call: Call, cmd: op.UpdateCommunity) -> op.CommunityProfile:
        return community.update_community(call.uow, cmd, call.caller, call.now)

    @rpc
    def identity_figures(self, call: Call, cmd: op.IdentityFigures) -> op.Figures:
        return figures.identity_figures(call.uow, cmd, call.caller, call.now)

    # -- the register -------------------------------------------------------------------------

    @rpc
    def import_register_file(self, call: Call, cmd: op.ImportFile) -> op.ImportReport:
        return register_import.import_register_file(
            call.uow, _vault(call), cmd, call.caller, call.now
        )

    @rpc
    def list_register(self, call: Call, cmd: op.ListRegister) -> Page[op.RegisterEntryView]:
        return register.list_register(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def reveal_register_entry(self, call: Call, cmd: op.RevealRegisterEntry) -> op.RegisterName:
        return register.reveal_register_entry(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def link_register(self, call: Call, cmd: op.LinkRegister) -> op.RegisterEntryView:
        return register.link_register(call.uow, _vault(call), cmd, call.caller, call.now)

    # -- assisted mode ------------------------------------------------------------------------

    @rpc
    def assist_registration(self, call: Call, cmd: op.AssistRegistration) -> op.Assisted:
        return registration.assist_registration(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def name_helper(self, call: Call, cmd: op.NameHelper) -> op.Assistance:
        return assistance.name_helper(call.uow, _vault(call), cmd, call.caller, call.now)

    @rpc
    def list_assistances(self, call: Call, cmd: op.ListAssistances) -> Page[op.Assistance]:
        return assistance.list_assistances(call.uow, _vault(call), cmd, call.caller)

    @rpc
    def end_assistance(self, call: Call, cmd: op.EndAssistance) -> Empty:
        return assistance.end_assistance(call.uow, cmd, call.caller, call.now)

    @rpc
    def create_assisted_token(self, call: Call, cmd: op.CreateAssistedToken) -> op.AssistedToken:
        return assistance.create_assisted_token(call.uow, cmd, _desk(call), call.caller)

    # -- copies made anew ---------------------------------------------------------------------

    @rpc
    def list_community_records(
        self, call: Call, cmd: op.ListCommunityRecords
    ) -> op.CommunityRecords:
        return directory.list_community_records(call.uow, cmd)

    @rpc
    def list_member_cards(self, call: Call, cmd: op.ListMemberCards) -> op.MemberCards:
        return directory.list_member_cards(call.uow, cmd, call.now)

    # -- what goes by time --------------------------------------------------------------------

    @timer(every=1.0)
    def send_message(self, call: Call) -> int:
        return messages.send_message(call.uow, _vault(call), _settings(call).sms_sink(), _clock())

    @timer(every=5.0)
    def finish_recoveries(self, call: Call) -> int:
        return recoveries.finish_recoveries(call.uow, _vault(call), _clock(), call.now)

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
        return login.sweep(call.uow, _clock())

    @timer(every=3600.0)
    def forget_registers(self, call: Call) -> int:
        return offboarding.forget_registers(call.uow, _vault(call), call.now)

    @timer(every=3600.0)
    def retain(self, call: Call) -> int:
        return retention.retain(call.uow, call.now)
