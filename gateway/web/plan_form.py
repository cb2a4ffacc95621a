"""The items of a plan in a form that works without a script.

Each item has its fields under a number (``i0_title``, ``i0_due_on`` …). What an item rests on
already travels as it is (``i0_kept[]``, JSON that the contract checks again) beside one more.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from gateway.web.forms import Form, whole

MOST: Final = 15
"""Items of a form: each has a dozen fields and what it rests on, and a form has four hundred."""
FIRST: Final = 2
FEN: Final = 100
DIGITS: Final = 15
"""Of a sum before its point: the contract's own bound lies far below."""


def fen(text: str) -> int | str:
    """Yuan as people write them, in fen; the text itself when it is no sum."""
    try:
        sum_ = Decimal(text.replace(",", "").replace("，", "").removesuffix("元").strip())
    except InvalidOperation:
        return text
    if not sum_.is_finite() or sum_.adjusted() > DIGITS:  # of 1E400000 no whole number is made
        return text
    sum_ *= FEN
    return int(sum_) if sum_ == sum_.to_integral_value() else text


def yuan(amount: int) -> str:
    """Fen as yuan, without idle zeros."""
    return f"{Decimal(amount) / FEN:.2f}".removesuffix(".00")


def rows(form: Form, content: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items as the form shows them: as they were sent, or as the plan has them; one more empty.

    The keys are those of the fields without their number; ``kept`` are pairs of JSON and evidence.
    """
    sent = whole(form.text("rows"))
    if sent:
        shown = [_sent(form, number) for number in range(min(sent, MOST))]
    else:
        shown = [_stored(item) for item in content[:MOST]]
    grows = not sent or bool(form.text("more"))
    empty = max(FIRST - len(shown), 1) if grows else 0
    return (shown + [_stored({}) for _ in range(empty)])[:MOST]


_TEXTS: Final = (
    "key", "title", "text", "owner_kind", "owner_name", "yuan", "source", "money_note", "due_on",
    "ev_kind", "ev_what", "ev_note",
)  # fmt: skip


def _sent(form: Form, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {name: form.text(f"i{number}_{name}") for name in _TEXTS}
    row["kept"] = [(text, _loaded(text)) for text in form.many(f"i{number}_kept[]")]
    return row


def _stored(item: Mapping[str, Any]) -> dict[str, Any]:
    owner, budget = item.get("owner") or {}, item.get("budget") or {}
    return {
        **dict.fromkeys(_TEXTS, ""),
        "key": item.get("key", ""),
        "title": item.get("title", ""),
        "text": item.get("text", ""),
        "owner_kind": owner.get("kind", ""),
        "owner_name": owner.get("name", ""),
        "yuan": yuan(budget["amount_fen"]) if budget else "",
        "source": budget.get("source", ""),
        "money_note": budget.get("note", ""),
        "due_on": item.get("due_on") or "",
        "kept": [(json.dumps(one, ensure_ascii=False), one) for one in item.get("evidence", ())],
    }


def _loaded(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def written(form: Form, content: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """What the form says, in the words of the operation; items without a title are left out.

    Args:
        content: the plan's items as they are: those that the form has no room for stay.
    """
    sent = (_sent(form, number) for number in range(min(whole(form.text("rows")), MOST)))
    return {
        "title": form.text("title"),
        "summary": form.text("summary"),
        "items": [_item(row) for row in (*sent, *map(_stored, content[MOST:])) if row["title"]],
    }


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {"title": row["title"], "text": row["text"]}
    item["evidence"] = [one for _, one in row["kept"] if one] + _evidence(row)
    if row["key"]:
        item["key"] = row["key"]
    if row["owner_kind"]:
        item["owner"] = {"kind": row["owner_kind"], "name": row["owner_name"]}
    if row["yuan"]:
        item["budget"] = {
            "amount_fen": fen(row["yuan"]),
            "source": row["source"] or "other",
            "note": row["money_note"],
        }
    if row["due_on"]:
        item["due_on"] = row["due_on"]
    return item


def _evidence(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The piece that was added: a topic (``hot_topic/id/month``), a count, a day, a survey."""
    kind, *ref = row["ev_kind"].split("/")
    what, said = row["ev_what"], {"kind": kind, "note": row["ev_note"]}
    if not kind:
        return []
    if kind == "hot_topic":
        return [{**said, "ref": ref[0], "month": ref[1]}] if len(ref) == 2 else [said]
    if kind == "issues":
        return [{**said, "count": whole(what) or None}]
    if kind == "site_visit":
        return [{**said, "on": what or None}]
    return [{**said, "ref": what}]
