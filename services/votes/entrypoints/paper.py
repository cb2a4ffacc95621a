"""The paper desk."""

from services.contracts.operations.base import Page
from services.contracts.operations.documents import Document
from services.contracts.operations.votes import paper as ops
from services.contracts.operations.votes import paper_sheets as sheet_ops
from services.contracts.operations.votes.polls import OfPoll
from services.kit.service import Call, rpc
from services.kit.uploads import Uploads
from services.votes.domain.paper import Act
from services.votes.handlers import paper, paper_prints, paper_queue, paper_sheets


def files(call: Call) -> Uploads:
    """Where uploaded files lie."""
    return Uploads(call.settings)


class PaperCalls:
    """Papers out and back, sheets, what is printed."""

    @rpc
    def issue_paper(self, call: Call, cmd: ops.IssuePaper) -> ops.Papers:
        return paper.issue(call.uow, cmd, call.caller)[0]

    @rpc
    def return_paper(self, call: Call, cmd: ops.ReturnPaper) -> ops.Paper:
        return paper.settle(call.uow, cmd, call.caller, Act.RETURN, files(call))[0]

    @rpc
    def spoil_paper(self, call: Call, cmd: ops.OfPaper) -> ops.Paper:
        return paper.settle(call.uow, cmd, call.caller, Act.SPOIL, files(call))[0]

    @rpc
    def take_back_paper(self, call: Call, cmd: ops.OfPaper) -> ops.Paper:
        return paper.settle(call.uow, cmd, call.caller, Act.TAKE_BACK, files(call))[0]

    @rpc
    def reopen_paper(self, call: Call, cmd: ops.ReopenPaper) -> ops.Paper:
        return paper.settle(call.uow, cmd, call.caller, Act.REOPEN, files(call))[0]

    @rpc
    def list_paper_desk(self, call: Call, cmd: OfPoll) -> ops.PaperDesk:
        return paper.list_desk(call.uow, cmd.id, call.caller)

    @rpc
    def enter_paper(self, call: Call, cmd: sheet_ops.EnterPaper) -> sheet_ops.PaperTally:
        return paper_sheets.enter(call.uow, cmd, call.caller, files(call))[0]

    @rpc
    def confirm_paper(self, call: Call, cmd: sheet_ops.ConfirmPaper) -> sheet_ops.PaperTally:
        return paper_sheets.confirm(call.uow, cmd, call.caller)[0]

    @rpc
    def counter_paper(self, call: Call, cmd: sheet_ops.CounterPaper) -> sheet_ops.PaperTally:
        return paper_sheets.counter(call.uow, cmd, call.caller, files(call))[0]

    @rpc
    def drop_paper(self, call: Call, cmd: sheet_ops.DropPaper) -> sheet_ops.PaperTally:
        return paper_sheets.drop(call.uow, cmd, call.caller)[0]

    @rpc
    def list_tallies(self, call: Call, cmd: sheet_ops.ListTallies) -> Page[sheet_ops.PaperTally]:
        return paper_sheets.list_tallies(call.uow, cmd, call.caller)

    @rpc
    def sync_paper(self, call: Call, cmd: ops.SyncPaper) -> ops.SyncResults:
        return paper_queue.sync(call.uow, cmd, call.caller, files(call))

    @rpc
    def get_ballot_papers(self, call: Call, cmd: ops.GetBallotPapers) -> Document:
        return paper_prints.ballots(call.uow, cmd, call.caller, call.settings.public_url)

    @rpc
    def get_issue_register(self, call: Call, cmd: ops.GetIssueRegister) -> Document:
        return paper_prints.register(call.uow, cmd, call.caller, call.now)

    @rpc
    def get_tally_sheet(self, call: Call, cmd: ops.GetTallySheet) -> Document:
        return paper_prints.sheet(call.uow, cmd, call.caller, call.settings.public_url)

    @rpc
    def get_poll_poster(self, call: Call, cmd: ops.GetPollPoster) -> Document:
        return paper_prints.poster(call.uow, cmd, call.caller, call.settings.public_url)
