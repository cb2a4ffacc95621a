"""Posts that look like problems."""

from services.contracts.events import IssueSuggested
from services.contracts.operations.feed import OfPost
from services.contracts.operations.feed import suggestions as ops
from services.feed.handlers import suggestions
from services.kit.service import Call, JsonText, on, rpc


class SuggestionCalls:
    """Posts that look like problems."""

    @rpc
    def list_suggestions(self, call: Call, cmd: ops.ListSuggestions) -> JsonText:
        return suggestions.list_suggestions(call.uow, cmd, call.caller)

    @rpc
    def get_suggestion(self, call: Call, cmd: OfPost) -> JsonText:
        return suggestions.get_suggestion(call.uow, cmd, call.caller)

    @rpc
    def dismiss_suggestion(self, call: Call, cmd: ops.DismissSuggestion) -> JsonText:
        return suggestions.dismiss_suggestion(call.uow, cmd, call.caller, call.now)

    @on(IssueSuggested, queue="feed.suggestions")
    def keep_suggestion(self, call: Call, event: IssueSuggested) -> None:
        suggestions.keep(call.uow, event, call.now)
