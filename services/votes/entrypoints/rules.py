"""Rules before a vote."""

from services.contracts.operations.base import Page
from services.contracts.operations.votes import rule_desk as ops
from services.kit.service import Call, rpc
from services.votes.handlers import rules


class RuleCalls:
    """How things can be decided, and who has confirmed that by the law."""

    @rpc
    def list_rule_presets(self, call: Call, cmd: ops.OfCommunityRules) -> ops.RulePresets:
        return rules.list_presets(call.uow, cmd, call.caller)

    @rpc
    def preview_rules(self, call: Call, cmd: ops.PreviewRules) -> ops.RulesPreview:
        return rules.preview(call.uow, cmd, call.caller)

    @rpc
    def confirm_rules(self, call: Call, cmd: ops.ConfirmRules) -> ops.RuleConfirmation:
        return rules.confirm(call.uow, cmd, call.caller, call.now)

    @rpc
    def revoke_rule_confirmation(
        self, call: Call, cmd: ops.RevokeRuleConfirmation
    ) -> ops.RuleConfirmation:
        return rules.revoke(call.uow, cmd, call.caller, call.now)

    @rpc
    def list_rule_confirmations(
        self, call: Call, cmd: ops.ListRuleConfirmations
    ) -> Page[ops.RuleConfirmation]:
        return rules.list_confirmations(call.uow, cmd, call.caller)
