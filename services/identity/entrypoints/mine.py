"""My own page and the privacy desk: consents, a copy, corrections, deletion."""

from typing import Any

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty, Page
from services.identity.entrypoints.parts import clock, settings, vault
from services.identity.handlers import (
    access,
    assessments,
    badge,
    consents,
    corrections,
    deletion,
    export,
    filters,
    me,
    watching,
)
from services.kit.service import Call, rpc


class MyCalls:
    """My own page and the privacy desk: consents, a copy, corrections, deletion."""

    # -- me --------------------------------------------------------------------------------------

    @rpc
    def get_me(self, call: Call, cmd: op.GetMe) -> op.Me:  # noqa: ARG002
        need = settings(call).staff_need_totp
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

    @rpc
    def list_observer_reads(
        self, call: Call, cmd: op.ListObserverReads
    ) -> Page[op.ObserverReadsRow]:
        return watching.list_observer_reads(call.uow, cmd, call.caller)

    @rpc
    def list_community_reads(
        self, call: Call, cmd: op.ListCommunityReads
    ) -> Page[op.ObserverReadsRow]:
        return watching.list_community_reads(call.uow, cmd, call.caller)

    @rpc
    def list_my_reads(self, call: Call, cmd: op.ListMyReads) -> Page[op.ObserverReadsRow]:
        return watching.list_my_reads(call.uow, cmd, call.caller)

    @rpc
    def count_reads(self, call: Call, cmd: op.CountReads) -> Empty:
        return watching.count_reads(call.uow, cmd, call.now)

    @rpc
    def list_kept_filters(self, call: Call, cmd: op.ListKeptFilters) -> op.KeptFilters:
        return filters.list_kept_filters(call.uow, cmd, call.caller)

    @rpc
    def keep_filter(self, call: Call, cmd: op.KeepFilter) -> op.KeptFilter:
        return filters.keep_filter(call.uow, cmd, call.caller, call.now)

    @rpc
    def drop_filter(self, call: Call, cmd: op.DropFilter) -> Empty:
        return filters.drop_filter(call.uow, cmd, call.caller)

    # -- consents --------------------------------------------------------------------------------

    @rpc
    def list_my_consents(self, call: Call, cmd: op.ListMyConsents) -> Page[op.ConsentView]:
        return consents.list_my_consents(call.uow, cmd, call.caller, call.language)

    @rpc
    def give_consent(self, call: Call, cmd: op.GiveConsent) -> op.ConsentView:
        return consents.give_consent(call.uow, cmd, call.caller, call.now, call.language)

    @rpc
    def withdraw_consent(self, call: Call, cmd: op.WithdrawConsent) -> Empty:
        return consents.withdraw_consent(call.uow, cmd, call.caller, call.now)

    # -- a copy of everything, and deletion ------------------------------------------------------

    def personal_data(self, call: Call) -> dict[str, Any]:
        return export.held_about(call.uow, vault(call), call.caller.person_id)

    @rpc
    def export_my_data(self, call: Call, cmd: op.ExportMyData) -> op.PersonalData:  # noqa: ARG002
        return export.export_my_data(call.uow, vault(call), call.caller, call.now)

    @rpc
    def delete_me(self, call: Call, cmd: op.DeleteMe) -> Empty:
        demo = call.settings.demo
        return deletion.delete_me(
            call.uow, vault(call), cmd, call.caller, clock(), call.now, demo=demo
        )

    # -- corrections and assessments -------------------------------------------------------------

    @rpc
    def request_correction(self, call: Call, cmd: op.RequestCorrection) -> op.Correction:
        return corrections.request_correction(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def list_my_corrections(self, call: Call, cmd: op.ListMyCorrections) -> Page[op.Correction]:
        return corrections.list_my_corrections(call.uow, vault(call), cmd, call.caller)

    @rpc
    def list_corrections(self, call: Call, cmd: op.ListCorrections) -> Page[op.Correction]:
        return corrections.list_corrections(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def decide_correction(self, call: Call, cmd: op.DecideCorrection) -> op.Correction:
        return corrections.decide_correction(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def record_assessment(self, call: Call, cmd: op.RecordAssessment) -> op.Assessment:
        return assessments.record_assessment(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_assessments(self, call: Call, cmd: op.ListAssessments) -> Page[op.Assessment]:
        return assessments.list_assessments(call.uow, cmd, call.caller)

    @rpc
    def reporter_for_grid(self, call: Call, cmd: op.ReporterForGrid) -> op.GridReporter:
        return consents.reporter_for_grid(call.uow, vault(call), cmd, call.caller, call.now)
