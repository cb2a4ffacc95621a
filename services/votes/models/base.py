"""What all tables of votes share; their DDL is in ``migrations``, the rules in ``domain``."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

Json = dict[str, Any]
Path = Text(collation="C")


class Base(DeclarativeBase):
    """Base of votes' tables."""

    type_annotation_map = {  # noqa: RUF012
        str: Text,
        datetime: DateTime(timezone=True),
        Json: JSONB(none_as_null=True),
        list[Json]: JSONB,
    }
