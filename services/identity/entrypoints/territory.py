"""Territory, register, roles, helpers, and what other services copy."""

from services.contracts.operations import identity as op
from services.contracts.operations.base import Empty, Page
from services.identity.entrypoints.parts import clock, sessions_desk, vault
from services.identity.handlers import (
    ages,
    assistance,
    building,
    children,
    community,
    directory,
    figures,
    places,
    register,
    register_import,
    registration,
    roles,
    territory,
)
from services.kit.service import Call, rpc


class TerritoryCalls:
    """Territory, register, roles, helpers, and what other services copy."""

    # -- roles and territory ---------------------------------------------------------------------

    @rpc
    def grant_role(self, call: Call, cmd: op.GrantRole) -> op.RoleView:
        return roles.grant_role(call.uow, cmd, call.caller, call.now)

    @rpc
    def revoke_role(self, call: Call, cmd: op.RevokeRole) -> Empty:
        return roles.revoke_role(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_roles(self, call: Call, cmd: op.ListRoles) -> op.RolesPage:
        return roles.list_roles(call.uow, cmd, call.caller, call.now)

    @rpc
    def confirm_party_members(
        self, call: Call, cmd: op.ConfirmPartyMembers
    ) -> op.ConfirmedPartyMembers:
        return roles.confirm_party_members(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_communities(self, call: Call, cmd: op.ListCommunities) -> Page[op.CommunityView]:
        return places.list_communities(call.uow, cmd, call.caller)

    @rpc
    def get_member_card(self, call: Call, cmd: op.GetMemberCard) -> op.AskedCard:
        return ages.get_asked_card(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def get_community(self, call: Call, cmd: op.GetCommunity) -> op.CommunityRecord:
        return places.get_community(call.uow, cmd)

    @rpc
    def list_places(self, call: Call, cmd: op.ListPlaces) -> Page[op.PlaceView]:
        return territory.list_places(call.uow, cmd, call.caller)

    @rpc
    def get_place(self, call: Call, cmd: op.GetPlace) -> op.PlaceSheet:
        return territory.get_place(call.uow, cmd, call.caller, call.now)

    @rpc
    def create_place(self, call: Call, cmd: op.CreatePlace) -> op.PlaceView:
        return territory.create_place(call.uow, cmd, call.caller)

    @rpc
    def build_places(self, call: Call, cmd: op.BuildPlaces) -> op.BuiltPlaces:
        return building.build_places(call.uow, cmd, call.caller)

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

    # -- the register ----------------------------------------------------------------------------

    @rpc
    def import_register_file(self, call: Call, cmd: op.ImportFile) -> op.ImportReport:
        return register_import.import_register_file(
            call.uow, vault(call), cmd, call.caller, call.now
        )

    @rpc
    def list_register(self, call: Call, cmd: op.ListRegister) -> Page[op.RegisterEntryView]:
        return register.list_register(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def reveal_register_entry(self, call: Call, cmd: op.RevealRegisterEntry) -> op.RegisterName:
        return register.reveal_register_entry(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def link_register(self, call: Call, cmd: op.LinkRegister) -> op.RegisterEntryView:
        return register.link_register(call.uow, vault(call), cmd, call.caller, call.now)

    # -- assisted mode ---------------------------------------------------------------------------

    @rpc
    def assist_registration(self, call: Call, cmd: op.AssistRegistration) -> op.Assisted:
        return registration.assist_registration(
            call.uow,
            vault(call),
            cmd,
            call.caller,
            clock(),
            call.now,
            demo=call.settings.demo,
        )

    @rpc
    def register_child(self, call: Call, cmd: op.RegisterChild) -> op.Assisted:
        return children.register_child(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def name_helper(self, call: Call, cmd: op.NameHelper) -> op.Assistance:
        return assistance.name_helper(call.uow, vault(call), cmd, call.caller, call.now)

    @rpc
    def list_assistances(self, call: Call, cmd: op.ListAssistances) -> Page[op.Assistance]:
        return assistance.list_assistances(call.uow, vault(call), cmd, call.caller)

    @rpc
    def end_assistance(self, call: Call, cmd: op.EndAssistance) -> Empty:
        return assistance.end_assistance(call.uow, cmd, call.caller, call.now)

    @rpc
    def create_assisted_token(self, call: Call, cmd: op.CreateAssistedToken) -> op.AssistedToken:
        return assistance.create_assisted_token(call.uow, cmd, sessions_desk(call), call.caller)

    # -- copies made anew ------------------------------------------------------------------------

    @rpc
    def list_community_records(
        self, call: Call, cmd: op.ListCommunityRecords
    ) -> op.CommunityRecords:
        return directory.list_community_records(call.uow, cmd)

    @rpc
    def list_member_cards(self, call: Call, cmd: op.ListMemberCards) -> op.MemberCards:
        return directory.list_member_cards(call.uow, cmd, call.now)
