"""Disclosed accounts, and the questions about what is disclosed."""

from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import ledgers as ops
from services.contracts.operations.feed import questions as asks
from services.contracts.operations.feed.common import Sheet
from services.feed.entrypoints.parts import uploads
from services.feed.handlers import ledgers, questions
from services.kit.service import Call, JsonText, rpc, timer


class LedgerCalls:
    """Disclosed accounts, and the questions about what is disclosed."""

    @rpc
    def put_ledger(self, call: Call, cmd: ops.PutLedger) -> JsonText:
        return ledgers.put_ledger(call.uow, cmd, call.caller, call.now)

    @rpc
    def put_ledger_lines(self, call: Call, cmd: ops.PutLedgerLines) -> JsonText:
        return ledgers.put_ledger_lines(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def publish_ledger(self, call: Call, cmd: OfPost) -> JsonText:
        return ledgers.publish_ledger(call.uow, cmd, call.caller, call.now)

    @rpc
    def correct_ledger_line(self, call: Call, cmd: ops.CorrectLedgerLine) -> JsonText:
        return ledgers.correct_ledger_line(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def check_ledger(self, call: Call, cmd: ops.CheckLedger) -> JsonText:
        return ledgers.check_ledger(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_ledger(self, call: Call, cmd: OfPost) -> JsonText:
        return ledgers.get_ledger(call.uow, cmd, call.caller)

    @rpc
    def list_ledger_lines(self, call: Call, cmd: ops.ListLedgerLines) -> JsonText:
        return ledgers.list_ledger_lines(call.uow, cmd, call.caller)

    @rpc
    def export_ledger(self, call: Call, cmd: ops.ExportLedger) -> Sheet:
        return ledgers.export_ledger(call.uow, cmd, call.caller)

    @rpc
    def list_ledgers(self, call: Call, cmd: ops.ListLedgers) -> JsonText:
        return ledgers.list_ledgers(call.uow, cmd, call.caller)

    @rpc
    def ask_question(self, call: Call, cmd: asks.AskQuestion) -> JsonText:
        return questions.ask_question(call.uow, cmd, call.caller, call.now)

    @rpc
    def answer_question(self, call: Call, cmd: asks.AnswerQuestion) -> JsonText:
        return questions.answer_question(call.uow, cmd, call.caller, call.now, uploads(call))

    @rpc
    def list_questions(self, call: Call, cmd: asks.ListQuestions) -> JsonText:
        return questions.list_questions(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_community_questions(self, call: Call, cmd: asks.ListCommunityQuestions) -> JsonText:
        return questions.list_community_questions(call.uow, cmd, call.caller, call.now)

    @timer(every=15.0)
    def tell_overdue_questions(self, call: Call) -> int:
        return questions.tell_overdue(call.uow, call.now)
