"""Rules before a vote: the presets, what a choice comes to, and who confirmed what."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Final

from services import directory
from services.contracts.actor import Actor, Role
from services.contracts.errors import Conflict, FieldError, RuleBroken
from services.contracts.ids import new_id
from services.contracts.operations.base import Page
from services.contracts.operations.votes import rule_desk as ops
from services.contracts.operations.votes.common import Choice
from services.contracts.operations.votes.counting import Outcome
from services.contracts.operations.votes.rules import RuleSet
from services.kit.pages import decode_cursor, encode_cursor
from services.kit.uow import UnitOfWork
from services.votes import repository
from services.votes.domain import count_words, counting, reaching
from services.votes.domain import rules as rule_sets
from services.votes.domain.counting import NOBODY, Side
from services.votes.domain.days import day_of
from services.votes.domain.presets import PRESETS, PresetVersion, current
from services.votes.models import RuleConfirmationRow

ADMINS: Final = frozenset({Role.DISTRICT_ADMIN})


class AlreadyConfirmed(Conflict):
    """A confirmation of this version stands in the district."""

    code = "votes.already_confirmed"
    zh, en = "这一版规则已经核实过", "This version is confirmed already"


class AlreadyRevoked(Conflict):
    """The confirmation was taken back before."""

    code = "votes.already_revoked"
    zh, en = "这条核实记录已经撤回", "This confirmation was taken back already"


class BadConfirmation(RuleBroken):
    """There is no such version, or the day of reading lies ahead."""

    code = "votes.bad_confirmation"
    zh, en = "核实内容有误", "This cannot be confirmed"


# -- reading ---------------------------------------------------------------------------------------


def list_presets(uow: UnitOfWork, cmd: ops.OfCommunityRules, actor: Actor) -> ops.RulePresets:
    """The presets as they stand in the community's district."""
    community = directory.require_reader(uow, actor, cmd.cid)
    standing = repository.rules.standing(uow.session, community.district_id)
    return ops.RulePresets(items=[_preset(current(name), standing) for name in PRESETS])


def preview(uow: UnitOfWork, cmd: ops.PreviewRules, actor: Actor) -> ops.RulesPreview:
    """What a choice of rules comes to.

    Raises:
        BadRules: no rule set can be made of it.
        BadTally: the votes do not add up.
    """
    community = directory.require_reader(uow, actor, cmd.cid)
    confirmed = repository.rules.confirmed(uow.session, community.district_id)
    rules = rule_sets.resolve(cmd.rule_set, confirmed)
    roll = _side(cmd.roll) if cmd.roll else current(rules.base).example
    return ops.RulesPreview(
        rules=rules,
        hash=rule_sets.digest(rules),
        words=_words(rules),
        arithmetic=_arithmetic(rules),
        must_reach=[_least(one) for one in reaching.must_reach(rules, roll)],
        outcome=_tried(rules, roll, cmd.votes) if cmd.votes else None,
    )


def list_confirmations(
    uow: UnitOfWork,
    cmd: ops.ListRuleConfirmations,
    actor: Actor,  # noqa: ARG001 - public acts
) -> Page[ops.RuleConfirmation]:
    """The confirmations of a district, the newest first.

    Raises:
        DistrictNotFound: there is none.
    """
    district = repository.rules.district(uow.session, cmd.did)
    rows = repository.rules.page(
        uow.session,
        district.id,
        cmd.preset,
        decode_cursor(cmd.cursor, 1)[0] if cmd.cursor else None,
        cmd.limit,
    )
    page = rows[: cmd.limit]
    return Page(
        items=[_confirmation(row) for row in page],
        next_cursor=encode_cursor(page[-1].id) if len(rows) > cmd.limit else None,
    )


# -- confirming ------------------------------------------------------------------------------------


def confirm(
    uow: UnitOfWork, cmd: ops.ConfirmRules, actor: Actor, now: datetime
) -> ops.RuleConfirmation:
    """An administrator says that a version agrees with the law in force in her district.

    Raises:
        DistrictNotFound, Forbidden: there is no such district; she administers another.
        BadConfirmation: there is no such version, or it was read on a day to come.
        AlreadyConfirmed: somebody has said so.
    """
    district = repository.rules.district(uow.session, cmd.did)
    actor.require(ADMINS, district.path)
    if cmd.version not in [one.version for one in PRESETS[cmd.preset]]:
        raise BadConfirmation(errors=[FieldError("version", "is none of this preset")])
    if cmd.read_on > day_of(now):
        raise BadConfirmation(errors=[FieldError("read_on", "lies ahead")])
    row = RuleConfirmationRow(
        id=new_id(),
        district_id=district.id,
        preset=cmd.preset,
        version=cmd.version,
        signed_as=cmd.by,
        source=cmd.source,
        words=cmd.text,
        read_on=cmd.read_on,
        confirmed_at=now,
        confirmed_by=actor.person_id,
    )
    if not repository.rules.confirm(uow.session, row):
        raise AlreadyConfirmed()
    return _confirmation(row)


def revoke(
    uow: UnitOfWork, cmd: ops.RevokeRuleConfirmation, actor: Actor, now: datetime
) -> ops.RuleConfirmation:
    """A confirmation is taken back; the version can be confirmed anew.

    Raises:
        ConfirmationNotFound, Forbidden: there is none; she administers another district.
        AlreadyRevoked: it was taken back before.
    """
    row = repository.rules.confirmation(uow.session, cmd.id, lock=True)
    actor.require(ADMINS, repository.rules.district(uow.session, row.district_id).path)
    if row.revoked_at is not None:
        raise AlreadyRevoked()
    row.revoked_at, row.revoked_by, row.revoked_reason = now, actor.person_id, cmd.reason
    return _confirmation(row)


# -- as it is shown --------------------------------------------------------------------------------


def _preset(
    version: PresetVersion, standing: Mapping[tuple[str, int], RuleConfirmationRow]
) -> ops.RulePreset:
    rules = rule_sets.resolve(version.preset, standing.keys())
    row = standing.get((version.preset, version.version))
    warning = ops.Sentences(zh=[rule_sets.UNVERIFIED["zh"]], en=[rule_sets.UNVERIFIED["en"]])
    return ops.RulePreset(
        preset=version.preset,
        version=version.version,
        since=version.since,
        name_zh=version.name[0],
        name_en=version.name[1],
        sure=version.sure,
        source_zh=version.source[0],
        source_en=version.source[1],
        verified=rules.verified,
        warning=None if rules.verified else warning,
        confirmation=_confirmation(row) if row else None,
        rules=rules,
        words=_words(rules),
        arithmetic=_arithmetic(rules),
        bounds=[
            ops.RuleBound(
                field=bound.field,
                binding=rules.verified and not bound.open,
                zh=bound.zh,
                en=bound.en,
            )
            for bound in version.bounds
        ],
    )


def _confirmation(row: RuleConfirmationRow) -> ops.RuleConfirmation:
    return ops.RuleConfirmation.model_validate(
        {
            "id": row.id,
            "did": row.district_id,
            "preset": row.preset,
            "version": row.version,
            "by": row.signed_as,
            "source": row.source,
            "text": row.words,
            "read_on": row.read_on,
            "confirmed_at": row.confirmed_at,
            "revoked_at": row.revoked_at,
            "revoked_reason": row.revoked_reason,
        }
    )


def _words(rules: RuleSet) -> ops.Sentences:
    return ops.Sentences(zh=rule_sets.in_words(rules, "zh"), en=rule_sets.in_words(rules, "en"))


def _arithmetic(rules: RuleSet) -> ops.Sentences:
    return ops.Sentences(zh=rule_sets.arithmetic(rules, "zh"), en=rule_sets.arithmetic(rules, "en"))


def _least(one: reaching.Least) -> ops.MustReach:
    return ops.MustReach(
        of=one.of,
        measure=one.measure,
        alternative=one.alternative,
        whole=count_words.number(one.measure, one.whole),
        least=None if one.least is None else count_words.number(one.measure, one.least),
        zh=one.zh,
        en=one.en,
    )


def _tried(rules: RuleSet, roll: Side, votes: ops.ExampleVotes) -> Outcome:
    """The outcome of made-up votes: what everybody did who took part, spoiled papers too."""
    sides: dict[Choice, Side] = {
        "for": _side(votes.for_),
        "against": _side(votes.against),
        "abstain": _side(votes.abstain),
    }
    spoiled = _side(votes.spoiled)
    came = sum((*sides.values(), spoiled), NOBODY)
    households = came.households if votes.households is None else votes.households
    came = Side(came.entries, households, came.area, came.heads)
    return counting.evaluate(rules, roll, came, sides, spoiled.entries)


def _side(told: ops.SideOfCount) -> Side:
    return Side(
        entries=told.entries,
        households=told.entries if told.households is None else told.households,
        area=told.area,
        heads=Fraction(told.entries if told.heads is None else told.heads),
    )
