"""Examples of the OpenAPI document: made of the models, from one table of values by field names.

Nobody in them lives: people, phones and numbers are those of the demo district, or made up. What
a rule across fields wants, and what reads better by hand, stands in :data:`BODIES`.
"""

import enum
import types
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

ID: Final = "0192f0c1-7a53-7000-8000-5b1c6c1d2e3f"
MOMENT: Final = "2026-03-02T09:00:00+08:00"
DAY: Final = "2026-03-02"
LINE: Final = "3号楼门口路灯不亮"
TEXT: Final = "昨晚起就不亮了，老人进出不方便。"

VALUES: Final[Mapping[str, Any]] = {
    "access_token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkyIn0.c2ln",
    "address": "尚园3号楼",
    "author": {"id": ID, "display_name": "孙奶奶"},
    "birth_date": "1962-05-01",
    "building": "3号楼",
    "buildings": ["3号楼"],
    "ceiling": 48,
    "code": "246810",
    "code12": "310113102001",
    "community_id": ID,
    "crs": "WGS84",
    "cursor": None,
    "detail": TEXT,
    "display_name": "孙奶奶",
    "email": "sun@example.com",
    "first": DAY,
    "from": DAY,
    "id_number": "110101199003070134",
    "language": "zh-CN",
    "last": DAY,
    "lat": 31.45,
    "link": f"/posts/{ID}",
    "lng": 121.43,
    "module": "nearby",
    "month": "2026-03",
    "name": "路灯照明",
    "new_phone": "13800000002",
    "next_cursor": None,
    "no": "SQT-310113-2026-000001",
    "phone": "13800000001",
    "paper": "0042-7K",
    "path": "demo.yuepu.shangyuan",
    "question": "是否同意更换小区路灯？",
    "real_name": "孙小样",
    "receipt": "7K3M-9QXW-2HTR",
    "relation": "owner",
    "room": "502",
    "scope": "demo.yuepu.shangyuan",
    "summary": LINE,
    "title": LINE,
    "to": DAY,
    "unit": "1单元",
    "url": f"https://shequ.example/posts/{ID}",
    "why": "您报告了这个问题",
}

_QUESTIONS: Final = [{"kind": "single", "text": "夜间是否限停？", "choices": ["是", "否"]}]

BODIES: Final[Mapping[str, Any]] = {
    "requestCode": {"phone": "13800000001"},
    "createToken": {"phone": "13800000001", "code": "246810"},
    "createPost": {"module": "nearby", "title": LINE, "body": "昨晚起就不亮了。"},
    "createComment": {"body": "我也看到了。"},
    "reportIssue": {
        "title": "商铺占用绿化带",
        "body": "南门水果店把货架摆进了绿化带。",
        "location": {"address": "尚园南门"},
    },
    "answerIssue": {"body": "已联系物业，明天上午处理。", "outcome": "answered"},
    "rateIssue": {"score": 5, "solved": True, "comment": "谢谢"},
    "advanceClock": {"advance_seconds": 86400},
    "draftCatalogue": {
        "slots": [
            {
                "key": "X3",
                "name": "毁绿占绿",
                "law": "上海市绿化条例",
                "department": {"code": "LH", "name": "绿化市容"},
                "code": {"code": "03004"},
                "limits": {"on_site": 1, "disposed": 5},
            }
        ]
    },
    "createSurvey": {"title": "小区停车", "closes_at": MOMENT, "questions": _QUESTIONS},
    "updateSurvey": {"title": "小区停车", "closes_at": MOMENT, "questions": _QUESTIONS},
}

_DEPTH: Final = 6


def body(operation_id: str, model: type[BaseModel]) -> Any:
    """An example of what is sent: by hand, or what is needed and what the table knows.

    Raises:
        ValidationError: a rule across fields refuses it; then it needs a line in :data:`BODIES`.
    """
    if operation_id in BODIES:
        return BODIES[operation_id]
    made = {
        field.alias or name: value(field.alias or name, field)
        for name, field in model.model_fields.items()
        if field.is_required() or (field.alias or name) in VALUES
    }
    try:
        model.model_validate(made)
    except ValidationError:
        needed = {
            field.alias or name for name, field in model.model_fields.items() if field.is_required()
        }
        made = {name: one for name, one in made.items() if name in needed}
        model.model_validate(made)
    return made


@cache
def answer(shape: Any) -> Any:
    """An example of an answer of this shape, all of its fields filled."""
    return _of_type("answer", shape, 0)


def value(name: str, field: FieldInfo, depth: int = 0) -> Any:
    """A value for a field: the table's when it fits, or the plainest of its type that does."""
    declared: Any = field.annotation
    for constraint in field.metadata:
        declared = Annotated[declared, constraint]
    if name in VALUES and _fits(VALUES[name], declared):
        return VALUES[name]
    made = _of_type(name, field.annotation, depth)
    if _fits(made, declared):
        return made
    longer = _lengthened(made, field)
    if isinstance(made, dict | list) and made:  # right by its form; a rule may be against it
        return longer[0] if longer else made
    for other in (*longer, ID, DAY, MOMENT, LINE, "09:00", "1/2", "1", "abc", 1, 10, 2026, 0, []):
        if _fits(other, declared):
            return other
    default = field.get_default(call_default_factory=True, validated_data={})
    return (
        None if default is PydanticUndefined else TypeAdapter(Any).dump_python(default, mode="json")
    )


def _lengthened(made: Any, field: FieldInfo) -> list[Any]:
    """A list or text as long as the field wants one."""
    least = max((getattr(c, "min_length", 0) or 0 for c in field.metadata), default=0)
    if not least:
        return []
    return [made * least] if isinstance(made, list) else ["例" * least]


def _fits(made: Any, declared: Any) -> bool:
    try:
        TypeAdapter(declared).validate_python(made)
    except ValidationError:
        return False
    except TypeError:
        return True
    return True


def _of_type(name: str, kind: Any, depth: int) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        real = [part for part in parts if part is not type(None)]
        if depth >= _DEPTH and len(real) < len(parts):
            return None
        return _of_type(name, real[0], depth)
    if origin is Literal:
        return parts[0]
    if hasattr(kind, "__metadata__"):
        return value(name, FieldInfo.from_annotation(kind), depth)
    if origin in (list, tuple, set, frozenset):
        deeper = [] if depth >= _DEPTH else [_of_type(name.removesuffix("s"), parts[0], depth + 1)]
        return deeper
    if origin is dict:
        return {_of_type("key", parts[0], depth + 1): _of_type(name, parts[1], depth + 1)}
    if isinstance(kind, type):
        return _of_class(name, kind, depth)
    return None


def _of_class(name: str, kind: type, depth: int) -> Any:
    if issubclass(kind, BaseModel):
        return {
            field.alias or key: value(field.alias or key, field, depth + 1)
            for key, field in kind.model_fields.items()
        }
    if issubclass(kind, enum.Enum):
        return next(iter(kind)).value
    plain: tuple[tuple[type, Any], ...] = (
        (bool, True),
        (int, 1),
        (float, 0.5),
        (Decimal, "1"),
        (datetime, MOMENT),
        (date, DAY),
        (str, ID if name == "id" or name.endswith("_id") else TEXT if name in _PROSE else LINE),
        (list, []),
        (dict, {}),
    )
    return next((one for of, one in plain if issubclass(kind, of)), None)


_PROSE: Final = frozenset({"body", "comment", "description", "note", "reason", "text"})
