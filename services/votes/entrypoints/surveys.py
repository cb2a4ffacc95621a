"""Surveys."""

from services.contracts.operations.base import Page
from services.contracts.operations.feed.common import Sheet
from services.contracts.operations.votes import surveys as ops
from services.kit.service import Call, rpc
from services.votes.handlers import survey_views, surveys


class SurveyCalls:
    """Surveys, the light sibling of a poll."""

    @rpc
    def list_surveys(self, call: Call, cmd: ops.ListSurveys) -> Page[ops.SurveySummary]:
        return survey_views.list_surveys(call.uow, cmd, call.caller)

    @rpc
    def known_surveys(self, call: Call, cmd: ops.KnownSurveys) -> ops.SurveyIds:
        return survey_views.known(call.uow, cmd, call.caller)

    @rpc
    def create_survey(self, call: Call, cmd: ops.CreateSurvey) -> ops.Survey:
        return surveys.create(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_survey(self, call: Call, cmd: ops.OfSurvey) -> ops.Survey:
        return survey_views.get_survey(call.uow, cmd, call.caller, call.now)

    @rpc
    def update_survey(self, call: Call, cmd: ops.UpdateSurvey) -> ops.Survey:
        return surveys.update(call.uow, cmd, call.caller, call.now)

    @rpc
    def open_survey(self, call: Call, cmd: ops.OfSurvey) -> ops.Survey:
        return surveys.open_draft(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_survey(self, call: Call, cmd: ops.AnswerSurvey) -> ops.Answered:
        return surveys.answer(call.uow, cmd, call.caller, call.now)

    @rpc
    def close_survey(self, call: Call, cmd: ops.OfSurvey) -> ops.Survey:
        return surveys.close(call.uow, cmd, call.caller, call.now)

    @rpc
    def survey_results(self, call: Call, cmd: ops.OfSurvey) -> ops.SurveyResults:
        return survey_views.results(call.uow, cmd, call.caller)

    @rpc
    def export_survey(self, call: Call, cmd: ops.ExportSurvey) -> Sheet:
        return survey_views.export(call.uow, cmd, call.caller, call.language)
