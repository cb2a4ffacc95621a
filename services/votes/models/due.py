"""What will have to be done, and when."""

from services.kit.due import DueTable
from services.votes.models.base import Base


class DueRow(DueTable, Base):
    """One duty of the clock: what ``kind`` of, about whom, and when."""
