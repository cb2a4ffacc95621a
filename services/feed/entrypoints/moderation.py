"""Moderation: reports, cases, the log; distances and silences; what goes by time."""

from typing import cast

from services.contracts.operations.base import Empty, ListCommand
from services.contracts.operations.feed import keeping_away as away
from services.contracts.operations.feed import moderation as ops
from services.feed.handlers import decisions, keeping_away, reports, speech
from services.feed.lexicon import WORDS
from services.feed.settings import Settings
from services.kit.service import Call, JsonText, rpc, timer


class ModerationCalls:
    """Moderation: reports, cases, the log; distances and silences; what goes by time."""

    @rpc
    def report_content(self, call: Call, cmd: ops.ReportContent) -> ops.Report:
        return reports.report_post(call.uow, cmd, call.caller, call.now)

    @rpc
    def report_comment(self, call: Call, cmd: ops.ReportComment) -> ops.Report:
        return reports.report_comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def report_question(self, call: Call, cmd: ops.ReportQuestion) -> ops.Report:
        return reports.report_question(call.uow, cmd, call.caller, call.now)

    @rpc
    def check_speech(self, call: Call, cmd: ops.CheckSpeech) -> ops.SpeechChecked:
        return speech.check(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_moderation_cases(self, call: Call, cmd: ops.ListModerationCases) -> JsonText:
        return decisions.list_cases(call.uow, cmd, call.caller)

    @rpc
    def get_moderation_case(self, call: Call, cmd: ops.OfCase) -> JsonText:
        return decisions.get_case(call.uow, cmd, call.caller)

    @rpc
    def decide_report(self, call: Call, cmd: ops.DecideReport) -> JsonText:
        return decisions.decide(call.uow, cmd, call.caller, call.now)

    @rpc
    def take_down(self, call: Call, cmd: ops.TakeDown) -> JsonText:
        return decisions.take_down(call.uow, cmd, call.caller, call.now)

    @rpc
    def take_down_comment(self, call: Call, cmd: ops.TakeDownComment) -> JsonText:
        return decisions.take_down_comment(call.uow, cmd, call.caller, call.now)

    @rpc
    def take_down_question(self, call: Call, cmd: ops.TakeDownQuestion) -> JsonText:
        return decisions.take_down_question(call.uow, cmd, call.caller, call.now)

    @rpc
    def appeal(self, call: Call, cmd: ops.AppealDecision) -> JsonText:
        return decisions.appeal(call.uow, cmd, call.caller, call.now)

    @rpc
    def decide_appeal(self, call: Call, cmd: ops.DecideAppeal) -> JsonText:
        return decisions.decide_appeal(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_my_cases(self, call: Call, cmd: ListCommand) -> JsonText:
        return decisions.list_my_cases(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_moderation_log(self, call: Call, cmd: ops.ListModerationLog) -> JsonText:
        return decisions.list_log(call.uow, cmd, call.caller)

    @rpc
    def set_distance(self, call: Call, cmd: away.SetDistance) -> JsonText:
        return keeping_away.set_distance(call.uow, cmd, call.caller, call.now)

    @rpc
    def keep_from_author(self, call: Call, cmd: away.KeepFromAuthor) -> JsonText:
        return keeping_away.keep_from_author(call.uow, cmd, call.caller, call.now)

    @rpc
    def keep_from_commenter(self, call: Call, cmd: away.KeepFromCommenter) -> JsonText:
        return keeping_away.keep_from_commenter(call.uow, cmd, call.caller, call.now)

    @rpc
    def drop_distance(self, call: Call, cmd: away.DropDistance) -> Empty:
        return keeping_away.drop_distance(call.uow, cmd, call.caller)

    @rpc
    def list_my_distances(self, call: Call, cmd: ListCommand) -> JsonText:
        return keeping_away.list_distances(call.uow, cmd, call.caller)

    @rpc
    def silence_person(self, call: Call, cmd: away.SilencePerson) -> JsonText:
        return keeping_away.silence_person(call.uow, cmd, call.caller, call.now)

    @rpc
    def lift_silence(self, call: Call, cmd: away.OfSilence) -> JsonText:
        return keeping_away.lift_silence(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_silences(self, call: Call, cmd: away.ListSilences) -> JsonText:
        return keeping_away.list_silences(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_my_silences(self, call: Call, cmd: ListCommand) -> JsonText:
        return keeping_away.list_my_silences(call.uow, cmd, call.caller, call.now)

    @timer(every=15.0)
    def end_silences(self, call: Call) -> int:
        return keeping_away.end_silences(call.uow, call.now)

    @timer(every=15.0)
    def follow_lexicon(self, call: Call) -> int:
        WORDS.follow(cast(Settings, call.settings).lexicon_file)
        return 0

    @timer(every=3600.0)
    def forget_evidence(self, call: Call) -> int:
        days = cast(Settings, call.settings).evidence_days
        return decisions.forget_evidence(call.uow, call.now, days)
