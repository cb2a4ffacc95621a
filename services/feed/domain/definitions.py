"""What a community may say of a module: its settings as plain data, checked, and put over it.

A definition holds the settings that differ from the module beneath it: of a built-in module those
that the community changed, of its own modules all that is not as usual. It is read tolerantly: a
role, a work or a kind of field that this version does not know is passed over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, get_args

from services.contracts.actor import COMMITTEE, Role
from services.contracts.errors import FieldError, Invalid
from services.feed.domain.modules import (
    DISCLOSES,
    MODULES,
    Choice,
    ExtraField,
    FieldKind,
    Module,
    Rule,
    Work,
)
from services.feed.domain.texts import clean_line

Definition = dict[str, Any]

# Who may be named to moderate besides the committee, which always does: the offices on the spot.
KEEPERS: Final = frozenset(
    {Role.OWNERS_COMMITTEE, Role.PROPERTY_MANAGER, Role.COMMUNITY_POLICE, Role.FAMILY_DOCTOR}
)
OFFICES: Final = COMMITTEE | KEEPERS
# Who may be named to write. Whoever only watches never does; residents are ``members``.
SPEAKERS: Final = OFFICES | {
    Role.OWNER,
    Role.PARTY_MEMBER,
    Role.VOLUNTEER,
    Role.GROUP_REPRESENTATIVE,
    Role.SUPERVISOR,
}
_WORKS: Final = frozenset(get_args(Work))
_KINDS: Final = frozenset(get_args(FieldKind))
# A key means one thing everywhere, as what posts carry is read from the fields by key.
_KIND_OF: Final = {field.key: field.kind for module in MODULES for field in module.extra}


def said(module: Module) -> Definition:
    """All settings of a module as plain data; ``moderate`` without the committee."""
    return {
        "name": module.name,
        "name_en": module.name_en,
        "post": _said_rule(module.post),
        "comment": _said_rule(module.comment),
        "moderate": sorted(module.moderate - COMMITTEE),
        "official": module.official,
        "order": module.order,
        "moderation": module.moderation,
        "works": sorted(module.works),
        "fields": [_said_field(field) for field in module.extra],
    }


def overlaid(module: Module, definition: Mapping[str, Any]) -> Module:
    """``module`` with the settings that ``definition`` names."""
    whole = {**said(module), **definition}
    return replace(
        module,
        name=whole["name"],
        name_en=whole["name_en"],
        post=_rule(whole["post"]),
        comment=_rule(whole["comment"]),
        moderate=COMMITTEE | _roles(whole["moderate"], KEEPERS),
        official=whole["official"],
        order=whole["order"],
        moderation=whole["moderation"],
        works=_WORKS & frozenset(whole["works"]),
        extra=tuple(_field(field) for field in whole["fields"] if field["kind"] in _KINDS),
    )


def cleaned(definition: Mapping[str, Any]) -> Definition:
    """``definition`` with names that show what they hold (:func:`texts.clean_line`)."""
    return {setting: _cleaned(value) for setting, value in definition.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_line(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _cleaned(each) for name, each in value.items()}
    return value


def difference(module: Module, definition: Mapping[str, Any]) -> Definition:
    """The settings in ``definition`` that are not as in ``module``."""
    before, after = said(module), said(overlaid(module, definition))
    return {name: after[name] for name in after if after[name] != before[name]}


def check(
    definition: Mapping[str, Any], module: Module, *, own: bool, now: Module | None = None
) -> None:
    """Whether a community may say this of ``module``.

    Args:
        own: the community's own module, not a built-in one.
        now: the module as the community has it; None: it has none yet.

    Raises:
        Invalid: each setting at fault is named.
    """
    errors = [
        *_names(definition, own=own),
        *_writers(definition),
        *_fields_in(definition, module),
        *_kinds_in(definition, module, now),
        *_works_in(definition, module),
    ]
    if not errors:
        errors += _officially(overlaid(module, definition))
    if errors:
        raise Invalid(errors=errors)


def check_switch(wanted: bool | None, *, on: bool) -> None:
    """A built-in module is not switched here; saying how it is does no harm.

    Raises:
        Invalid: ``wanted`` is something else than how it is.
    """
    if wanted is not None and wanted is not on:
        raise Invalid(errors=[FieldError("switched_on", "内置栏目请在社区设置中开启或停用")])


def _names(definition: Mapping[str, Any], *, own: bool) -> Iterable[FieldError]:
    for name in ("name", "name_en"):
        if own and name not in definition:
            yield FieldError(name, "自建栏目要有中文和英文名称")
        elif not definition.get(name, "有"):
            yield FieldError(name, "不能为空")


def _writers(definition: Mapping[str, Any]) -> Iterable[FieldError]:
    for rule in ("post", "comment"):
        for number, role in enumerate(definition.get(rule, {}).get("roles", ())):
            if role not in SPEAKERS:
                yield FieldError(f"{rule}.roles.{number}", "这个角色不发言")
    if "post" in definition and not any(definition["post"].values()):
        yield FieldError("post", "请指定谁可以发帖")
    for number, role in enumerate(definition.get("moderate", ())):
        if role not in KEEPERS:
            yield FieldError(f"moderate.{number}", "这个角色不能管理栏目；居委会总是可以")


def _officially(module: Module) -> Iterable[FieldError]:
    if module.official and (module.post.members or module.post.roles - OFFICES):
        yield FieldError("official", "正式发布的栏目只能由居委会等机构发帖")


def _fields_in(definition: Mapping[str, Any], module: Module) -> Iterable[FieldError]:
    fields = definition.get("fields")
    if fields is None:
        return
    seen: set[str] = set()
    for number, field in enumerate(fields):
        at = f"fields.{number}"
        if field["key"] in seen:
            yield FieldError(f"{at}.key", "字段代码重复")
        seen.add(field["key"])
        if not (field["name"] and field["name_en"]):
            yield FieldError(f"{at}.name", "字段要有中文和英文名称")
        yield from _choices_in(field, at)
        if field["lines"] and field["kind"] != "text":
            yield FieldError(f"{at}.lines", "只有多行文字可以逐条填写")
    # What posts of a built-in module carry is read from its fields; see ``Module.works``.
    for kept in module.extra:
        found = next((field for field in fields if field["key"] == kept.key), None)
        if found is None or found["kind"] != kept.kind:
            yield FieldError("fields", f"内置字段 {kept.key} 不能去掉，也不能改类型")
        elif not {c.key for c in kept.choices} <= {c["key"] for c in found["choices"]}:
            yield FieldError("fields", f"内置字段 {kept.key} 的选项不能减少")


def _works_in(definition: Mapping[str, Any], module: Module) -> Iterable[FieldError]:
    missing = module.works & DISCLOSES - set(definition.get("works", DISCLOSES))
    if missing:
        yield FieldError("works", "内置栏目的账目公开和监督提问不能去掉")


def _kinds_in(
    definition: Mapping[str, Any], module: Module, now: Module | None
) -> Iterable[FieldError]:
    """A field stays what its posts hold, and what the same key holds elsewhere."""
    for number, field in enumerate(definition.get("fields") or ()):
        if module.field(field["key"]):
            continue  # told already
        before = now.field(field["key"]) if now else None
        kind = before.kind if before else _KIND_OF.get(field["key"])
        if kind is not None and field["kind"] != kind:
            yield FieldError(f"fields.{number}.kind", f"字段 {field['key']} 的类型应为 {kind}")


def _choices_in(field: Mapping[str, Any], at: str) -> Iterable[FieldError]:
    keys = [choice["key"] for choice in field["choices"]]
    if (field["kind"] == "choice") != bool(keys):
        yield FieldError(f"{at}.choices", "选择项要有选项，其他类型没有选项")
    elif len(set(keys)) != len(keys):
        yield FieldError(f"{at}.choices", "选项代码重复")
    elif not all(choice["name"] and choice["name_en"] for choice in field["choices"]):
        yield FieldError(f"{at}.choices", "选项要有中文和英文名称")


# -- one setting, either way ------------------------------------------------------------------


def _said_rule(rule: Rule) -> dict[str, Any]:
    return {"members": rule.members, "roles": sorted(rule.roles)}


def _rule(plain: Mapping[str, Any]) -> Rule:
    return Rule(plain["members"], _roles(plain["roles"], SPEAKERS))


def _roles(plain: Iterable[str], known: frozenset[Role]) -> frozenset[Role]:
    return frozenset(Role(role) for role in plain if role in known)


def _said_field(field: ExtraField) -> dict[str, Any]:
    return {
        "key": field.key,
        "kind": field.kind,
        "name": field.name,
        "name_en": field.name_en,
        "lines": field.lines,
        "choices": [{"key": c.key, "name": c.name, "name_en": c.name_en} for c in field.choices],
    }


def _field(plain: Mapping[str, Any]) -> ExtraField:
    choices = tuple(Choice(c["key"], c["name"], c["name_en"]) for c in plain["choices"])
    return ExtraField(
        plain["key"], plain["kind"], plain["name"], plain["name_en"], choices, plain["lines"]
    )
