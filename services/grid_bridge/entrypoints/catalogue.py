"""The 8+X catalogue of each district, and the departments' answer guides."""

from services.contracts.operations.base import Page
from services.contracts.operations.grid_bridge import catalogue as lists
from services.contracts.operations.grid_bridge import guides as written
from services.grid_bridge.handlers import catalogue, guides
from services.kit.service import Call, rpc


class CatalogueCalls:
    """The 8+X catalogue of each district, and the departments' answer guides."""

    @rpc
    def list_catalogue(self, call: Call, cmd: lists.ListCatalogue) -> lists.Catalogue:
        return catalogue.list_catalogue(call.uow, cmd, call.caller)

    @rpc
    def get_catalogue(self, call: Call, cmd: lists.GetCatalogue) -> lists.DistrictCatalogue:
        return catalogue.get_catalogue(call.uow, cmd, call.caller)

    @rpc
    def list_catalogue_versions(
        self, call: Call, cmd: lists.ListCatalogueVersions
    ) -> Page[lists.CatalogueVersion]:
        return catalogue.list_versions(call.uow, cmd, call.caller)

    @rpc
    def get_catalogue_draft(self, call: Call, cmd: lists.OfDistrict) -> lists.CatalogueDraft:
        return catalogue.get_draft(call.uow, cmd, call.caller)

    @rpc
    def draft_catalogue(self, call: Call, cmd: lists.DraftCatalogue) -> lists.CatalogueDraft:
        return catalogue.draft(call.uow, cmd, call.caller, call.now)

    @rpc
    def publish_catalogue(self, call: Call, cmd: lists.PublishCatalogue) -> lists.DistrictCatalogue:
        return catalogue.publish(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_answer_guides(
        self, call: Call, cmd: written.ListAnswerGuides
    ) -> Page[written.AnswerGuideSummary]:
        return guides.list_guides(call.uow, cmd, call.caller)

    @rpc
    def get_answer_guide(self, call: Call, cmd: written.GetAnswerGuide) -> written.AnswerGuide:
        return guides.get_guide(call.uow, cmd, call.caller)

    @rpc
    def create_answer_guide(
        self, call: Call, cmd: written.CreateAnswerGuide
    ) -> written.AnswerGuide:
        return guides.create(call.uow, cmd, call.caller, call.now)

    @rpc
    def update_answer_guide(
        self, call: Call, cmd: written.UpdateAnswerGuide
    ) -> written.AnswerGuide:
        return guides.update(call.uow, cmd, call.caller, call.now)

    @rpc
    def retire_answer_guide(
        self, call: Call, cmd: written.RetireAnswerGuide
    ) -> written.AnswerGuide:
        return guides.retire(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_answer_guide_uses(
        self, call: Call, cmd: written.ListAnswerGuideUses
    ) -> Page[written.AnswerGuideUse]:
        return guides.list_uses(call.uow, cmd, call.caller)
