"""The database's clock: it alone says whether a ballot or an objection is in time."""

from datetime import datetime
from typing import cast

from sqlalchemy import text
from sqlalchemy.orm import Session

LEGAL_NOW = (
    "clock_timestamp() + coalesce((SELECT value::float8 FROM kit_state "
    "WHERE key = 'clock_offset'), 0) * interval '1 second'"
)
"""The moment of asking, as an expression for statements that ask something else, too."""


def legal_now(session: Session) -> datetime:
    """The moment of asking, by the database's clock; in the demo moved as the business clock is."""
    return cast(datetime, session.scalar(text(f"SELECT {LEGAL_NOW}")))
