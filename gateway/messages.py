"""What is wrong with a field, in the reader's language.

pydantic says it in English for programmers; residents read these. Unknown kinds get the general
word.
"""

from collections.abc import Mapping
from typing import Any

from gateway.context import Language

_CHINESE: Mapping[str, str] = {
    "missing": "必填",
    "string_type": "应为文本",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不正确",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "应大于 {gt}",
    "less_than": "应小于 {lt}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "datetime_type": "时间格式不正确",
    "datetime_parsing": "时间格式不正确",
    "datetime_from_date_parsing": "时间格式不正确",
    "timezone_aware": "时间要带时区",
    "date_type": "日期格式不正确",
    "date_parsing": "日期格式不正确",
    "date_from_datetime_parsing": "日期格式不正确",
}
_GENERAL = "填写有误"


def message(error: Mapping[str, Any], language: Language) -> str:
    """The message for one of pydantic's errors."""
    if language == "en":
        return str(error["msg"])
    kind = str(error["type"])
    context = error.get("ctx") or {}
    if kind in ("string_too_short", "too_short") and context.get("min_length") == 1:
        return "不能为空"
    return _CHINESE.get(kind, _GENERAL).format_map(_Lenient(context))


class _Lenient(dict[str, Any]):
    """A missing word leaves a gap, never an error."""

    def __missing__(self, key: str) -> str:
        return ""
