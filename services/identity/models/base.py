"""The base of identity's tables."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Numeric, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Every id is text, every time aware and UTC."""

    type_annotation_map = {  # noqa: RUF012
        str: Text(),
        datetime: TIMESTAMP(timezone=True),
        Decimal: Numeric(),
    }


def to(target: str) -> Mapped[str]:
    """A column that must name a row of ``target``."""
    return mapped_column(ForeignKey(target))


def maybe(target: str) -> Mapped[str | None]:
    """A column that may name a row of ``target``."""
    return mapped_column(ForeignKey(target))
